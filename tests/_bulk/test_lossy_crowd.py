"""Many concurrent callers over a failing vendor, who leave early: every credit is accounted for afterwards."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from lusha_async._bulk.coalesce import Coalescers
from lusha_async._bulk.items import BatchCall
from lusha_async._bulk.outcome import Status
from lusha_async._call.call import Executor
from lusha_async._wire.request import Request
from lusha_async.billing import CreditBudget
from lusha_async.errors import LushaError
from lusha_async.operations import BY_NAME
from tests._bulk.test_inputs import bulk
from tests._pages.test_streams import stream
from tests.vendor import Vendor, executor, jitter, send_batch
from tests.virtual_clock import run

ENRICH, SEARCH = BY_NAME["enrichContacts"], BY_NAME["searchContacts"]
CALL = BatchCall(operation=ENRICH, send=partial(send_batch, ENRICH))


def failing_vendor(draw: random.Random) -> Vendor:
    """A vendor that loses answers, cannot be reached, fails and refuses, at random rates."""
    vendor = Vendor(rows=2000)
    vendor.latency = jitter(draw.randrange(1000), 0.01, 1.0)
    lost, unreachable, failing = (draw.choice([0, 0.05, 0.3]) for _ in range(3))
    vendor.lose = lambda request: request.operation.paid and draw.random() < lost
    vendor.unreachable = lambda request: draw.random() < unreachable

    def refuse(_: Request) -> tuple[int, str] | None:
        if draw.random() < failing / 3:
            return 503, "failing"
        return (429, "Too many requests") if draw.random() < 0.02 else None

    vendor.refuse = refuse
    return vendor


class Crowd:
    """Callers of all kinds. `known` are the ids whose rows they got, or whose charge they know to be uncertain."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.coalescers = Coalescers()
        self.known: set[str] = set()
        self.kinds: list[Callable[[Executor, int], Awaitable[None]]] = [
            self.batch,
            self.search,
            self.pages,
            self.coalesced,
            self.single,
        ]

    async def come_and_leave(self, calls: Executor, number: int) -> None:
        """Do one kind of work, until it ends or times out."""
        await asyncio.sleep(self.draw.uniform(0, 10))
        try:
            async with asyncio.timeout(self.draw.choice([0.05, 0.5, 2, 100])):
                await self.kinds[number % len(self.kinds)](calls, number)
        except (TimeoutError, LushaError):
            return

    async def batch(self, calls: Executor, number: int) -> None:
        ids = [
            f"{'bad' if self.draw.random() < 0.003 else 'v1.'}{number}x{n}"
            for n in range(self.draw.randrange(300))
        ]
        async for row in bulk(calls, ids, ordered=self.draw.random() < 0.5):
            self.known.update([row.input] if row.status in {Status.OK, Status.AMBIGUOUS} else [])
            if self.draw.random() < 0.002:
                break

    async def search(self, calls: Executor, number: int) -> None:
        async for _ in bulk(calls, [f"{number}x{n}@a.example" for n in range(200)], operation=SEARCH):
            pass

    async def pages(self, calls: Executor, _: int) -> None:
        rows = stream(calls, limit=self.draw.randrange(1, 400))
        for _ in range(3):
            try:
                async for _ in rows:
                    pass
            except LushaError:
                continue

    async def coalesced(self, calls: Executor, _: int) -> None:
        await self._load([f"v1.{self.draw.randrange(300)}"], lambda ids: self.coalescers.load(calls, CALL, ids[0]))

    async def single(self, calls: Executor, _: int) -> None:
        ids = [f"v1.{self.draw.randrange(300)}" for _ in range(5)]
        await self._load(ids, lambda batch: calls.call(ENRICH, body={"ids": batch, "reveal": ["emails"]}))

    async def _load(self, ids: list[str], load: Callable[[list[str]], Awaitable[Any]]) -> None:
        try:
            await load(ids)
        except LushaError as error:
            self.known.update(ids if error.charged is None else [])
            raise
        self.known.update(ids)


def in_unclaimed(calls: Executor) -> set[str]:
    """The ids in unclaimed answers, and in requests whose answers were lost."""
    ids: set[str] = set()
    for kept in calls.state.unclaimed:
        if kept.operation is ENRICH:
            ids.update(
                kept.inputs["ids"] if kept.answer is None else [row.get("id") for row in kept.answer["results"]]
            )
    return ids


@pytest.mark.parametrize("seed", range(10))
def test_every_credit_is_accounted_for(seed: int) -> None:
    """What was charged is within the ledger and both budgets, and each person was returned, uncertain or unclaimed."""
    draw = random.Random(seed)
    vendor, crowd = failing_vendor(draw), Crowd(draw)
    month = CreditBudget(draw.choice([50, 2000, 100_000]))
    campaigns = [CreditBudget(draw.choice([10, 500, 5000]), within=month) for _ in range(3)]

    async def main() -> None:
        calls = executor(vendor)
        views = [calls.view(budget=budget) for budget in (*campaigns, month)]
        await asyncio.gather(*(crowd.come_and_leave(draw.choice(views), number) for number in range(120)))
        await asyncio.sleep(500)
        ledger = calls.state.meter.ledger.spent()
        assert (
            ledger.credits
            <= vendor.charged
            <= min(ledger.credits + ledger.uncertain, month.spent + month.uncertain)
        )
        assert month.spent + month.uncertain <= month.limit
        assert month.spent >= sum(campaign.spent for campaign in campaigns)
        assert [budget.reserved for budget in (*campaigns, month)] == [0] * 4
        assert vendor.revealed <= crowd.known | in_unclaimed(calls)
        snapshot = calls.state.governor.snapshot()
        assert snapshot.in_flight == snapshot.waiting_bulk == snapshot.waiting_interactive == 0
        assert len(crowd.coalescers) == 0
        assert len(asyncio.all_tasks()) == 1

    run(main())
