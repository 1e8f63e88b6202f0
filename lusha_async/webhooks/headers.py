"""The two headers that matter, out of whatever a framework calls headers."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from attrs import field, frozen

from .errors import MalformedHeaderError, MissingHeaderError

__all__ = ["SIGNATURE_HEADER", "TIMESTAMP_HEADER", "Headers", "SignedHeaders", "read_headers"]

SIGNATURE_HEADER = "X-Lusha-Signature"
TIMESTAMP_HEADER = "X-Lusha-Timestamp"

Headers = Mapping[Any, Any] | Iterable[tuple[Any, Any]]
"""A mapping or pairs of names (any case, str or bytes) and values (str, bytes, or a list of them).

The headers of ASGI and WSGI servers and of the usual frameworks, WSGI's environ (`HTTP_X_LUSHA_SIGNATURE`)
and the multi-value headers of gateways are all such.
"""

_SIGNATURE = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{9,14}", re.ASCII)
_SMALLEST_MILLISECONDS = 10**11
"""As seconds, this is the year 5138: a larger number counts milliseconds."""


@frozen
class SignedHeaders:
    """What the headers say: the HMAC, and the timestamp as it was sent and as seconds since 1970."""

    signature: bytes = field(repr=False)
    timestamp: str
    signed_at: float


def read_headers(headers: Headers) -> SignedHeaders:
    """The signature and the timestamp. Raises `MissingHeaderError` or `MalformedHeaderError`.

    The vendor does not say whether the timestamp counts seconds or milliseconds: both are understood.
    """
    found = _find(headers)
    signature = _only(found, SIGNATURE_HEADER)
    timestamp = _only(found, TIMESTAMP_HEADER)
    if not _SIGNATURE.fullmatch(signature):
        raise MalformedHeaderError(SIGNATURE_HEADER, "is not 64 hexadecimal digits, as HMAC-SHA256 is written")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise MalformedHeaderError(TIMESTAMP_HEADER, "is not a Unix time in seconds or milliseconds")
    number = int(timestamp)
    seconds = number / 1000 if number >= _SMALLEST_MILLISECONDS else float(number)
    return SignedHeaders(bytes.fromhex(signature), timestamp, seconds)


def _find(headers: Headers) -> dict[str, list[str]]:
    """The values of the two headers, by their plain lower-case names."""
    wanted: dict[str, list[str]] = {SIGNATURE_HEADER.lower(): [], TIMESTAMP_HEADER.lower(): []}
    items = getattr(headers, "items", None)
    pairs = cast("Iterable[tuple[Any, Any]]", headers if items is None else items())
    for name, value in pairs:
        plain = _text(name).lower().replace("_", "-").removeprefix("http-")
        if plain in wanted:
            wanted[plain] += [_text(one).strip() for one in _several(value)]
    return wanted


def _only(found: Mapping[str, list[str]], name: str) -> str:
    values = found[name.lower()]
    if not values or not any(values):
        raise MissingHeaderError(name)
    if len(values) > 1:
        raise MalformedHeaderError(name, "is there more than once")
    return values[0]


def _several(value: Any) -> Iterable[Any]:
    return cast("Iterable[Any]", value) if isinstance(value, list | tuple) else (value,)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
