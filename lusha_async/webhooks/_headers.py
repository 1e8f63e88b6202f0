"""The signature and the timestamp of a delivery, read from the headers of any framework."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from attrs import field, frozen

from .errors import MalformedHeaderError, MissingHeaderError

__all__ = ["SIGNATURE_HEADER", "TIMESTAMP_HEADER", "Headers", "SignatureHeaders", "read_headers"]

SIGNATURE_HEADER = "X-Lusha-Signature"
TIMESTAMP_HEADER = "X-Lusha-Timestamp"

Headers = Mapping[Any, Any] | Iterable[tuple[Any, Any]]
"""A mapping or pairs of names (any case, str or bytes) and values (str, bytes, or a list of them).

This covers the headers of ASGI and WSGI servers and of the common frameworks, WSGI's environ
(`HTTP_X_LUSHA_SIGNATURE`), and the multi-value headers of API gateways.
"""

_SIGNATURE = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{9,14}", re.ASCII)
_MIN_MILLISECONDS = 10**11
"""As seconds, this is the year 5138: a larger number counts milliseconds."""


@frozen
class SignatureHeaders:
    """The HMAC, and the timestamp both as sent and in seconds since 1970."""

    signature: bytes = field(repr=False)
    timestamp: str
    signed_at: float


def read_headers(headers: Headers) -> SignatureHeaders:
    """The signature and the timestamp. Raises `MissingHeaderError` or `MalformedHeaderError`.

    The vendor does not say whether the timestamp counts seconds or milliseconds: both are accepted.
    """
    found = _find(headers)
    signature = _single(found, SIGNATURE_HEADER)
    timestamp = _single(found, TIMESTAMP_HEADER)
    if not _SIGNATURE.fullmatch(signature):
        raise MalformedHeaderError(SIGNATURE_HEADER, "must be an HMAC-SHA256 of 64 hexadecimal digits")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise MalformedHeaderError(TIMESTAMP_HEADER, "must be a Unix time in seconds or milliseconds")
    number = int(timestamp)
    seconds = number / 1000 if number >= _MIN_MILLISECONDS else float(number)
    return SignatureHeaders(bytes.fromhex(signature), timestamp, seconds)


def _find(headers: Headers) -> dict[str, list[str]]:
    """The values of the two headers, by their lower-case names."""
    found: dict[str, list[str]] = {SIGNATURE_HEADER.lower(): [], TIMESTAMP_HEADER.lower(): []}
    items = getattr(headers, "items", None)
    pairs = cast("Iterable[tuple[Any, Any]]", headers if items is None else items())
    for name, value in pairs:
        normalized = _text(name).lower().replace("_", "-").removeprefix("http-")
        if normalized in found:
            found[normalized] += [_text(item).strip() for item in _values(value)]
    return found


def _single(found: Mapping[str, list[str]], name: str) -> str:
    values = found[name.lower()]
    if not values or not any(values):
        raise MissingHeaderError(name)
    if len(values) > 1:
        raise MalformedHeaderError(name, "was sent more than once")
    return values[0]


def _values(value: Any) -> Iterable[Any]:
    return cast("Iterable[Any]", value) if isinstance(value, list | tuple) else (value,)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
