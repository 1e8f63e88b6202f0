"""hypothesis makes JSON: what fits a schema, what fits a class of answers, and what is a little or a lot off."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from hypothesis import strategies as st

from lusha_async.models._codec.fields import body_fields, is_model

from .description import merged, resolved

__all__ = ["anything", "fitting", "of_model", "spoiled"]

JSON = st.SearchStrategy[Any]

_texts = st.sampled_from(["", "a", "v1.Zm9v", "Ünï cødé 名", "2026-01-01", "a b\n", "0", "null", "x" * 300])
_formats = {
    "date": "2026-10-09",
    "date-time": "2026-10-09T08:00:00.000Z",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "ada@example.com",
    "uri": "https://example.com/x",
}
_new_members = st.sampled_from(["somethingNew", "a-b", "x1", "Ünï", ""])


def anything() -> JSON:
    """Small JSON of any kind."""
    scalars = st.none() | st.booleans() | st.integers(-5, 10**6) | st.floats(-5, 5, width=32) | _texts
    lists = st.lists(scalars, max_size=2)
    return st.one_of(scalars, lists, st.dictionaries(_new_members, scalars | lists, max_size=2))


def fitting(schema: Any) -> JSON:
    """JSON that fits an OpenAPI 3.0 schema; objects have further members now and then, as answers do."""
    return _fitting(json.dumps(schema, sort_keys=True))


@cache
def _fitting(told: str) -> JSON:
    schema = resolved(json.loads(told))
    made = _of_schema(schema)
    return made | st.none() if schema.get("nullable") else made


_COUNTS = {"yearFounded", "linkedinFollowers", "popularityTier", "limit", "used", "remaining"}
"""Members that are described as numbers and are counts: ours read them as whole numbers."""


def _member(name: str, schema: Any) -> JSON:
    return _integer(schema) if name in _COUNTS and schema.get("type") == "number" else fitting(schema)


def _of_schema(schema: Any) -> JSON:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for alternatives in ("oneOf", "anyOf"):
        if alternatives in schema:
            return st.one_of(*(fitting(one) for one in schema[alternatives]))
    if "allOf" in schema:
        return _of_schema(merged(schema))
    kind = schema.get("type", "object" if "properties" in schema else None)
    if kind is None:
        return anything()
    return _KINDS[kind](schema)


def _object(schema: Any) -> JSON:
    members = schema.get("properties", {})
    needed = set(schema.get("required", ())) & members.keys()
    fixed = st.fixed_dictionaries(
        {name: _member(name, members[name]) for name in sorted(needed)},
        optional={name: _member(name, member) for name, member in members.items() if name not in needed},
    )
    further = schema.get("additionalProperties", True)
    if further is False:
        return fixed
    value = fitting(further) if isinstance(further, dict) and further else anything()
    return st.builds(lambda rest, own: {**rest, **own}, _now_and_then(_new_members, value), fixed)


def _now_and_then(names: st.SearchStrategy[str], values: JSON) -> JSON:
    return st.just({}) | st.just({}) | st.dictionaries(names, values, max_size=2)


def _array(schema: Any) -> JSON:
    least = schema.get("minItems", 0)
    return st.lists(fitting(schema.get("items", {})), min_size=least, max_size=max(least, 2))


def _integer(schema: Any) -> JSON:
    return st.integers(schema.get("minimum", -10), schema.get("maximum", 10**9))


def _number(schema: Any) -> JSON:
    least, most = schema.get("minimum", -10), schema.get("maximum", 10**6)
    return st.floats(least, most, allow_nan=False) | st.integers(-int(-least // 1), int(most // 1))


def _string(schema: Any) -> JSON:
    return st.just(_formats[schema["format"]]) if schema.get("format") in _formats else _texts


_KINDS: Mapping[str, Callable[[Any], JSON]] = {
    "object": _object,
    "array": _array,
    "integer": _integer,
    "number": _number,
    "string": _string,
    "boolean": lambda schema: st.booleans(),
}

_SCALARS: Mapping[Any, JSON] = {
    str: _texts,
    bool: st.booleans(),
    int: st.integers(-10, 10**9),
    float: st.floats(-10, 10**6, allow_nan=False) | st.integers(-10, 10**6),
    Any: anything(),
}


@cache
def of_model(cls: Any) -> JSON:
    """JSON that fits a class of answers or an alias, in the vendor's names."""
    own = st.fixed_dictionaries({}, optional={name: _of_kind(kind) for _, kind, name in body_fields(cls)})
    return st.builds(lambda rest, told: {**rest, **told}, _now_and_then(_new_members, anything()), own)


def _of_kind(kind: Any) -> JSON:
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind is NoneType:
        return st.none()
    if is_model(kind):
        return of_model(kind)
    if get_origin(kind) in {Union, UnionType}:
        return st.one_of(*(_of_kind(one) for one in get_args(kind)))
    if get_origin(kind) is tuple:
        return st.lists(_of_kind(get_args(kind)[0]), max_size=2)
    return st.dictionaries(_new_members, _of_kind(get_args(kind)[1]), max_size=2)  # a mapping by name


def spoiled(fit: JSON) -> JSON:
    """The same with one to three things wrong: dropped, null, of another kind, wrapped, beyond all bounds, deep."""
    return st.builds(_spoil, fit, st.lists(st.tuples(st.integers(0, 10**6), _wrongs), min_size=1, max_size=3))


_DROPPED = object()


def _deep(levels: int) -> Any:
    nested: Any = []
    for _ in range(levels):
        nested = [nested]
    return nested


_wrongs: st.SearchStrategy[Callable[[Any], Any]] = st.one_of(
    st.just(lambda value: _DROPPED),
    st.just(lambda value: None),
    st.just(lambda value: [value]),
    st.just(lambda value: {"value": value}),
    st.just(lambda value: value[0] if isinstance(value, list) and value else str(value)[:50]),
    st.just(lambda value: _deep(60)),
    st.sampled_from(
        [float("nan"), float("inf"), -1, 10**400, 1e308, True, "", "\ud800", [], {}, 0, "2", [[]]]
    ).map(lambda wrong: lambda value: deepcopy(wrong)),
)


def _spoil(fit: Any, wrongs: list[tuple[int, Callable[[Any], Any]]]) -> Any:
    whole = [json.loads(json.dumps(fit))]  # in a list, so that the whole answer can be spoiled too
    for where, wrong in wrongs:
        holders = list(_holders(whole))
        holder, place = holders[where % len(holders)]
        value = wrong(holder[place])
        if value is not _DROPPED:
            holder[place] = value
        elif holder is not whole:
            del holder[place]
    return whole[0]


def _holders(node: Any) -> Any:
    """Every list or object within `node` with each of its places."""
    members = list(node.items() if isinstance(node, dict) else enumerate(node))
    for place, value in members:
        yield node, place
        if isinstance(value, dict | list):
            yield from _holders(value)
