"""Waiting for a connection, and callers whose time is over before anything was sent."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

import anyio
import pytest

from lusha_async import Governor, LushaClient
from lusha_async._bulk.coalesce import Coalescers
from lusha_async._bulk.items import BatchCall
from lusha_async._call.call import Executor
from lusha_async.billing import CreditBudget
from lusha_async.errors import ClientClosedError, QuotaWaitTooLongError
from lusha_async.operations import BY_NAME
from tests import virtual_clock
from tests._bulk.test_inputs import bulk
from tests._pages.test_streams import stream
from tests.vendor import Vendor, executor, send_batch

ENRICH = BY_NAME["enrichContacts"]
KEY = "0a1b2c3d-0000-4000-8000-00000000beef"


def enrich(calls: Executor, name: str) -> "asyncio.Task[Any]":
    return asyncio.ensure_future(calls.call(ENRICH, body={"ids": [name], "reveal": ["emails"]}))


def test_max_wait_covers_the_wait_for_a_connection() -> None:
    """After two seconds a call without a connection is refused; it is free, and the next one finds its way."""

    async def main() -> None:
        vendor = Vendor(latency=12, connections=2)
        calls = executor(vendor, max_wait=2.0)
        clock = asyncio.get_running_loop().time
        busy = [enrich(calls, f"v1.{number}") for number in range(2)]
        await asyncio.sleep(1)
        began = clock()
        with pytest.raises(QuotaWaitTooLongError, match="no connection became free: each of 2") as caught:
            await enrich(calls, "v1.late")
        assert clock() - began == pytest.approx(2.0)
        error = caught.value
        assert (error.window, error.limit, error.max_wait, error.charged) == (None, 2, 2.0, 0)
        await asyncio.gather(*busy)
        await enrich(calls, "v1.next")
        assert calls.state.meter.ledger.credits == vendor.charged == 3

    virtual_clock.run(main())


def test_max_wait_is_one_for_all_the_waits_of_a_request() -> None:
    """What the wait for a connection took is not there for the rate limits any more."""

    async def main() -> None:
        vendor = Vendor(latency=2.5, connections=1)
        calls = executor(vendor, max_wait=3.0)
        first = enrich(calls, "v1.0")
        await asyncio.sleep(0.5)
        crowd = [enrich(calls, f"v1.{number}") for number in range(1, 4)]
        began = asyncio.get_running_loop().time()
        ended = await asyncio.gather(*crowd, return_exceptions=True)
        assert asyncio.get_running_loop().time() - began <= 2.0 + 2.5 + 0.1
        assert sum(isinstance(one, QuotaWaitTooLongError) for one in ended) == 2
        await first
        assert len(vendor.sent) == 2

    virtual_clock.run(main())


def test_closing_frees_those_that_wait_for_a_connection() -> None:
    """They hear at once that the client is closed, not when a connection is free; nothing of theirs was sent."""

    async def main() -> None:
        vendor = Vendor(latency=8, connections=1)
        calls = executor(vendor)
        clock = asyncio.get_running_loop().time
        busy, waiting = enrich(calls, "v1.0"), enrich(calls, "v1.1")
        await asyncio.sleep(1)
        began = clock()
        closing = asyncio.ensure_future(calls.state.aclose(10))
        with pytest.raises(ClientClosedError, match="nothing was sent"):
            await waiting
        assert clock() == began
        await closing
        await busy
        assert len(vendor.sent) == 1

    virtual_clock.run(main())


class ClosedVendor(Vendor):
    """Remembers that it was closed."""

    closed = False

    async def aclose(self) -> None:
        await asyncio.sleep(0.1)
        self.closed = True


@pytest.mark.parametrize("way", ["asyncio", "anyio", "group"])
def test_a_client_that_is_left_by_a_cancellation_is_closed(way: str) -> None:
    """The paid answer in flight is kept, and the connections are closed, before the block is left."""

    async def main() -> None:
        vendor = ClosedVendor(latency=1.0)
        governor = Governor(clock=asyncio.get_running_loop().time)
        lusha = LushaClient(KEY, base_url="https://api.example", governor=governor, transport=vendor)

        async def work() -> None:
            async with lusha:
                await lusha.contacts.enrich(["v1.a"], reveal=["emails"])

        if way == "asyncio":
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await work()
        elif way == "anyio":
            with pytest.raises(TimeoutError), anyio.fail_after(0.3):
                await work()
        else:
            async with anyio.create_task_group() as group:
                group.start_soon(work)
                await asyncio.sleep(0.3)
                group.cancel_scope.cancel()
        assert vendor.closed
        assert [one.credits for one in lusha.unclaimed()] == [1]

    virtual_clock.run(main())


@asynccontextmanager
async def cancelled_scope() -> AsyncIterator[None]:
    with anyio.CancelScope() as scope:
        scope.cancel()
        yield


@asynccontextmanager
async def expired_scope() -> AsyncIterator[None]:
    with anyio.move_on_after(0):
        yield


@asynccontextmanager
async def late_scope() -> AsyncIterator[None]:
    """Its deadline passes in work that blocks the loop."""
    with anyio.move_on_after(1):
        block(2)
        yield


@asynccontextmanager
async def expired_timeout() -> AsyncIterator[None]:
    async with asyncio.timeout(0):
        yield


@asynccontextmanager
async def late_timeout() -> AsyncIterator[None]:
    async with asyncio.timeout(1):
        block(2)
        yield


async def wrapped(calls: Executor) -> None:
    """The caller waits for a task that waits for a task."""
    await asyncio.create_task(single(calls))


@asynccontextmanager
async def cancelled_task() -> AsyncIterator[None]:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    yield


def block(seconds: float) -> None:
    """Work of the caller during which the loop does nothing."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, virtual_clock.VirtualClockLoop)
    loop.now += seconds


