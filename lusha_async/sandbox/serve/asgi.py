"""The sandbox as an ASGI application."""

import asyncio
import ipaddress
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol

from ..api.http import Delivered, HTTPRequest, HTTPResponse
from ..app import Sandbox
from .admin import handle, is_admin

__all__ = ["MAX_BODY", "App", "Connections"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_BODY = 5 * 1024 * 1024
"""The maximum size of a request's body in bytes; a larger one answers 413."""
_DRIP_CHUNKS = 20  # chunks of a body that drips


class Connections(Protocol):
    """The control over connections that ASGI does not offer."""

    def reset(self, client: tuple[str, int]) -> None:
        """Reset the connection of a client address."""
        ...

    def refuse_for(self, seconds: float) -> None:
        """Reset all connections and refuse new ones for `seconds`."""
        ...


class App:
    """The application. The server that runs it sets `connections`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.connections: Connections | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        if not _is_meant(scope):
            await _refuse(send)
            return
        content = await _read(receive)
        if content is None:
            await _start(send, 413, {"content-type": "application/json"}, _TOO_LARGE)
            await _end(send, _TOO_LARGE)
            return
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        request = HTTPRequest(
            method=scope["method"],
            path=raw_path.decode("latin-1").split("?")[0],
            query=scope["query_string"].decode("latin-1"),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            content=content,
        )
        if is_admin(request.path):
            answer = handle(self.sandbox, request)
        else:
            answer = await self.sandbox.respond(request)
        await self._deliver(answer, scope["client"], send)

    async def _deliver(self, answer: HTTPResponse, client: tuple[str, int], send: Send) -> None:
        connections = self.connections
        if answer.delivered is Delivered.REFUSED and connections is not None:
            connections.refuse_for(answer.refusal)
            return
        if answer.delivered is not Delivered.RESET:
            complete = answer.delivered is Delivered.COMPLETE
            await _start(send, answer.status, answer.headers, answer.content)
            content = answer.content if complete else answer.content[: len(answer.content) // 2]
            if answer.drip:
                content = await _drip(send, content, answer.drip)
            if complete:
                await _end(send, content)
                return
            await send({"type": "http.response.body", "body": content, "more_body": True})
        if connections is not None:
            connections.reset(client)


def _is_meant(scope: Message) -> bool:
    """Whether the request is for this machine by name, where it came to a loopback address.

    A page of another site whose name is made to resolve to this machine (DNS rebinding) sends that name as its host.
    """
    if not _is_loopback((scope.get("server") or ("", 0))[0]):
        return True
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return len(hosts) == 1 and _LOCAL_HOST.fullmatch(hosts[0].decode("latin-1")) is not None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_LOCAL_HOST = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
_MISDIRECTED = b'{"statusCode":421,"message":"the host must be localhost, 127.0.0.1 or [::1]"}'


async def _refuse(send: Send) -> None:
    await _start(send, 421, {"content-type": "application/json"}, _MISDIRECTED)
    await _end(send, _MISDIRECTED)


_TOO_LARGE = b'{"statusCode":413,"message":"request entity too large"}'


async def _read(receive: Receive) -> bytes | None:
    """The body; None if it is too large."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(chunks)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _start(send: Send, status: int, headers: Mapping[str, str], content: bytes) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _end(send: Send, content: bytes) -> None:
    await send({"type": "http.response.body", "body": content})


async def _drip(send: Send, content: bytes, seconds: float) -> bytes:
    """Send all but the last chunk over `seconds`, and return the last one."""
    step = max(1, -(-len(content) // _DRIP_CHUNKS))
    while len(content) > step:
        await send({"type": "http.response.body", "body": content[:step], "more_body": True})
        content = content[step:]
        await asyncio.sleep(seconds / _DRIP_CHUNKS)
    return content
