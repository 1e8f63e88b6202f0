"""Lenient accessors for JSON of an uncertain shape."""

import gc
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["as_count", "as_list", "as_object", "gc_paused"]


def as_object(value: Any) -> Mapping[str, Any]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def as_list(value: Any) -> Sequence[Any]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType]


def as_count(value: Any) -> int | None:
    """`value` as a count of 0 or more, a fraction rounded up; None if it is not a count."""
    if type(value) is int and 0 <= value < 10**12:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**12:
        return None
    return -int(-value // 1)


class gc_paused:
    """Pauses the garbage collector in a `with` block, which must not await."""

    __slots__ = ("_was_enabled",)

    def __enter__(self) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_enabled:
            gc.enable()
