"""Arguments checked before anything is sent; each refusal names the value by its path, never by its content."""

import difflib
import re
from collections.abc import AsyncIterable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast

from .._validators import LARGEST, plain_function
from ..errors import InvalidRequestError
from ..models.model import RequestModel
from ..operations import Operation

__all__ = [
    "address",
    "batch",
    "bounded",
    "callback",
    "choices",
    "day",
    "entity_id",
    "boolean",
    "drop_none",
    "ids",
    "iso_day",
    "listed",
    "nearest",
    "one_of",
    "optional_id",
    "optional_texts",
    "page",
    "query",
    "span_of_days",
    "text",
    "texts",
    "integer",
    "whole_characters",
    "optional_integer",
]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def drop_none(members: Mapping[str, Any]) -> dict[str, Any] | None:
    """Those members that are not None; None if there are none."""
    return {name: value for name, value in members.items() if value is not None} or None


def callback(value: Any, path: str) -> None:
    """A plain function, or None: for an async one nobody would wait."""
    if value is not None and not plain_function(value):
        raise InvalidRequestError(path, "give a plain function, not an async one")


def listed(items: Iterable[Any], path: str) -> list[Any]:
    """The items as a list; one value, or a text that would fall into letters, is refused."""
    if isinstance(items, AsyncIterable):
        raise InvalidRequestError(path, "give a list: only the forms for many take an async iterable")
    if isinstance(items, str | bytes | Mapping | RequestModel) or not isinstance(cast(Any, items), Iterable):
        raise InvalidRequestError(path, "give a list, not a single value")
    return list(items)


def batch(operation: Operation, items: Iterable[Any]) -> list[Any]:
    """The items of a single call, as a list: not empty, and no more than the operation takes."""
    name = operation.items or "items"
    many = listed(items, name)
    if not many:
        raise InvalidRequestError(name, "give at least one")
    if operation.batch is not None and len(many) > operation.batch:
        raise InvalidRequestError(
            name,
            f"{len(many)} given, at most {operation.batch} go in one request: {operation.call}_many takes more",
        )
    return many


def entity_id(value: Any, path: str) -> str:
    """An opaque id: a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequestError(path, "give an id, a text that is not empty")
    return whole_characters(value, path)


def optional_id(value: Any, path: str) -> str | None:
    """An opaque id; None stays None."""
    return None if value is None else entity_id(value, path)


def bounded(values: Iterable[Any], path: str, *, most: int) -> list[Any]:
    """The items of a call that has no many-form, as a list of 1 to `most`."""
    many = listed(values, path)
    if not 1 <= len(many) <= most:
        raise InvalidRequestError(path, f"{len(many)} given: give 1 to {most}, and more in further calls")
    return many


def ids(values: Iterable[Any], path: str, *, most: int = 100) -> list[str]:
    """1 to `most` opaque ids."""
    return [entity_id(one, f"{path}[{place}]") for place, one in enumerate(bounded(values, path, most=most))]


def text(value: Any, path: str, *, most: int | None = None) -> str:
    """A text that is not empty and has at most `most` characters."""
    if not isinstance(value, str) or not value.strip() or (most is not None and len(value) > most):
        bound = f", at most {most} characters" if most else ""
        raise InvalidRequestError(path, f"give a text that is not empty{bound}")
    return whole_characters(value, path)


def whole_characters(value: str, path: str) -> str:
    """A text that can be sent."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidRequestError(
                path, "it holds half a character (a lone surrogate), which cannot be sent"
            ) from None
    return value


def integer(value: Any, path: str, *, least: int, most: int | None = None) -> int:
    """A whole number within its bounds."""
    if type(value) is not int or not least <= value <= (LARGEST if most is None else most):
        bounds = f"from {least}" if most is None else f"from {least} to {most}"
        raise InvalidRequestError(path, f"give a whole number {bounds}")
    return value


def texts(values: Iterable[str], path: str, *, most: int | None = None) -> list[str]:
    """A list of texts that are not empty: at least one, at most `most`."""
    many = listed(values, path)
    if not many or (most is not None and len(many) > most):
        raise InvalidRequestError(
            path, f"{len(many)} given; give {'at least 1' if most is None else f'1 to {most}'}"
        )
    return [text(value, f"{path}[{place}]") for place, value in enumerate(many)]


