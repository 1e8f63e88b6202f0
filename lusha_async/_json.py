"""Looking into JSON of whose shape nothing is certain."""

import gc
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["items", "members", "paused", "whole"]


def members(value: Any) -> Mapping[str, Any]:
    """The object's members; none when it is no object."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def items(value: Any) -> Sequence[Any]:
    """The list's items; none when it is no list."""
    return value if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType]


def whole(value: Any) -> int | None:
    """A count of 0 or more, a fraction counting as a whole one; None when it is none."""
    if type(value) is int and 0 <= value < 10**12:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**12:
        return None
    return -int(-value // 1)


class paused:
    """No collections within the block; no await either."""

    __slots__ = ("_was_on",)

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()
