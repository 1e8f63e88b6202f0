"""Coalesced calls over a scripted vendor and a virtual clock."""

import asyncio
import random
import traceback
from functools import partial
from typing import Any

import pytest

from lusha_async._bulk.coalesce import Coalescer
from lusha_async._bulk.items import BatchCall
from lusha_async._call.call import Executor
from lusha_async.billing.unclaimed import CallTracker
from lusha_async.errors import BadRequestError, ItemError, LushaError, PermissionDeniedError
from lusha_async.operations import BY_NAME
from tests import virtual_clock
from tests.vendor import Vendor, executor, send_batch

ENRICH = BY_NAME["enrichContacts"]


def coalescer_of(calls: Executor) -> Coalescer[str]:
    """A coalescer of enrich calls."""
    return Coalescer(BatchCall(operation=ENRICH, send=partial(send_batch, ENRICH)), calls)


def test_an_idle_client_sends_at_once() -> None:
    """A single call is sent without delay."""
    vendor = Vendor(latency=0.0)

    async def main() -> None:
        began = asyncio.get_running_loop().time()
        assert await coalescer_of(executor(vendor)).load("v1.a", "v1.a") == "v1.a"
        assert asyncio.get_running_loop().time() == began

    virtual_clock.run(main())


def test_a_thousand_handlers_cost_ten_requests() -> None:
    """Calls at the same time are sent in requests of a hundred, and each gets its own row."""
    vendor = Vendor()

    async def main() -> None:
        coalescer = coalescer_of(executor(vendor))
        got = await asyncio.gather(*(coalescer.load(f"v1.{n}", f"v1.{n}") for n in range(1000)))
        assert got == [f"v1.{n}" for n in range(1000)]
        assert coalescer.idle

    virtual_clock.run(main())
    assert len(vendor.sent) == 10


def test_calls_are_collected_while_a_request_is_queued() -> None:
    """At 10,000 calls a second the requests stay at the governor's rate."""
    vendor = Vendor(latency=0.05)
    waits: list[float] = []

    async def handler(coalescer: Coalescer[str], number: int) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(number / 10_000)
        began = loop.time()
        await coalescer.load(f"v1.{number % 2000}", f"v1.{number % 2000}")
        waits.append(loop.time() - began)

    async def main() -> None:
        coalescer = coalescer_of(executor(vendor))
        await asyncio.gather(*(handler(coalescer, number) for number in range(5000)))

    virtual_clock.run(main())
    assert len(vendor.sent) <= 60


def test_identical_inputs_are_sent_once() -> None:
    """An id that many tasks load is sent once."""
    vendor = Vendor()

    async def main() -> None:
        coalescer = coalescer_of(executor(vendor))
        assert set(await asyncio.gather(*(coalescer.load("v1.a", "v1.a") for _ in range(50)))) == {"v1.a"}

    virtual_clock.run(main())
    assert [request.body["ids"] for request in vendor.sent] == [["v1.a"]]


def test_each_caller_gets_the_error_of_its_own_row() -> None:
    """One bad, one missing and three good ids in the same request: each caller gets its own result."""

    async def main() -> None:
        coalescer = coalescer_of(executor(Vendor()))
        names = ["bad", "missing", "v1.a", "v1.b", "v1.c"]
        bad, missing, *good = await asyncio.gather(*(coalescer.load(n, n) for n in names), return_exceptions=True)
        assert isinstance(bad, BadRequestError)
        assert isinstance(missing, ItemError)
        assert missing.code == "NOT_FOUND"
        assert good == ["v1.a", "v1.b", "v1.c"]

    virtual_clock.run(main())


def test_an_account_error_reaches_every_caller() -> None:
    """A 403 is raised to each caller of the request, each time as an error of its own."""
    vendor = Vendor()
    vendor.refuse = lambda request: (403, "not active")

    async def main() -> None:
        coalescer = coalescer_of(executor(vendor))
        got = await asyncio.gather(*(coalescer.load(n, f"v1.{n}") for n in range(5)), return_exceptions=True)
        assert all(isinstance(error, PermissionDeniedError) for error in got)
        assert len({id(error) for error in got}) == 5

    virtual_clock.run(main())
    assert len(vendor.sent) == 1


