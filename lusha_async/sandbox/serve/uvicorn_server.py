"""The application on a bound socket, served by uvicorn."""

import asyncio
import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager, suppress

import uvicorn

from .asgi import App
from .sockets import bind

__all__ = ["run"]

_CLOSING_SECONDS = 2
_IDLE_SECONDS = 60
_ABORT = struct.pack("ii", 1, 0)  # no linger: closing sends a reset


class _Server(uvicorn.Server):
    """A server that installs no signal handlers, and can reset and refuse connections."""

    def __init__(self, config: uvicorn.Config, up: asyncio.Event, sock: socket.socket) -> None:
        super().__init__(config)
        self._up = up
        host, port = sock.getsockname()[:2]
        self._host, self._port = str(host), int(port)
        self._reopening: asyncio.Task[None] | None = None

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._up.set()

    def reset(self, client: tuple[str, int]) -> None:
        """See `Connections.reset`."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client:
                _reset(connection.transport)

    def refuse_for(self, seconds: float) -> None:
        """See `Connections.refuse_for`."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            _reset(connection.transport)
        if self._reopening is None or self._reopening.done():
            self._reopening = asyncio.create_task(self._reopen(seconds))

    async def _reopen(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await super().startup(sockets=[bind(self._host, self._port)])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._reopening is not None:
            self._reopening.cancel()
            with suppress(asyncio.CancelledError):
                await self._reopening
        await super().shutdown(sockets=sockets)


def _reset(transport: asyncio.BaseTransport) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
    if isinstance(transport, asyncio.Transport):
        transport.abort()


async def run(app: App, sock: socket.socket, up: asyncio.Event) -> None:
    """Serve until cancelled, then let requests in flight end (at most 2 s). Sets `up` when it listens."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_CLOSING_SECONDS,
        backlog=256,  # as many are accepted at once: with thousands, the descriptors would run out unnoticed
    )
    server = _Server(config, up, sock)
    app.connections = server
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    delivering = asyncio.create_task(app.sandbox.dispatcher.run())
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        delivering.cancel()
        await asyncio.wait((serving, delivering))
        sock.close()