def optional_texts(values: Iterable[str] | None, path: str) -> list[str] | None:
    """`texts` of any number; None stays None."""
    return None if values is None else texts(values, path)


def choices(values: Iterable[str] | None, path: str, known: Iterable[str] | None = None) -> list[str] | None:
    """A list of names such as `reveal`; None stays None, and an empty list is refused as the vendor does.

    A name that is not among `known` is refused, with the nearest one.
    """
    if values is None:
        return None
    many = listed(values, path)
    if not many:
        raise InvalidRequestError(path, "give at least one, or leave it out for the vendor's default")
    return [
        one_of(text(value, f"{path}[{place}]"), f"{path}[{place}]", known) or ""
        for place, value in enumerate(many)
    ]


def one_of(value: str | None, path: str, known: Iterable[str] | None) -> str | None:
    """A text of those `known`; None stays None."""
    if value is None:
        return None
    names = None if known is None else list(known)
    if not isinstance(cast(Any, value), str) or not value:
        raise InvalidRequestError(path, "give a text that is not empty")
    if names is not None and value not in names:
        raise InvalidRequestError(path, f"not one of {', '.join(names)}{nearest(value, names)}")
    return value


def address(value: Any, path: str, *, whose: str = "") -> str:
    """An e-mail address, as far as one can tell without asking: a name, one @, a domain, and no space."""
    name, _, domain = value.partition("@") if isinstance(value, str) else ("", "", "")
    if not (name and domain) or "@" in domain or any(sign.isspace() for sign in value):
        raise InvalidRequestError(path, f"give an e-mail address{whose}")
    return whole_characters(str(value), path)


def optional_integer(value: int | None, path: str, least: int, most: int | None) -> int | None:
    """A whole number from `least` to `most`; None stays None."""
    return None if value is None else integer(value, path, least=least, most=most)


def page(page: int, size: int, *, least: int = 10, most: int = 100, last: int | None = 1000) -> dict[str, int]:
    """Which page: prospecting has pages 0-1000 of 10-100."""
    return {
        "page": integer(page, "page", least=0, most=last),
        "size": integer(size, "page_size", least=least, most=most),
    }


def boolean(value: bool | None, path: str) -> bool | None:
    """True or false themselves; None stays None."""
    if value is not None and not isinstance(cast(Any, value), bool):
        raise InvalidRequestError(path, "give True or False")
    return value


def query(value: str | None, path: str, *, least: int = 2, most: int = 256) -> str | None:
    """A text of `least` to `most` characters; None stays None."""
    if value is not None and (
        not isinstance(cast(Any, value), str) or len(value.strip()) < least or len(value) > most
    ):
        raise InvalidRequestError(path, f"give a text of {least} to {most} characters")
    return value if value is None else whole_characters(value, path)


def day(value: str | date | None, path: str) -> str | None:
    """A day as YYYY-MM-DD; None stays None."""
    if value is None:
        return None
    return _needed_day(value, path)


def _needed_day(value: Any, path: str) -> str:
    told = iso_day(value)
    try:
        if isinstance(told, str) and _DAY.fullmatch(told):
            return date.fromisoformat(told).isoformat()
    except ValueError:
        pass
    raise InvalidRequestError(path, "give a day as YYYY-MM-DD")


def iso_day(value: Any) -> Any:
    """A day in the vendor's form; what is no day, a time of a day for instance, as it is."""
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


def span_of_days(start: str | date, end: str | date, *, months: int) -> tuple[str, str]:
    """Two days in order, no more than `months` apart."""
    first, last = _needed_day(start, "start_date"), _needed_day(end, "end_date")
    began, ends = date.fromisoformat(first), date.fromisoformat(last)
    if ends < began:
        raise InvalidRequestError("end_date", "it is before start_date")
    passed = (ends.year - began.year) * 12 + ends.month - began.month
    if passed > months or (passed == months and ends.day > began.day):
        raise InvalidRequestError("end_date", f"it is more than {months} months after start_date")
    return first, last


def nearest(word: str, names: Iterable[str]) -> str:
    """What a refusal says of the name that was probably meant: nothing if none is like it."""
    found = difflib.get_close_matches(word, list(names), n=1)
    return f": did you mean {found[0]}?" if found else ""
