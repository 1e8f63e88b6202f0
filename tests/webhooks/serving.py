"""Real servers and raw connections, for tests."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

__all__ = ["Response", "post", "post_raw", "request", "served"]


class Response:
    """A response of a server."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.status = int(head.split()[1]) if head else 0
        self.head = head.decode("latin-1").lower()

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@asynccontextmanager
async def served(app: Any, *, lifespan: str = "on") -> AsyncIterator[int]:
    """Runs `app` in uvicorn on a free port of the loopback."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan=lifespan)  # type: ignore[arg-type]
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve(sockets=[sock]))
        while not server.started:
            assert not serving.done(), "the server did not start"
            await asyncio.sleep(0.005)
        try:
            yield sock.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


async def post_raw(port: int, raw: bytes, *, seconds: float = 20.0) -> Response:
    """Send bytes as they are and read until the server closes."""
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(raw)
            await writer.drain()
            return Response(await reader.read())
        except ConnectionError:
            return Response(b"")
        finally:
            writer.close()


async def request(port: int, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Response:
    """One request on a connection of its own."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return await post_raw(port, "\r\n".join([*lines, "", ""]).encode("latin-1") + body)


async def post(port: int, body: bytes, headers: Mapping[str, str], path: str = "/") -> Response:
    """Deliver, as the vendor does."""
    return await request(port, "POST", path, headers, body)
