"""Reprs of objects that are half made."""

from collections.abc import Callable
from functools import wraps
from typing import Any

__all__ = ["half_made"]


def half_made(method: Callable[[Any], str]) -> Callable[[Any], str]:
    """A `__repr__` that is the name of the class where attributes are missing.

    An error in a constructor leaves such an object in a frame, and tools that show its locals call its repr.
    """

    @wraps(method)
    def shown(self: Any) -> str:
        try:
            return method(self)
        except AttributeError:
            return f"<{type(self).__name__}>"

    return shown
