"""From the bytes of a response to models: 100 people, 100 companies, unknown members kept.

The other libraries decode classes with the same fields: pydantic v2 with `extra="allow"`, msgspec, and cattrs'
generated functions, which fill the project's own classes with the same tolerance. Plain cattrs and json.loads are for
reference.
"""

import functools
import json
import statistics
import time
import typing
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import cattrs
import msgspec
import pydantic

from benchmarks.cattrs_strict import strict_converter
from benchmarks.records import companies, contacts
from benchmarks.table import Row, print_table
from lusha_async._json import gc_paused
from lusha_async.models._codec.fields import body_fields, class_of, is_model
from lusha_async.models._codec.structure import structure
from lusha_async.models.common import Enriched
from lusha_async.models.companies import Company
from lusha_async.models.contacts import Contact
from lusha_async.models.model import wire_name

__all__ = ["pydantic_model", "rows"]


def _translated(kind: Any, model: Callable[[Any], Any], many: Callable[[Any], Any]) -> Any:
    if is_model(kind):
        return model(kind)
    if typing.get_origin(kind) is tuple:
        return many(_translated(typing.get_args(kind)[0], model, many))
    if typing.get_origin(kind) is None:
        return kind
    known = [option for option in typing.get_args(kind) if option is not type(None)]
    if len(known) > 1:  # text or a list of it: cattrs needs a hook for it, so all peers accept any value
        return Any
    return _translated(known[0], model, many) | None


@functools.cache
def pydantic_model(cls: Any) -> Any:
    """The same class for pydantic v2, unknown members kept."""

    class Base(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="allow", frozen=True, alias_generator=wire_name)

    fields: Any = {
        one.name: (_translated(kind, pydantic_model, lambda item: list[item]), None)
        for one, kind, _ in body_fields(cls)
    }
    return pydantic.create_model(class_of(cls).__name__, __base__=Base, **fields)


@functools.cache
def _msgspec(cls: Any) -> Any:
    fields = [
        (one.name, _translated(kind, _msgspec, lambda item: list[item]), None) for one, kind, _ in body_fields(cls)
    ]
    return msgspec.defstruct(class_of(cls).__name__, fields, kw_only=True, frozen=True, rename=wire_name)


@functools.cache
def _plain(cls: Any) -> Any:
    fields = {
        wire: attrs.field(type=_translated(kind, _plain, lambda item: list[item]), default=None)
        for _, kind, wire in body_fields(cls)
    }
    return attrs.make_class(class_of(cls).__name__, fields, kw_only=True, frozen=True, slots=True)


def _with_cattrs(content: bytes, hook: Callable[[Any, Any], object], cls: Any) -> object:
    with gc_paused():
        return hook(json.loads(content), cls)


def _ours(content: bytes, cls: Any) -> object:
    with gc_paused():
        return structure(json.loads(content), cls)


def _subjects(content: bytes, cls: Any) -> dict[str, Callable[[], object]]:
    model, plain = pydantic_model(cls), _plain(cls)
    decoder = msgspec.json.Decoder(_msgspec(cls))
    converter, hook = cattrs.Converter(), strict_converter().get_structure_hook(cls)
    assert _with_cattrs(content, hook, cls) == _ours(content, cls)
    return {
        "lusha_async": lambda: _ours(content, cls),
        "pydantic v2, extra=allow": lambda: model.model_validate_json(content),
        "cattrs, with our tolerance": lambda: _with_cattrs(content, hook, cls),
        "cattrs as it comes, unknown dropped": lambda: converter.structure(json.loads(content), plain),
        "msgspec, unknown dropped": lambda: decoder.decode(content),
        "json.loads only": lambda: json.loads(content),
    }


def _milliseconds(act: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        act()
    return 1000 * (time.process_time() - began) / times


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Medians of CPU time, all subjects in turn in each round, the garbage collector running as it does."""
    rounds, times = (9, 4) if quick else (25, 8)
    for name, made, cls in (("people", contacts, Enriched[Contact]), ("companies", companies, Enriched[Company])):
        subjects = _subjects(json.dumps(made(100)).encode(), cls)
        measured: dict[str, list[float]] = {subject: [] for subject in subjects}
        for _ in range(rounds):
            for subject, act in subjects.items():
                measured[subject].append(_milliseconds(act, times))
        medians = {subject: statistics.median(taken) for subject, taken in measured.items()}
        for subject, taken in medians.items():
            ratio = taken / medians["pydantic v2, extra=allow"]
            ours = subject == "lusha_async"
            yield Row(
                benchmark=f"decode 100 {name}",
                subject=subject,
                figure=f"{taken:.2f} ms, {ratio:.2f} x pydantic",
                goal="<= 1.0 x pydantic" if ours else None,
                met=ratio <= 1.0 if ours else None,
            )


if __name__ == "__main__":
    print_table(rows())
