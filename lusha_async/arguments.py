"""Arguments checked before anything is sent; each refusal names the value by its path, never by its content."""

import difflib
import re
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin

import attrs

from .bounds import plain_function
from .errors import InvalidRequestError
from .models.companies import CompanyIdentity, CompanyQuery
from .models.contacts import ContactQuery
from .models.model import Question, wire_name
from .operations import Operation

__all__ = [
    "address",
    "batch",
    "bounded",
    "callback",
    "choice",
    "choices",
    "company",
    "contact",
    "day",
    "encode",
    "entity_id",
    "flag",
    "given",
    "identity",
    "ids",
    "listed",
    "mapping",
    "one_of",
    "optional_id",
    "optional_texts",
    "page",
    "query",
    "span_of_days",
    "text",
    "texts",
    "whole",
    "within",
]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_LONGEST_REFERENCE = 256
_LARGEST = 2**53 - 1  # beyond it, others who read JSON lose digits
_DEEPEST = 64  # levels of plain values


def given(members: Mapping[str, Any]) -> dict[str, Any] | None:
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
    if isinstance(items, str | bytes | Mapping | Question) or not isinstance(cast(Any, items), Iterable):
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
    return _whole_characters(value, path)


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
    return _whole_characters(value, path)


def _whole_characters(value: str, path: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidRequestError(
                path, "it holds half a character (a lone surrogate), which cannot be sent"
            ) from None
    return value


def choice(value: str | None, path: str, known: Sequence[str]) -> str | None:
    """One of the words of a closed set, or None."""
    if value is not None and value not in known:
        raise InvalidRequestError(path, f"give {' or '.join(known)}")
    return value


def whole(value: Any, path: str, *, least: int, most: int | None = None) -> int:
    """A whole number within its bounds."""
    if type(value) is not int or not least <= value <= (_LARGEST if most is None else most):
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
        raise InvalidRequestError(path, f"not one of {', '.join(names)}{_nearest(value, names)}")
    return value


def address(value: Any, path: str, *, whose: str = "") -> str:
    """An e-mail address, as far as one can tell without asking: a name, one @, a domain, and no space."""
    name, _, domain = value.partition("@") if isinstance(value, str) else ("", "", "")
    if not (name and domain) or "@" in domain or any(sign.isspace() for sign in value):
        raise InvalidRequestError(path, f"give an e-mail address{whose}")
    return _whole_characters(str(value), path)


def within(value: int | None, path: str, least: int, most: int | None) -> int | None:
    """A whole number from `least` to `most`; None stays None."""
    return None if value is None else whole(value, path, least=least, most=most)


def page(page: int, size: int, *, least: int = 10, most: int = 100, last: int | None = 1000) -> dict[str, int]:
    """Which page: prospecting has pages 0-1000 of 10-100."""
    return {
        "page": whole(page, "page", least=0, most=last),
        "size": whole(size, "size", least=least, most=most),
    }


def flag(value: bool | None, path: str) -> bool | None:
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
    return value if value is None else _whole_characters(value, path)


def day(value: str | date | None, path: str) -> str | None:
    """A day as YYYY-MM-DD; None stays None."""
    if value is None:
        return None
    return _needed_day(value, path)


def _needed_day(value: Any, path: str) -> str:
    told = _told(value)
    try:
        if isinstance(told, str) and _DAY.fullmatch(told):
            return date.fromisoformat(told).isoformat()
    except ValueError:
        pass
    raise InvalidRequestError(path, "give a day as YYYY-MM-DD")


def _told(value: Any) -> Any:
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


def contact(value: ContactQuery | Mapping[str, Any], path: str) -> dict[str, Any]:
    """One query for a person as JSON."""
    query = encode(ContactQuery, value, path)
    named = query.get("firstName") and query.get("lastName")
    placed = query.get("companyName") or query.get("companyDomain")
    if not (query.get("id") or query.get("linkedinUrl") or query.get("email") or (named and placed)):
        raise InvalidRequestError(
            path, "give id, linkedin_url, email, or first and last name with company_name or company_domain"
        )
    return _referenced(query, path)


def company(value: CompanyQuery | Mapping[str, Any], path: str) -> dict[str, Any]:
    """One query for a company as JSON."""
    query = encode(CompanyQuery, value, path)
    if not (query.get("id") or query.get("domain") or query.get("name")):
        raise InvalidRequestError(path, "give id, domain or name")
    return _referenced(query, path)


def identity(
    value: CompanyIdentity | CompanyQuery | Mapping[str, Any], path: str, ways: Sequence[str]
) -> dict[str, Any]:
    """A company named in exactly one of `ways`, as JSON."""
    cls = CompanyQuery if isinstance(value, CompanyQuery) else CompanyIdentity
    query = encode(cls, value, path)
    others = _by_wire_name(cls).keys() - {*ways, "clientReferenceId"}
    if sum(way in query for way in ways) != 1 or not query.keys().isdisjoint(others):
        raise InvalidRequestError(path, f"give exactly one of {', '.join(ways)}")
    return _referenced(query, path)


def _referenced(query: dict[str, Any], path: str) -> dict[str, Any]:
    if len(query.get("clientReferenceId", "")) > _LONGEST_REFERENCE:
        raise InvalidRequestError(f"{path}.client_reference_id", f"at most {_LONGEST_REFERENCE} characters")
    return query


def encode(cls: type[Question], value: Question | Mapping[str, Any], path: str) -> dict[str, Any]:
    """A question, or a plain mapping in its place, as the JSON to send; None is left out.

    A mapping may use our names or the vendor's. A member that `cls` does not have is refused with the nearest
    name; members that this version does not know, and only those, go into `extra`. Nothing of what is given is
    kept: changing it later changes no request.
    """
    fields = _fields(cls)
    if isinstance(value, cls):
        members: Mapping[str, Any] = {name: getattr(value, name) for name in fields}
        extra: Any = value.extra
    elif isinstance(value, Mapping):
        members = {name: member for name, member in value.items() if name != "extra"}
        extra = value.get("extra") or {}
    else:
        raise InvalidRequestError(path, f"give a {cls.__name__} or a mapping")
    done: dict[str, Any] = {}
    for name, member in members.items():
        field = fields.get(name) or _by_wire_name(cls).get(name)
        where = _under(path, name if field is None else field.name)
        if field is None:
            raise InvalidRequestError(
                where, f"no such member{_nearest(str(name), fields)}; new ones go into `extra`"
            )
        if member is not None:
            if wire_name(field.name) in done:
                raise InvalidRequestError(where, "it is given twice, by our name and by the vendor's")
            done[wire_name(field.name)] = _value(field, _known(field.type), member, where)
    for field in fields.values():
        if field.default is attrs.NOTHING and wire_name(field.name) not in done:
            raise InvalidRequestError(f"{path}.{field.name}", "it is needed")
        least, highest = field.metadata.get("above"), done.get(wire_name(field.name))
        if least and highest is not None and highest < done.get(wire_name(least), highest):
            raise InvalidRequestError(f"{path}.{field.name}", f"it is below {least}")
    return {**done, **_extra(cls, extra, f"{path}.extra")}


def _extra(cls: type[Question], extra: Any, path: str) -> dict[str, Any]:
    """Members that `cls` does not know, as they are: a copy."""
    if not isinstance(extra, Mapping):
        raise InvalidRequestError(path, "give a mapping")
    members = cast(Mapping[object, Any], extra)
    for name in members:
        if name in _fields(cls) or name in _by_wire_name(cls):
            raise InvalidRequestError(_under(path, name), "it is no new member: give it beside `extra`, not in it")
    return {_name(name, path): _plain(member, _under(path, name), ours=False) for name, member in members.items()}


def mapping(cls: type[Question], value: Question | Mapping[str, Any], path: str) -> dict[str, Any]:
    """What `encode` takes, as a mapping by the vendor's names, to be changed and encoded later: `extra` stays apart."""
    told = cast(dict[str, Any], _plain(value, path))
    encode(cls, told, path)
    return told


def _value(field: Any, kind: Any, value: Any, path: str) -> Any:
    origin = get_origin(kind)
    if isinstance(kind, type) and issubclass(kind, Question):
        return encode(kind, value, path)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        (item_kind,) = get_args(kind)
        many = listed(value, path)
        if not many:
            raise InvalidRequestError(path, "give at least one, or leave it out")
        read = [_value(field, _known(item_kind), item, f"{path}[{place}]") for place, item in enumerate(many)]
        if {} in read:
            raise InvalidRequestError(f"{path}[{read.index({})}]", "it is empty: give at least one of its members")
        return read
    return _scalar(field, kind, value, path)


def _scalar(field: Any, kind: Any, given: Any, path: str) -> Any:
    value: Any = given
    if field.metadata.get("date"):
        return day(value, path)
    if kind is str:
        text(value, path)
    if kind is int:
        whole(value, path, least=-_LARGEST)
    if kind is float and type(value) not in {int, float}:
        raise InvalidRequestError(path, "give a number")
    if kind is bool and not isinstance(value, bool):
        raise InvalidRequestError(path, "give True or False")
    if "range" in field.metadata:
        _amount(given, path, kind, *field.metadata["range"])
    elif kind is float and not -_LARGEST <= value <= _LARGEST:
        raise InvalidRequestError(path, "give a number")
    if field.metadata.get("email"):
        address(value, path)
    if "length" in field.metadata:
        text(value, path, most=field.metadata["length"])
    if "among" in field.metadata:
        one_of(given, path, field.metadata["among"])
    return value


def _amount(value: Any, path: str, kind: Any, least: int, most: int | None) -> None:
    if kind is int:
        whole(value, path, least=least, most=most)
    elif not least <= value <= (_LARGEST if most is None else most):
        raise InvalidRequestError(path, f"give a number from {least}{'' if most is None else f' to {most}'}")


def _plain(value: Any, path: str, *, ours: bool = True, level: int = 0) -> Any:
    """A copy of plain values as JSON. With `ours`, our names become the vendor's, but in `extra`; None is left out."""
    if isinstance(value, Question):
        value = {**{name: getattr(value, name) for name in _fields(type(value))}, "extra": value.extra or None}
    if level > _DEEPEST:
        raise InvalidRequestError(path, f"it is nested more than {_DEEPEST} levels deep")
    if isinstance(value, Mapping):
        done: dict[str, Any] = {}
        for name, member in cast(Mapping[object, Any], value).items():
            if not (ours and member is None):
                told, inner = wire_name(_name(name, path)) if ours else _name(name, path), ours and name != "extra"
                done[told] = _plain(member, _under(path, name), ours=inner, level=level + 1)
        return done
    if isinstance(value, list | tuple) or (
        ours and isinstance(value, Iterable) and not isinstance(value, str | bytes)
    ):
        items = cast(Iterable[object], value)
        return [_plain(one, f"{path}[{place}]", ours=ours, level=level + 1) for place, one in enumerate(items)]
    if isinstance(value, str):
        return _whole_characters(value, path)
    told = _told(value)
    if told is None or type(told) in {str, bool}:
        return told
    if type(told) in {int, float} and -_LARGEST <= told <= _LARGEST:
        return told
    raise InvalidRequestError(path, "it is no JSON: give texts, numbers, booleans, lists and mappings")


def _name(name: Any, path: str) -> str:
    if not isinstance(name, str):
        raise InvalidRequestError(path, "give texts as the names of members")
    return _whole_characters(name, path)


def _under(path: str, name: Any) -> str:
    """The path of a member; of what does not look like the name of one, it may be a person's, only where it is."""
    return f"{path}.{name}" if isinstance(name, str) and _NAME.fullmatch(name) else path


def _fields_of(cls: Any) -> Mapping[str, Any]:
    return {field.name: field for field in attrs.fields(attrs.resolve_types(cls)) if field.name != "extra"}


_fields: Callable[[Any], Mapping[str, Any]] = cache(_fields_of)


def _by_wire_name_of(cls: Any) -> Mapping[str, Any]:
    return {wire_name(name): field for name, field in _fields(cls).items()}


_by_wire_name: Callable[[Any], Mapping[str, Any]] = cache(_by_wire_name_of)


def _known(kind: Any) -> Any:
    """What a field holds when it is given; where a question or a mapping of its members does, the question."""
    if get_origin(kind) in {Union, UnionType}:
        return next(option for option in get_args(kind) if option is not NoneType)
    return kind


def _nearest(word: str, names: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, list(names), n=1)
    return f": did you mean {found[0]}?" if found else ""
