"""Schemas of request bodies, and the vendor's validation messages. Pure.

The vendor validates strictly: an unknown member is refused like a wrong value, and so is `null` where a value
is expected. Source: its validation messages as recorded in public code; messages without a recording follow
the wording of the same validator.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain, islice
from typing import Any, Protocol, cast

from attrs import field, frozen

__all__ = ["as_object", "members", "Enum", "Boolean", "Array", "Number", "Problem", "Schema", "String", "Object"]


@frozen
class Problem:
    """A validation error; `unknown` if it is about a member that the vendor does not know."""

    message: str
    unknown: bool = False


class Schema(Protocol):
    """What a JSON value must be."""

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """The validation errors of `value`, the member `name` under the path `prefix`."""
        ...


@frozen(kw_only=True)
class String:
    """A string; `format` is one of `email`, `date`, `url`, `uuid`."""

    min_length: int = 0
    max_length: int | None = None
    format: str | None = None
    nullable: bool = False

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Schema.problems`."""
        if value is None and self.nullable:
            return
        if not isinstance(value, str):
            yield Problem(f"{prefix}{name} must be a string")
        elif self.format is not None and not _FORMATS[self.format][0](value):
            yield Problem(f"{prefix}{name} must be {_FORMATS[self.format][1]}")
        elif not value and self.min_length == 1:
            yield Problem(f"{prefix}{name} should not be empty")
        elif len(value) < self.min_length:
            yield Problem(f"{prefix}{name} must be longer than or equal to {self.min_length} characters")
        elif self.max_length is not None and len(value) > self.max_length:
            yield Problem(f"{prefix}{name} must be shorter than or equal to {self.max_length} characters")


@frozen
class Enum:
    """One of several strings."""

    values: tuple[str, ...]

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Schema.problems`."""
        if not isinstance(value, str) or value not in self.values:
            yield Problem(f"{prefix}{name} must be one of the following values: {', '.join(self.values)}")


@frozen
class Number:
    """A number, by default an integer."""

    minimum: int | None = None
    maximum: int | None = None
    integer: bool = field(default=True, kw_only=True)

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Schema.problems`."""
        is_integer = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not (is_integer or (isinstance(value, float) and not self.integer)):
            kind = "an integer number" if self.integer else "a number conforming to the specified constraints"
            yield Problem(f"{prefix}{name} must be {kind}")
            return
        if self.minimum is not None and value < self.minimum:
            yield Problem(f"{prefix}{name} must not be less than {self.minimum}")
        if self.maximum is not None and value > self.maximum:
            yield Problem(f"{prefix}{name} must not be greater than {self.maximum}")


@frozen
class Boolean:
    """`true` or `false`."""

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Schema.problems`."""
        if not isinstance(value, bool):
            yield Problem(f"{prefix}{name} must be a boolean value")


@frozen
class Array:
    """An array of `items`."""

    items: Schema
    min_items: int = field(default=0, kw_only=True)
    max_items: int | None = field(default=None, kw_only=True)

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Schema.problems`."""
        if not isinstance(value, list):
            yield Problem(f"{prefix}{name} must be an array")
            return
        values: list[Any] = cast(Any, value)
        if len(values) < self.min_items:
            yield Problem(f"{prefix}{name} must contain at least {self.min_items} elements")
        elif self.max_items is not None and len(values) > self.max_items:
            yield Problem(f"{prefix}{name} must contain no more than {self.max_items} elements")
        elif isinstance(self.items, Object):
            for index, item in enumerate(values):
                yield from self.items.problems(item, str(index), f"{prefix}{name}.")
        else:
            found = (self.items.problems(item, name, prefix + "each value in ") for item in values)
            yield from islice(chain.from_iterable(found), 1)


@frozen(kw_only=True)
class Object:
    """An object with these members and no others; those in `required` must be present."""

    members: Mapping[str, Schema]
    required: tuple[str, ...] = ()
    nullable: bool = False

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Schema.problems`."""
        if value is None and self.nullable:
            return
        members = as_object(value)
        if members is None:
            yield Problem(f"{prefix}{name} must be an object")
            return
        yield from self.member_problems(members, f"{prefix}{name}." if name else prefix)

    def member_problems(self, value: Mapping[str, Any], prefix: str = "") -> Iterator[Problem]:
        """The validation errors of the members of `value`."""
        for name, item in value.items():
            schema = self.members.get(name)
            if schema is None:
                yield Problem(f"{prefix}property {name} should not exist", unknown=True)
            else:
                yield from schema.problems(item, name, prefix)
        for name in self.required:
            if name not in value:
                yield Problem(f"{prefix}{name} should not be null or undefined")


def members(*required: str, **schemas: Schema) -> Object:
    """An object with the members `schemas`, of which the `required` ones must be present."""
    return Object(members=schemas, required=required)


def as_object(value: Any) -> dict[str, Any] | None:
    """`value` if it is a JSON object, else None."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]+@(?:[^\s@.\"(),:;<>\[\]\\]+\.)+[^\s@.\"(),:;<>\[\]\\\d]{2,}")
_URL = re.compile(r"https?://[^\s/?#]+(?:[/?#]\S*)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


_FORMATS: dict[str, tuple[Any, str]] = {
    "email": (_EMAIL.fullmatch, "an email"),
    "url": (_URL.fullmatch, "a URL address"),
    "uuid": (_UUID.fullmatch, "a UUID"),
    "date": (_is_date, "a valid date (YYYY-MM-DD)"),
}
