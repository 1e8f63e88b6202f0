"""Finds out why a signature does not match, by trying the common mistakes.

A diagnosis is for the developer who fixes the receiver. It never decides whether to accept a delivery.
"""

import base64
import binascii
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any

from attrs import frozen

from ..errors import ConfigurationError
from ._headers import Headers, SignatureHeaders, read_headers
from ._javascript import canonical, stringify
from .errors import WebhookError
from .secrets import Secret, visible
from .signature import sign

__all__ = ["Cause", "Diagnosis", "diagnose"]

_PREFIX = b"whsec_"


class Cause(StrEnum):
    """What is wrong with a delivery; `VALID` if nothing is."""

    VALID = "valid"
    CLOCK_SKEW = "clock_skew"
    HEADERS = "headers"
    RESERIALISED = "reserialised"
    DECODED = "decoded"
    TRAILING_NEWLINE = "trailing_newline"
    SECRET_WHITESPACE = "secret_whitespace"  # noqa: S105
    SECRET_PREFIX_MISSING = "secret_prefix_missing"  # noqa: S105
    SECRET_PREFIX_EXTRA = "secret_prefix_extra"  # noqa: S105
    SECRET_QUOTED = "secret_quoted"  # noqa: S105
    SECRET_DECODED = "secret_decoded"  # noqa: S105
    WRONG_SECRET = "wrong_secret"  # noqa: S105
    BODY_ALTERED = "body_altered"


@frozen
class Diagnosis:
    """The cause, what to do about it, and how far the timestamp is from this machine's clock.

    `certain` is True if the signature matches once this one mistake is undone, and False for the most likely cause.
    `skew` is the clock minus the timestamp, in seconds; None if the timestamp cannot be parsed.
    """

    cause: Cause
    advice: str
    certain: bool
    skew: float | None = None

    def __str__(self) -> str:
        return f"{self.cause}: {self.advice}"


def diagnose(
    body: bytes | str | Mapping[str, Any],
    headers: Headers,
    secret: Secret | Iterable[Secret],
    *,
    tolerance: float = 300.0,
    now: float | None = None,
) -> Diagnosis:
    """Why `verify` refuses this delivery. The result shows neither a secret nor the body.

    `secret` is one, or several as during a rotation: the diagnosis is that of the one that fits best.
    `body` may also be the text or the parsed object that a framework made of it. `tolerance` and `now` as in `verify`.
    For developers and support: never use it to decide whether to accept a delivery. Raises `ConfigurationError` for
    an empty secret, and where there is none.
    """
    secrets = [secret] if isinstance(secret, str | bytes) else list(secret)
    keys = [item.encode(errors="surrogatepass") if isinstance(item, str) else item for item in secrets]
    if not keys or not all(key.strip() for key in keys):
        del secret, secrets, keys
        raise ConfigurationError("the webhook secret is empty")
    try:
        signature = read_headers(headers)
    except WebhookError as error:
        return Diagnosis(Cause.HEADERS, str(error), certain=True)
    skew = (time.time() if now is None else now) - signature.signed_at
    causes = [cause for key in keys if (cause := _undone_mistake(body, signature, key)) is not None]
    cause = min(causes, key=lambda found: found not in _ACCEPTED, default=None)
    if cause is None:
        cause = Cause.BODY_ALTERED if _looks_altered(body) else Cause.WRONG_SECRET
        return Diagnosis(cause, _ADVICE[cause], certain=False, skew=skew)
    if cause in _ACCEPTED and abs(skew) > tolerance:
        return Diagnosis(Cause.CLOCK_SKEW, _ADVICE[Cause.CLOCK_SKEW], certain=True, skew=skew)
    return Diagnosis(cause, _ADVICE[cause], certain=True, skew=skew)


