"""Keeps personal data and keys out of logs, reprs and exception texts.

The vendor quotes rejected values in its messages, and a rejected value may be a person's e-mail address.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from ._json import as_list, as_object

__all__ = ["masked", "masked_headers", "personal", "redact", "redact_id"]

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MASKS = (
    (re.compile(r"https?://\S+|www\.\S+|\S*linkedin\.com\S*", re.IGNORECASE), "<url>"),
    (re.compile(r"[^\s@\"'<>(),;:]+@[^\s@\"'<>(),;:]+"), "<email>"),
    (re.compile(rf"\b{_UUID.pattern}\b"), "<uuid>"),
    (re.compile(r"whsec_\S+"), "<secret>"),
    (re.compile(r"\"(?:[^\"\\]|\\.)*\"|(?<!\w)'[^']*'(?!\w)|“[^”]*”"), "<value>"),
    (re.compile(r"\+?\(?\d[\d\s().-]{7,}\d"), "<number>"),
)
_MAX_LENGTH = 500
_OF_PEOPLE = frozenset(
    {
        "contactNames",
        "email",
        "emails",
        "firstName",
        "fullName",
        "lastName",
        "linkedinUrl",
        "linkedinUrls",
        "names",
        "previousEmails",
        "query",
        "searchText",
    }
)
"""Members of requests that hold names of people, or search texts that may contain them."""


def redact(text: str, hide: re.Pattern[str] | None = None) -> str:
    """`text` on one line of at most 500 characters, with addresses, numbers, quoted values and `hide` masked.

    `hide`: see `personal`.
    """
    text = " ".join(text[: 4 * _MAX_LENGTH].split())
    if hide is not None:
        text = hide.sub("<value>", text)
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= _MAX_LENGTH else text[: _MAX_LENGTH - 1] + "…"


def redact_id(request_id: str) -> str:
    """The vendor's request id if it looks like an id, and like nothing that is masked elsewhere, else a mask."""
    if _UUID.fullmatch(request_id):
        return request_id
    plain = request_id.replace("-", "").replace("_", "")
    harmless = plain.isascii() and plain.isalnum() and len(request_id) <= 64 and redact(request_id) == request_id
    return request_id if harmless else "<id>"


def personal(content: bytes | None) -> re.Pattern[str] | None:
    """A pattern of the names, addresses and profiles of people in the body of a request; None if it has none.

    The vendor may repeat them in its error message, where a name looks like any other word.
    """
    try:
        named = {word for word in _named(json.loads(content or b"{}")) if len(word) > 1}
    except RecursionError:  # no body that names people is nested as deep
        return None
    if not named:
        return None
    # A message may repeat only the last of two names, or letters and accents in another normal form.
    words = named | {part for word in named for part in word.split() if len(part) > 2}
    words |= {unicodedata.normalize(form, word) for word in words for form in ("NFC", "NFD")}
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first))})(?![^\W_])", re.IGNORECASE)


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, value in cast(Mapping[str, Any], node).items():
            yield from _texts(value) if name in _OF_PEOPLE else _named(value)
    elif isinstance(node, list):
        for item in cast(Sequence[Any], node):
            yield from _named(item)


def _texts(value: Any) -> Iterator[str]:
    """The texts in a member that names people, each on one line, as `redact` writes them."""
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, list):
        for item in cast(Sequence[Any], value):
            yield from _texts(item)


_PLAIN_MEMBERS = frozenset(
    {"reveal", "types", "signalTypes", "status", "statusReason", "code", "type", "order", "personas", "runScope"}
)
"""Members whose values are words of the vendor, never of people."""
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}")
_MAX_SHOWN = 3
_MAX_NUMBER = 10_000_000  # a larger one may be a phone number
_MAX_DEPTH = 20


def masked(value: Any, member: str = "", depth: int = 0) -> Any:
    """The shape of decoded JSON: member names, numbers, booleans and the vendor's own words; other texts are masked.

    A list shows its first three items, and how many more there are.
    """
    if depth == _MAX_DEPTH:
        return "<deep>"
    if isinstance(value, dict):
        return {_member(name): masked(item, name, depth + 1) for name, item in as_object(value).items()}
    if isinstance(value, list):
        items = as_list(value)
        shown = [masked(item, member, depth + 1) for item in items[:_MAX_SHOWN]]
        return shown if len(items) <= _MAX_SHOWN else [*shown, f"<{len(items) - _MAX_SHOWN} more>"]
    return _masked_scalar(value, member)


def _masked_scalar(value: Any, member: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if abs(value) < _MAX_NUMBER else "<number>"
    plain = isinstance(value, str) and member in _PLAIN_MEMBERS and _WORD.fullmatch(value)
    return value if plain else "<text>"


def _member(name: str) -> str:
    return name if _WORD.fullmatch(name) else "<member>"


_PLAIN_HEADERS = frozenset({"accept", "accept-encoding", "content-length", "content-type", "user-agent"})


def masked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers of a request, with all values masked but those of harmless ones: one of them is the key."""
    return {name: value if name.lower() in _PLAIN_HEADERS else "<masked>" for name, value in headers.items()}
