"""The receiving end as an ASGI application, fit to stand on the open internet."""

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

from ..errors import ConfigurationError
from .acknowledgement import acknowledge_id
from .delivery import Arrival
from .errors import SignatureMismatchError, WebhookError
from .headers import SignedHeaders, read_headers
from .inbox import Inbox
from .secrets import SecretRing, Secrets
from .signature import Signed, authenticate, check_age
from .sqlite_inbox import SQLiteInbox

__all__ = ["App", "Bounds"]

_log = logging.getLogger("lusha_async.webhooks")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_ANSWER_SECONDS = 9.0
"""The vendor waits ten."""
_STORING_SECONDS = 3.0
"""What is left for storing after a delivery waited for a new secret."""
_LOG_SECONDS = 10.0
_LONGEST_CHALLENGE = 256


@frozen(kw_only=True)
class Bounds:
    """What strangers may use up.

    - `body`, `headers`: bytes of one request; more is answered 413 and 431.
    - `buffered`: bytes of all bodies being received and stored; more is answered 503.
    - `requests`: at once; more are answered 503.
    - `reading`: seconds in which a body must be there; else 408.
    """

    body: int = 64 * 1024
    headers: int = 16 * 1024
    buffered: int = 32 * 1024 * 1024
    requests: int = 1000
    reading: float = 5.0


@frozen
class _HTTPResponse:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(factory=dict[str, str])


class _Rejection(Exception):
    """Ends a request: the answer, and the word under which it is counted."""

    def __init__(self, status: int, why: str, **headers: str) -> None:
        super().__init__(why)
        self.why = why
        body = json.dumps({"error": _WORDS[status]}, separators=(",", ":")).encode()
        self.answer = _HTTPResponse(
            status, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )


_WORDS = {
    400: "bad request",
    401: "unauthorized",
    405: "method not allowed",
    408: "timeout",
    413: "too large",
    431: "headers too large",
    503: "try again later",
}


