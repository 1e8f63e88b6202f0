"""Generates, for each class or alias of models, the function that decodes it from parsed JSON.

A decoder is generated code, one straight line for each member, made when the class is first decoded. It fills an
instance of an unfrozen twin with the same slots and then changes its class to the frozen one: the frozen `__init__`
goes through `object.__setattr__` for each field, which would cost more than the rest of the decoding.

Class attributes of a model state what is special about its body:

- `__scalar__`: the member that a plain text in place of the object stands for.
- `__open__`: members of any name are documented; they are no drift.
- `__lenient__`: a value of the wrong kind is not refused; its field is None, and the value is in `extra`. It is drift.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin

from ..model import NO_MEMBERS, Model, wire_name
from .drift import report_drift, report_value
from .extra import leftover_of
from .fields import class_of, fields_of, is_model, is_not_tuple, title_of, without_none
from .kinds import (
    Mismatch,
    boolean,
    credits,
    identifier,
    integer,
    lenient_identifier,
    mapping_of,
    number,
    numeric_identifier,
    rows,
    string,
    strings,
    tuple_of,
)

__all__ = ["Decode", "decoder"]

Decode = Callable[..., Any]

_SCALARS: Mapping[Any, tuple[str, Decode]] = {
    str: ("str", string),
    bool: ("bool", boolean),
    int: ("int", integer),
    float: ("float", number),
}
_INT_TO_FLOAT = ("    elif type(value) is int and -0x3FFFFFFF < value < 0x3FFFFFFF: value = float(value)",)


def _generated(kind: Any) -> Decode:
    """A function that decodes a `kind` or raises `Mismatch`; fields outside the body are its keyword arguments."""
    generator = _Generator(kind)
    for attribute, its_type in fields_of(kind):
        generator.add(attribute, its_type)
    return generator.compiled()


decoder: Callable[[Any], Decode] = cache(_generated)
"""The same function, generated once for each class or alias."""


class _Generator:
    """Writes the source of one decoder; `names` is its namespace.

    The usual case is first: a value of the documented kind costs one comparison of its type; only then is it compared
    with null, accepted in another kind, or refused.
    """

    def __init__(self, kind: Any) -> None:
        cls: type[Model] = class_of(kind)
        self.title = title_of(kind)
        self.lenient: bool = getattr(cls, "__lenient__", False)
        self.members: set[str] = set()
        self.parameters = ["body"]
        self.names: dict[str, Any] = {
            "cls": cls,
            "twin": _twin(cls),
            "join": "".join,
            "Mismatch": Mismatch,
            "NO_MEMBERS": NO_MEMBERS,
            "at_member": _at_member,
            "or_none": _or_none,
            "leftover": leftover_of(self.title, self.members, open_members=getattr(cls, "__open__", False)),
            "report_value": report_value,
            "strings": strings,
        }
        self.lines = [
            "    if type(body) is not dict:",
            *_indent(_scalar_form(cls), 2),
            "    rest = len(body)",
            "    made = twin()",
            *(["    wrong = []"] if self.lenient else ()),
        ]

    def add(self, attribute: Any, kind: Any) -> None:
        """Add the lines of one field."""
        if attribute.name == "extra":
            return
        if attribute.metadata.get("local"):  # not a part of the body
            default = attribute.default
            value = default.factory() if hasattr(default, "factory") else default
            self.parameters.append(f"{attribute.name}={self._name(value)}")
            self.lines.append(f"    made.{attribute.name} = {attribute.name}")
            return
        wire = wire_name(attribute.name)
        self.members.add(wire)
        missing = ["rest += 1"]
        if attribute.default is not None:
            missing.append(f"value = {self._name(attribute.default)}")
        self.lines += [
            f"    value = body.get({wire!r})",
            *_indent(self._conversion(attribute, without_none(kind), wire, missing)),
            f"    made.{attribute.name} = value",
        ]

    def compiled(self) -> Decode:
        """The finished function."""
        count = len(self.members)
        lines = [f"def decode({', '.join(self.parameters)}):", *self.lines]
        if self.lenient:
            lines += [
                f"    if rest == {count} and not wrong: made.extra = NO_MEMBERS",
                f"    else: made.extra = leftover(body, rest - {count}) | {{name: body[name] for name in wrong}}",
            ]
        else:
            lines += [
                f"    if rest == {count}: made.extra = NO_MEMBERS",
                f"    else: made.extra = leftover(body, rest - {count})",
            ]
        lines += ["    made.__class__ = cls", "    return made"]
        exec(compile("\n".join(lines), f"<decoder of {self.title}>", "exec"), self.names)  # noqa: S102
        return cast(Decode, self.names["decode"])

    def _name(self, value: Any) -> str:
        name = f"g{len(self.names)}"
        self.names[name] = value
        return name

    def _conversion(self, attribute: Any, kind: Any, wire: str, missing: list[str]) -> list[str]:
        """Lines that replace `value`, parsed JSON, by what the field holds; `missing` is done for a null."""
        if kind in _SCALARS:
            return self._scalar(attribute, kind, wire, missing)
        found = (
            [self._checked(self._decoder_of(kind), wire)]
            if self.lenient
            else self._compound(attribute, kind, wire)
        )
        return ["if value is None:", *_indent(missing), "else:", *_indent(found)]

    def _checked(self, decode: Decode, wire: str) -> str:
        """A line that calls `decode` for a value that may be of the wrong kind."""
        if self.lenient:
            return f"value = or_none({self._name(decode)}, value, {wire!r}, wrong)"
        return f"value = at_member({self._name(decode)}, value, {wire!r})"

    def _compound(self, attribute: Any, kind: Any, wire: str) -> list[str]:
        if kind is Any:
            return ["pass"]
        if kind == tuple[str, ...]:
            # "".join is the fastest check that a list has only texts.
            return [
                "try:",
                "    if type(value) is not list: raise TypeError",
                "    join(value)",
                "    value = tuple(value)",
                "except TypeError:",
                f"    value = at_member(strings, value, {wire!r})",
            ]
        if get_origin(kind) in {Union, UnionType}:
            many, single = sorted(get_args(kind), key=is_not_tuple)
            return [
                "if type(value) is list:",
                *_indent(self._compound(attribute, many, wire)),
                "else:",
                *_indent(self._conversion(attribute, single, wire, ["pass"])),
            ]
        if get_origin(kind) is tuple:
            return self._tuple(get_args(kind)[0], wire)
        return [
            "try:",
            f"    value = {self._name(self._decoder_of(kind))}(value)",
            "except Mismatch as mismatch:",
            f"    raise mismatch.at({wire!r}) from None",
        ]

    def _scalar(self, attribute: Any, kind: Any, wire: str, missing: list[str]) -> list[str]:
        if attribute.metadata.get("rows"):
            return ["if value is None:", *_indent(missing), f"else: {self._checked(rows, wire)}"]
        name, decode = _SCALARS[kind]
        if attribute.metadata.get("numeric"):
            decode = numeric_identifier
        elif attribute.metadata.get("credits"):
            decode = credits
        elif kind is str and (attribute.name == "id" or attribute.name.endswith("_id")):
            decode = lenient_identifier if self.lenient else identifier
        lines = [
            f"if type(value) is not {name}:",
            "    if value is None:",
            *_indent(missing, 2),
            *(_INT_TO_FLOAT if kind is float else ()),
            "    else:",
            f"        {self._checked(decode, wire)}",
        ]
        documented = attribute.metadata.get("known")
        if documented:
            member = f"{self.title}.{wire}"
            lines.append(f"elif value not in {self._name(documented)}: report_value({member!r}, value)")
        return lines

    def _tuple(self, kind: Any, wire: str) -> list[str]:
        decode = self._name(self._decoder_of(kind))
        item = f"{decode}(item)"
        if kind in _SCALARS:
            item = f"item if type(item) is {_SCALARS[kind][0]} else {item}"
        return [
            "if type(value) is not list: value = [value]",  # a single phone where a list is documented
            "try:",
            f"    value = ({decode}(value[0]),) if len(value) == 1 else tuple([{item} for item in value])",
            "except Mismatch as mismatch:",
            f"    raise mismatch.among(value, {decode}, {wire!r}) from None",
        ]

    def _decoder_of(self, kind: Any) -> Decode:
        if kind in _SCALARS:
            return _SCALARS[kind][1]
        if kind is Any:
            return _unchanged
        if is_model(kind):
            return decoder(kind)
        if get_origin(kind) is tuple:
            return tuple_of(self._decoder_of(get_args(kind)[0]), wrap=not self.lenient)
        return mapping_of(self._decoder_of(get_args(kind)[1]))


def _indent(lines: list[str], depth: int = 1) -> list[str]:
    return ["    " * depth + line for line in lines]


def _at_member(decode: Decode, value: Any, wire: str) -> Any:
    """The member `wire`, decoded: for the few values that are not of the documented kind."""
    try:
        return decode(value)
    except Mismatch as mismatch:
        raise mismatch.at(wire) from None


def _or_none(decode: Decode, value: Any, wire: str, wrong: list[str]) -> Any:
    """The same for a lenient class: None for a value of the wrong kind, whose name goes into `wrong`."""
    try:
        return decode(value)
    except Mismatch:
        wrong.append(wire)
        report_drift(f"{wire} of another kind")
        return None


def _scalar_form(cls: type[Model]) -> list[str]:
    scalar = getattr(cls, "__scalar__", None)
    from_text = [] if scalar is None else [f"if type(body) is str: return decode({{{scalar!r}: body}})"]
    return [*from_text, "raise Mismatch('an object', body)"]


def _unchanged(value: Any) -> Any:
    return value


def _twin(cls: type[Model]) -> type:
    """An unfrozen class of the same layout, so that its instances may become those of `cls`.

    A subclass without slots of its own: the interpreter then need not compare the two classes' slots each time.
    """
    unfrozen = {
        "__slots__": (),
        "__init__": object.__init__,
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
    }
    return type("Twin", (cls,), unfrozen)
