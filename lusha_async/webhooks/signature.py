"""Signature verification: HMAC-SHA256 over the timestamp, a dot and the body.

Source: the vendor's webhook security page. It documents no tolerance for the timestamp; the check is ours.
"""

import hmac
import time

from ..errors import ConfigurationError
from ._headers import Headers, SignatureHeaders, read_headers
from ._javascript import canonical
from .delivery import SignedMessage
from .errors import BodyAlteredError, SignatureMismatchError, StaleTimestampError, WebhookError, WrongSecretError
from .events import Event, read_event
from .secrets import Secret, Secrets, keys_of

__all__ = ["authenticate", "check_age", "sign", "verify"]


def verify(
    body: bytes,
    headers: Headers,
    secret: Secrets,
    *,
    tolerance: float | None = 300.0,
    now: float | None = None,
) -> Event:
    """Verify the signature of a delivery and return its event.

    - `body`: the raw bytes of the request. If the signature does not match them, they are re-encoded as
      `JSON.stringify` would write them and tried again, so a server that only has the parsed body can pass
      `json.dumps(parsed).encode()`.
    - `headers`: the headers of any framework; see `Headers`.
    - `secret`: the account's webhook secret as the vendor shows it, with its `whsec_` prefix; several of them, or a
      `SecretRing`, during a rotation.
    - `tolerance`: the largest difference, in seconds, between the timestamp and `now`, in either direction; None
      disables the check.
    - `now`: seconds since 1970; the default is this machine's clock.

    Raises `MissingHeaderError`, `MalformedHeaderError`, `StaleTimestampError`, `WrongSecretError` or
    `BodyAlteredError` (all `WebhookError`) if the delivery is not authentic; `UnreadableEventError` if it is
    authentic but not a JSON object; `ConfigurationError` for an unusable secret; TypeError if `body` is not bytes.

    Signatures are compared in constant time. A replay within the tolerance is accepted: to detect it, use an inbox
    or a `ReplayGuard`.
    """
    result = _result(body, headers, secret, tolerance=tolerance, now=now, reencode=True)
    del secret  # no frame of an error holds it
    message = _raised(result)
    return read_event(message.body, signed_at=message.signed_at)


def authenticate(
    body: bytes,
    headers: Headers | SignatureHeaders,
    secret: Secrets,
    *,
    tolerance: float | None = 300.0,
    now: float | None = None,
    reencode: bool = True,
) -> SignedMessage:
    """As `verify`, but return the signed message without decoding its event. Without `reencode`, try the raw body only.

    Its body is the raw body, or the re-encoded one that the signature matches. Only those bytes come from the
    vendor, so only those may be decoded: an integer beyond 2**53 differs between the two.
    """
    result = _result(body, headers, secret, tolerance=tolerance, now=now, reencode=reencode)
    del secret  # no frame of an error holds it
    return _raised(result)


def _raised(result: SignedMessage | Exception) -> SignedMessage:
    if isinstance(result, Exception):
        raise result.with_traceback(None)
    return result


def _result(
    body: bytes,
    headers: Headers | SignatureHeaders,
    secret: Secrets,
    *,
    tolerance: float | None,
    now: float | None,
    reencode: bool,
) -> SignedMessage | Exception:
    """The signed message, or the error, to be raised where no secret is at hand."""
    if not isinstance(body, bytes | bytearray | memoryview):  # pyright: ignore[reportUnnecessaryIsInstance]
        return TypeError(
            f"body must be bytes, not {type(body).__name__}: pass the raw request body (`await request.body()`, "
            "`request.get_data()`), or json.dumps(parsed).encode() if only the parsed body is available"
        )
    try:
        keys = keys_of(secret)
        signature = headers if isinstance(headers, SignatureHeaders) else read_headers(headers)
        check_age(signature, tolerance=tolerance, now=now)
        return _message(_signed(bytes(body), signature, keys, reencode=reencode), signature)
    except (ConfigurationError, WebhookError) as error:
        return error


def _signed(body: bytes, signature: SignatureHeaders, keys: tuple[bytes, ...], *, reencode: bool) -> bytes:
    """The bytes that were signed: the body, or the body as the vendor writes it."""
    if _matches(body, signature, keys):
        return body
    if not reencode:
        raise SignatureMismatchError("no secret gives this signature for this body")
    try:
        reencoded = canonical(body)
    except ValueError:
        raise BodyAlteredError from None
    if reencoded == body:
        raise WrongSecretError
    if _matches(reencoded, signature, keys):
        return reencoded
    raise BodyAlteredError


def check_age(headers: SignatureHeaders, *, tolerance: float | None, now: float | None = None) -> None:
    """Raise `StaleTimestampError` if the timestamp is more than `tolerance` seconds from `now`, either way."""
    if tolerance is None:
        return
    skew = (time.time() if now is None else now) - headers.signed_at
    if not abs(skew) <= tolerance:  # so that NaN is refused
        raise StaleTimestampError(skew, tolerance)


def sign(body: bytes, timestamp: str, secret: Secret) -> str:
    """The value of the signature header: 64 hexadecimal digits. For tests and for forwarding.

    Raises `ConfigurationError` for an unusable secret.
    """
    try:
        (key,) = keys_of(secret)
    finally:
        del secret  # no frame of an error holds it
    return _hmac(key, timestamp, body).hex()


def _message(body: bytes, headers: SignatureHeaders) -> SignedMessage:
    return SignedMessage(
        body=body,
        timestamp=headers.timestamp,
        signature=headers.signature.hex(),
        signed_at=headers.signed_at,
    )


def _matches(body: bytes, headers: SignatureHeaders, keys: tuple[bytes, ...]) -> bool:
    """Whether one of the keys signed these bytes. All keys are tried, so that the time taken does not depend on it."""
    matches = False
    for key in keys:
        matches |= hmac.compare_digest(_hmac(key, headers.timestamp, body), headers.signature)
    return matches


def _hmac(key: bytes, timestamp: str, body: bytes) -> bytes:
    return hmac.digest(key, timestamp.encode() + b"." + body, "sha256")
