"""The kinds of values that an answer may hold, and what of another kind is taken for them.

Tolerated, and no more: an id as a whole number (legacy ids) is taken as text; a whole number for a fraction, and
the reverse where nothing is lost; of credits a fraction counts as a whole one, as in the ledger. Whatever else is a
`Mismatch`, which names the path and never the value.
"""

import math
import threading
from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any, cast

__all__ = [
    "Mismatch",
    "Notice",
    "Watch",
    "credits",
    "flag",
    "ident",
    "number",
    "numbered",
    "surprise",
    "text",
    "texts",
    "whole",
]

Notice = Callable[[str], object]


class Mismatch(Exception):
    """A value of the wrong kind; the path grows as it passes outwards."""

    def __init__(self, expected: str, got: object, *path: str) -> None:
        super().__init__()
        self.problem = f"expected {expected}, got {_NAMES.get(type(got), 'something else')}"
        self.path = list(path)

    def at(self, name: str) -> "Mismatch":
        """The same, seen from the object that holds it as `name`."""
        self.path.append(f".{name}")
        return self

    def among(self, items: Sequence[Any], read: Callable[[Any], Any], name: str) -> "Mismatch":
        """The same, seen from the object that holds `items` as `name`: the first that `read` refuses it is."""
        for place, item in enumerate(items):
            try:
                read(item)
            except Mismatch:
                self.path.append(f"[{place}]")
                break
        return self.at(name)

    def __str__(self) -> str:
        path = "".join(reversed(self.path)).lstrip(".")
        return f"{path}: {self.problem}" if path else self.problem


_NAMES: dict[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    NoneType: "null",
}


class Watch(threading.local):
    """Who hears of surprises while an answer is read in this thread."""

    notice: Notice | None = None


WATCH = Watch()


def surprise(what: str) -> None:
    """Tell whoever watches the reading under way that something was not as documented."""
    if WATCH.notice is not None:
        WATCH.notice(what)


def text(value: Any) -> str:
    """Text, and nothing that would have to be made into it."""
    if type(value) is str:
        return value
    raise Mismatch("text", value)


def ident(value: Any) -> str:
    """An opaque id; legacy ones come as whole numbers."""
    if type(value) is str:
        return value
    if type(value) is int:
        surprise("an id that is a number")
        return str(value)
    raise Mismatch("text", value)


def numbered(value: Any) -> str:
    """An opaque id that is documented as a whole number; text all the same, as ids are."""
    return str(value) if type(value) is int else ident(value)


def flag(value: Any) -> bool:
    """True or false themselves."""
    if type(value) is bool:
        return value
    raise Mismatch("true or false", value)


def whole(value: Any) -> int:
    """A whole number, be it written with a fraction of zero."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise Mismatch("a whole number", value)


def credits(value: Any) -> int:
    """A count of credits. An answer that was paid for is not refused because it cost a fraction of one."""
    if type(value) is float and math.isfinite(value) and not value.is_integer():
        surprise("a fraction of a credit")
        return math.ceil(value)
    return whole(value)


def number(value: Any) -> float:
    """A number."""
    if type(value) is float:
        return value
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            pass
    raise Mismatch("a number", value)


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts; one text where a list is meant is a list of one."""
    if type(value) is str:
        surprise("a text instead of a list")
        return (value,)
    if type(value) is not list:
        raise Mismatch("a list", value)
    items: list[Any] = list(cast(Any, value))
    for place, item in enumerate(items):
        if type(item) is not str:
            raise Mismatch("text", item, f"[{place}]")
    return tuple(items)
