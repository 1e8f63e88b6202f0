"""A process that sends bulk requests to a strict server: `python -m tests.governor._board.worker URL COUNT`.

It sends one and says that it is ready, sends the others when its standard input says so, and prints what became of them
as JSON. 429s are sent again.
"""

import asyncio
import json
import sys
import time

from benchmarks.governor import _Connection
from lusha_async.governor import Lane, governor_for
from lusha_async.operations import BY_NAME, Scope
from lusha_async.quota import Quota, Refusal

SEARCH = next(operation for operation in BY_NAME.values() if operation.scope is Scope.GENERAL)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def main(url: str, count: int) -> None:
    governor = governor_for("key-of-the-workers", url)
    connections: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(30):
        connection = _Connection(url)
        await connection.open()
        connections.put_nowait(connection)
    refused = 0

    async def send() -> None:
        nonlocal refused
        while True:
            connection = await connections.get()
            async with governor.slot(SEARCH, lane=Lane.BULK) as permit:
                permit.sent()
                answer = await connection.get("/")
                connections.put_nowait(connection)
                if answer.status == 200:
                    permit.learn(Quota())
                    return
                permit.learn(Quota(), Refusal(window=None, retry_after=None, trial=False))
                refused += 1

    await send()  # so that all are on the board when they begin
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    began = time.monotonic()
    await asyncio.gather(*(send() for _ in range(count)))
    board = governor.snapshot().board
    result = {
        "seconds": time.monotonic() - began,
        "refused": refused,
        "connection": board and board.connection,
        "cpu": time.process_time(),
    }
    say(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
