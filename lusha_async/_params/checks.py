"""Checks of arguments, before anything is sent.

Each raises `InvalidRequestError`, which names the value by its `path` and never by its content.
"""

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
    "as_list",
    "batch",
    "bounded_list",
    "callback",
    "date_range",
    "did_you_mean",
    "drop_none",
    "email",
    "entity_id",
    "ids",
    "integer",
    "iso_date",
    "optional_boolean",
    "optional_date",
    "optional_enum",
    "optional_enums",
    "optional_id",
    "optional_integer",
    "optional_strings",
    "page",
    "search_text",
    "string",
    "strings",
    "utf8",
]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def drop_none(members: Mapping[str, Any]) -> dict[str, Any] | None:
    """The members that are not None; None if there are none."""
    return {name: value for name, value in members.items() if value is not None} or None


def callback(value: Any, path: str) -> None:
    """A callback is None or a plain function: what an async one returns would not be awaited."""
    if value is not None and not plain_function(value):
        raise InvalidRequestError(path, "must be a plain function, not an async one")


def as_list(items: Iterable[Any], path: str) -> list[Any]:
    """The items of an iterable. A single value is refused, as are a string and a mapping."""
    if isinstance(items, AsyncIterable):
        raise InvalidRequestError(path, "must be a list; only bulk methods accept an async iterable")
    if isinstance(items, str | bytes | Mapping | RequestModel) or not isinstance(cast(Any, items), Iterable):
        raise InvalidRequestError(path, "must be a list, not a single value")
    return list(items)


def batch(operation: Operation, items: Iterable[Any]) -> list[Any]:
    """The items of a call that takes a batch: at least one, and at most the operation's largest batch."""
    name = operation.items or "items"
    many = as_list(items, name)
    if not many:
        raise InvalidRequestError(name, "must have at least one item")
    if operation.batch is not None and len(many) > operation.batch:
        raise InvalidRequestError(
            name,
            f"must have at most {operation.batch} items, not {len(many)}; {operation.call}_many accepts any number",
        )
    return many


def entity_id(value: Any, path: str) -> str:
    """An opaque id: a string that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequestError(path, "must be an id, a non-empty string")
    return utf8(value, path)


def optional_id(value: Any, path: str) -> str | None:
    """An opaque id, or None."""
    return None if value is None else entity_id(value, path)


def bounded_list(values: Iterable[Any], path: str, *, maximum: int) -> list[Any]:
    """The items of a call that has no bulk method: 1 to `maximum`."""
    many = as_list(values, path)
    if not 1 <= len(many) <= maximum:
        hint = "; split them into several calls" if many else ""
        raise InvalidRequestError(path, f"must have 1 to {maximum} items, not {len(many)}{hint}")
    return many


def ids(values: Iterable[Any], path: str, *, maximum: int = 100) -> list[str]:
    """1 to `maximum` opaque ids."""
    return [
        entity_id(value, f"{path}[{index}]")
        for index, value in enumerate(bounded_list(values, path, maximum=maximum))
    ]


def string(value: Any, path: str, *, maximum: int | None = None) -> str:
    """A string that is not blank and has at most `maximum` characters."""
    if not isinstance(value, str) or not value.strip() or (maximum is not None and len(value) > maximum):
        bound = f" of at most {maximum} characters" if maximum else ""
        raise InvalidRequestError(path, f"must be a non-empty string{bound}")
    return utf8(value, path)


def utf8(value: str, path: str) -> str:
    """A string that can be encoded as UTF-8."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidRequestError(path, "contains a lone surrogate, which cannot be sent as UTF-8") from None
    return value


def integer(value: Any, path: str, *, minimum: int, maximum: int | None = None) -> int:
    """An integer of at least `minimum` and at most `maximum`. A bool is refused."""
    if type(value) is not int or not minimum <= value <= (LARGEST if maximum is None else maximum):
        bounds = f"of at least {minimum}" if maximum is None else f"between {minimum} and {maximum}"
        raise InvalidRequestError(path, f"must be an integer {bounds}")
    return value


def strings(values: Iterable[str], path: str, *, maximum: int | None = None) -> list[str]:
    """Strings that are not blank: at least one, and at most `maximum`."""
    many = as_list(values, path)
    if not many or (maximum is not None and len(many) > maximum):
        bounds = "at least 1 item" if maximum is None else f"1 to {maximum} items"
        raise InvalidRequestError(path, f"must have {bounds}, not {len(many)}")
    return [string(value, f"{path}[{index}]") for index, value in enumerate(many)]


