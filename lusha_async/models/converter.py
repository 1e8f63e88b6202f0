"""Our own converter: strict where cattrs by default is not, tolerant where the vendor's answers vary.

A value of the wrong kind is an `UnreadableAnswerError` that names its path and never quotes it. Tolerated, and
no more: an id as a whole number (legacy ids) is taken as text; a whole number for a fraction and the reverse
where nothing is lost; one value where a list is meant; absent and null members; unknown ones, which are kept.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin

import attrs
from cattrs import Converter

from ..errors import UnreadableAnswerError
from .model import Model, Question, wire_name

__all__ = ["structure", "unstructure"]

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]


class _Mismatch(Exception):
    """A value of the wrong kind; the path grows as it passes outwards."""

    def __init__(self, expected: str, got: object) -> None:
        super().__init__()
        self.problem = f"expected {expected}, got {_kind_of(got)}"
        self.path: list[str] = []

    def at(self, step: str) -> "_Mismatch":
        self.path.append(step)
        return self

    def __str__(self) -> str:
        return f"{''.join(reversed(self.path)).lstrip('.')}: {self.problem}"


def _kind_of(value: object) -> str:
    kinds: Mapping[type, str] = {
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
        NoneType: "null",
    }
    return kinds.get(type(value), "something else")


def _text(value: Any, _: Any) -> str:
    if type(value) is str:
        return value
    raise _Mismatch("text", value)


def _id(value: Any, _: Any) -> str:
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    raise _Mismatch("text", value)


def _flag(value: Any, _: Any) -> bool:
    if type(value) is bool:
        return value
    raise _Mismatch("true or false", value)


def _whole(value: Any, _: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise _Mismatch("a whole number", value)


def _number(value: Any, _: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is int:
        return float(value)
    raise _Mismatch("a number", value)


def _many(item: Hook, item_type: Any, value: Any, _: Any) -> tuple[Any, ...]:
    if type(value) is not list:
        value = [value]  # the vendor sends one phone or e-mail where it documents a list, and the reverse
    done: list[Any] = []
    try:
        for one in value:
            done.append(item(one, item_type))
    except _Mismatch as mismatch:
        raise mismatch.at(f"[{len(done)}]") from None
    return tuple(done)


def _members(value_hook: Hook, value_type: Any, value: Any, _: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise _Mismatch("an object", value)
    done: dict[str, Any] = {}
    for name, member in cast(dict[str, Any], value).items():
        try:
            done[name] = value_hook(member, value_type)
        except _Mismatch as mismatch:
            raise mismatch.at(f".{name}") from None
    return done


def _open(value: Any, _: Any) -> Any:
    return value


def _known(kind: Any) -> Any:
    """`X` of `X | None`."""
    if get_origin(kind) in {Union, UnionType}:
        (known,) = [option for option in get_args(kind) if option is not NoneType]
        return known
    return kind


def _model_hook(cls: type[Model]) -> Hook:
    fields: dict[str, tuple[str, Any, Hook]] = {}
    for attribute in attrs.fields(attrs.resolve_types(cls)):
        if attribute.name != "extra":
            kind = _known(attribute.type)
            hook = _id if attribute.name.endswith("id") and kind is str else _converter.get_structure_hook(kind)
            fields[wire_name(attribute.name)] = (attribute.name, kind, hook)

    def hook(value: Any, _: Any) -> Model:
        if type(value) is not dict:
            raise _Mismatch("an object", value)
        given: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for name, member in cast(dict[str, Any], value).items():
            known = fields.get(name)
            if known is None or member is None:
                extra[name] = member
                continue
            try:
                given[known[0]] = known[2](member, known[1])
            except _Mismatch as mismatch:
                raise mismatch.at(f".{name}") from None
        return cls(**given, extra=extra) if extra else cls(**given)

    return hook


def _make() -> Converter:
    converter = Converter(detailed_validation=False, prefer_attrib_converters=False)
    for kind, hook in ((str, _text), (bool, _flag), (int, _whole), (float, _number)):
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook_factory(lambda kind: kind is Any or kind is object, lambda _: _open)
    converter.register_structure_hook_factory(
        lambda kind: get_origin(kind) is tuple,
        lambda kind: partial(_many, converter.get_structure_hook(get_args(kind)[0]), get_args(kind)[0]),
    )
    converter.register_structure_hook_factory(
        _is_mapping,
        lambda kind: partial(_members, converter.get_structure_hook(get_args(kind)[1]), get_args(kind)[1]),
    )
    converter.register_structure_hook_factory(
        lambda kind: isinstance(kind, type) and issubclass(kind, Model), _model_hook
    )
    return converter


def _is_mapping(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


_converter = _make()


def structure(payload: Any, cls: type[T]) -> T:
    """`payload` (decoded JSON) as `cls`. `UnreadableAnswerError` with the path of the first wrong value."""
    try:
        return cast(T, _converter.get_structure_hook(cls)(payload, cls))
    except _Mismatch as mismatch:
        raise UnreadableAnswerError(str(mismatch)) from None


def unstructure(value: Any) -> Any:
    """The JSON of a model or question, in the vendor's names: absent members stay absent."""
    if isinstance(value, Model | Question):
        members = {
            wire_name(attribute.name): unstructure(getattr(value, attribute.name))
            for attribute in attrs.fields(type(value))
            if attribute.name != "extra" and getattr(value, attribute.name) is not None
        }
        return {**members, **value.extra}
    if isinstance(value, tuple | list):
        return [unstructure(item) for item in cast(tuple[Any, ...], value)]
    if isinstance(value, Mapping):
        return {name: unstructure(item) for name, item in cast(Mapping[str, Any], value).items()}
    return value
