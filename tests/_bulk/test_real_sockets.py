"""Web-like load with random cancellations over real sockets, against a sandbox in a process of its own.

Under such a load httpx's pool leaks connections (encode/httpcore#1093).
"""

import asyncio
import random
from collections import Counter
from contextlib import suppress

import anyio
import pytest

from lusha_async._call.transport import HttpxTransport
from lusha_async._wire.settings import BaseURL
from lusha_async.client import LushaClient
from lusha_async.errors import ItemError, QuotaWaitTooLongError
from lusha_async.governor import Governor, GovernorConfig
from lusha_async.sandbox import contact_ids, spawn

HANDLERS, SECONDS, CONNECTIONS = 10_000, 6.0, 20
FAST = GovernorConfig(rate=300, burst=300, spacing=0.001)  # else ten thousand requests would take minutes
FILTERS = {"contacts": {"include": {"seniorityIds": [9]}}}
IDS = contact_ids(3000)


class Crowd:
    """Web handlers, each of which makes one call and may be cancelled in the middle of it."""

    def __init__(self, lusha: LushaClient) -> None:
        self.lusha = lusha
        self.draw = random.Random(11)
        self.ended: Counter[str] = Counter()

    async def handler(self, number: int) -> None:
        """Starts at a random time, and ends when done or by a timeout, a cancel scope or a cancellation."""
        await asyncio.sleep(self.draw.uniform(0, SECONDS))
        way, patience = self.draw.random(), self.draw.expovariate(1 / 0.06)
        task = asyncio.ensure_future(self.work(number))
        if way < 0.3:
            asyncio.get_running_loop().call_later(patience, task.cancel)
        elif way < 0.6:
            task.cancel()
            await asyncio.wait({task})
            task = asyncio.ensure_future(self.impatient(number, patience))
        with suppress(asyncio.CancelledError, ItemError, QuotaWaitTooLongError):
            await task
            self.ended["done"] += 1
            return
        self.ended["left"] += 1

    async def impatient(self, number: int, patience: float) -> None:
        """Gives up after `patience` seconds."""
        with anyio.move_on_after(patience):
            await self.work(number)
            return
        raise asyncio.CancelledError

    async def work(self, number: int) -> None:
        """Mostly a coalesced call; else a single call, a stream or a bulk method."""
        one = IDS[number % len(IDS)]
        if number % 16 == 0:
            await self.lusha.contacts.search([{"id": one}])
        elif number % 50 == 1:
            await self.lusha.contacts.enrich([one], reveal=["emails"])
        elif number % 200 == 2:
            async for _ in self.lusha.contacts.prospect(FILTERS):
                if self.draw.random() < 0.02:
                    break
        elif number % 500 == 3:
            async for _ in self.lusha.contacts.enrich_many(IDS[2500:], reveal=["emails"]):
                if self.draw.random() < 0.01:
                    break
        else:
            await self.lusha.contacts.enrich_one(one, reveal=["emails"])


@pytest.mark.asyncio
async def test_ten_thousand_callers_most_of_whom_leave() -> None:
    """Afterwards all connections are usable, and every credit and request of the server is in the ledger."""
    governor = Governor(config=FAST)
    with spawn(limits=False, companies=2000, faults=["latency,seconds=0.05,spread=exponential"]) as server:
        wire = HttpxTransport(BaseURL.resolve(server.url), connections=CONNECTIONS)
        async with LushaClient(server.api_key, base_url=server.url, governor=governor, transport=wire) as lusha:
            crowd = Crowd(lusha)
            await asyncio.gather(*(crowd.handler(number) for number in range(HANDLERS)))
            async with asyncio.timeout(10):
                while governor.snapshot().in_flight:
                    await asyncio.sleep(0.05)
            stats = server.stats()
            spent = lusha.ledger.spent()
            assert (spent.requests, spent.credits) == (stats["requests"], stats["credits"]["used"])
            assert (spent.lost, stats["refused"]) == (0, 0)
            assert crowd.ended["left"] > 2000
            assert crowd.ended["done"] > 2000
            assert lusha.take_unclaimed()
            # All connections of the pool can be used at once.
            searches = (lusha.contacts.search([{"id": one}]) for one in IDS[: 3 * CONNECTIONS])
            found = await asyncio.gather(*searches)
            assert all(answer.results for answer in found)
            snapshot = governor.snapshot()
            assert snapshot.in_flight == snapshot.waiting_interactive == snapshot.waiting_bulk == 0
        assert len(asyncio.all_tasks()) == 1
