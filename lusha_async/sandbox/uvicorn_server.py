"""The one module that knows uvicorn: an application on a bound socket."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn

from .asgi import App

__all__ = ["run"]

_CLOSING_SECONDS = 2


class _Server(uvicorn.Server):
    """Leaves the process's signals alone (who started it decides what they mean), and tells when it is up."""

    def __init__(self, config: uvicorn.Config, up: asyncio.Event) -> None:
        super().__init__(config)
        self._up = up

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._up.set()


async def run(app: App, sock: socket.socket, up: asyncio.Event) -> None:
    """Serve until cancelled, then let requests under way end (2 s at most). Sets `up` when it is."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_CLOSING_SECONDS,
        backlog=4096,
    )
    server = _Server(config, up)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await serving
        sock.close()
