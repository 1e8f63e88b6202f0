"""Questions, or plain mappings in their place, as the JSON to send; each refusal names the value by its path."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin

import attrs

from .._validators import LARGEST
from ..errors import InvalidRequestError
from ..models.companies import CompanyIdentity, CompanyQuery
from ..models.contacts import ContactQuery
from ..models.model import RequestModel, wire_name
from . import checks

__all__ = ["company", "contact", "encode", "identity", "mapping"]

_NAME = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_LONGEST_REFERENCE = 256
_DEEPEST = 64  # levels of plain values
_LISTS = {list, tuple}


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


def encode(cls: type[RequestModel], value: RequestModel | Mapping[str, Any], path: str) -> dict[str, Any]:
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
                where, f"no such member{checks.nearest(str(name), fields)}; new ones go into `extra`"
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


def _extra(cls: type[RequestModel], extra: Any, path: str) -> dict[str, Any]:
    """Members that `cls` does not know, as they are: a copy."""
    if not isinstance(extra, Mapping):
        raise InvalidRequestError(path, "give a mapping")
    members = cast(Mapping[object, Any], extra)
    for name in members:
        if name in _fields(cls) or name in _by_wire_name(cls):
            raise InvalidRequestError(_under(path, name), "it is no new member: give it beside `extra`, not in it")
    return {_name(name, path): _plain(member, _under(path, name), ours=False) for name, member in members.items()}


def mapping(cls: type[RequestModel], value: RequestModel | Mapping[str, Any], path: str) -> dict[str, Any]:
    """What `encode` takes, as a mapping by the vendor's names, to be changed and encoded later: `extra` stays apart."""
    told = cast(dict[str, Any], _plain(value, path))
    encode(cls, told, path)
    return told


def _value(field: Any, kind: Any, value: Any, path: str) -> Any:
    origin = get_origin(kind)
    if isinstance(kind, type) and issubclass(kind, RequestModel):
        return encode(kind, value, path)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        (item_kind,) = get_args(kind)
        many = checks.listed(value, path)
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
        return checks.day(value, path)
    if kind is str:
        checks.text(value, path)
    if kind is int:
        checks.integer(value, path, least=-LARGEST)
    if kind is float and type(value) not in {int, float}:
        raise InvalidRequestError(path, "give a number")
    if kind is bool and not isinstance(value, bool):
        raise InvalidRequestError(path, "give True or False")
    if "range" in field.metadata:
        _amount(given, path, kind, *field.metadata["range"])
    elif kind is float and not -LARGEST <= value <= LARGEST:
        raise InvalidRequestError(path, "give a number")
    if field.metadata.get("email"):
        checks.address(value, path)
    if "length" in field.metadata:
        checks.text(value, path, most=field.metadata["length"])
    if "among" in field.metadata:
        checks.one_of(given, path, field.metadata["among"])
    return value


def _amount(value: Any, path: str, kind: Any, least: int, most: int | None) -> None:
    if kind is int:
        checks.integer(value, path, least=least, most=most)
    elif not least <= value <= (LARGEST if most is None else most):
        raise InvalidRequestError(path, f"give a number from {least}{'' if most is None else f' to {most}'}")


def _plain(value: Any, path: str, *, ours: bool = True, level: int = 0) -> Any:
    """A copy of plain values as JSON. With `ours`, our names become the vendor's, but in `extra`; None is left out."""
    if level > _DEEPEST:
        raise InvalidRequestError(path, f"it is nested more than {_DEEPEST} levels deep")
    if isinstance(value, RequestModel):
        value = {**{name: getattr(value, name) for name in _fields(type(value))}, "extra": value.extra or None}
    if isinstance(value, Mapping):
        return _plain_members(cast(Mapping[object, Any], value), path, ours=ours, level=level + 1)
    is_list = isinstance(value, Iterable) and not isinstance(value, str | bytes) if ours else type(value) in _LISTS
    if is_list:
        items = enumerate(cast(Iterable[object], value))
        return [_plain(item, f"{path}[{place}]", ours=ours, level=level + 1) for place, item in items]
    return _plain_scalar(value, path)


def _plain_members(members: Mapping[object, Any], path: str, *, ours: bool, level: int) -> dict[str, Any]:
    done: dict[str, Any] = {}
    for given, member in members.items():
        if member is None and ours:
            continue
        name = _name(given, path)
        done[wire_name(name) if ours else name] = _plain(
            member, _under(path, name), ours=ours and name != "extra", level=level
        )
    return done


def _plain_scalar(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return checks.whole_characters(value, path)
    told = checks.iso_day(value)
    is_number = type(told) in {int, float} and -LARGEST <= told <= LARGEST
    if told is None or type(told) in {str, bool} or is_number:
        return told
    raise InvalidRequestError(path, "it is no JSON: give texts, numbers, booleans, lists and mappings")


def _name(name: Any, path: str) -> str:
    if not isinstance(name, str):
        raise InvalidRequestError(path, "give texts as the names of members")
    return checks.whole_characters(name, path)


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
