"""The sandbox as a raw ASGI application."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol

from ..api.exchange import Delivered, Incoming, Outgoing
from ..app import Sandbox
from .admin import control, is_control

__all__ = ["LARGEST_BODY", "App", "Line"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY = 5 * 1024 * 1024
"""Bytes of a request's body; a larger one is refused with 413."""
_DRIPS = 20  # pieces of a body that drips


class Line(Protocol):
    """The server's power over connections, which ASGI does not give."""

    def cut(self, client: tuple[str, int]) -> None:
        """Break the connection from that address."""
        ...

    def close_for(self, seconds: float) -> None:
        """Break all connections and listen to nobody for a while."""
        ...


class App:
    """Hands each request to the sandbox, and its answer back. `line` is set by the server that runs it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.line: Line | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        content = await _read(receive)
        if content is None:
            await _start(send, 413, {"content-type": "application/json"}, _TOO_LARGE)
            await _end(send, _TOO_LARGE)
            return
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        request = Incoming(
            method=scope["method"],
            path=raw_path.decode("latin-1").split("?")[0],
            query=scope["query_string"].decode("latin-1"),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            content=content,
        )
        if is_control(request.path):
            answer = control(self.sandbox, request)
        else:
            answer = await self.sandbox.respond(request)
        await self._deliver(answer, scope["client"], send)

    async def _deliver(self, answer: Outgoing, client: tuple[str, int], send: Send) -> None:
        line = self.line
        if answer.delivered is Delivered.REFUSED and line is not None:
            line.close_for(answer.refusal)
            return
        if answer.delivered is not Delivered.RESET:
            whole = answer.delivered is Delivered.WHOLE
            await _start(send, answer.status, answer.headers, answer.content)
            content = answer.content if whole else answer.content[: len(answer.content) // 2]
            if answer.drip:
                content = await _drip(send, content, answer.drip)
            if whole:
                await _end(send, content)
                return
            await send({"type": "http.response.body", "body": content, "more_body": True})
        if line is not None:
            line.cut(client)


_TOO_LARGE = b'{"statusCode":413,"message":"request entity too large"}'


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None if it is too large."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(pieces)
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > LARGEST_BODY:
            return None
        if not message.get("more_body", False):
            return b"".join(pieces)


async def _start(send: Send, status: int, headers: Mapping[str, str], content: bytes) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _end(send: Send, content: bytes) -> None:
    await send({"type": "http.response.body", "body": content})


async def _drip(send: Send, content: bytes, seconds: float) -> bytes:
    """Send all but the last piece, slowly; gives back the last one."""
    step = max(1, -(-len(content) // _DRIPS))
    while len(content) > step:
        await send({"type": "http.response.body", "body": content[:step], "more_body": True})
        content = content[step:]
        await asyncio.sleep(seconds / _DRIPS)
    return content