class App:
    """An ASGI application that takes the vendor's deliveries; put it into any framework, or run it alone.

    Each delivery is verified, stored durably in the inbox, and only then acknowledged with 201, within ten
    seconds, whatever the consumers of the inbox do. A retry of what is stored is acknowledged again and stored
    once. What cannot be stored is answered 503, so that the vendor sends it again; what is forged, 401 with no
    detail. `GET ?challenge=X` is answered `{"challenge": "X"}`.

    - `secret`: the account's webhook secret; several, or a `SecretRing`, while they are rotated.
    - `inbox`: where to store; a path makes a `SQLiteInbox`, closed when the server's lifespan ends.
    - `tolerance`: seconds that a timestamp may be off, either way. A day by default: the vendor publishes neither
      its retry delays nor whether a retry is signed anew, and the inbox knows replays for longer than that.
    - `bounds`: see `Bounds`. Connections themselves are the server's to bound.
    - `clock`: seconds since 1970.

    Bodies are read only of requests that carry a well-formed signature and a timestamp within the tolerance.
    `counts` tells what became of all requests, by a word each. Raises `ConfigurationError` for an unusable secret
    and for a tolerance that outlasts the inbox's memory of ids. Source: the vendor's webhook pages.
    """

    def __init__(
        self,
        secret: Secrets,
        inbox: Inbox | str | os.PathLike[str],
        *,
        tolerance: float = 86_400.0,
        bounds: Bounds | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ring = secret if isinstance(secret, SecretRing) else SecretRing(secret)
        self._owns_inbox = not isinstance(inbox, Inbox)
        self.inbox = inbox if isinstance(inbox, Inbox) else SQLiteInbox(inbox)
        if 2 * tolerance > self.inbox.policy.remember:  # a timestamp may lie ahead by as much as behind
            raise ConfigurationError(
                "the inbox forgets ids before the timestamps of their replays are too old: "
                "make its policy's `remember` at least twice the tolerance"
            )
        self._tolerance = tolerance
        self._bounds = bounds or Bounds()
        self._clock = clock
        self._requests = 0
        self._buffered = 0
        self._logged_at = float("-inf")
        self.counts: Counter[str] = Counter()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, or the server's lifespan."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            answer = await self._answer(scope, receive)
            if answer is not None:
                await _send(send, answer, bodiless=scope["method"] == "HEAD")

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                if self._owns_inbox:
                    await self.inbox.aclose()
                return

    async def _answer(self, scope: Message, receive: Receive) -> _HTTPResponse | None:
        """The answer to one request; None if the sender has left."""
        self._requests += 1
        try:
            if scope["method"] in {"GET", "HEAD"}:
                return self._greet(scope["query_string"])
            if scope["method"] != "POST":
                raise _Rejection(405, "method", allow="GET, HEAD, POST")
            if self._requests > self._bounds.requests:
                raise _Rejection(503, "overload", retry_after="5")
            return await self._take(scope["headers"], receive)
        except _Rejection as refusal:
            self._note(refusal)
            return refusal.answer
        except _Gone:
            self.counts["gone"] += 1
            return None
        finally:
            self._requests -= 1

    def _greet(self, query: bytes) -> _HTTPResponse:
        """Answer a probe. That the vendor sends one is not documented; others' receivers answer it so."""
        self.counts["probe"] += 1
        if len(query) > 4 * _LONGEST_CHALLENGE:
            return _HTTPResponse(200, b'{"ok":true}')
        challenge = parse_qs(query.decode("latin-1")).get("challenge", [""])[0][:_LONGEST_CHALLENGE]
        return _HTTPResponse(200, json.dumps({"challenge": challenge}).encode() if challenge else b'{"ok":true}')

    async def _take(self, headers: Iterable[tuple[bytes, bytes]], receive: Receive) -> _HTTPResponse:
        """Verify, store, acknowledge."""
        deadline = asyncio.get_running_loop().time() + _ANSWER_SECONDS
        told = self._check_head(list(headers))
        body = bytearray()
        try:
            await self._read(receive, body)
            signed = await self._verified(bytes(body), told, deadline)
            arrival = Arrival(
                body=signed.body,
                timestamp=told.timestamp,
                signature=told.signature.hex(),
                signed_at=signed.signed_at,
            )
            await self._store(arrival, deadline)
        finally:
            self._buffered -= len(body)
        answer = acknowledge_id(arrival.webhook_id, now=datetime.fromtimestamp(self._clock(), UTC))
        return _HTTPResponse(answer.status, answer.body)

    def _check_head(self, headers: list[tuple[bytes, bytes]]) -> SignedHeaders:
        """Refuse what can be refused without reading a byte of the body."""
        if sum(len(name) + len(value) for name, value in headers) > self._bounds.headers:
            raise _Rejection(431, "headers", connection="close")
        for name, value in headers:
            if name.lower() == b"content-length" and (not value.isdigit() or _number(value) > self._bounds.body):
                raise _Rejection(413, "too large", connection="close")
        try:
            told = read_headers(headers)
            check_age(told, tolerance=self._tolerance, now=self._clock())
        except WebhookError as error:
            raise _Rejection(401, type(error).__name__) from None
        return told

    async def _read(self, receive: Receive, body: bytearray) -> None:
        try:
            async with asyncio.timeout(self._bounds.reading):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _Gone
                    piece: bytes = message.get("body", b"")
                    if len(body) + len(piece) > self._bounds.body:
                        raise _Rejection(413, "too large", connection="close")
                    if self._buffered + len(piece) > self._bounds.buffered:
                        raise _Rejection(503, "overload", connection="close", retry_after="5")
                    body += piece
                    self._buffered += len(piece)
                    more = message.get("more_body", False)
        except TimeoutError:
            raise _Rejection(408, "slow body", connection="close") from None

    async def _verified(self, body: bytes, told: SignedHeaders, deadline: float) -> Signed:
        """What was signed. While the secret is rotated, waits for the new one before it refuses."""
        while True:
            try:
                return authenticate(body, told, self._ring, tolerance=None)
            except SignatureMismatchError as error:
                if not self._ring.is_rotating:
                    raise _Rejection(401, type(error).__name__) from None
            try:
                async with asyncio.timeout_at(deadline - _STORING_SECONDS):
                    await self._ring.changed()
            except TimeoutError:
                raise _Rejection(503, "rotating", retry_after="5") from None

    async def _store(self, arrival: Arrival, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                new = await self.inbox.put(arrival)
        except Exception as error:  # whatever it was, it is not known to be stored
            raise _Rejection(503, type(error).__name__, retry_after="5") from None
        self.counts["stored" if new else "duplicate"] += 1

    def _note(self, refusal: _Rejection) -> None:
        """Count a refusal, and log the counts now and then: a flood fills no log."""
        self.counts[refusal.why] += 1
        now = self._clock()
        if now >= self._logged_at + _LOG_SECONDS:
            self._logged_at = now
            so_far = ", ".join(f"{count} {what}" for what, count in self.counts.items())
            _log.warning("refused a request: %s (%d); so far %s", refusal.why, refusal.answer.status, so_far)

    def __repr__(self) -> str:
        return f"<webhooks.App {dict(self.counts)}>"


class _Gone(Exception):
    """The sender has left."""


def _number(digits: bytes) -> int:
    return int(digits) if len(digits) < 20 else 10**20


async def _send(send: Send, answer: _HTTPResponse, *, bodiless: bool) -> None:
    headers = {
        "content-type": "application/json",
        "content-length": str(len(answer.body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **answer.headers,
    }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if bodiless else answer.body})
