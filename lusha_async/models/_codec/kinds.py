"""The kinds of values in a body, and which values of another kind each accepts.

An identifier accepts a number (legacy ids), a float an integer, an integer a float without a fraction; credits round
a fraction up, as the ledger does. Any other value is a `Mismatch`, which names the path and never the value.
"""

import math
from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any, cast

from .drift import loggable, report_drift

__all__ = [
    "Mismatch",
    "boolean",
    "credits",
    "identifier",
    "integer",
    "lenient_identifier",
    "mapping_of",
    "number",
    "numeric_identifier",
    "rows",
    "string",
    "strings",
    "tuple_of",
]


class Mismatch(Exception):
    """A value of the wrong kind. Each enclosing decoder adds its step to `path`, innermost first."""

    def __init__(self, expected: str, got: object, *path: str) -> None:
        super().__init__()
        self.problem = f"expected {expected}, got {_NAMES.get(type(got), 'something else')}"
        self.path = list(path)

    def at(self, name: str) -> "Mismatch":
        """The same, from the object whose member `name` it is in."""
        self.path.append(f".{name}")
        return self

    def among(self, items: Sequence[Any], decode: Callable[[Any], Any], name: str) -> "Mismatch":
        """The same, from the object whose member `name` is the list `items`; the first that `decode` refuses it is."""
        for index, item in enumerate(items):
            try:
                decode(item)
            except Mismatch:
                self.path.append(f"[{index}]")
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


def string(value: Any) -> str:
    """Text; nothing is converted to it."""
    if type(value) is str:
        return value
    raise Mismatch("text", value)


def identifier(value: Any) -> str:
    """An opaque id. A legacy id, an integer, becomes text and counts as drift."""
    if type(value) is str:
        return value
    if type(value) is int:
        report_drift("an id that is a number")
        return str(value)
    raise Mismatch("text", value)


def numeric_identifier(value: Any) -> str:
    """An opaque id that is documented as an integer; it becomes text."""
    return str(value) if type(value) is int else identifier(value)


def lenient_identifier(value: Any) -> str:
    """An id that is text or any number; a float without a fraction becomes its digits."""
    if type(value) is float:
        return str(int(value)) if value.is_integer() else str(value)
    return numeric_identifier(value)


def boolean(value: Any) -> bool:
    """True or false."""
    if type(value) is bool:
        return value
    raise Mismatch("true or false", value)


def integer(value: Any) -> int:
    """An integer, or a float without a fraction."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise Mismatch("a whole number", value)


def credits(value: Any) -> int:
    """A count of credits. A fraction is rounded up and counts as drift: the answer was paid for."""
    if type(value) is float and math.isfinite(value) and not value.is_integer():
        report_drift("a fraction of a credit")
        return math.ceil(value)
    return integer(value)


def rows(value: Any) -> int:
    """A count of rows."""
    if type(value) is int and 0 <= value < 10**12:
        return value
    raise Mismatch("a count of rows", value)


def number(value: Any) -> float:
    """A number, as a float."""
    if type(value) is float:
        return value
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            pass
    raise Mismatch("a number", value)


def strings(value: Any) -> tuple[str, ...]:
    """A list of texts. A single text becomes a list of one and counts as drift."""
    if type(value) is str:
        report_drift("a text instead of a list")
        return (value,)
    if type(value) is not list:
        raise Mismatch("a list", value)
    items: list[Any] = list(cast(Any, value))
    for index, item in enumerate(items):
        if type(item) is not str:
            raise Mismatch("text", item, f"[{index}]")
    return tuple(items)


def tuple_of(decode: Callable[[Any], Any], *, wrap: bool) -> Callable[[Any], Any]:
    """A decoder of lists; with `wrap` a value that is no list counts as a list of one."""

    def decode_all(value: Any) -> tuple[Any, ...]:
        is_list = type(value) is list
        if not is_list and not wrap:
            raise Mismatch("a list", value)
        items: list[Any] = cast(Any, value) if is_list else [value]
        done: list[Any] = []
        for item in items:
            try:
                done.append(decode(item))
            except Mismatch as mismatch:
                mismatch.path.append(f"[{len(done)}]")
                raise
        return tuple(done)

    return decode_all


def mapping_of(decode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A decoder of objects whose members, of any name, are all of one kind."""

    def decode_values(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Mismatch("an object", value)
        done: dict[str, Any] = {}
        for name, member in cast(dict[str, Any], value).items():
            try:
                done[name] = decode(member)
            except Mismatch as mismatch:
                raise mismatch.at(loggable(name)) from None
        return done

    return decode_values
