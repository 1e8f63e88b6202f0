"""Makes, for each class of answers, the function that reads it from decoded JSON.

A reader is generated code, one straight line per member, made when its class is first read. It fills an instance
of an unfrozen twin with the same slots and then hands it over to the frozen class: the frozen one's own `__init__`
goes through `object.__setattr__` for each field, which would cost more than all of the reading.
"""

import functools
from collections.abc import Callable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin

from ..model import NO_MEMBERS, Model, wire_name
from .fields import class_of, fields_of, is_model, title_of
from .kinds import WATCH, Mismatch, credits, flag, ident, number, numbered, surprise, text, texts, whole

__all__ = ["reader"]

Reader = Callable[[Any], Any]

_SCALARS: Mapping[Any, tuple[str, Reader]] = {
    str: ("str", text),
    bool: ("bool", flag),
    int: ("int", whole),
    float: ("float", number),
}
_WHOLE_FOR_FRACTION = ("    elif type(value) is int and -0x3FFFFFFF < value < 0x3FFFFFFF: value = float(value)",)
_MOST_USUAL = 8  # names remembered for each class


def _made(cls: Any) -> Reader:
    """The function that makes decoded JSON into a `cls`, or raises `Mismatch`."""
    writer = _Writer(cls)
    for attribute, kind in fields_of(cls):
        writer.member(attribute, kind)
    return writer.compiled()


reader: Callable[[Any], Reader] = cache(_made)
"""The same function, made once for each class or alias such as `Results[Contact]`."""


class _Writer:
    """Writes the source of one reader; `names` is what the source refers to.

    What comes nearly always is asked first: a value of the documented kind costs one comparison of its type, and
    only then is it looked at whether it is null, tolerated or wrong.
    """

    def __init__(self, kind: Any) -> None:
        cls: type[Model] = class_of(kind)
        self.title = title_of(kind)
        self.members: set[str] = set()
        self.names: dict[str, Any] = {
            "cls": cls,
            "twin": _twin(cls),
            "join": "".join,
            "Mismatch": Mismatch,
            "NO_MEMBERS": NO_MEMBERS,
            "held": _held,
            "leftover": _leftover(cls, self.title, self.members),
            "unfamiliar": _unfamiliar,
            "texts": texts,
        }
        self.lines = [
            "def read(given):",
            "    if type(given) is not dict:",
            *_indent(_scalar_form(cls), 2),
            "    absent = len(given)",
            "    made = twin()",
        ]

    def member(self, attribute: Any, kind: Any) -> None:
        """The lines that read one member."""
        if attribute.name == "extra":
            return
        if attribute.metadata.get("local"):  # not a part of the answer's body
            default = attribute.default
            value = default.factory() if hasattr(default, "factory") else default
            self.lines.append(f"    made.{attribute.name} = {self._name(value)}")
            return
        wire = wire_name(attribute.name)
        self.members.add(wire)
        missing = ["absent += 1"]
        if attribute.default is not None:
            missing.append(f"value = {self._name(attribute.default)}")
        self.lines += [
            f"    value = given.get({wire!r})",
            *_indent(self._conversion(attribute, _known(kind), wire, missing)),
            f"    made.{attribute.name} = value",
        ]

    def compiled(self) -> Reader:
        """The finished function."""
        self.lines += [
            f"    if absent == {len(self.members)}: made.extra = NO_MEMBERS",
            f"    else: made.extra = leftover(given, absent - {len(self.members)})",
            "    made.__class__ = cls",
            "    return made",
        ]
        source = "\n".join(self.lines)
        exec(compile(source, f"<decoder of {self.title}>", "exec"), self.names)  # noqa: S102
        return cast(Reader, self.names["read"])

    def _name(self, value: Any) -> str:
        name = f"g{len(self.names)}"
        self.names[name] = value
        return name

    def _conversion(self, attribute: Any, kind: Any, wire: str, missing: list[str]) -> list[str]:
        """Lines that replace `value`, decoded JSON, by what the field holds; `missing` is done for a null."""
        if kind in _SCALARS:
            return self._scalar(attribute, kind, wire, missing)
        return ["if value is None:", *_indent(missing), "else:", *_indent(self._compound(attribute, kind, wire))]

    def _compound(self, attribute: Any, kind: Any, wire: str) -> list[str]:
        if kind is Any:
            return ["pass"]
        if kind == tuple[str, ...]:
            # "".join is the cheapest way to insist on a list of nothing but texts.
            return [
                "try:",
                "    if type(value) is not list: raise TypeError",
                "    join(value)",
                "    value = tuple(value)",
                "except TypeError:",
                f"    value = held(texts, value, {wire!r})",
            ]
        if get_origin(kind) in {Union, UnionType}:
            options: list[Any] = list(get_args(kind))
            many, one = sorted(options, key=_is_one)
            return [
                "if type(value) is list:",
                *_indent(self._compound(attribute, many, wire)),
                "else:",
                *_indent(self._conversion(attribute, one, wire, ["pass"])),
            ]
        if get_origin(kind) is tuple:
            return self._many(get_args(kind)[0], wire)
        return _guarded(f"value = {self._name(_reader_of(kind))}(value)", wire)

    def _scalar(self, attribute: Any, kind: Any, wire: str, missing: list[str]) -> list[str]:
        name, read = _SCALARS[kind]
        is_id = kind is str and (attribute.name == "id" or attribute.name.endswith("_id"))
        if attribute.metadata.get("numbered"):  # by contract, so that it is no surprise
            read = numbered
        elif attribute.metadata.get("credits"):
            read = credits
        elif is_id:
            read = ident
        check = self._name(read)
        lines = [
            f"if type(value) is not {name}:",
            "    if value is None:",
            *_indent(missing, 2),
            *(_WHOLE_FOR_FRACTION if kind is float else ()),
            "    else:",
            f"        value = held({check}, value, {wire!r})",
        ]
        documented = attribute.metadata.get("known")
        if documented:
            where = f"{self.title}.{wire}"
            lines.append(f"elif value not in {self._name(documented)}: unfamiliar({where!r}, value)")
        return lines

    def _many(self, kind: Any, wire: str) -> list[str]:
        read = self._name(_reader_of(kind))
        one = f"{read}(item)"
        if kind in _SCALARS:
            one = f"item if type(item) is {_SCALARS[kind][0]} else {one}"
        return [
            "if type(value) is not list: value = [value]",  # one phone where a list of them is documented
            "try:",
            f"    value = ({read}(value[0]),) if len(value) == 1 else tuple([{one} for item in value])",
            "except Mismatch as mismatch:",
            f"    raise mismatch.among(value, {read}, {wire!r}) from None",
        ]


