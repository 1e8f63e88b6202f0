"""What was read is freed at once, without the garbage collector, whose runs over a large heap block the loop."""

import asyncio
import gc
from collections.abc import AsyncIterable, Callable
from typing import Any

import pytest

from lusha_async._bulk.batch import Outcome, _Batch
from lusha_async._bulk.items import BatchRequest
from lusha_async._pages.page_task import PageTask
from lusha_async._prefetch import _Entry
from lusha_async.billing.unclaimed import CallTracker
from lusha_async.client import LushaClient
from lusha_async.governor import Governor
from lusha_async.models.contacts import Contact, ContactPreview
from lusha_async.sandbox import contact_ids
from lusha_async.sandbox.serve.transport import transport
from tests import virtual_clock

FILTERS = {"contacts": {"include": {"seniorityIds": [8, 9, 10]}}}


KINDS = frozenset({Contact, ContactPreview, Outcome, _Batch, PageTask, _Entry, BatchRequest, CallTracker})


def _alive() -> int:
    """The number of models, and of the objects that hold them, in memory."""
    return sum(type(thing) in KINDS for thing in gc.get_objects())


@pytest.mark.parametrize(
    "read",
    [
        lambda lusha: lusha.contacts.enrich_many(iter(contact_ids(4000)), reveal=["emails"], dedupe=False),
        lambda lusha: lusha.contacts.enrich_many(
            iter(contact_ids(4000)), reveal=["emails"], dedupe=False, ordered=False
        ),
        lambda lusha: lusha.contacts.prospect(FILTERS, limit=2000, dedupe=False),
    ],
    ids=["enrich_many", "as they come", "prospect"],
)
def test_a_long_run_leaves_nothing_to_the_collector(read: Callable[[LushaClient], AsyncIterable[Any]]) -> None:
    """However much was read, only what the prefetcher holds is in memory: no reference cycle keeps an answer."""

    async def main() -> None:
        wire = transport(latency=0.1, limits=False)
        governor = Governor(clock=asyncio.get_running_loop().time)
        async with LushaClient(wire.api_key, base_url=wire.base_url, transport=wire, governor=governor) as lusha:
            rows = 0
            async for _ in read(lusha):
                rows += 1
                if rows % 500 == 0:
                    assert _alive() < 1000
            assert rows >= 2000

    gc.collect()
    gc.disable()
    try:
        virtual_clock.run(main())
    finally:
        gc.enable()
