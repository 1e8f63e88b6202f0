"""Each example of docs/bulk.md, run against the sandbox."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from lusha_async import sandbox
from tests.examples import Page, named_by_the_environment

PAGE = Page("docs/bulk.md")

pytestmark = pytest.mark.asyncio

FIRMS = {"companies": {"include": {"sizes": [{"min": 201, "max": 500}]}}}


@pytest_asyncio.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[sandbox.Server]:
    """A sandbox with latency, so that there are requests in flight to leave."""
    async with named_by_the_environment(monkeypatch, companies=300, faults=["latency,seconds=0.02"]) as running:
        yield running


async def test_skipped_inputs_are_sent_again(server: sandbox.Server) -> None:
    """Each person is served once, and without faults nothing is left over."""
    ids = sandbox.contact_ids(210)
    people, left, ambiguous = await PAGE.example("again")["enrich"](ids)
    assert len(people) > 200
    assert left == ambiguous == []
    assert server.stats()["byOperation"] == {"enrichContacts": 3}


async def test_a_stream_continues_where_its_file_ends(server: sandbox.Server, tmp_path: Path) -> None:
    """Stopped after a page and started again, the file has each row once, and each page was charged once."""
    prospects, path = PAGE.example("resume")["prospects"], tmp_path / "rows.jsonl"
    await prospects(FIRMS, path, 100)
    path.write_text(path.read_text().splitlines()[0] + "\n")
    await prospects(FIRMS, path, 100)
    ids = [one for line in path.read_text().splitlines() for one in json.loads(line)["ids"]]
    assert len(ids) == len(set(ids)) == 100
    assert server.stats()["byOperation"] == {"prospectingContacts": 3}


async def test_partitions_are_priced_and_read(server: sandbox.Server) -> None:
    """With enough credits all rows are read; without them only the plan is charged."""
    all_prospects = PAGE.example("partitions")["all_prospects"]
    assert await all_prospects(FIRMS, 1) is None
    spent = server.stats()["credits"]["used"]
    people = await all_prospects(FIRMS, 10_000)
    assert len(people) == len(set(people)) > 100
    assert spent == 4


async def test_an_unclaimed_answer_is_written_down(server: sandbox.Server, tmp_path: Path) -> None:
    """A caller is cancelled while its request is in flight; the answer it paid for is in the file."""
    path = tmp_path / "unclaimed.jsonl"
    async with PAGE.example("unclaimed")["client_with_log"](path) as lusha:
        task = asyncio.create_task(lusha.contacts.enrich(sandbox.contact_ids(3), reveal=["emails"]))
        while not lusha.ledger.spent(operation="contacts.enrich").requests:  # until it was sent
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    (entry,) = [json.loads(line) for line in path.read_text().splitlines()]
    assert (entry["call"], entry["credits"]) == ("contacts.enrich", server.stats()["credits"]["used"])
    assert entry["inputs"]["ids"] == sandbox.contact_ids(3)
