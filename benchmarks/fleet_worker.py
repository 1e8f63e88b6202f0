"""A process that sends bulk requests to a strict server: `python -m benchmarks.fleet_worker URL COUNT [SPACING]`.

It sends one and says that it is ready, sends the others when its standard input says so, and prints what became of them
as JSON. 429s are sent again. With SPACING it is paced by aiolimiter instead, a request in so many seconds.
"""

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

from aiolimiter import AsyncLimiter

from lusha_async.governor import Lane, governor_for
from lusha_async.operations import BY_NAME, Scope
from lusha_async.quota import Quota, Refusal

SEARCH = next(operation for operation in BY_NAME.values() if operation.scope is Scope.GENERAL)


def say(text: str) -> None:
    """One line for the parent."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Connection:
    """Speaks just enough HTTP: the limits are tested, not the client."""

    async def open(self, url: str) -> None:
        """Connect."""
        parts = urlsplit(url)
        self._reader, self._writer = await asyncio.open_connection(parts.hostname, parts.port)

    async def get(self) -> int:
        """The status of an answer."""
        self._writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        await self._reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
        return int(head.split()[1])


async def main(url: str, count: int, spacing: float) -> None:
    """Send, and print what became of it."""
    governor = governor_for("key-of-the-workers", url)
    connections: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(30):
        connection = Connection()
        await connection.open(url)
        connections.put_nowait(connection)
    refused = 0

    naive = AsyncLimiter(1, spacing) if spacing else None

    async def send() -> None:
        nonlocal refused
        while True:
            connection = await connections.get()
            if naive is not None:
                await naive.acquire()
                status = await connection.get()
                connections.put_nowait(connection)
                if status == 200:
                    return
                refused += 1
                await asyncio.sleep(1)
                continue
            async with governor.slot(SEARCH, lane=Lane.BULK) as permit:
                permit.sent()
                status = await connection.get()
                connections.put_nowait(connection)
                if status == 200:
                    permit.learn(Quota())
                    return
                permit.learn(Quota(), Refusal(window=None, retry_after=None, trial=False))
                refused += 1

    await send()  # so that all are on the board when they begin
    began_cpu = time.process_time()
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    began = time.monotonic()
    await asyncio.gather(*(send() for _ in range(count)))
    board = governor.snapshot().board
    result = {
        "seconds": time.monotonic() - began,
        "refused": refused,
        "connection": board and board.connection,
        "cpu": time.process_time() - began_cpu,
    }
    say(json.dumps(result))
    await asyncio.to_thread(sys.stdin.read)  # idle until the parent has done


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 0.0))
