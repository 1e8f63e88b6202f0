"""A cattrs converter that decodes the models with the same tolerance as the project's codec.

Unknown members and nulls are kept in `extra`, types are strict, a single value may stand for a list, errors have paths.
Only the report of undocumented values is left out. Hooks before cattrs' generated functions add what cattrs lacks.
"""

from collections.abc import Callable
from types import UnionType
from typing import Any, Union, get_args, get_origin

from cattrs import Converter
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.gen import make_dict_structure_fn, override

from lusha_async.models._codec import kinds
from lusha_async.models._codec.fields import body_fields, class_of, fields_of, is_model, without_none

__all__ = ["strict_converter"]

Hook = Callable[[Any, Any], Any]
_SCALARS = {str: kinds.string, bool: kinds.boolean, int: kinds.integer, float: kinds.number}


def strict_converter() -> Converter:
    """A converter for models. Its errors are those of cattrs, with the paths that `cattrs.transform_error` shows."""
    converter = Converter(detailed_validation=True)
    for scalar, check in _SCALARS.items():
        converter.register_structure_hook(scalar, _hook(check))
    converter.register_structure_hook_factory(lambda kind: get_origin(kind) is tuple, _tuple)
    converter.register_structure_hook_factory(_is_union, _union)
    converter.register_structure_hook_factory(is_model, _model)
    return converter


def _hook(check: Callable[[Any], Any]) -> Hook:
    return lambda value, _: check(value)


def _tuple(kind: Any, converter: Converter) -> Hook:
    structured = homogenous_tuple_structure_factory(kind, converter)
    return lambda value, _: structured(value if type(value) is list else [value], kind)


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in {Union, UnionType} and get_origin(without_none(kind)) in {Union, UnionType}


def _union(kind: Any, converter: Converter) -> Hook:
    """The hook of a value, or a list of values."""
    many, single = sorted(get_args(without_none(kind)), key=lambda option: get_origin(option) is not tuple)
    of_many, of_single = converter.get_structure_hook(many), converter.get_structure_hook(single)
    return lambda value, _: of_many(value, many) if type(value) is list else of_single(value, single)


def _model(kind: Any, converter: Converter) -> Hook:
    members = {wire for _, _, wire in body_fields(kind)}
    scalar: str | None = getattr(class_of(kind), "__scalar__", None)
    overrides: dict[str, Any] = {attribute.name: override(omit=True) for attribute, _ in fields_of(kind)}
    overrides["extra"] = override(struct_hook=lambda value, _: value)
    for attribute, its_type, wire in body_fields(kind):
        overrides[attribute.name] = override(rename=wire, struct_hook=_field(attribute, its_type, converter))
    structured = make_dict_structure_fn(kind, converter, **overrides)

    def hook(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            if scalar is None or type(value) is not str:
                raise kinds.Mismatch("an object", value)
            value = {scalar: value}
        rest = {name: member for name, member in value.items() if member is None or name not in members}
        if rest:
            value = {name: member for name, member in value.items() if name not in rest}
            value["extra"] = rest
        return structured(value, kind)

    return hook


def _field(attribute: Any, kind: Any, converter: Converter) -> Hook:
    """The hook of a field's value, which is never None."""
    if attribute.metadata.get("credits"):
        return _hook(kinds.credits)
    known = without_none(kind)
    if known is str and (attribute.name == "id" or attribute.name.endswith("_id")):
        return _hook(kinds.numeric_identifier if attribute.metadata.get("numeric") else kinds.identifier)
    found: Hook = converter.get_structure_hook(known)
    return found
