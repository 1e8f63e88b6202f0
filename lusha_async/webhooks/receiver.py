"""The receiver: an ASGI application that is safe to expose to the internet."""

import asyncio
import json
import logging
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from attrs import field, frozen

from .._repr import half_made
from ..errors import ConfigurationError
from ._headers import SignatureHeaders, read_headers
from ._time_budget import TimeBudget
from .acknowledgement import acknowledge_id
from .delivery import SignedMessage
from .errors import SignatureMismatchError, WebhookError
from .inbox import Inbox
from .secrets import SecretRing, Secrets
from .signature import authenticate, check_age
from .sqlite_inbox import SQLiteInbox

__all__ = ["App", "ReceiverLimits"]

_log = logging.getLogger("lusha_async.webhooks")

ASGIMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[ASGIMessage]]
Send = Callable[[ASGIMessage], Awaitable[None]]

_RESPONSE_SECONDS = 9.0
"""The vendor waits ten."""
_STORE_SECONDS = 3.0
"""How many of these are kept for storing a delivery that had to wait for a new secret."""
_LOG_SECONDS = 10.0
_MAX_CHALLENGE = 256


@frozen(kw_only=True)
class ReceiverLimits:
    """What unauthenticated requests may use. Sizes are bytes.

    - `max_body`, `max_headers`: of one request; a larger one gets 413 or 431.
    - `max_buffered`: of all bodies being received and stored at a time; above it, requests get 503.
    - `max_requests`: requests in progress at a time; above it, they get 503.
    - `read_timeout`: seconds in which the body must arrive; after that, the request gets 408.
    """

    max_body: int = 64 * 1024
    max_headers: int = 16 * 1024
    max_buffered: int = 32 * 1024 * 1024
    max_requests: int = 1000
    read_timeout: float = 5.0


@frozen
class _HTTPResponse:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(factory=dict[str, str])