async def single(calls: Executor) -> None:
    await calls.call(ENRICH, body={"ids": ["v1.a"], "reveal": ["emails"]})


async def coalesced(calls: Executor) -> None:
    await Coalescers().load(calls, BatchCall(operation=ENRICH, send=partial(send_batch, ENRICH)), "v1.a")


async def outcomes(calls: Executor) -> None:
    async for _ in bulk(calls, ["v1.a"]):
        pass


async def rows(calls: Executor) -> None:
    async for _ in stream(calls):
        pass


EAGER = pytest.param(
    True, marks=pytest.mark.skipif(sys.version_info < (3, 12), reason="tasks are lazy here"), id="eager"
)
ENDS = [cancelled_scope, expired_scope, late_scope, expired_timeout, late_timeout, cancelled_task]


@pytest.mark.parametrize("eager", [pytest.param(False, id="lazy"), EAGER])
@pytest.mark.parametrize("work", [single, wrapped, coalesced, outcomes, rows])
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_a_caller_whose_time_is_over_sends_nothing(
    end: Callable[[], AbstractAsyncContextManager[None]], work: Callable[[Executor], Any], eager: bool
) -> None:
    """Cancelled or expired before the call: no request, no credit, no reservation, whatever the kind of caller."""

    async def main() -> None:
        if eager:
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]
        vendor = Vendor(rows=100)
        budget = CreditBudget(1000, prices={"prospectingContact": 1, "prospecting": 1})
        calls = executor(vendor, budget=budget)
        await calls.state.meter.prices(calls.usage)
        vendor.sent.clear()

        async def caller() -> None:
            async with end():
                await work(calls)

        await asyncio.gather(asyncio.ensure_future(caller()), return_exceptions=True)
        await asyncio.sleep(10)
        assert vendor.sent == []
        assert (budget.reserved, calls.state.meter.ledger.credits) == (0, 0)
        assert calls.state.governor.snapshot().in_flight == 0
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(main())


@pytest.mark.skipif(sys.version_info < (3, 12), reason="tasks are lazy here")
def test_eager_tasks_are_as_many_and_no_deeper() -> None:
    """A bulk method over a source that never waits keeps its concurrency, and does not recurse."""

    async def ids() -> AsyncIterator[str]:
        for number in range(20_000):
            yield f"v1.{number}"

    async def main() -> tuple[int, float]:
        vendor = Vendor(latency=3)
        calls = executor(vendor)
        began = asyncio.get_running_loop().time()
        read = 0
        async for outcome in bulk(calls, ids()):
            read += outcome.ok
        assert read == 20_000
        return vendor.peak, asyncio.get_running_loop().time() - began

    async def eager() -> tuple[int, float]:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]
        return await main()

    assert virtual_clock.run(eager()) == virtual_clock.run(main())
