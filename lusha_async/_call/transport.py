"""The only module that uses httpx: sends a request and returns the whole answer.

A request that is cancelled at the wrong moment leaks its connection in the pool of httpx 0.28 (encode/httpcore#1093),
so `send` runs in a task of its own that is not cancelled; it ends by itself within its timeout. The client never sends
more at once than `connections`, so the pool never queues.
"""

from collections.abc import AsyncIterable, Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from .._wire.request import Request
from .._wire.response import Response
from .._wire.settings import BaseURL
from ..errors import AnswerLostError, NotSentError, TransportError, UnreadableAnswerError
from .deadline import Deadline

__all__ = ["HttpxTransport", "Transport"]

MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""Bytes, decompressed: reading stops when an answer is larger."""

_CONNECT_SECONDS = 10.0
_parsed = lru_cache(maxsize=64)(httpx.URL)  # most calls are to the same few
_KEEP_ALIVE_SECONDS = 4.0  # below what servers and gateways keep: a reused connection they closed loses an answer


class Transport(Protocol):
    """How the client sends requests. `HttpxTransport` is the default; the sandbox has one without sockets."""

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """Send the request and return the whole answer, within `timeout` seconds.

        Calls `leaving`, if it can, before the first byte leaves and after the last one has left: connecting takes
        time, and so may the event loop between the bytes.

        Raises `NotSentError` if the request did not reach the vendor, `AnswerLostError` if it may have, and
        `UnreadableAnswerError` if the answer is too large or wrongly compressed. The client never cancels it, except in
        `aclose` when its grace is over.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...

    @property
    def connections(self) -> int:
        """How many requests may be in flight at once."""
        ...


class HttpxTransport:
    """HTTP/1.1 over httpx, with at most `connections` sockets. Redirects are never followed."""

    def __init__(self, base_url: BaseURL, *, connections: int = 256) -> None:
        self._connections = connections
        self._pool = httpx.AsyncHTTPTransport(
            limits=httpx.Limits(
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=_KEEP_ALIVE_SECONDS,
            ),
            proxy=_proxy(base_url),
        )

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """See `Transport.send`."""
        progress = _SendProgress(leaving)
        try:
            async with Deadline(timeout):
                return await self._exchange(request, timeout, progress)
        except TimeoutError:
            if progress.only_connecting:
                raise NotSentError("connect timeout", "the host did not answer in time") from None
            raise AnswerLostError("no whole answer", f"none within {timeout:g} s") from None
        except httpx.DecodingError:
            raise UnreadableAnswerError("compressed wrongly or cut short") from None
        except httpx.HTTPError as error:
            raise _translate(error, progress) from None

    async def _exchange(self, request: Request, timeout: float, progress: "_SendProgress") -> Response:
        sent = httpx.Request(
            request.method,
            _parsed(request.url),
            headers={**request.headers, "accept-encoding": "gzip, deflate"},
            content=request.content,
            extensions={
                # Connecting and the TLS handshake each end by their own time-out, before the total one could cut
                # a handshake: httpcore leaks the socket of one that is cancelled.
                "timeout": {"connect": min(0.45 * timeout, _CONNECT_SECONDS), "pool": 1.0},
                "trace": progress.trace,
            },
        )
        response = await self._pool.handle_async_request(sent)
        try:
            return Response(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                content=await _content(response),
            )
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """See `Transport.aclose`."""
        await self._pool.aclose()

    @property
    def connections(self) -> int:
        """See `Transport.connections`."""
        return self._connections


def _proxy(base_url: BaseURL) -> str | None:
    """The environment's proxy for the API; none for this machine itself, which the key should not leave."""
    scheme, host = base_url.value.partition("://")[0], urlsplit(base_url.value).hostname or ""
    if base_url.loopback or proxy_bypass(host):
        return None
    proxies = getproxies()
    found = proxies.get(scheme) or proxies.get("all")
    return found if not found or "://" in found else f"http://{found}"


async def _content(response: httpx.Response) -> bytes:
    """The whole body, decompressed."""
    stream = response.aiter_bytes() if "content-encoding" in response.headers else response.stream
    assert isinstance(stream, AsyncIterable)  # noqa: S101 - for the type checker
    pieces: list[bytes] = []
    size = 0
    async for piece in stream:
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            raise UnreadableAnswerError(f"larger than {MAX_ANSWER_BYTES} bytes", status=response.status_code)
        pieces.append(piece)
    return b"".join(pieces)


_LEAVING = {"http11.send_request_headers.started", "http11.send_request_body.complete"}


class _SendProgress:
    """Whether any byte of the request may have left this machine, by the trace events of httpcore."""

    def __init__(self, leaving: Callable[[], None] | None) -> None:
        self._leaving = leaving
        self._connecting = False
        self._sending = False

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        del info
        if event in _LEAVING:
            self._sending = True
            if self._leaving is not None:
                self._leaving()
        elif event == "connection.connect_tcp.started":
            self._connecting = True

    @property
    def only_connecting(self) -> bool:
        return self._connecting and not self._sending


_NOT_SENT: tuple[tuple[type[httpx.HTTPError], str, str], ...] = (
    (httpx.ConnectTimeout, "connect timeout", "the host did not answer; check the network and the base URL"),
    (httpx.ConnectError, "cannot connect", "check the network, the base URL and its certificate"),
    (httpx.PoolTimeout, "no free connection", "too many requests at once"),
    (httpx.ProxyError, "proxy error", "check HTTPS_PROXY"),
    (httpx.UnsupportedProtocol, "unsupported protocol", "check the base URL"),
)


def _translate(error: httpx.HTTPError, progress: _SendProgress) -> TransportError:
    """The error of this library for one of httpx; its text is dropped, since it may quote the URL or the request."""
    for kind, name, advice in _NOT_SENT:
        if isinstance(error, kind):
            return NotSentError(name, advice)
    if progress.only_connecting:
        return NotSentError("cannot connect", f"the connection broke while it was opened ({type(error).__name__})")
    if isinstance(error, httpx.TimeoutException):
        return AnswerLostError("timeout", "no data arrived in time")
    if isinstance(error, httpx.NetworkError):
        return AnswerLostError("connection reset", "the connection broke before the answer was complete")
    return AnswerLostError("broken answer", f"the answer ended early or was not HTTP ({type(error).__name__})")
