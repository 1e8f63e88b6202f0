"""Validators of attrs classes. Each raises `ConfigurationError` with the attribute's name and the values it accepts."""

import inspect
import math
from collections.abc import Callable
from typing import Any

from .errors import ConfigurationError

__all__ = ["LARGEST", "Check", "count", "instance_of", "number", "plain_function"]

LARGEST = 2**53 - 1
"""The largest integer accepted: beyond it, floats and many JSON readers lose digits."""
Check = Callable[[Any, Any, Any], None]


def number(*, min_: float | None = None, above: float | None = None, below: float | None = None) -> Check:
    """An int or a float, also an infinite one, within the bounds. A bool and NaN are refused."""
    finite = below == math.inf
    bounds = (("of at least", min_), ("above", above), ("below", None if finite else below))
    words = [f"{word} {bound:g}" for word, bound in bounds if bound is not None]
    text = " and ".join([*words, "finite"] if finite else words)

    def check(_: Any, attribute: Any, value: Any) -> None:
        fits = (
            (type(value) is float or (type(value) is int and abs(value) <= LARGEST))
            and value == value  # noqa: PLR0124 (not NaN)
            and (min_ is None or value >= min_)
            and (above is None or value > above)
            and (below is None or value < below)
        )
        if not fits:
            raise ConfigurationError(f"{attribute.name} must be a number {text}")

    return check


def count(min_: int) -> Check:
    """An integer of at least `min_` and at most `LARGEST`. A bool is refused."""

    def check(_: Any, attribute: Any, value: Any) -> None:
        if type(value) is not int or not min_ <= value <= LARGEST:
            raise ConfigurationError(f"{attribute.name} must be an integer of at least {min_}")

    return check


def instance_of(kind: type[Any], words: str) -> Check:
    """An instance of `kind`; `words` name it in the error's text."""

    def check(_: Any, attribute: Any, value: Any) -> None:
        if not isinstance(value, kind):
            raise ConfigurationError(f"{attribute.name} must be {words}")

    return check


def plain_function(value: object) -> bool:
    """Whether `value` is callable and not a coroutine function."""
    call = getattr(type(value), "__call__", None)  # noqa: B004
    return callable(value) and not any(map(inspect.iscoroutinefunction, (value, call)))
