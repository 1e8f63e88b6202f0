"""What the vendor changes is counted, whatever method requested it."""

from collections.abc import Iterator
from typing import Any

import pytest

from lusha_async.client import LushaClient

from .calls import CALLS
from .many_calls import MANY, ONE, STREAMS
from .standing import Standing, standing

ROW = {"id": "v1.a", "index": 0, "brandNew": "adalovelace@people.example", "adalovelace@people.example": 1}


@pytest.fixture
def wire() -> Iterator[Standing]:
    """A client of its own for each test."""
    with standing() as wire:
        yield wire


def surprises(wire: Standing, name: str) -> dict[str, int]:
    """What was counted for an operation."""
    assert wire.client is not None
    told = wire.client.drift()
    assert set(told) <= {name}
    assert "adalovelace" not in repr(told).lower()
    return dict(told.get(name, {}))


def answer(name: str) -> Any:
    """One row with unknown members; tables and webhooks have it in `data`."""
    wrapped = "Table" in name or name in {"listSubscriptions", "getAuditLogs"}
    return {
        "data" if wrapped else "results": [ROW],
        "pagination": {"page": 0, "size": 10, "total": 1, "newest": 1},
    }


# `add` and `remove` of tables, and company signals with their open members, have no rows that could surprise.
WITH_ROWS = [name for name in MANY if "Entities" not in name and name != "getCompanySignals"]


@pytest.mark.parametrize("name", WITH_ROWS)
def test_rows_of_a_many_form_count(name: str, wire: Standing) -> None:
    """An unknown member of a row is counted under the operation, without the value or a name that is data."""

    async def run(client: LushaClient) -> None:
        async for _ in MANY[name](client):
            pass

    ids = ("v1.a", "v1.b", "7")
    wire.answers(run, {"results": [{**ROW, "id": one, "index": place} for place, one in enumerate(ids)]})
    told = surprises(wire, name)
    assert [what for what in told if what.endswith(".brandNew")], told
    assert [what for what in told if what.endswith(".<other>")], told


@pytest.mark.parametrize("name", ONE)
def test_rows_of_a_shared_form_count(name: str, wire: Standing) -> None:
    """The same where one await shares its request with others."""
    wire.answers(ONE[name], {"results": [ROW]})
    assert [what for what in surprises(wire, name) if what.endswith(".brandNew")]


@pytest.mark.parametrize("name", STREAMS)
def test_rows_and_pages_of_a_stream_count(name: str, wire: Standing) -> None:
    """An unknown member of a row, and one of the page's own description where that has a class."""

    async def run(client: LushaClient) -> None:
        async for _ in STREAMS[name](client):
            pass

    wire.answers(run, answer(name))
    told = surprises(wire, name)
    assert [what for what in told if what.endswith(".brandNew")], told
    if name not in {"searchConversations", "getContactLookalikes", "getCompanyLookalikes"}:
        assert [what for what in told if what.endswith("Pagination.newest")], told


@pytest.mark.parametrize("name", CALLS)
def test_every_single_call_counts(name: str, wire: Standing) -> None:
    """An unknown member around the rows is counted for each of the 68."""
    wire.answers(CALLS[name][0], {"brandNew": 1})
    assert [what for what in surprises(wire, name) if what.endswith(".brandNew")]
