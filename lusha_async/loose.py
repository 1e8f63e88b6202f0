"""Looking into JSON of whose shape nothing is certain."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

__all__ = ["items", "members", "whole"]


def members(value: Any) -> Mapping[str, Any]:
    """The object's members; none when it is no object."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def items(value: Any) -> Sequence[Any]:
    """The list's items; none when it is no list."""
    return cast(Sequence[Any], value) if isinstance(value, list) else ()


def whole(value: Any) -> int | None:
    """A count of 0 or more, a fraction counting as a whole one; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**12:
        return None
    return -int(-value // 1)
