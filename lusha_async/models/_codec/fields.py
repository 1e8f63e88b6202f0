"""The fields of a model with their types, type parameters replaced by the arguments of an alias."""

import functools
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import attrs

from ..model import Model, wire_name

__all__ = ["body_fields", "class_of", "fields_of", "is_model", "is_not_tuple", "title_of", "without_none"]

Field = tuple[Any, Any]
"""An attribute of attrs and its type."""


def class_of(kind: Any) -> Any:
    """The class of an alias such as `Results[Contact]`; a class is its own."""
    return get_origin(kind) or kind


def is_model(kind: Any) -> bool:
    """Whether it is a class of models or an alias of one."""
    cls = class_of(kind)
    return isinstance(cls, type) and issubclass(cls, Model)


def title_of(kind: Any) -> str:
    """The name of a class or an alias, as in `Results[Contact]`."""
    arguments: tuple[Any, ...] = get_args(kind)
    inner = ", ".join(title_of(argument) for argument in arguments)
    return f"{class_of(kind).__name__}[{inner}]" if arguments else str(kind.__name__)


def fields_of(kind: Any) -> Iterator[Field]:
    """Each field of a class or an alias, in order, with its type."""
    arguments = _arguments(kind)
    for attribute in attrs.fields(attrs.resolve_types(class_of(kind))):
        yield attribute, _replaced(attribute.type, arguments)


def body_fields(kind: Any) -> Iterator[tuple[Any, Any, str]]:
    """The fields that stand for a member of the body: attribute, type, and the member's name."""
    for attribute, its_type in fields_of(kind):
        if attribute.name != "extra" and not attribute.metadata.get("local"):
            yield attribute, its_type, wire_name(attribute.name)


def without_none(kind: Any) -> Any:
    """`X` of `X | None`; `X | Y` of `X | Y | None`."""
    if get_origin(kind) in {Union, UnionType}:
        options = [option for option in get_args(kind) if option is not NoneType]
        return functools.reduce(_either, options)
    return kind


def is_not_tuple(kind: Any) -> bool:
    """Whether a type is anything but a tuple."""
    origin: Any = get_origin(kind)
    return origin is not tuple


def _arguments(kind: Any) -> Mapping[Any, Any]:
    """What each type parameter of `kind` and of its bases stands for."""
    cls = class_of(kind)
    own = dict(zip(getattr(cls, "__parameters__", ()), get_args(kind), strict=False))
    found: dict[Any, Any] = {}
    for base in getattr(cls, "__orig_bases__", ()):
        if isinstance(class_of(base), type) and attrs.has(class_of(base)):
            found |= {name: _replaced(value, own) for name, value in _arguments(base).items()}
    return found | own


def _replaced(kind: Any, arguments: Mapping[Any, Any]) -> Any:
    if isinstance(kind, TypeVar):
        return arguments.get(kind, Any)
    generic: Any = None if isinstance(kind, type) else kind
    parameters: tuple[Any, ...] = getattr(generic, "__parameters__", ())
    return generic[tuple(arguments.get(name, Any) for name in parameters)] if parameters else kind


def _either(one: Any, other: Any) -> Any:
    return one | other
