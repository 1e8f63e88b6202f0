"""Looking into JSON of whose shape nothing is certain."""

import gc
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["as_list", "as_object", "gc_paused", "as_count"]


def as_object(value: Any) -> Mapping[str, Any]:
    """The object's members; none when it is no object."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def as_list(value: Any) -> Sequence[Any]:
    """The list's items; none when it is no list."""
    return value if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType]


def as_count(value: Any) -> int | None:
    """A count of 0 or more, a fraction counting as a whole one; None when it is none."""
    if type(value) is int and 0 <= value < 10**12:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**12:
        return None
    return -int(-value // 1)


class gc_paused:
    """No collections within the block; no await either."""

    __slots__ = ("_was_on",)

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()