_ACCEPTED = {Cause.VALID, Cause.RESERIALISED}
_ADVICE = {
    Cause.VALID: "the signature matches and the clock is right",
    Cause.CLOCK_SKEW: "the signature matches, but the timestamp is too far from this machine's clock: synchronise the "
    "clock; if it is right, this is a replay or a late retry",
    Cause.RESERIALISED: "the body was parsed and serialised again on the way; verify() accepts it, but pass the raw "
    "request body, before any middleware reads it",
    Cause.DECODED: "this is text or a parsed object, and matches once encoded: pass the raw request body as bytes",
    Cause.TRAILING_NEWLINE: "white space was added around the body or stripped from it: pass the raw request body",
    Cause.SECRET_WHITESPACE: "the secret has white space or an invisible character, perhaps the line end or the byte "
    "order mark of a file: remove it",
    Cause.SECRET_PREFIX_MISSING: "the secret lacks its prefix whsec_: use it exactly as the vendor shows it",
    Cause.SECRET_PREFIX_EXTRA: "the secret has an additional prefix whsec_: use it exactly as the vendor shows it",
    Cause.SECRET_QUOTED: "the secret is in quotes, perhaps those of an .env file: remove them",
    Cause.SECRET_DECODED: "the secret was decoded before use: use the text exactly as the vendor shows it",
    Cause.WRONG_SECRET: "the body is encoded as the vendor encodes it, so the secret is probably another account's, or "
    "has been replaced: compare it with GET /api/account/secret",
    Cause.BODY_ALTERED: "the body is not encoded as the vendor encodes it (truncated, changed, or with its keys in "
    "another order): pass the raw request body, before any middleware",
}


def _undone_mistake(body: object, signature: SignatureHeaders, secret: bytes) -> Cause | None:
    """The one mistake whose correction makes the signature match."""
    for cause, candidate in _bodies(body):
        if _matches(candidate, signature, secret):
            return cause
    candidates = [candidate for _, candidate in _bodies(body)]
    for cause, key in _secrets(secret):
        if key and any(_matches(candidate, signature, key) for candidate in candidates):
            return cause
    return None


def _matches(body: bytes, signature: SignatureHeaders, key: bytes) -> bool:
    try:
        return bytes.fromhex(sign(body, signature.timestamp, key)) == signature.signature
    except ConfigurationError:  # white space around the key: another candidate is stripped
        return False


def _bodies(body: Any) -> Iterator[tuple[Cause, bytes]]:
    """The body, and what it may have been before something changed it."""
    raw = body.encode(errors="surrogatepass") if isinstance(body, str) else body
    unchanged = Cause.VALID
    if not isinstance(body, bytes | bytearray | memoryview):
        unchanged = Cause.DECODED
    if isinstance(raw, Mapping):
        yield unchanged, stringify(raw)
        return
    raw = bytes(raw)
    yield unchanged, raw
    stripped = raw.strip()
    for candidate in (stripped, stripped + b"\n", stripped + b"\r\n", stripped.removeprefix(b"\xef\xbb\xbf")):
        if candidate != raw:
            yield Cause.TRAILING_NEWLINE, candidate
    for cause, rewrite in _rewritten(stripped.removeprefix(b"\xef\xbb\xbf"), unchanged):
        try:
            yield cause, rewrite()
        except (ValueError, TypeError):
            continue


def _rewritten(raw: bytes, unchanged: Cause) -> Iterator[tuple[Cause, Callable[[], bytes]]]:
    yield (Cause.RESERIALISED if unchanged is Cause.VALID else unchanged), lambda: canonical(raw)
    yield Cause.DECODED, lambda: raw.decode().encode("latin-1")
    yield Cause.DECODED, lambda: raw.decode("latin-1").encode()
    yield Cause.DECODED, lambda: canonical(_unwrapped(raw))
    yield Cause.DECODED, lambda: _unwrapped(raw)


def _unwrapped(raw: bytes) -> bytes:
    """The text in a JSON string or in base64, as gateways wrap a body."""
    try:
        inner = json.loads(raw)
    except ValueError:
        return base64.b64decode(raw, validate=True)
    if not isinstance(inner, str):
        raise ValueError("not wrapped")
    return inner.encode()


def _secrets(secret: bytes) -> Iterator[tuple[Cause, bytes]]:
    stripped = visible(secret)
    yield Cause.SECRET_WHITESPACE, stripped
    yield Cause.SECRET_QUOTED, stripped.strip(b"'\"")
    yield Cause.SECRET_PREFIX_MISSING, _PREFIX + stripped
    yield Cause.SECRET_PREFIX_EXTRA, stripped.removeprefix(_PREFIX)
    with suppress(binascii.Error):
        yield Cause.SECRET_DECODED, base64.b64decode(stripped.removeprefix(_PREFIX), validate=True)
    with suppress(ValueError):
        yield Cause.SECRET_DECODED, bytes.fromhex(stripped.removeprefix(_PREFIX).decode("latin-1"))


def _looks_altered(body: Any) -> bool:
    if isinstance(body, Mapping):
        return False
    raw = body.encode(errors="surrogatepass") if isinstance(body, str) else bytes(body)
    try:
        return canonical(raw) != raw
    except ValueError:
        return True