class _Rejection(Exception):
    """Ends a request with an error response; `reason` is what it is counted as."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.reason = reason
        body = json.dumps({"error": _ERRORS[status]}, separators=(",", ":")).encode()
        self.response = _HTTPResponse(
            status, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )


_ERRORS = {
    400: "bad request",
    401: "unauthorized",
    405: "method not allowed",
    408: "timeout",
    413: "too large",
    431: "headers too large",
    503: "try again later",
}


class App:
    """An ASGI application that receives the vendor's deliveries, alone or inside any framework.

    A delivery is verified, stored durably in the inbox, and only then acknowledged with 201, within ten seconds and
    independently of the inbox's consumers. A retry of a stored event is acknowledged again and stored once. A delivery
    that cannot be stored gets 503, so that the vendor retries it; one that is not authentic gets 401 with no detail.
    `GET ?challenge=X` returns `{"challenge": "X"}`.

    - `secret`: the account's webhook secret; several of them, or a `SecretRing`, during a rotation.
    - `inbox`: where to store events. A path creates a `SQLiteInbox`, which is closed at the end of the server's
      lifespan.
    - `tolerance`: the largest difference, in seconds, between a delivery's timestamp and the clock, in either
      direction. The default is a day, because the vendor documents neither its retry delays nor whether it signs a
      retry again; the inbox recognises replays for longer than that.
    - `limits`: see `ReceiverLimits`. The number of connections is for the server to limit.
    - `clock`: returns seconds since 1970.

    A body is read only if the request has a well-formed signature and a timestamp within the tolerance. Pass bodies
    unchanged: one that something re-encoded on the way is restored as in `verify`, but strangers can use up the time
    for that (5 %), and it is then refused. `counts`
    counts all requests by outcome. Raises `ConfigurationError` for an unusable secret, and if the inbox's
    `key_retention` is shorter than twice the tolerance. Source: the vendor's webhook pages.
    """

    def __init__(
        self,
        secret: Secrets,
        inbox: Inbox | str | os.PathLike[str],
        *,
        tolerance: float = 86_400.0,
        limits: ReceiverLimits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        try:
            self._ring = secret if isinstance(secret, SecretRing) else SecretRing(secret)
        finally:
            del secret  # no frame of an error holds it
        self._owns_inbox = not isinstance(inbox, Inbox)
        self.inbox = inbox if isinstance(inbox, Inbox) else SQLiteInbox(inbox)
        if 2 * tolerance > self.inbox.policy.key_retention:  # a timestamp may be as far ahead as behind
            raise ConfigurationError(
                "the inbox would forget keys while replays of them are still accepted: "
                "set key_retention in its policy to at least twice the tolerance"
            )
        self._tolerance = tolerance
        self._limits = limits or ReceiverLimits()
        self._clock = clock
        self._reencoding = TimeBudget()
        self._requests = 0
        self._held = 0
        self._buffered = 0
        self._logged_at = float("-inf")
        self.counts: Counter[str] = Counter()

    async def __call__(self, scope: ASGIMessage, receive: Receive, send: Send) -> None:
        """Serve one request, or the server's lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            response = await self._respond(scope, receive)
            if response is not None:
                await _send(send, response, with_body=scope["method"] != "HEAD")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                if self._owns_inbox:
                    await self.inbox.aclose()
                return

    async def _respond(self, scope: ASGIMessage, receive: Receive) -> _HTTPResponse | None:
        """The response to one request; None if the client has disconnected."""
        self._requests += 1
        try:
            if scope["method"] in {"GET", "HEAD"}:
                return self._probe_response(scope["query_string"])
            if scope["method"] != "POST":
                raise _Rejection(405, "method", allow="GET, HEAD, POST")
            if self._requests > self._limits.max_requests:
                raise _Rejection(503, "overload", retry_after="5")
            return await self._receive_delivery(scope["headers"], receive)
        except _Rejection as rejection:
            self._count(rejection)
            return rejection.response
        except _ClientDisconnect:
            self.counts["gone"] += 1
            return None
        finally:
            self._requests -= 1

    def _probe_response(self, query: bytes) -> _HTTPResponse:
        """Echo a challenge. The vendor does not document one, but other receivers of its webhooks answer it."""
        self.counts["probe"] += 1
        if len(query) > 4 * _MAX_CHALLENGE:
            return _HTTPResponse(200, b'{"ok":true}')
        challenge = parse_qs(query.decode("latin-1")).get("challenge", [""])[0][:_MAX_CHALLENGE]
        return _HTTPResponse(200, json.dumps({"challenge": challenge}).encode() if challenge else b'{"ok":true}')

    async def _receive_delivery(self, headers: Iterable[tuple[bytes, bytes]], receive: Receive) -> _HTTPResponse:
        """Verify, store, acknowledge."""
        deadline = asyncio.get_running_loop().time() + _RESPONSE_SECONDS
        signature = self._check_headers(list(headers))
        body = bytearray()
        try:
            await self._read_body(receive, body)
            message = await self._verify(bytes(body), signature, deadline)
            await self._store(message, deadline)
        finally:
            self._buffered -= len(body)
        response = acknowledge_id(message.webhook_id, now=datetime.fromtimestamp(self._clock(), UTC))
        return _HTTPResponse(response.status, response.body)

    def _check_headers(self, headers: list[tuple[bytes, bytes]]) -> SignatureHeaders:
        """Reject what can be rejected without reading any of the body."""
        if sum(len(name) + len(value) for name, value in headers) > self._limits.max_headers:
            raise _Rejection(431, "headers", connection="close")
        for name, value in headers:
            is_length = name.lower() == b"content-length"
            if is_length and (not value.isdigit() or _number(value) > self._limits.max_body):
                raise _Rejection(413, "too large", connection="close")
        try:
            signature = read_headers(headers)
            check_age(signature, tolerance=self._tolerance, now=self._clock())
        except WebhookError as error:
            raise _Rejection(401, type(error).__name__) from None
        return signature

    async def _read_body(self, receive: Receive, body: bytearray) -> None:
        try:
            async with asyncio.timeout(self._limits.read_timeout):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _ClientDisconnect
                    chunk: bytes = message.get("body", b"")
                    if len(body) + len(chunk) > self._limits.max_body:
                        raise _Rejection(413, "too large", connection="close")
                    if self._buffered + len(chunk) > self._limits.max_buffered:
                        raise _Rejection(503, "overload", connection="close", retry_after="5")
                    body += chunk
                    self._buffered += len(chunk)
                    more = message.get("more_body", False)
        except TimeoutError:
            raise _Rejection(408, "slow body", connection="close") from None

    async def _verify(self, body: bytes, signature: SignatureHeaders, deadline: float) -> SignedMessage:
        """Verify the signature; during a rotation, wait for the new secret before rejecting."""
        while True:
            try:
                return self._authenticate(body, signature)
            except SignatureMismatchError as error:
                if not self._ring.is_rotating:
                    raise _Rejection(401, type(error).__name__) from None
            await self._hold(deadline)

    async def _hold(self, deadline: float) -> None:
        """Wait for a new secret. What is held may be forged, so it takes at most half of the room for requests."""
        if 2 * self._held >= self._limits.max_requests:
            raise _Rejection(503, "rotating", retry_after="5")
        self._held += 1
        try:
            async with asyncio.timeout_at(deadline - _STORE_SECONDS):
                await self._ring.changed()
        except TimeoutError:
            raise _Rejection(503, "rotating", retry_after="5") from None
        finally:
            self._held -= 1

    def _authenticate(self, body: bytes, signature: SignatureHeaders) -> SignedMessage:
        """Re-encode a body that fails as it is, but only within the budget: strangers send such bodies too."""
        if not self._reencoding.is_left():
            return authenticate(body, signature, self._ring, tolerance=None, reencode=False)
        with self._reencoding.spending():
            return authenticate(body, signature, self._ring, tolerance=None)

    async def _store(self, message: SignedMessage, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                is_new = await self.inbox.put(message)
        except Exception as error:  # whatever it was, the event may not be stored
            raise _Rejection(503, type(error).__name__, retry_after="5") from None
        self.counts["stored" if is_new else "duplicate"] += 1

    def _count(self, rejection: _Rejection) -> None:
        """Count a rejection, and log the counts at most every ten seconds, so that a flood does not fill the log."""
        self.counts[rejection.reason] += 1
        now = time.monotonic()
        if now >= self._logged_at + _LOG_SECONDS:
            self._logged_at = now
            totals = ", ".join(f"{count} {reason}" for reason, count in self.counts.items())
            _log.warning(
                "refused a request: %s (%d); so far %s", rejection.reason, rejection.response.status, totals
            )

    @half_made
    def __repr__(self) -> str:
        return f"<webhooks.App {dict(self.counts)}>"


class _ClientDisconnect(Exception):
    """The client closed the connection before the body was complete."""


def _number(digits: bytes) -> int:
    return int(digits) if len(digits) < 20 else 10**20


async def _send(send: Send, response: _HTTPResponse, *, with_body: bool) -> None:
    headers = {
        "content-type": "application/json",
        "content-length": str(len(response.body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **response.headers,
    }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": response.body if with_body else b""})
