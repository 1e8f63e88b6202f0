"""Our own converter: strict where cattrs by default is not, tolerant where the vendor's answers vary.

A value of the wrong kind is an `UnreadableAnswerError` that names its path and never quotes it (`kinds` tells what
is tolerated); absent and null members are fine, and unknown ones are kept.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from cattrs import Converter

from ..._json import gc_paused
from ...errors import UnreadableAnswerError
from ..model import Model, RequestModel
from .decode import reader
from .fields import body_fields, is_model
from .kinds import WATCH, Mismatch, Notice

__all__ = ["converter", "structure", "structure_each", "unstructure"]

T = TypeVar("T")


def _made() -> Converter:
    made = Converter(detailed_validation=False)

    def hook(kind: type[Any]) -> Any:
        read = reader(kind)

        def structured(value: Any, _: Any) -> Any:
            return read(value)

        return structured

    made.register_structure_hook_factory(is_model, hook)
    made.register_unstructure_hook_func(
        lambda kind: is_model(kind) or (isinstance(kind, type) and issubclass(kind, RequestModel)), unstructure
    )
    return made


def structure(payload: Any, cls: type[T], *, notice: Notice | None = None) -> T:
    """`payload` (decoded JSON) as `cls`. `UnreadableAnswerError` with the path of the first wrong value.

    `notice` is called with a short word for each surprise: unknown members and values, tolerated kinds.
    """
    WATCH.notice = notice
    try:
        with gc_paused():
            return cast(T, converter.get_structure_hook(cls)(payload, cls))
    except Mismatch as mismatch:
        raise UnreadableAnswerError(str(mismatch)) from None
    finally:
        WATCH.notice = None


def structure_each(
    payloads: Iterable[Any], cls: type[T], *, notice: Notice | None = None
) -> list[T | UnreadableAnswerError]:
    """Each of `payloads` as `structure` reads it; for one that cannot be read, its error."""
    read = cast(Callable[[Any], T], reader(cls))
    done: list[T | UnreadableAnswerError] = []
    WATCH.notice = notice
    try:
        with gc_paused():
            for payload in payloads:
                try:
                    done.append(read(payload))
                except Mismatch as mismatch:
                    done.append(UnreadableAnswerError(str(mismatch)))
    finally:
        WATCH.notice = None
    return done


def _members_of(cls: Any) -> tuple[tuple[str, str], ...]:
    return tuple((attribute.name, wire) for attribute, _, wire in body_fields(cls))


_members: Callable[[Any], tuple[tuple[str, str], ...]] = cache(_members_of)


def unstructure(value: Any) -> Any:
    """The JSON of a model or question, in the vendor's names: absent members stay absent, null ones null."""
    if isinstance(value, Model | RequestModel):
        members: dict[str, Any] = {}
        for name, wire in _members(type(value)):
            member = getattr(value, name)
            if member is not None:
                members[wire] = unstructure(member)
        return {**members, **value.extra}
    if isinstance(value, str):
        return value
    if isinstance(value, tuple | list):
        return [unstructure(item) for item in cast(tuple[Any, ...], value)]
    if isinstance(value, Mapping):
        return {name: unstructure(item) for name, item in cast(Mapping[str, Any], value).items()}
    return value


converter = _made()
"""The classes of this package in terms of cattrs, for those who compose it with their own."""
