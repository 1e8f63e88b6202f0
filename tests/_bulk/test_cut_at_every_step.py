"""Cancellation at each iteration of the event loop, so that every await is hit that holds something."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import anyio
import pytest

from lusha_async._bulk.coalesce import Coalescers
from lusha_async._bulk.items import BatchCall
from lusha_async._call.call import Executor
from lusha_async.billing import CreditBudget
from lusha_async.errors import BudgetExceededError, ItemError, LushaError
from lusha_async.operations import BY_NAME
from tests._bulk.test_inputs import Feed, bulk
from tests._pages.test_streams import lookalikes, stream
from tests.vendor import Vendor, executor, send_batch
from tests.virtual_clock import VirtualClockLoop

ENRICH, SEARCH = BY_NAME["enrichContacts"], BY_NAME["searchContacts"]

COALESCERS = Coalescers()  # shared by all scenarios, so that the next one meets what a cut left in it
Scenario = Callable[[Executor, list[str]], Coroutine[Any, Any, None]]
"""Bulk work that appends the rows that it read."""


class CuttingLoop(VirtualClockLoop):
    """Cancels `task`, a task or an anyio scope in it, in iteration number `at`."""

    at = 0
    iteration = 0
    task: "asyncio.Task[None] | anyio.CancelScope | None" = None

    def _run_once(self) -> None:
        if self.task is not None:
            self.iteration += 1
            if self.iteration == self.at:
                self.task.cancel()
        super()._run_once()  # type: ignore[misc]


def inputs() -> list[str]:
    """230 ids: one is refused, one is not found, and 30 are duplicates."""
    ids = [f"v1.{number}" for number in range(200)]
    ids[30], ids[40] = "bad", "missing"
    return [*ids, *ids[:30]]


async def ordered(calls: Executor, got: list[str]) -> None:
    async for row in bulk(calls, inputs()):
        got.extend([row.input] if row.ok else [])


async def by_search(calls: Executor, got: list[str]) -> None:
    async with bulk(calls, Feed(230), operation=SEARCH, ordered=False, max_delay=0.05) as rows:
        async for row in rows:
            got.extend([row.input] if row.ok else [])


async def pages(calls: Executor, got: list[str]) -> None:
    async for page in stream(calls, limit=170).pages():
        got += page.rows


async def lookalike_rows(calls: Executor, got: list[str]) -> None:
    async with lookalikes(calls, limit=60) as rows:
        async for row in rows:
            got.append(row)


async def first_row(calls: Executor, got: list[str]) -> None:
    row = await stream(calls).first()
    got += [row] if row is not None else []


async def coalesced(calls: Executor, got: list[str]) -> None:
    call = BatchCall(operation=ENRICH, send=partial(send_batch, ENRICH))

    async def load(name: str) -> None:
        try:
            got.append(await COALESCERS.load(calls, call, name))
        except LushaError as error:
            assert isinstance(error, ItemError) or name == "bad"  # noqa: PT017

    await asyncio.gather(*(load(name) for name in inputs()[:130]))


async def single_call(calls: Executor, got: list[str]) -> None:
    response = await calls.call(ENRICH, body={"ids": ["v1.0", "v1.1"], "reveal": ["emails"]})
    got += [row["id"] for row in response.payload["results"]]


SCENARIOS: list[Scenario] = [ordered, by_search, pages, lookalike_rows, first_row, coalesced, single_call]


def unclaimed(calls: Executor) -> list[str]:
    """The ids of the unclaimed rows."""
    rows: list[str] = []
    for kept in calls.state.unclaimed:
        results = kept.answer["results"]
        indexes = range(len(results)) if kept.rows is None else kept.rows
        rows += [results[index]["id"] for index in indexes if "id" in results[index]]
    return rows


def prospects_of(vendor: Vendor) -> list[str]:
    """The rows of all pages that were requested."""
    requested = [request.body["pagination"] for request in vendor.sent if "pagination" in (request.body or {})]
    size = min(50, vendor.largest)
    return [
        row for page in requested for row in vendor.rows[page["page"] * page["size"] :][: min(size, page["size"])]
    ]


def run_cut(
    scenario: Scenario, at: int, *, budget: CreditBudget | None, latency: float = 0.1, way: str = "task"
) -> bool:
    """Cancel `scenario` in iteration `at`; returns whether it was still running. Nothing may be left, nothing lost."""
    vendor = Vendor(rows=400, latency=latency)
    got: list[str] = []

    async def main() -> bool:
        loop: Any = asyncio.get_running_loop()
        calls = executor(vendor, budget=budget)
        if way == "eager":
            loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]
        scope = anyio.CancelScope()

        async def scoped() -> None:
            with scope:
                await scenario(calls, got)

        task = asyncio.ensure_future(scoped() if way == "scope" else scenario(calls, got))
        loop.task = scope if way == "scope" else task
        await asyncio.wait({task})
        cut = task.cancelled() or scope.cancelled_caught
        if not task.cancelled():
            task.result()
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
        if scenario in {ordered, coalesced, single_call}:
            assert {*got, *unclaimed(calls)} == vendor.revealed
        if scenario in {pages, first_row}:
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
def test_a_cancellation_anywhere_leaves_nothing_and_loses_nothing(scenario: Scenario, limit: int | None) -> None:
    """No task, request, place in the queue or reservation is left, and every paid row was read or is unclaimed."""
    at = 1
    while run_cut(
        scenario, at, budget=None if limit is None else CreditBudget(limit, prices={"lookalikeContact": 1})
    ):
        at += 1
    assert at > 5


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
@pytest.mark.parametrize(
    "way",
    [
        "scope",
        pytest.param("eager", marks=pytest.mark.skipif(sys.version_info < (3, 12), reason="tasks are lazy here")),
    ],
)
def test_so_does_an_anyio_scope_and_so_do_eager_tasks(scenario: Scenario, way: str) -> None:
    """The same for an anyio scope that is cancelled at every await, and for tasks that begin in their creation."""
    at, step = 1, 5 if scenario in {ordered, coalesced} else 1  # these have many iterations, and take long
    while run_cut(scenario, at, budget=None, way=way):
        at += step
    assert at > 5


def test_a_cancellation_while_calls_wait_for_credits() -> None:
    """A caller that leaves while calls wait for the budget frees what it had reserved."""

    async def short(calls: Executor, got: list[str]) -> None:
        async for row in bulk(calls, [f"v1.{number}" for number in range(400)]):
            assert row.ok or isinstance(row.error, BudgetExceededError)

    at = 1
    while run_cut(short, at, budget=CreditBudget(700)):
        at += 1
    assert at > 5
