"""What options may be: validators of attrs classes that say with `ConfigurationError` what to give."""

import inspect
from collections.abc import Callable
from typing import Any

from .errors import ConfigurationError

__all__ = ["LARGEST", "Check", "count", "number", "instance_of", "plain_function"]

LARGEST = 2**53 - 1
"""Of whole numbers: beyond it floats, and others who read JSON, lose digits."""
Check = Callable[[Any, Any, Any], None]


def number(*, least: float | None = None, above: float | None = None, below: float | None = None) -> Check:
    """A number, also an infinite one, within its bounds; a bool is none."""
    bounds = (("from", least), ("above", above), ("below", below))
    told = " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)

    def check(_: Any, attribute: Any, value: Any) -> None:
        fits = (
            (type(value) is float or (type(value) is int and abs(value) <= LARGEST))
            and value == value  # noqa: PLR0124 (not NaN)
            and (least is None or value >= least)
            and (above is None or value > above)
            and (below is None or value < below)
        )
        if not fits:
            raise ConfigurationError(f"{attribute.name}: give a number {told}")

    return check


def count(least: int) -> Check:
    """A whole number, `least` or more."""

    def check(_: Any, attribute: Any, value: Any) -> None:
        if type(value) is not int or not least <= value <= LARGEST:
            raise ConfigurationError(f"{attribute.name}: give a whole number from {least}")

    return check


def plain_function(value: object) -> bool:
    """Whether it can be called without being awaited."""
    of_its_class = getattr(type(value), "__call__", None)  # noqa: B004
    return callable(value) and not any(map(inspect.iscoroutinefunction, (value, of_its_class)))


def instance_of(kind: type[Any], words: str) -> Check:
    """An instance of `kind`, which `words` name."""

    def check(_: Any, attribute: Any, value: Any) -> None:
        if not isinstance(value, kind):
            raise ConfigurationError(f"{attribute.name}: give {words}")

    return check