def optional_strings(values: Iterable[str] | None, path: str) -> list[str] | None:
    """`strings`, or None."""
    return None if values is None else strings(values, path)


def optional_enums(
    values: Iterable[str] | None, path: str, known: Iterable[str] | None = None
) -> list[str] | None:
    """Strings of a closed set (any strings if `known` is None), or None. An empty list is refused."""
    if values is None:
        return None
    many = as_list(values, path)
    if not many:
        raise InvalidRequestError(path, "must have at least one item; leave it out for the vendor's default")
    return [
        optional_enum(string(value, f"{path}[{index}]"), f"{path}[{index}]", known) or ""
        for index, value in enumerate(many)
    ]


def optional_enum(value: str | None, path: str, known: Iterable[str] | None) -> str | None:
    """A string of a closed set (any string if `known` is None), or None."""
    if value is None:
        return None
    names = None if known is None else list(known)
    if not isinstance(cast(Any, value), str) or not value:
        raise InvalidRequestError(path, "must be a non-empty string")
    if names is not None and value not in names:
        raise InvalidRequestError(path, f"must be one of {', '.join(names)}{did_you_mean(value, names)}")
    return value


def email(value: Any, path: str, *, whose: str = "") -> str:
    """An e-mail address: a name, one @, a domain, and no space."""
    name, _, domain = value.partition("@") if isinstance(value, str) else ("", "", "")
    if not (name and domain) or "@" in domain or any(sign.isspace() for sign in value):
        raise InvalidRequestError(path, f"must be an e-mail address{whose}")
    return utf8(str(value), path)


def optional_integer(value: int | None, path: str, minimum: int, maximum: int | None) -> int | None:
    """`integer`, or None."""
    return None if value is None else integer(value, path, minimum=minimum, maximum=maximum)


def page(
    page: int, size: int, *, minimum: int = 10, maximum: int = 100, last: int | None = 1000
) -> dict[str, int]:
    """The vendor's `pagination`. The defaults are those of prospecting: pages 0-1000 of 10-100 rows."""
    return {
        "page": integer(page, "page", minimum=0, maximum=last),
        "size": integer(size, "page_size", minimum=minimum, maximum=maximum),
    }


def optional_boolean(value: bool | None, path: str) -> bool | None:
    """True, False or None; nothing that only behaves like them."""
    if value is not None and not isinstance(cast(Any, value), bool):
        raise InvalidRequestError(path, "must be True or False")
    return value


def search_text(value: str | None, path: str, *, minimum: int = 2, maximum: int = 256) -> str | None:
    """A search text of `minimum` to `maximum` characters, or None."""
    if value is not None and (
        not isinstance(cast(Any, value), str) or len(value.strip()) < minimum or len(value) > maximum
    ):
        raise InvalidRequestError(path, f"must be a string of {minimum} to {maximum} characters")
    return value if value is None else utf8(value, path)


def optional_date(value: str | date | None, path: str) -> str | None:
    """A date as YYYY-MM-DD, or None."""
    return None if value is None else _date(value, path)


def _date(value: Any, path: str) -> str:
    iso = iso_date(value)
    try:
        if isinstance(iso, str) and _DATE.fullmatch(iso):
            return date.fromisoformat(iso).isoformat()
    except ValueError:
        pass
    raise InvalidRequestError(path, "must be a date: YYYY-MM-DD")


def iso_date(value: Any) -> Any:
    """A `date` as YYYY-MM-DD; other values, a `datetime` included, are returned unchanged."""
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


def date_range(start: str | date, end: str | date, *, months: int) -> tuple[str, str]:
    """Two dates as YYYY-MM-DD, in order and at most `months` apart."""
    first, last = _date(start, "start_date"), _date(end, "end_date")
    first_day, last_day = date.fromisoformat(first), date.fromisoformat(last)
    if last_day < first_day:
        raise InvalidRequestError("end_date", "must not be before start_date")
    apart = (last_day.year - first_day.year) * 12 + last_day.month - first_day.month
    if apart > months or (apart == months and last_day.day > first_day.day):
        raise InvalidRequestError("end_date", f"must be at most {months} months after start_date")
    return first, last


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The hint of an error text at the most similar name; empty if none is similar."""
    found = difflib.get_close_matches(word, list(names), n=1)
    return f": did you mean {found[0]}?" if found else ""
