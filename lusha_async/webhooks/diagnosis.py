"""Why a signature fails, found by trying what usually goes wrong.

Nothing here is ever accepted: a diagnosis tells a developer what to mend.
"""

import base64
import binascii
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any

from attrs import frozen

from ..errors import ConfigurationError
from .errors import WebhookError
from .headers import Headers, SignedHeaders, read_headers
from .javascript import canonical, stringify
from .secrets import Secret
from .signature import sign

__all__ = ["Cause", "Diagnosis", "diagnose"]

_PREFIX = b"whsec_"


class Cause(StrEnum):
    """What is wrong, or that nothing is."""

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
    """The likely cause, what to do, and the clock's distance in seconds (None: the timestamp is unreadable).

    `certain` tells that the signature was reproduced with that one mistake undone; else it is the likeliest.
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
    secret: Secret,
    *,
    tolerance: float = 300.0,
    now: float | None = None,
) -> Diagnosis:
    """Why `verify` refuses this delivery, without telling the secret or the body.

    `body` may also be the text or the parsed object that a framework left. For developers and support: never
    decide with it whether to trust a delivery. Raises `ConfigurationError` for an empty secret.
    """
    given = secret.encode() if isinstance(secret, str) else secret
    if not given.strip():
        raise ConfigurationError("the webhook secret is empty")
    try:
        told = read_headers(headers)
    except WebhookError as error:
        return Diagnosis(Cause.HEADERS, str(error), certain=True)
    skew = (time.time() if now is None else now) - told.signed_at
    found = _reproduced(body, told, given)
    if found is None:
        cause = Cause.BODY_ALTERED if _looks_altered(body) else Cause.WRONG_SECRET
        return Diagnosis(cause, _ADVICE[cause], certain=False, skew=skew)
    if found in _ACCEPTED and abs(skew) > tolerance:
        return Diagnosis(Cause.CLOCK_SKEW, _ADVICE[Cause.CLOCK_SKEW], certain=True, skew=skew)
    return Diagnosis(found, _ADVICE[found], certain=True, skew=skew)


_ACCEPTED = {Cause.VALID, Cause.RESERIALISED}
_ADVICE = {
    Cause.VALID: "the signature fits and the clock is right",
    Cause.CLOCK_SKEW: "the signature fits, but the timestamp is too far from this machine's clock: set the "
    "clock by NTP; if it is right, this is a replay or a late retry",
    Cause.RESERIALISED: "the body was parsed and written anew on the way; verify() accepts it, but pass the raw "
    "request body, before any middleware reads it",
    Cause.DECODED: "this is text or a parsed object that fits once encoded: pass bytes, the raw request body",
    Cause.TRAILING_NEWLINE: "white space was added around the body or stripped from it: pass the raw request body",
    Cause.SECRET_WHITESPACE: "there is white space around the secret: strip it (a line end of a file?)",
    Cause.SECRET_PREFIX_MISSING: "the secret lacks its prefix whsec_: use it whole, as the vendor gives it",
    Cause.SECRET_PREFIX_EXTRA: "the secret has a whsec_ that the vendor's has not: use it as the vendor gives it",
    Cause.SECRET_QUOTED: "the secret is in quotes: remove them (an .env file read as it stands?)",
    Cause.SECRET_DECODED: "the key is the decoded secret here: use the text as the vendor gives it",
    Cause.WRONG_SECRET: "the body is written as the vendor writes, so the secret is likely another account's, or "
    "one that was replaced since: compare it with GET /api/account/secret",
    Cause.BODY_ALTERED: "the body is not written as the vendor writes (cut short, changed, or its keys in another "
    "order): pass the raw request body, before any middleware",
}


def _reproduced(body: object, told: SignedHeaders, secret: bytes) -> Cause | None:
    """The one mistake that, undone, gives the signature."""
    for form, bodies in _bodies(body):
        if _fits(bodies, told, secret):
            return form
    forms = [form for _, form in _bodies(body)]
    for cause, key in _secrets(secret):
        if key and any(_fits(form, told, key) for form in forms):
            return cause
    return None


def _fits(body: bytes, told: SignedHeaders, key: bytes) -> bool:
    try:
        return bytes.fromhex(sign(body, told.timestamp, key)) == told.signature
    except ConfigurationError:  # white space around it: another candidate is without
        return False


def _bodies(body: Any) -> Iterator[tuple[Cause, bytes]]:
    """The body, and what it may have been."""
    raw = body.encode(errors="surrogatepass") if isinstance(body, str) else body
    as_given = Cause.VALID
    if not isinstance(body, bytes | bytearray | memoryview):
        as_given = Cause.DECODED
    if isinstance(raw, Mapping):
        yield as_given, stringify(raw)
        return
    raw = bytes(raw)
    yield as_given, raw
    stripped = raw.strip()
    for candidate in (stripped, stripped + b"\n", stripped + b"\r\n", stripped.removeprefix(b"\xef\xbb\xbf")):
        if candidate != raw:
            yield Cause.TRAILING_NEWLINE, candidate
    for cause, attempt in _rewritten(stripped.removeprefix(b"\xef\xbb\xbf"), as_given):
        try:
            yield cause, attempt()
        except (ValueError, TypeError):
            continue


def _rewritten(raw: bytes, as_given: Cause) -> Iterator[tuple[Cause, Callable[[], bytes]]]:
    yield (Cause.RESERIALISED if as_given is Cause.VALID else as_given), lambda: canonical(raw)
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
    stripped = secret.strip()
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
