"""Between parsed JSON and models: strict where cattrs by default is not, tolerant where the vendor's bodies vary.

A value of the wrong kind is an `UnreadableAnswerError` that names its path and never quotes it (`kinds` lists what
is accepted); absent and null members are fine, and unknown ones are kept.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from cattrs import Converter

from ..._json import gc_paused
from ...errors import UnreadableAnswerError
from ..model import Model, RequestModel
from .decoder import decoder
from .drift import OBSERVER, DriftCallback
from .fields import body_fields, is_model
from .kinds import Mismatch

__all__ = ["converter", "structure", "structure_each", "unstructure"]

T = TypeVar("T")


def _converter() -> Converter:
    made = Converter(detailed_validation=False)

    def hook(kind: type[Any]) -> Any:
        decode = decoder(kind)

        def structured(value: Any, _: Any) -> Any:
            return decode(value)

        return structured

    made.register_structure_hook_factory(is_model, hook)
    made.register_unstructure_hook_func(
        lambda kind: is_model(kind) or (isinstance(kind, type) and issubclass(kind, RequestModel)), unstructure
    )
    return made


def structure(payload: Any, cls: type[T], *, on_drift: DriftCallback | None = None) -> T:
    """`payload`, parsed JSON, as `cls`, a class or an alias of models.

    Raises `UnreadableAnswerError`, with its path, for a value of the wrong kind. `on_drift` is called with a short
    description of each unknown member, unknown value and accepted kind.
    """
    OBSERVER.callback = on_drift
    try:
        with gc_paused():
            return cast(T, converter.get_structure_hook(cls)(payload, cls))
    except Mismatch as mismatch:
        raise UnreadableAnswerError(str(mismatch)) from None
    finally:
        OBSERVER.callback = None


def structure_each(
    payloads: Iterable[Any], cls: type[T], *, on_drift: DriftCallback | None = None
) -> list[T | UnreadableAnswerError]:
    """Each of `payloads` as `structure` decodes it; the error in place of one that it refuses."""
    decode = cast(Callable[[Any], T], decoder(cls))
    done: list[T | UnreadableAnswerError] = []
    OBSERVER.callback = on_drift
    try:
        with gc_paused():
            for payload in payloads:
                try:
                    done.append(decode(payload))
                except Mismatch as mismatch:
                    done.append(UnreadableAnswerError(str(mismatch)))
    finally:
        OBSERVER.callback = None
    return done


def _members_of(cls: Any) -> tuple[tuple[str, str], ...]:
    return tuple((attribute.name, wire) for attribute, _, wire in body_fields(cls))


_members: Callable[[Any], tuple[tuple[str, str], ...]] = cache(_members_of)


def unstructure(value: Any) -> Any:
    """The JSON of a model or a request model, in the vendor's names. Absent members stay absent, null ones null."""
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


converter = _converter()
"""The models in terms of cattrs, to be composed with other converters."""
