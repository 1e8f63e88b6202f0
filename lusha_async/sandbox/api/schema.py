"""What a request body may look like, and the vendor's words for what it may not. Pure.

The vendor validates with a strict whitelist: a member that it does not know is refused like a wrong value,
and so is `null` where a value is expected. Source: its validation messages as recorded in public code; the
wording of those that nobody recorded follows the same validator.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Protocol, cast

from attrs import field, frozen

__all__ = ["as_object", "Choice", "Flag", "Many", "Number", "Problem", "Shape", "Text", "Thing"]


@frozen
class Problem:
    """One thing that is wrong; `unknown` if it is a member that the vendor does not know."""

    message: str
    unknown: bool = False


class Shape(Protocol):
    """What a value has to be."""

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """All that is wrong with `value`, the member `name` under the path `prefix`."""
        ...


@frozen(kw_only=True)
class Text:
    """A string; `form` is one of `email`, `date`, `url`, `uuid`."""

    least: int = 0
    most: int | None = None
    form: str | None = None
    nullable: bool = False

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Shape.problems`."""
        if value is None and self.nullable:
            return
        if not isinstance(value, str):
            yield Problem(f"{prefix}{name} must be a string")
        elif self.form is not None and not _FORMS[self.form][0](value):
            yield Problem(f"{prefix}{name} must be {_FORMS[self.form][1]}")
        elif len(value) < self.least:
            least = "should not be empty" if self.least == 1 else f"must be longer than or equal to {self.least}"
            yield Problem(f"{prefix}{name} {least}" + ("" if self.least == 1 else " characters"))
        elif self.most is not None and len(value) > self.most:
            yield Problem(f"{prefix}{name} must be shorter than or equal to {self.most} characters")


@frozen
class Choice:
    """One of some strings."""

    values: tuple[str, ...]

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Shape.problems`."""
        if not isinstance(value, str) or value not in self.values:
            yield Problem(f"{prefix}{name} must be one of the following values: {', '.join(self.values)}")


@frozen(kw_only=True)
class Number:
    """A number, whole unless `real`."""

    least: int | None = None
    most: int | None = None
    real: bool = False

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Shape.problems`."""
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not (whole or (self.real and isinstance(value, float))):
            kind = "a number conforming to the specified constraints" if self.real else "an integer number"
            yield Problem(f"{prefix}{name} must be {kind}")
            return
        if self.least is not None and value < self.least:
            yield Problem(f"{prefix}{name} must not be less than {self.least}")
        if self.most is not None and value > self.most:
            yield Problem(f"{prefix}{name} must not be greater than {self.most}")


@frozen
class Flag:
    """true or false."""

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Shape.problems`."""
        if not isinstance(value, bool):
            yield Problem(f"{prefix}{name} must be a boolean value")


@frozen(kw_only=True)
class Many:
    """A list."""

    of: Shape
    least: int = 0
    most: int | None = None

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Shape.problems`."""
        if not isinstance(value, list):
            yield Problem(f"{prefix}{name} must be an array")
            return
        items: list[Any] = cast(Any, value)
        if len(items) < self.least:
            yield Problem(f"{prefix}{name} must contain at least {self.least} elements")
            return
        if self.most is not None and len(items) > self.most:
            yield Problem(f"{prefix}{name} must contain no more than {self.most} elements")
            return
        if isinstance(self.of, Thing):
            for position, item in enumerate(items):
                yield from self.of.problems(item, str(position), f"{prefix}{name}.")
        else:
            wrong = (
                problem for item in items for problem in self.of.problems(item, name, prefix + "each value in ")
            )
            first = next(wrong, None)
            if first is not None:
                yield first


@frozen(kw_only=True)
class Thing:
    """An object with these members and no others; those in `needs` have to be there."""

    members: Mapping[str, Shape]
    needs: tuple[str, ...] = field(default=())
    nullable: bool = False

    def problems(self, value: Any, name: str, prefix: str) -> Iterator[Problem]:
        """See `Shape.problems`."""
        if value is None and self.nullable:
            return
        members = as_object(value)
        if members is None:
            yield Problem(f"{prefix}{name} must be an object")
            return
        yield from self.members_of(members, f"{prefix}{name}." if name else prefix)

    def members_of(self, value: Mapping[str, Any], prefix: str = "") -> Iterator[Problem]:
        """All that is wrong with the members of `value`."""
        for name, item in value.items():
            shape = self.members.get(name)
            if shape is None:
                yield Problem(f"{prefix}property {name} should not exist", unknown=True)
            else:
                yield from shape.problems(item, name, prefix)
        for name in self.needs:
            if name not in value:
                yield Problem(f"{prefix}{name} should not be null or undefined")


def as_object(value: Any) -> dict[str, Any] | None:
    """A JSON value as an object, if it is one."""
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


_FORMS: dict[str, tuple[Any, str]] = {
    "email": (_EMAIL.fullmatch, "an email"),
    "url": (_URL.fullmatch, "a URL address"),
    "uuid": (_UUID.fullmatch, "a UUID"),
    "date": (_is_date, "a valid date (YYYY-MM-DD)"),
}
