"""Encoding of request models, or mappings instead of them, as the JSON to send.

Each function raises `InvalidRequestError`, which names the value by its `path` and never by its content.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

__all__ = ["company_identity", "company_query", "contact_query", "model", "wire_mapping"]

_NAME = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_MAX_REFERENCE = 256
_MAX_DEPTH = 64  # of nested plain values
_LISTS = {list, tuple}


def contact_query(value: ContactQuery | Mapping[str, Any], path: str) -> dict[str, Any]:
    """A `ContactQuery` as JSON. It must identify a person."""
    query = model(ContactQuery, value, path)
    has_name = query.get("firstName") and query.get("lastName")
    has_company = query.get("companyName") or query.get("companyDomain")
    if not (query.get("id") or query.get("linkedinUrl") or query.get("email") or (has_name and has_company)):
        raise InvalidRequestError(
            path,
            "must have id, linkedin_url, email, or first_name and last_name with company_name or company_domain",
        )
    return _with_reference(query, path)


def company_query(value: CompanyQuery | Mapping[str, Any], path: str) -> dict[str, Any]:
    """A `CompanyQuery` as JSON. It must identify a company."""
    query = model(CompanyQuery, value, path)
    if not (query.get("id") or query.get("domain") or query.get("name")):
        raise InvalidRequestError(path, "must have id, domain or name")
    return _with_reference(query, path)


def company_identity(
    value: CompanyIdentity | CompanyQuery | Mapping[str, Any], path: str, members: Sequence[str]
) -> dict[str, Any]:
    """A company as JSON, identified by exactly one of `members`."""
    cls = CompanyQuery if isinstance(value, CompanyQuery) else CompanyIdentity
    query = model(cls, value, path)
    others = _by_wire_name(cls).keys() - {*members, "clientReferenceId"}
    if sum(name in query for name in members) != 1 or not query.keys().isdisjoint(others):
        raise InvalidRequestError(path, f"must have exactly one of {', '.join(members)}")
    return _with_reference(query, path)


def _with_reference(query: dict[str, Any], path: str) -> dict[str, Any]:
    if len(query.get("clientReferenceId", "")) > _MAX_REFERENCE:
        raise InvalidRequestError(f"{path}.client_reference_id", f"must have at most {_MAX_REFERENCE} characters")
    return query


def _place(cls: type[RequestModel], name: str) -> str:
    """Where a member belongs that was put one or two levels too high, as the end of an error text."""
    found = [path for path, kind in _nested(cls, "") if name in _fields(kind) or name in _by_wire_name(kind)]
    return f": put it under {' or '.join(found)}" if found else ""


def _nested(cls: type[RequestModel], path: str) -> Iterator[tuple[str, type[RequestModel]]]:
    for field in _fields(cls).values():
        kind = _required_type(field.type)
        if isinstance(kind, type) and issubclass(kind, RequestModel):
            inner = f"{path}.{field.name}".lstrip(".")
            yield inner, kind
            yield from _nested(kind, inner)


def model(cls: type[RequestModel], value: RequestModel | Mapping[str, Any], path: str) -> dict[str, Any]:
    """A request model, or a mapping instead of one, as the JSON to send. Members that are None are left out.

    A mapping may use the names of `cls` or the vendor's. Members that `cls` does not have must be in `extra`; elsewhere
    they are refused. The result is a copy: changing `value` later changes no request.
    """
    fields = _fields(cls)
    if isinstance(value, cls):
        members = _members(value)
        extra: Any = members.pop("extra")
    elif isinstance(value, Mapping):
        members = dict(value)
        extra = members.pop("extra", None) or {}
    else:
        raise InvalidRequestError(path, f"must be a {cls.__name__} or a mapping")
    encoded: dict[str, Any] = {}
    for name, member in members.items():
        field = fields.get(name) or _by_wire_name(cls).get(name)
        member_path = _join(path, name if field is None else field.name)
        if field is None:
            hint = _place(cls, str(name)) or checks.did_you_mean(str(name), fields)
            raise InvalidRequestError(member_path, f"unknown member{hint}; members that are new go into `extra`")
        if member is not None:
            if wire_name(field.name) in encoded:
                raise InvalidRequestError(member_path, f"appears twice: also as {wire_name(field.name)}")
            encoded[wire_name(field.name)] = _value(field, _required_type(field.type), member, member_path)
    for field in fields.values():
        if field.default is attrs.NOTHING and wire_name(field.name) not in encoded:
            raise InvalidRequestError(f"{path}.{field.name}", "is required")
        lower, upper = field.metadata.get("above"), encoded.get(wire_name(field.name))
        if lower and upper is not None and upper < encoded.get(wire_name(lower), upper):
            raise InvalidRequestError(f"{path}.{field.name}", f"must not be below {lower}")
    return {**encoded, **_extra(cls, extra, f"{path}.extra")}


def _members(value: RequestModel) -> dict[str, Any]:
    return attrs.asdict(value, recurse=False)


def _extra(cls: type[RequestModel], extra: Any, path: str) -> dict[str, Any]:
    """A copy of the members that `cls` does not have."""
    if not isinstance(extra, Mapping):
        raise InvalidRequestError(path, "must be a mapping")
    members = cast(Mapping[object, Any], extra)
    for name in members:
        if name in _fields(cls) or name in _by_wire_name(cls):
            raise InvalidRequestError(_join(path, name), "is a known member: put it beside `extra`, not into it")
    return {_name(name, path): _plain(member, _join(path, name), rename=False) for name, member in members.items()}


def wire_mapping(cls: type[RequestModel], value: RequestModel | Mapping[str, Any], path: str) -> dict[str, Any]:
    """A request model as a mapping with the vendor's names, which can be changed and encoded later.

    `extra` stays a member. Raises what `model` raises.
    """
    members = cast(dict[str, Any], _plain(value, path))
    model(cls, members, path)
    return members


def _value(field: Any, kind: Any, value: Any, path: str) -> Any:
    origin = get_origin(kind)
    if isinstance(kind, type) and issubclass(kind, RequestModel):
        return model(kind, value, path)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        (item_kind,) = get_args(kind)
        many = checks.as_list(value, path)
        if not many:
            raise InvalidRequestError(path, "must have at least one item, or be left out")
        kind = _required_type(item_kind)
        encoded = [_value(field, kind, item, f"{path}[{index}]") for index, item in enumerate(many)]
        if {} in encoded:
            raise InvalidRequestError(f"{path}[{encoded.index({})}]", "must have at least one member")
        return encoded
    return _scalar(field, kind, value, path)


def _scalar(field: Any, kind: Any, value: Any, path: str) -> Any:
    if field.metadata.get("date"):
        return checks.optional_date(value, path)
    if kind is bool:
        return checks.optional_boolean(value, path)
    if kind is str:
        checks.string(value, path)
    if kind is int:
        checks.integer(value, path, minimum=-LARGEST)
    if kind is float and type(value) not in {int, float}:
        raise InvalidRequestError(path, "must be a number")
    if "range" in field.metadata:
        _in_range(value, path, kind, *field.metadata["range"])
    elif kind is float and not -LARGEST <= value <= LARGEST:
        raise InvalidRequestError(path, "must be a number")
    if field.metadata.get("email"):
        checks.email(value, path)
    if "length" in field.metadata:
        checks.string(value, path, maximum=field.metadata["length"])
    if "among" in field.metadata:
        checks.optional_enum(value, path, field.metadata["among"])
    return value


def _in_range(value: Any, path: str, kind: Any, minimum: int, maximum: int | None) -> None:
    if kind is int:
        checks.integer(value, path, minimum=minimum, maximum=maximum)
    elif not minimum <= value <= (LARGEST if maximum is None else maximum):
        bounds = f"of at least {minimum}" if maximum is None else f"between {minimum} and {maximum}"
        raise InvalidRequestError(path, f"must be a number {bounds}")


def _plain(value: Any, path: str, *, rename: bool = True, level: int = 0) -> Any:
    """A copy of plain values as JSON.

    With `rename`, members get the vendor's names and those that are None are left out, except in `extra`.
    """
    if level > _MAX_DEPTH:
        raise InvalidRequestError(path, f"must not be nested more than {_MAX_DEPTH} levels deep")
    if isinstance(value, RequestModel):
        value = {**_members(value), "extra": value.extra or None}
    if isinstance(value, Mapping):
        return _plain_members(cast(Mapping[object, Any], value), path, rename=rename, level=level + 1)
    if type(value) in _LISTS or (rename and isinstance(value, Iterable) and not isinstance(value, str | bytes)):
        items = enumerate(cast(Iterable[object], value))
        return [_plain(item, f"{path}[{index}]", rename=rename, level=level + 1) for index, item in items]
    return _plain_scalar(value, path)


def _plain_members(members: Mapping[object, Any], path: str, *, rename: bool, level: int) -> dict[str, Any]:
    copied: dict[str, Any] = {}
    for key, member in members.items():
        if member is None and rename:
            continue
        name = _name(key, path)
        copied[wire_name(name) if rename else name] = _plain(
            member, _join(path, name), rename=rename and name != "extra", level=level
        )
    return copied


def _plain_scalar(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return checks.utf8(value, path)
    scalar = checks.iso_date(value)
    is_number = type(scalar) in {int, float} and -LARGEST <= scalar <= LARGEST
    if scalar is None or type(scalar) in {str, bool} or is_number:
        return scalar
    raise InvalidRequestError(path, "must be JSON: strings, numbers, booleans, lists and mappings")


def _name(name: Any, path: str) -> str:
    if not isinstance(name, str):
        raise InvalidRequestError(path, "must have strings as the names of its members")
    return checks.utf8(name, path)


def _join(path: str, name: Any) -> str:
    """The path of a member; `path` if `name` does not look like a name of one, since it may be personal data."""
    return f"{path}.{name}" if isinstance(name, str) and _NAME.fullmatch(name) else path


def _fields_of(cls: Any) -> Mapping[str, Any]:
    return {field.name: field for field in attrs.fields(attrs.resolve_types(cls)) if field.name != "extra"}


_fields: Callable[[Any], Mapping[str, Any]] = cache(_fields_of)


def _by_wire_name_of(cls: Any) -> Mapping[str, Any]:
    return {wire_name(name): field for name, field in _fields(cls).items()}


_by_wire_name: Callable[[Any], Mapping[str, Any]] = cache(_by_wire_name_of)


def _required_type(kind: Any) -> Any:
    """The first type of a union that is not None: the request model, where a mapping is accepted instead."""
    if get_origin(kind) in {Union, UnionType}:
        return next(option for option in get_args(kind) if option is not NoneType)
    return kind
