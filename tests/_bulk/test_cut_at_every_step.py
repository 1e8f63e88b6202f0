"""Cancelled at each turn of the event loop in which anything happens: every await that holds something is hit."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from lusha_async._bulk.coalesce import Coalescers
from lusha_async._bulk.items import BatchCall
from lusha_async._call.call import Executor
from lusha_async.billing import CreditBudget
from lusha_async.errors import BudgetExceededError, ItemError, LushaError
from lusha_async.operations import BY_NAME
from tests._bulk.test_inputs import Feed, many
from tests._pages.test_streams import alike, stream
from tests.vendor import Vendor, ask, executor
from tests.virtual_clock import VirtualClockLoop

ENRICH, SEARCH = BY_NAME["enrichContacts"], BY_NAME["searchContacts"]

COALESCERS = Coalescers()  # one for all scenarios: whatever a cut left in it would be met by the next
Scenario = Callable[[Executor, list[str]], Coroutine[Any, Any, None]]
"""Bulk work that notes what it was given."""


class CuttingLoop(VirtualClockLoop):
    """Cancels `task` in its turn number `at`."""

    at = 0
    turn = 0
    task: "asyncio.Task[None] | None" = None

    def _run_once(self) -> None:
        if self.task is not None:
            self.turn += 1
            if self.turn == self.at:
                self.task.cancel()
        super()._run_once()  # type: ignore[misc]


def given() -> list[str]:
    """230 ids: one is refused, some are not found, and some come again."""
    ids = [f"v1.{number}" for number in range(200)]
    ids[30], ids[40] = "bad", "missing"
    return [*ids, *ids[:30]]


async def ordered(calls: Executor, got: list[str]) -> None:
    async for row in many(calls, given()):
        got.extend([row.input] if row.ok else [])


async def by_search(calls: Executor, got: list[str]) -> None:
    async with many(calls, Feed(230), operation=SEARCH, ordered=False, max_delay=0.05) as rows:
        async for row in rows:
            got.extend([row.input] if row.ok else [])


async def pages(calls: Executor, got: list[str]) -> None:
    async for page in stream(calls, limit=170).pages():
        got += page.rows


async def alikes(calls: Executor, got: list[str]) -> None:
    async with alike(calls, limit=60) as rows:
        async for row in rows:
            got.append(row)


async def the_first(calls: Executor, got: list[str]) -> None:
    row = await stream(calls).first()
    got += [row] if row is not None else []


async def shared(calls: Executor, got: list[str]) -> None:
    call = BatchCall(operation=ENRICH, ask=partial(ask, ENRICH))

    async def one(name: str) -> None:
        try:
            got.append(await COALESCERS.load(calls, call, name))
        except LushaError as error:
            assert isinstance(error, ItemError) or name == "bad"  # noqa: PT017

    await asyncio.gather(*(one(name) for name in given()[:130]))


async def one_call(calls: Executor, got: list[str]) -> None:
    reply = await calls.call(ENRICH, body={"ids": ["v1.0", "v1.1"], "reveal": ["emails"]})
    got += [row["id"] for row in reply.payload["results"]]


SCENARIOS: list[Scenario] = [ordered, by_search, pages, alikes, the_first, shared, one_call]


def unclaimed(calls: Executor) -> list[str]:
    """The rows that nobody was given."""
    rows: list[str] = []
    for kept in calls.state.unclaimed:
        results = kept.answer["results"]
        places = range(len(results)) if kept.rows is None else kept.rows
        rows += [results[place]["id"] for place in places if "id" in results[place]]
    return rows


def prospects_of(vendor: Vendor) -> list[str]:
    """The rows of all pages that were asked for."""
    asked = [request.body["pagination"] for request in vendor.sent if "pagination" in (request.body or {})]
    size = min(50, vendor.largest)
    return [row for page in asked for row in vendor.rows[page["page"] * page["size"] :][: min(size, page["size"])]]


def run_cut(scenario: Scenario, at: int, *, budget: CreditBudget | None, latency: float = 0.1) -> bool:
    """Cut `scenario` in turn `at`; whether it was still at work then. Nothing may be left, nothing lost."""
    vendor = Vendor(rows=400, latency=latency)
    got: list[str] = []

    async def main() -> bool:
        loop: Any = asyncio.get_running_loop()
        calls = executor(vendor, budget=budget)
        loop.task = asyncio.ensure_future(scenario(calls, got))
        await asyncio.wait({loop.task})
        cut = loop.task.cancelled()
        if not cut:
            loop.task.result()
        loop.task = None
        for _ in range(5):
            await asyncio.sleep(0)
        sent = len(vendor.sent)
        await asyncio.sleep(100)
        assert len(asyncio.all_tasks()) == 1
        assert len(vendor.sent) == sent
        snapshot = calls.state.governor.snapshot()
        assert snapshot.in_flight == snapshot.waiting_bulk == snapshot.waiting_interactive == 0
        assert len(COALESCERS) == 0
        assert calls.state.meter.ledger.credits == vendor.charged
        if budget is not None:
            assert (budget.reserved, budget._waiting) == (0, [])
            assert budget.spent == vendor.charged
        if scenario in {ordered, shared, one_call}:
            assert {*got, *unclaimed(calls)} == vendor.revealed
        if scenario in {pages, the_first}:
            assert sorted([*got, *unclaimed(calls)]) == sorted(prospects_of(vendor))
        assert len(got) == len(set(got)) or scenario is ordered
        await calls.call(ENRICH, body={"ids": ["v1.afterwards"], "reveal": ["emails"]})
        return cut

    with asyncio.Runner(loop_factory=CuttingLoop) as runner:
        loop: Any = runner.get_loop()
        loop.at = at
        return runner.run(main())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
@pytest.mark.parametrize("limit", [None, 100_000])
def test_a_cut_in_any_turn_leaves_nothing_and_loses_nothing(scenario: Scenario, limit: int | None) -> None:
    """No task, no request, no turn, no reserve is left, and what was paid for was handed out or is unclaimed."""
    at = 1
    while run_cut(
        scenario, at, budget=None if limit is None else CreditBudget(limit, prices={"lookalikeContact": 1})
    ):
        at += 1
    assert at > 5


def test_a_cut_while_calls_wait_for_credits() -> None:
    """Who leaves while the budget is used up by calls under way frees what it held and waits for nothing."""

    async def short(calls: Executor, got: list[str]) -> None:
        async for row in many(calls, [f"v1.{number}" for number in range(400)]):
            assert row.ok or isinstance(row.error, BudgetExceededError)

    at = 1
    while run_cut(short, at, budget=CreditBudget(700)):
        at += 1
    assert at > 5
