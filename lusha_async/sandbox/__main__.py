"""The process of `spawn`: takes the settings as JSON, prints the URL, and serves until the parent ends."""

import asyncio
import json
import signal
import sys

from .app import Sandbox
from .serve.server import run
from .serve.sockets import address, bind
from .settings import Settings, settings_from


async def _main(settings: Settings) -> None:
    loop, sock, up = asyncio.get_running_loop(), bind("127.0.0.1", 0), asyncio.Event()
    serving = asyncio.create_task(run(Sandbox(settings), sock, up))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    url = address(sock)
    await up.wait()
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    loop.run_in_executor(None, sys.stdin.read).add_done_callback(lambda _: stop.set())
    await stop.wait()
    serving.cancel()
    await asyncio.wait((serving,))


if __name__ == "__main__":
    asyncio.run(_main(Settings(**settings_from(json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}")))))
