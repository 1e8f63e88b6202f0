"""The only module that uses httpx: sends a request and returns the whole answer.

A request that is cancelled at the wrong moment leaks its connection in the pool of httpx 0.28 (encode/httpcore#1093),
so `send` runs in a task of its own that is not cancelled; it ends by itself within its timeout. The client never sends
more at once than `connections`, so the pool never queues.
"""

import ssl
from collections.abc import AsyncIterable, Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from .._wire.references import MARK, is_foreign
from .._wire.request import OutgoingRequest, Request
from .._wire.response import Response
from .._wire.settings import BASE_URL_VARIABLE, BaseURL, Endpoint
from ..errors import AnswerLostError, ConfigurationError, NotSentError, TransportError
from .connection import close_unless_clean
from .deadline import Deadline
from .encoding import ACCEPTED, MAX_ANSWER_BYTES, TOO_LARGE, Body, decode
from .environment import ProxySetting, proxy_for, tls_context

__all__ = ["HttpxTransport", "Transport"]

_CONNECT_SECONDS = 10.0
_parsed = lru_cache(maxsize=64)(httpx.URL)  # most calls are to the same few
_KEEP_ALIVE_SECONDS = 4.0  # below what servers and gateways keep: a reused connection they closed loses an answer


class Transport(Protocol):
    """How the client sends requests. `HttpxTransport` is the default; the sandbox has one without sockets."""

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """Send the request and return the whole answer, within `timeout` seconds.

        Calls `leaving`, if it can, before the first byte leaves and after the last one has left: connecting takes
        time, and so may the event loop between the bytes.

        An answer that is too large, wrongly compressed or another request's says so in `problem` or `foreign`.

        Raises `NotSentError` if the request did not reach the vendor, and `AnswerLostError` if it may have. The client
        never cancels it, except in `aclose` when its grace is over.
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
    """HTTP/1.1 over httpx, with at most `connections` sockets. Redirects are never followed.

    A connection with bytes left over behind an answer is not used again.

    Raises `ConfigurationError` for a base URL that httpx reads in another way, and for a proxy or certificates of the
    environment (HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE, SSL_CERT_DIR, SSLKEYLOGFILE) that cannot be used. An API at
    http on this machine needs neither.
    """

    def __init__(self, base_url: Endpoint, *, connections: int = 256) -> None:
        self._connections = connections
        _check_url(base_url)
        context = tls_context(base_url, httpx.create_ssl_context)
        limits = httpx.Limits(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
        )
        self._pool = _pool(context, limits, proxy_for(base_url))

    async def send(
        self, request: OutgoingRequest, timeout: float, leaving: Callable[[], None] | None = None
    ) -> Response:
        """See `Transport.send`."""
        progress = _SendProgress(leaving)
        host = _parsed(request.url).host
        try:
            async with Deadline(timeout):
                return await self._exchange(request, timeout, progress)
        except TimeoutError:
            if progress.only_connecting:
                failure: TransportError = NotSentError(
                    "connect timeout", f"{urlsplit(request.url).hostname} did not answer in time"
                )
            else:
                failure = AnswerLostError("no whole answer", f"none within {timeout:g} s")
        except (httpx.HTTPError, OSError, UnicodeError) as error:  # httpcore lets errors of TLS and of names pass
            failure = _translate(error, progress, host)
        raise failure  # here, without a context: the frames of httpcore hold the key

    async def _exchange(self, request: OutgoingRequest, timeout: float, progress: "_SendProgress") -> Response:
        sent = httpx.Request(
            request.method,
            _parsed(request.url),
            headers={**request.headers, "accept-encoding": ACCEPTED},
            content=request.content,
            extensions={
                # Connecting and the TLS handshake each end by their own time-out, before the total one could cut
                # a handshake: httpcore leaks the socket of one that is cancelled.
                "timeout": {"connect": min(0.45 * timeout, _CONNECT_SECONDS), "pool": 1.0},
                "trace": progress.trace,
            },
        )
        response = await self._pool.handle_async_request(sent)
        foreign = False
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = await _body(response)
            content = request.content
            foreign = content is not None and MARK in content and is_foreign(content, body.content)
            return Response(
                status=response.status_code,
                headers=headers,
                content=body.content,
                problem=body.problem,
                drift=body.drift,
                foreign=foreign,
            )
        finally:
            network = response.extensions.get("network_stream")
            if network is not None:
                await close_unless_clean(response.stream, network, distrusted=foreign)
            await response.aclose()

    async def aclose(self) -> None:
        """See `Transport.aclose`."""
        await self._pool.aclose()

    @property
    def connections(self) -> int:
        """See `Transport.connections`."""
        return self._connections


async def _body(response: httpx.Response) -> Body:
    """The whole body, decoded; as far as it was received if it is too large."""
    if int(response.headers.get("content-length", 0)) > MAX_ANSWER_BYTES:
        return Body(content=b"", problem=TOO_LARGE)
    stream = response.stream
    assert isinstance(stream, AsyncIterable)  # noqa: S101 - for the type checker
    pieces: list[bytes] = []
    size = 0
    async for piece in stream:
        pieces.append(piece)
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            return Body(content=b"".join(pieces), problem=TOO_LARGE)
    content, declared = b"".join(pieces), response.headers.get("content-encoding")
    return Body(content=content) if declared is None else await decode(content, declared)


def _check_url(base_url: Endpoint) -> None:
    try:
        url = httpx.URL(base_url.value)
        same = urlsplit(base_url.value).hostname in {url.host, url.raw_host.decode("ascii")}
    except (httpx.InvalidURL, ValueError):
        same = False
    if not same:
        what = f"the base URL has a malformed host: set {BASE_URL_VARIABLE}"
        raise ConfigurationError(
            f"{what if isinstance(base_url, BaseURL) else 'the URL has a malformed host: change it'} to https://host[:port]"
        )


def _pool(context: ssl.SSLContext, limits: httpx.Limits, proxy: ProxySetting | None) -> httpx.AsyncHTTPTransport:
    if proxy is None:
        return httpx.AsyncHTTPTransport(verify=context, limits=limits)
    try:
        return httpx.AsyncHTTPTransport(verify=context, limits=limits, proxy=proxy.url)
    except ImportError:
        problem = "names a SOCKS proxy: pip install 'httpx[socks]', or use an http:// proxy"
    except (httpx.InvalidURL, ValueError):
        problem = "is not the URL of a proxy: correct it or unset it"
    raise ConfigurationError(f"{proxy.variable} {problem}")


_FIRST, _LAST = "http11.send_request_headers.started", "http11.send_request_body.complete"


class _SendProgress:
    """Whether any byte of the request may have left this machine, by the trace events of httpcore.

    A proxy is asked for a tunnel by a request of its own, CONNECT, which has nothing of ours but the host.
    """

    def __init__(self, leaving: Callable[[], None] | None) -> None:
        self._leaving = leaving
        self._connecting = False
        self._sending = False

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event == _FIRST:
            self._sending = info["request"].method != b"CONNECT"
        if event in {_FIRST, _LAST}:
            if self._sending and self._leaving is not None:
                self._leaving()
        elif event == "connection.connect_tcp.started":
            self._connecting = True

    @property
    def only_connecting(self) -> bool:
        return self._connecting and not self._sending


_NOT_SENT: tuple[tuple[type[Exception], str, str], ...] = (
    (httpx.ConnectTimeout, "connect timeout", "{host} did not answer; check the network and the base URL"),
    (httpx.ConnectError, "cannot connect", "check the network, the base URL and the certificate of {host}"),
    (httpx.PoolTimeout, "no free connection", "too many requests at once"),
    (httpx.ProxyError, "proxy error", "the proxy refused to connect; check HTTPS_PROXY"),
    (httpx.UnsupportedProtocol, "unsupported protocol", "check the base URL"),
)


def _translate(error: Exception, progress: _SendProgress, host: str) -> TransportError:
    """The error of this library for one of httpx; its text is dropped, since it may quote the URL or the request."""
    for kind, name, advice in _NOT_SENT:
        if isinstance(error, kind):
            return NotSentError(name, advice.format(host=host))
    if progress.only_connecting:
        return NotSentError(
            "cannot connect", f"the connection to {host} broke while it was opened ({type(error).__name__})"
        )
    if isinstance(error, httpx.TimeoutException):
        return AnswerLostError("timeout", "no data arrived in time")
    if isinstance(error, httpx.NetworkError | OSError):
        return AnswerLostError("connection reset", "the connection broke before the answer was complete")
    return AnswerLostError("broken answer", f"the answer ended early or was not HTTP ({type(error).__name__})")
