"""Keep personal data and keys out of logs, reprs and exception texts.

The vendor quotes rejected values in its messages, and a rejected value may be somebody's e-mail address.
"""

import re
from collections.abc import Mapping
from typing import Any

from .loose import items, members

__all__ = ["masked", "masked_headers", "redact"]

_MASKS = (
    (re.compile(r"https?://\S+|www\.\S+|\S*linkedin\.com\S*", re.IGNORECASE), "<url>"),
    (re.compile(r"[^\s@\"'<>(),;:]+@[^\s@\"'<>(),;:]+"), "<email>"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r"whsec_\S+"), "<secret>"),
    (re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|“[^”]*”"), "<value>"),
    (re.compile(r"\+?\(?\d[\d\s().-]{7,}\d"), "<number>"),
)
_LONGEST = 500


def redact(text: str) -> str:
    """`text` on one line, at most 500 characters, its addresses, numbers and quoted values masked."""
    text = " ".join(text[: 4 * _LONGEST].split())
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


_PLAIN_MEMBERS = frozenset(
    {"reveal", "types", "signalTypes", "status", "statusReason", "code", "type", "order", "personas", "runScope"}
)
"""Members whose values are words of the vendor's, never of people."""
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}")
_SHOWN = 3
_LARGEST = 10_000_000  # a larger number may be a phone's
_DEEPEST = 20


def masked(value: Any, member: str = "", depth: int = 0) -> Any:
    """The shape of decoded JSON: names of members, counts, flags and the vendor's own words; other texts masked.

    Of a list the first three items are shown, and how many more there are.
    """
    if depth == _DEEPEST:
        return "<deep>"
    if isinstance(value, dict):
        return {_member(name): masked(item, name, depth + 1) for name, item in members(value).items()}
    if isinstance(value, list):
        given = items(value)
        shown = [masked(item, member, depth + 1) for item in given[:_SHOWN]]
        return shown if len(given) <= _SHOWN else [*shown, f"<{len(given) - _SHOWN} more>"]
    if isinstance(value, str) and member == "message" and depth == 1:  # that of an error, never somebody's
        return redact(value)
    return _masked_scalar(value, member)


def _masked_scalar(value: Any, member: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if abs(value) < _LARGEST else "<number>"
    plain = isinstance(value, str) and member in _PLAIN_MEMBERS and _WORD.fullmatch(value)
    return value if plain else "<text>"


def _member(name: str) -> str:
    return name if _WORD.fullmatch(name) else "<member>"


_PLAIN_HEADERS = frozenset({"accept", "accept-encoding", "content-length", "content-type", "user-agent"})


def masked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers of a request, with the values of all but the plainest masked: one of them is the key."""
    return {name: value if name.lower() in _PLAIN_HEADERS else "<masked>" for name, value in headers.items()}
