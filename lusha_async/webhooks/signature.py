"""Whether a delivery is the vendor's: HMAC-SHA256 over the timestamp, a dot and the body.

Source: the vendor's webhook security page. It documents no tolerance; checking the timestamp is ours.
"""

import hmac
import time

from attrs import field, frozen

from .errors import BodyAlteredError, StaleTimestampError, WrongSecretError
from .events import Event, read_event
from .headers import Headers, SignedHeaders, read_headers
from .javascript import canonical
from .secrets import Secret, Secrets, keys_of

__all__ = ["Signed", "authenticate", "check_age", "sign", "verify"]


@frozen
class Signed:
    """What is proven: the very bytes that were signed, and when.

    `body` is the raw body, or the re-encoding of it that the signature is of; only these bytes are the
    vendor's, so only these may be read (a number beyond 2**53 differs between the two).
    """

    body: bytes = field(repr=False)
    signed_at: float
    headers: SignedHeaders = field(repr=False)


def verify(
    body: bytes,
    headers: Headers,
    secret: Secrets,
    *,
    tolerance: float | None = 300.0,
    now: float | None = None,
) -> Event:
    """The event in a delivery, if the vendor signed it.

    - `body`: the raw bytes of the request. If they are not what was signed, their re-encoding as
      `JSON.stringify` would write it is tried, so the body that a server hands over parsed can be passed as
      `json.dumps(parsed).encode()`.
    - `headers`: any framework's; see `Headers`.
    - `secret`: the account's webhook secret as the vendor gives it, `whsec_` included; several while they are
      rotated.
    - `tolerance`: seconds between the timestamp and `now` (seconds since 1970, default this machine's clock),
      either way; None for no check.

    Raises `MissingHeaderError`, `MalformedHeaderError`, `StaleTimestampError`, `WrongSecretError` or
    `BodyAlteredError` (all `WebhookError`) if it is not to be trusted; `UnreadableEventError` if it is genuine
    and no JSON object; `ConfigurationError` for an unusable secret; TypeError if `body` is not bytes. Compares
    in constant time. A replay within the tolerance passes: keep the ids seen (an inbox does, and `ReplayGuard`).
    Source: the vendor's webhook security page.
    """
    signed = authenticate(body, headers, secret, tolerance=tolerance, now=now)
    return read_event(signed.body, signed_at=signed.signed_at)


def authenticate(
    body: bytes,
    headers: Headers | SignedHeaders,
    secret: Secrets,
    *,
    tolerance: float | None = 300.0,
    now: float | None = None,
) -> Signed:
    """As `verify`, but without reading the event: what was signed, and when."""
    if not isinstance(body, bytes | bytearray | memoryview):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(
            f"the body is {type(body).__name__}, not bytes: pass the raw request body (`await request.body()`, "
            "`request.get_data()`), or json.dumps(parsed).encode() where only the parsed one is left"
        )
    keys = keys_of(secret)
    told = headers if isinstance(headers, SignedHeaders) else read_headers(headers)
    check_age(told, tolerance=tolerance, now=now)
    body = bytes(body)
    if _is_signed(body, told, keys):
        return Signed(body, told.signed_at, told)
    try:
        written = canonical(body)
    except ValueError:
        raise BodyAlteredError from None
    if written == body:
        raise WrongSecretError
    if _is_signed(written, told, keys):
        return Signed(written, told.signed_at, told)
    raise BodyAlteredError


def check_age(told: SignedHeaders, *, tolerance: float | None, now: float | None = None) -> None:
    """Raise `StaleTimestampError` unless the timestamp is within `tolerance` seconds of `now`, either way."""
    if tolerance is None:
        return
    skew = (time.time() if now is None else now) - told.signed_at
    if not abs(skew) <= tolerance:
        raise StaleTimestampError(skew, tolerance)


def sign(body: bytes, timestamp: str, secret: Secret) -> str:
    """The signature as the vendor writes it in the header: 64 hexadecimal digits. For tests and for forwarding."""
    (key,) = keys_of(secret)
    return _hmac(key, timestamp, body).hex()


def _is_signed(body: bytes, told: SignedHeaders, keys: tuple[bytes, ...]) -> bool:
    """Whether one of the keys signed these bytes. Every key is tried, whichever fits."""
    fits = False
    for key in keys:
        fits |= hmac.compare_digest(_hmac(key, told.timestamp, body), told.signature)
    return fits


def _hmac(key: bytes, timestamp: str, body: bytes) -> bytes:
    return hmac.digest(key, timestamp.encode() + b"." + body, "sha256")