def test_a_shared_failure_is_an_error_of_its_own_for_each() -> None:
    """The frames and notes that one caller adds to its error are not in the others."""
    vendor = Vendor()
    vendor.refuse = lambda request: (403, "not active")

    async def main() -> None:
        coalescer = coalescer_of(executor(vendor))
        got = await asyncio.gather(*(coalescer.load(n, f"v1.{n}") for n in range(20)), return_exceptions=True)
        errors = [error for error in got if isinstance(error, PermissionDeniedError)]
        errors[0].add_note("mine")
        assert len({id(error) for error in errors}) == 20
        assert len({len(traceback.extract_tb(error.__traceback__)) for error in errors}) == 1
        assert not hasattr(errors[1], "__notes__")

    virtual_clock.run(main())


def test_a_cancelled_caller_does_not_affect_the_others() -> None:
    """A caller times out while the request is in flight: the others get their rows, and its row is unclaimed."""
    vendor = Vendor(latency=2.0)

    async def main() -> None:
        calls = executor(vendor)
        coalescer = coalescer_of(calls)
        stays = asyncio.create_task(coalescer.load("v1.a", "v1.a"))
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await coalescer.load("v1.b", "v1.b")
        assert await stays == "v1.a"
        (kept,) = calls.state.unclaimed
        assert kept.rows == (1,)

    virtual_clock.run(main())


def test_a_queued_request_without_callers_is_cancelled() -> None:
    """When all callers leave before the request is sent, it is not sent; later callers are served."""
    vendor = Vendor()

    async def main() -> None:
        calls = executor(vendor)
        busy = [asyncio.create_task(calls.call(ENRICH, body={"ids": [f"v1.{n}"]})) for n in range(60)]
        await asyncio.sleep(0)
        coalescer = coalescer_of(calls)
        tasks = [asyncio.create_task(coalescer.load(n, f"v1.x{n}")) for n in range(3)]
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert not any(request.body["ids"][0].startswith("v1.x") for request in vendor.sent)
        assert await coalescer.load("v1.y", "v1.y") == "v1.y"
        await asyncio.gather(*busy)
        await asyncio.sleep(0)
        assert coalescer.idle
        assert len(vendor.sent) == 61

    virtual_clock.run(main())


def test_a_refused_request_without_callers_is_not_divided() -> None:
    """All leave while a request with a bad id is in flight: nothing of it is sent again, and nothing is charged."""
    vendor = Vendor(latency=1.0)

    async def main() -> None:
        coalescer = coalescer_of(executor(vendor))
        names = ["bad", *(f"v1.{number}" for number in range(99))]
        tasks = [asyncio.create_task(coalescer.load(name, name)) for name in names]
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(60)
        assert coalescer.idle
        assert (len(vendor.sent), vendor.charged) == (1, 0)
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(main())


def test_random_cancellations_lose_nothing() -> None:
    """Under load with thousands of cancellations, every row that was charged was returned or is unclaimed."""
    vendor = Vendor(latency=0.3)
    draw = random.Random(5)
    got: list[str] = []

    async def handler(coalescer: Coalescer[str], number: int) -> None:
        await asyncio.sleep(draw.uniform(0, 40))
        try:
            async with asyncio.timeout(draw.uniform(0, 0.8)):
                got.append(await coalescer.load(number, f"v1.{number}"))
        except TimeoutError:
            pass

    async def main() -> None:
        calls = executor(vendor)
        coalescer = coalescer_of(calls)
        await asyncio.gather(*(handler(coalescer, number) for number in range(10_000)))
        await asyncio.sleep(10)
        assert coalescer.idle
        assert len(asyncio.all_tasks()) == 1
        unclaimed: list[str] = []
        for kept in calls.state.unclaimed:
            results = kept.answer["results"]
            unclaimed += [results[index]["id"] for index in kept.rows or range(len(results))]
        assert sorted([*got, *unclaimed]) == sorted(vendor.revealed)
        assert calls.state.meter.ledger.credits == vendor.charged == len(vendor.revealed)
        assert calls.state.unclaimed.dropped == 0

    virtual_clock.run(main())
    assert len(got) > 4000


def test_an_unexpected_error_reaches_every_caller() -> None:
    """An error that is not a `LushaError` leaves no caller waiting."""

    async def broken(view: Executor, items: list[Any], tracker: CallTracker) -> Any:
        raise ZeroDivisionError

    async def main() -> None:
        coalescer: Coalescer[str] = Coalescer(BatchCall(operation=ENRICH, send=broken), executor(Vendor()))
        got = await asyncio.gather(*(coalescer.load(n, n) for n in range(3)), return_exceptions=True)
        assert all(isinstance(error, ZeroDivisionError) for error in got)
        assert not any(isinstance(error, LushaError) for error in got)

    virtual_clock.run(main())
