"""The sandbox as a raw ASGI application."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .core import Sandbox
from .exchange import Incoming

__all__ = ["LARGEST_BODY", "App"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY = 5 * 1024 * 1024
"""Bytes of a request's body; a larger one is refused with 413."""


class App:
    """Hands each request to the sandbox, and its answer back."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        content = await _read(receive)
        if content is None:
            await _send(send, 413, {}, b'{"statusCode":413,"message":"request entity too large"}')
            return
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        request = Incoming(
            method=scope["method"],
            path=raw_path.decode("latin-1").split("?")[0],
            query=scope["query_string"].decode("latin-1"),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            content=content,
        )
        answer = self.sandbox.handle(request)
        await _send(send, answer.status, answer.headers, answer.content)


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


async def _send(send: Send, status: int, headers: Any, content: bytes) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content})
