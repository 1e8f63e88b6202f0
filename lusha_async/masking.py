"""Requests and answers as hooks may see them: their shape, without the people in them. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from .loose import items, members
from .redact import redact

__all__ = ["masked", "masked_headers"]

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
