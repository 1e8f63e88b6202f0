"""Answers made by hypothesis to bulk methods, coalesced calls and page streams."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async._bulk.outcome import Outcome, Status
from lusha_async.client import LushaClient
from lusha_async.errors import LushaError

from .calls import CALLS
from .made import of_model, spoiled
from .many_calls import MANY, ONE, STREAMS
from .standing import Standing, standing
from .test_made_answers import answer_class

FEW = settings(max_examples=20)


@pytest.fixture(scope="module")
def wire() -> Iterator[Standing]:
    """One client for all examples."""
    with standing() as wire:
        yield wire


def answers(name: str) -> st.SearchStrategy[Any]:
    """Answers to an operation, some of them a little off."""
    fit = of_model(answer_class(name))
    return fit | spoiled(fit)


@pytest.mark.parametrize("name", MANY)
def test_a_many_form_has_an_outcome_for_each_input(name: str, wire: Standing) -> None:
    """Whatever is answered, nothing is raised: three inputs have three outcomes, each with a value or an error."""

    async def run(client: LushaClient) -> list[Outcome[Any, Any]]:
        return [row async for row in MANY[name](client)]

    @FEW
    @given(answers(name))
    def check(given: Any) -> None:
        rows = wire.answers(run, given)
        assert not isinstance(rows, LushaError), rows
        assert [row.index for row in rows] == [0, 1, 2]
        for row in rows:
            assert (row.error is None) == (row.status is Status.OK)
            assert row.error is None or isinstance(row.error, LushaError)

    check()


@pytest.mark.parametrize("name", ONE)
def test_a_coalesced_call_raises_only_our_errors(name: str, wire: Standing) -> None:
    """One await of many in a request: a value, or a `LushaError`."""

    @FEW
    @given(answers(name))
    def check(given: Any) -> None:
        value = wire.answers(ONE[name], given)
        assert isinstance(value, LushaError) or value is not None

    check()


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_ends_or_raises_our_error(name: str, wire: Standing) -> None:
    """Whatever every page is: at most the limit is returned, and only a `LushaError` is raised."""
    handed_out: list[Any] = []

    async def run(client: LushaClient) -> None:
        handed_out.clear()
        async for row in STREAMS[name](client):
            handed_out.append(row)

    @FEW
    @given(answers(name))
    def check(given: Any) -> None:
        wire.answers(run, given)
        assert len(handed_out) <= 60
        assert len(handed_out) <= sum(1 for _ in wire.sent) * max(1, _rows(given))

    check()


def _rows(given: Any) -> int:
    rows = given.get("results", given.get("data")) if isinstance(given, dict) else None
    return len(rows) if isinstance(rows, list) else 1


@pytest.mark.parametrize("depth", [50, 300, 900])
@pytest.mark.parametrize("name", [*MANY, *STREAMS])
def test_deep_nesting_is_survived(name: str, depth: int, wire: Standing) -> None:
    """A row that holds JSON nested as deep as can be decoded: read, refused as ours, and never a RecursionError."""
    deep = b"[" * depth + b"]" * depth
    row = b'{"id":"v1.a","new":%b,"index":0,"linkedinFollowers":%b,"value":%b}' % (deep, deep, deep)
    known = b'{"id":"v1.b","new":%b,"index":1,"funding":%b,"columns":[{"value":%b}]}' % (deep, deep, deep)
    content = b'{"results":[%b,%b,{"id":"7","error":{"code":%b,"message":%b}}]}' % (row, known, deep, deep)
    source: Any = MANY.get(name) or STREAMS[name]

    async def run(client: LushaClient) -> None:
        stream = source(client)
        async for outcome in stream:
            str(outcome)
        str(getattr(stream, "cursor", ""))

    wire.answers(run, content)
    wire.answers(run, content.replace(b"results", b"data"))
    json.dumps(str(wire.answers(CALLS[name][0], content)))
