"""The sandbox on a port: in the running loop, in a thread, or in a process of its own."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from attrs import asdict, frozen

from ..app import Sandbox
from ..clock import Clock
from ..faults.rules import Fault
from ..settings import DEMO_KEY, Settings
from .asgi import App
from .sockets import address, bind

__all__ = ["Server", "Spawned", "run", "serve", "serve_in_thread", "spawn"]

_STARTING_SECONDS = 10.0
_STOPPING_SECONDS = 5.0


@frozen(kw_only=True)
class Server:
    """A running sandbox: its URL, its key, and the sandbox itself."""

    url: str
    sandbox: Sandbox
    api_key: str = DEMO_KEY

    def stats(self) -> dict[str, Any]:
        """The statistics, as `GET /_sandbox/stats` returns them."""
        return self.sandbox.report()


async def run(sandbox: Sandbox, sock: socket.socket, up: asyncio.Event | None = None) -> None:
    """Serve on a listening socket until cancelled, then let requests in flight end (at most 2 s).

    Sets `up` when it listens. Raises ModuleNotFoundError without the extra `sandbox`.
    """
    try:
        from .uvicorn_server import run as run_app  # noqa: PLC0415  # the extra is needed from here on
    except ModuleNotFoundError as error:
        message = f"a sandbox on a port needs the package {error.name}: pip install 'lusha-async[sandbox]'"
        raise ModuleNotFoundError(message, name=error.name) from None

    await run_app(App(sandbox), sock, up if up is not None else asyncio.Event())


@asynccontextmanager
async def serve(
    *, host: str = "127.0.0.1", port: int = 0, clock: Clock | None = None, **settings: Any
) -> AsyncGenerator[Server]:
    """Serve a sandbox on a port in the running loop for the duration of the block; port 0 takes a free one.

    `clock` is the sandbox's clock, by default the machine's time. At the end of the block, requests in flight have
    2 s to end. Raises ValueError if a setting is invalid, TypeError if it is unknown (see `Settings`), OSError if the
    port is taken, ModuleNotFoundError without the extra `sandbox`.
    """
    sandbox = Sandbox(Settings(**settings), clock=clock)
    with bind(host, port) as sock:
        url, up = address(sock), asyncio.Event()
        task = asyncio.create_task(run(sandbox, sock, up))
        waiting = asyncio.create_task(up.wait())
        try:
            await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                await task
            yield Server(url=url, sandbox=sandbox)
        finally:
            waiting.cancel()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@contextmanager
def serve_in_thread(*, clock: Clock | None = None, **settings: Any) -> Generator[Server]:
    """Serve a sandbox on a free loopback port in a thread of its own, for blocking clients.

    The sandbox runs for the duration of the block. Raises what `serve` raises, and TimeoutError if it does not start
    within 10 s.
    """
    running: Future[tuple[Server, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def work() -> None:
        stop = asyncio.Event()
        async with serve(clock=clock, **settings) as server:
            running.set_result((server, asyncio.get_running_loop(), stop))
            await stop.wait()

    def run_loop() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:
            if running.done():
                raise
            running.set_exception(error)

    thread = threading.Thread(target=run_loop, name="lusha-sandbox", daemon=True)
    thread.start()
    server, loop, stop = running.result(_STARTING_SECONDS)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(_STARTING_SECONDS)


@frozen(kw_only=True)
class Spawned:
    """A running sandbox in a process of its own: its URL, its key, and the process."""

    url: str
    process: "subprocess.Popen[str]"
    api_key: str = DEMO_KEY

    def stats(self) -> dict[str, Any]:
        """The statistics, as `GET /_sandbox/stats` returns them. Blocks for at most 10 s."""
        with urllib.request.urlopen(f"{self.url}/_sandbox/stats", timeout=10) as response:  # noqa: S310
            stats: dict[str, Any] = json.load(response)
        return stats


@contextmanager
def spawn(**settings: Any) -> Generator[Spawned]:
    """Run a sandbox on a free loopback port in a process of its own for the duration of the block.

    For benchmarks: it takes no time of this process. Raises ValueError if a setting is invalid, TypeError if it is
    unknown (see `Settings`), RuntimeError if the process does not start. The process also ends with this one.
    """
    Settings(**settings)
    plain: dict[str, Any] = dict(settings)
    for name in ("missing_headers", "keys", "tracked_domains"):
        if name in plain:
            plain[name] = sorted(plain[name])
    plain["faults"] = [_as_text(fault) for fault in plain.get("faults", ())]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "lusha_async.sandbox", json.dumps(plain)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            yield Spawned(url=_first_line(process), process=process)
        finally:
            process.terminate()
            if process.stdin is not None:
                process.stdin.close()  # its reader thread would delay its end
            try:
                process.wait(_STOPPING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _as_text(fault: Fault | str) -> str:
    """A fault in the syntax of `parse`."""
    if isinstance(fault, str):
        return fault
    values = {name: value for name, value in asdict(fault).items() if value is not None and name != "kind"}
    return ",".join((fault.kind, *(f"{name}={value}" for name, value in values.items())))


def _first_line(process: "subprocess.Popen[str]") -> str:
    """The URL that the process prints when it listens."""
    line = process.stdout.readline().strip() if process.stdout is not None else ""
    if not line.startswith("http://"):
        raise RuntimeError("the sandbox's process did not start; see its messages on standard error")
    return line
