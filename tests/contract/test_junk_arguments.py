"""Arguments that are no such thing: refused before anything is sent, whatever was given in whatever place."""

import inspect
from collections.abc import AsyncIterable, Iterator
from datetime import datetime
from enum import Enum
from operator import attrgetter
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest

from lusha_async.client import LushaClient
from lusha_async.errors import InvalidRequestError, LushaError

from .calls import CALLS, SMALLEST
from .many_calls import MANY, ONE, STREAMS
from .members import member_problems
from .standing import Standing, standing

CYCLE: dict[str, Any] = {}
CYCLE["a"] = CYCLE
JUNK: list[Any] = [
    5,
    -1,
    0.5,
    True,
    "",
    "  ",
    "x",
    b"x",
    "\ud800",
    10**400,
    float("nan"),
    object(),
    [],
    [None],
    [5],
    [[]],
    [{}],
    ["", ""],
    ("x",),
    {"x"},
    {},
    {"a": 1},
    {5: 1},
    {"extra": 5},
    {"contacts": 5},
    {"contacts": {"include": 5}},
    {"companies": {"include": {"names": [5]}}},
    {"include": {"names": [5]}},
    {"min": "a"},
    [{"id": None}],
    [{"id": "\ud800"}],
    [{"extra": 5, "id": "a"}],
    [{"entity_id": 5}],
    10**5000,
    bytearray(b"x"),
    {b"x": 1},
    {None: 1},
    Enum("Word", {"A": "a"}).A,
    datetime(2026, 5, 1),
    ["\ud800"],
    {"types": ["\ud800"]},
    CYCLE,
    [CYCLE],
    [{"id": "a", "extra": CYCLE}],
    [{"id": "a", "extra": {"clientReferenceId": 5}}],
    [{"id": "a", "extra": {"new": float("nan")}}],
    [{"id": "a", "extra": {5: 1}}],
    {"contacts": {"include": {"names": ["a"]}, "extra": {"include": 5}}},
    {"contacts": {"include": {"names": ["a"]}}, "extra": {"contacts": 5}},
    {"companies": {"include": {"names": ["a"], "extra": {5: 5}}}},
    {"companies": {"include": {"names": ["a"], "extra": {"names": 5}}}},
    [{"by": "leadScore", "extra": {"order": []}}],
]


class Spy:
    """Stands for the client, to learn which method a call takes and with what."""

    def __init__(self, path: str = "") -> None:
        self._path = path

    def __getattr__(self, name: str) -> "Spy":
        return Spy(f"{self._path}.{name}".lstrip("."))

    def __call__(self, *given: Any, **named: Any) -> Any:
        return self._path, given, named


@pytest.fixture(scope="module")
def wire() -> Iterator[Standing]:
    """One client for all calls."""
    with standing() as wire:
        yield wire


def spoiled(call: Any) -> Iterator[tuple[str, list[Any], dict[str, Any]]]:
    """The same call with junk in the place of each of its arguments in turn."""
    path, given, named = call(Spy())
    for junk in JUNK:
        for place in range(len(given)):
            yield path, [junk if at == place else value for at, value in enumerate(given)], named
        for name in named:
            yield path, list(given), {**named, name: junk}


@pytest.mark.parametrize("name", CALLS)
def test_a_single_call_refuses_junk_or_sends_what_is_exact(name: str, wire: Standing) -> None:
    """Nothing but our own errors; and a request that goes out all the same has no unknown, null or empty member."""
    for call in CALLS[name]:
        for path, given, named in spoiled(call):
            outcome = wire.answers(lambda c, p=path, g=given, n=named: attrgetter(p)(c)(*g, **n), SMALLEST[name])
            if wire.sent:
                assert not isinstance(outcome, LushaError), outcome
                assert member_problems(wire.sent[0]) == [], (path, given, named)
            else:
                assert isinstance(outcome, InvalidRequestError)
                assert outcome.path != "body", "the path of the value, not of all"


@pytest.mark.parametrize("name", [*MANY, *STREAMS])
def test_many_forms_and_streams_refuse_junk(name: str, wire: Standing) -> None:
    """The same for what their requests are made of: nothing but our own errors, and what goes out is exact."""
    source: Any = MANY.get(name) or STREAMS[name]
    for path, given, named in spoiled(source):

        async def run(client: LushaClient, path: str = path, given: Any = given, named: Any = named) -> None:
            async for row in attrgetter(path)(client)(*given, **named):
                assert row is not None

        wire.answers(run, {})
        for request in wire.sent:
            assert member_problems(request) == [], (path, given, named)


@pytest.mark.parametrize("name", ONE)
def test_shared_forms_refuse_junk(name: str, wire: Standing) -> None:
    """One await of many in a request: junk is refused, and spoils nobody else's request."""
    for path, given, named in spoiled(ONE[name]):
        wire.answers(lambda c, p=path, g=given, n=named: attrgetter(p)(c)(*g, **n), {"results": []})
        for request in wire.sent:
            assert member_problems(request) == [], (path, given, named)


def needed(method: Any) -> Iterator[tuple[int, str]]:
    """Place and name of the arguments that None is no value of; where a flag is meant, None is as good as False."""
    hints = get_type_hints(method)
    for place, argument in enumerate(inspect.signature(method).parameters.values()):
        kind = hints[argument.name]
        if argument.kind is not argument.VAR_KEYWORD and kind is not bool and NoneType not in get_args(kind):
            yield place, argument.name


@pytest.mark.parametrize("name", CALLS)
def test_none_is_refused_where_a_value_is_needed(name: str, wire: Standing) -> None:
    """A setting that turned out None never leaves the vendor's default in its place, which may cost a fortune."""
    calls = [*CALLS[name], *(forms[name] for forms in (MANY, ONE, STREAMS) if name in forms)]
    for path, given, named in (call(Spy()) for call in calls):

        async def ask(client: LushaClient, path: str = path, given: Any = given, named: Any = named) -> None:
            method: Any = attrgetter(path)(client)
            for place, argument in needed(method):
                values = [None if at == place else value for at, value in enumerate(given)]
                others = named if place < len(given) else {**named, argument: None}
                try:
                    asked = method(*values, **others)
                    if isinstance(asked, AsyncIterable):
                        _ = [row async for row in asked]
                    else:
                        await asked
                except LushaError:
                    pass
                assert wire.sent == [], (path, argument)

        wire.answers(ask, {})