def _indent(lines: list[str], depth: int = 1) -> list[str]:
    return ["    " * depth + line for line in lines]


def _held(read: Reader, value: Any, wire: str) -> Any:
    """What `read` makes of the member `wire`: for the few values that are not of the documented kind."""
    try:
        return read(value)
    except Mismatch as mismatch:
        raise mismatch.at(wire) from None


def _guarded(line: str, wire: str) -> list[str]:
    return ["try:", f"    {line}", "except Mismatch as mismatch:", f"    raise mismatch.at({wire!r}) from None"]


def _scalar_form(cls: type[Model]) -> list[str]:
    """A class that may come as one text says so by `__scalar__`, the member that the text then is."""
    scalar = getattr(cls, "__scalar__", None)
    text_is_one = [] if scalar is None else [f"if type(given) is str: return read({{{scalar!r}: given}})"]
    return [*text_is_one, "raise Mismatch('an object', given)"]


def _known(kind: Any) -> Any:
    """`X` of `X | None`; `X | Y` of `X | Y | None`."""
    if get_origin(kind) in {Union, UnionType}:
        options = [option for option in get_args(kind) if option is not NoneType]
        return functools.reduce(_either, options)
    return kind


def _is_one(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is not tuple


def _either(one: Any, other: Any) -> Any:
    return one | other


def _reader_of(kind: Any) -> Reader:
    if kind in _SCALARS:
        return _SCALARS[kind][1]
    if kind is Any:
        return _as_it_is
    if is_model(kind):
        return reader(kind)
    if get_origin(kind) is tuple:
        return _all_of(_reader_of(get_args(kind)[0]))
    return _named(_reader_of(get_args(kind)[1]))


def _as_it_is(value: Any) -> Any:
    return value


def _all_of(read: Reader) -> Reader:
    def read_all(given: Any) -> tuple[Any, ...]:
        items: list[Any] = list(cast(Any, given)) if type(given) is list else [given]
        done: list[Any] = []
        for item in items:
            try:
                done.append(read(item))
            except Mismatch as mismatch:
                mismatch.path.append(f"[{len(done)}]")
                raise
        return tuple(done)

    return read_all


def _named(read: Reader) -> Reader:
    def read_named(given: Any) -> dict[str, Any]:
        if type(given) is not dict:
            raise Mismatch("an object", given)
        done: dict[str, Any] = {}
        for name, member in cast(dict[str, Any], given).items():
            try:
                done[name] = read(member)
            except Mismatch as mismatch:
                raise mismatch.at(_plain(name)) from None
        return done

    return read_named


def _leftover(cls: type[Model], title: str, members: set[str]) -> Callable[[dict[str, Any], int], dict[str, Any]]:
    """The function that picks what goes into `extra`: of `given`, the `more` members that are null or unknown.

    Records of one answer mostly have the same ones, so those of the record before are tried first. If as many as
    there must be are found among them, there can be no others. A class whose members are open by contract says so
    by `__open__`: they are no surprise.
    """
    surprising = not getattr(cls, "__open__", False)
    usual: tuple[str, ...] = ()
    surprises: dict[str, str] = {}

    def leftover(given: dict[str, Any], more: int) -> dict[str, Any]:
        nonlocal usual, surprises
        rest = {k: given[k] for k in usual if k in given and (k not in members or given[k] is None)}
        if len(rest) != more:
            rest = {k: v for k, v in given.items() if v is None or k not in members}
            usual = tuple(rest) if more <= _MOST_USUAL else ()
            unknown = rest.keys() - members if surprising else ()
            surprises = {name: f"unknown member {title}.{_plain(name)}" for name in unknown}
        if surprises and WATCH.notice is not None:
            for name, what in surprises.items():
                if name in rest:
                    WATCH.notice(what)
        return rest

    return leftover


def _unfamiliar(where: str, value: str) -> None:
    surprise(f"unknown value {where}={_plain(value)}")


@functools.lru_cache(maxsize=500)  # a member that is new comes with each row
def _plain(word: str) -> str:
    """A member's name or an enumeration's value as it may be logged: what is no such word is not repeated."""
    short = len(word) <= 40 and word.isascii() and not any(sign.isdigit() for sign in word)
    return word if short and word.replace("_", "").replace("-", "").isalpha() else "<other>"


def _twin(cls: type[Model]) -> type:
    """An unfrozen class of the same layout, so that its instances may become those of `cls`.

    A subclass without slots of its own: the interpreter then need not compare the two classes' slots each time.
    """
    open_again = {
        "__slots__": (),
        "__init__": object.__init__,
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
    }
    return type("Twin", (cls,), open_again)
