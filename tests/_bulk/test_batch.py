"""Bulk methods over a scripted vendor and a virtual clock."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from lusha_async._bulk.batch import Outcomes
from lusha_async._bulk.outcome import Outcome, Progress, Status
from lusha_async._call.call import Executor
from lusha_async.errors import (
    AnswerLostError,
    BadRequestError,
    ClientClosedError,
    InvalidRequestError,
    NotSentError,
    QuotaWaitTooLongError,
    StreamClosedError,
)
from lusha_async.operations import BY_NAME
from tests import virtual_clock
from tests._bulk.test_inputs import bulk
from tests._pages.test_streams import stream
from tests.leaving import WAYS, leave
from tests.vendor import Vendor, executor, jitter

ENRICH, SEARCH = BY_NAME["enrichContacts"], BY_NAME["searchContacts"]


def run_bulk(vendor: Vendor, inputs: Any, **options: Any) -> list[Outcome[Any, str]]:
    async def main() -> list[Outcome[Any, str]]:
        outcomes = [outcome async for outcome in bulk(executor(vendor), inputs, **options)]
        assert len(asyncio.all_tasks()) == 1
        return outcomes

    return virtual_clock.run(main())


def ids(count: int) -> list[str]:
    return [f"v1.{number}" for number in range(count)]


def test_every_input_has_its_outcome_in_input_order() -> None:
    """1,234 ids cost 13 requests and come back in order although the answers do not."""
    vendor = Vendor()
    vendor.latency = jitter(1, 0.05, 3.0)
    outcomes = run_bulk(vendor, ids(1234))
    assert [outcome.value for outcome in outcomes] == ids(1234)
    assert [outcome.index for outcome in outcomes] == list(range(1234))
    assert len(vendor.sent) == 13


def test_unordered_outcomes_come_as_requests_are_answered() -> None:
    """With `ordered=False` a quick answer does not wait for a slow one."""
    vendor = Vendor()
    slow = iter([5.0])
    vendor.latency = lambda: next(slow, 0.1)
    outcomes = run_bulk(vendor, ids(300), ordered=False)
    assert outcomes[0].index == 100
    assert sorted(outcome.index for outcome in outcomes) == list(range(300))


def test_the_whole_rate_is_used_and_no_more_requests_queue_than_needed() -> None:
    """With answers that take 2 s, 50 requests are in flight at 25 a second, without a setting."""
    vendor = Vendor(latency=2.0)

    async def main() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        async for _ in bulk(executor(vendor), (f"v1.{number}" for number in range(80_000))):
            pass
        return loop.time() - began

    took = virtual_clock.run(main())
    assert took <= 800 / 25 + 5
    assert 45 <= vendor.peak <= 75


def test_a_slow_consumer_holds_requests_back() -> None:
    """When outcomes are not read, only a few requests are prefetched."""
    vendor = Vendor()

    async def main() -> None:
        async with bulk(executor(vendor), ids(100_000)) as outcomes:
            await anext(outcomes)
            await asyncio.sleep(1000)
            assert len(vendor.sent) <= 25

    virtual_clock.run(main())


def test_an_endless_input_is_read_lazily() -> None:
    """An endless input is served, and only a little more of it is read than was needed."""
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield f"v1.{read}"

    async def main() -> None:
        async with bulk(executor(Vendor()), endless()) as outcomes:
            for _ in range(250):
                assert (await anext(outcomes)).ok
        assert read < 2000

    virtual_clock.run(main())


def test_a_slow_source_does_not_hold_back_its_inputs() -> None:
    """A batch that is not full is sent once its first input has waited `max_delay`."""
    vendor = Vendor(latency=0.0)

    async def slow() -> AsyncIterator[str]:
        for number in range(6):
            yield f"v1.{number}"
            await asyncio.sleep(2 if number % 2 else 0)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        when = [loop.time() - began async for _ in bulk(executor(vendor), slow(), max_delay=0.5)]
        assert when == pytest.approx([0.5, 0.5, 2.5, 2.5, 4.5, 4.5], abs=0.01)
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(main())
    assert len(vendor.sent) == 3


def test_an_error_of_the_source_comes_after_its_inputs() -> None:
    """Inputs read before the source broke have their outcomes; then its own exception is raised."""

    def broken() -> Iterator[str]:
        yield from ids(150)
        raise OSError("the disk is gone")

    async def main() -> None:
        seen = 0
        with pytest.raises(OSError, match="disk"):
            async for _ in bulk(executor(Vendor()), broken()):
                seen += 1
        assert seen == 150

    virtual_clock.run(main())


@pytest.mark.parametrize("named", [False, True])
def test_one_bad_row_is_found_and_the_others_are_served(named: bool) -> None:
    """A 400 for one id of a hundred divides the batch; 99 are served, one fails with the vendor's error."""
    vendor = Vendor()
    vendor.names_the_item = named
    inputs = ids(100)
    inputs[37] = "bad"
    outcomes = run_bulk(vendor, inputs)
    assert [outcome.index for outcome in outcomes if not outcome.ok] == [37]
    assert outcomes[37].status is Status.FAILED
    assert isinstance(outcomes[37].error, BadRequestError)
    assert outcomes[37].credits == 0
    assert len(vendor.sent) <= (3 if named else 20)
    assert vendor.charged == 99


def test_a_refused_option_is_not_searched_for_in_every_row() -> None:
    """When three single rows are refused with the same text, the call is at fault: three requests decide it."""
    vendor = Vendor()
    vendor.refuse = lambda request: (400, "excludeDnc is not available on your current plan")
    outcomes = run_bulk(vendor, ids(3000))
    assert {outcome.status for outcome in outcomes} == {Status.FAILED}
    assert len(outcomes) == 3000
    assert len(vendor.sent) == 30 + 3


def test_an_account_error_stops_cleanly() -> None:
    """After a 403 nothing more is sent, and the outcome of every row that was not sent says why."""
    vendor = Vendor()
    vendor.refuse = lambda request: (403, "not active") if request in vendor.sent[5:] else None
    outcomes = run_bulk(vendor, ids(5000))
    assert len(outcomes) == 5000
    assert {outcome.status for outcome in outcomes} == {Status.OK, Status.SKIPPED}
    assert len(vendor.sent) <= 25
    skipped = [outcome for outcome in outcomes if outcome.status is Status.SKIPPED]
    assert all(outcome.error is not None and outcome.credits == 0 for outcome in skipped)


def test_a_lost_answer_of_a_paid_call_is_ambiguous_and_not_sent_again() -> None:
    """Search is charged each time: the rows of a lost answer are ambiguous and sent once."""
    vendor = Vendor()
    vendor.lose = lambda request: request is vendor.sent[0]
    outcomes = run_bulk(vendor, ids(150), operation=SEARCH)
    assert [outcome.status for outcome in outcomes] == [Status.AMBIGUOUS] * 100 + [Status.OK] * 50
    assert len(vendor.sent) == 2
    assert outcomes[0].credits is None


def test_rows_are_skipped_while_the_network_fails() -> None:
    """Rows that could not be sent are skipped and free; those after them are served."""
    vendor = Vendor()
    vendor.unreachable = lambda request: request.body["ids"][0] == "v1.100"
    outcomes = run_bulk(vendor, ids(350))
    assert [outcome.status for outcome in outcomes] == [Status.OK] * 100 + [Status.SKIPPED] * 100 + [
        Status.OK
    ] * 150
    assert all(isinstance(outcome.error, NotSentError) for outcome in outcomes[100:200])
    assert sum(outcome.credits or 0 for outcome in outcomes) == vendor.charged == 250


def test_a_duplicate_input_is_sent_once() -> None:
    """Duplicates among the inputs remembered are free, and each has its outcome."""
    vendor = Vendor()
    inputs = ids(60) * 3
    outcomes = run_bulk(vendor, inputs, operation=SEARCH)
    assert [outcome.value for outcome in outcomes] == inputs
    assert len(vendor.sent) == 1
    again = Vendor()
    run_bulk(again, inputs, operation=SEARCH, dedupe=False)
    assert len(again.sent) == 2


def test_a_duplicate_in_a_later_batch_waits_for_the_first() -> None:
    """Unordered, a batch of duplicates alone has its outcomes when the first batch is answered."""
    vendor = Vendor()
    slow = iter([5.0])
    vendor.latency = lambda: next(slow, 0.1)
    outcomes = run_bulk(vendor, ids(200) + ids(250), operation=SEARCH, ordered=False)
    assert len(outcomes) == 450
    assert all(outcome.ok for outcome in outcomes)
    assert len(vendor.sent) == 3


def test_rows_have_their_own_status() -> None:
    """Not found and restricted rows have their statuses; an input that cannot be sent fails alone."""

    def encode(item: str) -> str:
        if not item:
            raise InvalidRequestError("ids[2]", "empty")
        return item

    outcomes = run_bulk(Vendor(), ["v1.a", "missing", "", "gdpr"], encode=encode)
    assert [outcome.status for outcome in outcomes] == ["ok", "not_found", "failed", "restricted"]
    with pytest.raises(InvalidRequestError):
        outcomes[2].unwrap()
    assert outcomes[0].unwrap() == "v1.a"


def test_progress_adds_up() -> None:
    """The last report counts every input, every request and every credit; the length of a list is known."""
    reports: list[Progress] = []
    vendor = Vendor()
    run_bulk(vendor, [*ids(240), "missing"], on_progress=reports.append)
    last = reports[-1]
    assert (last.total, last.read, last.done, last.requests) == (241, 241, 241, 3)
    assert last.counts == {Status.OK: 240, Status.NOT_FOUND: 1}
    assert last.credits == vendor.charged == 240


def test_a_failing_callback_reaches_the_caller() -> None:
    """An error of `on_progress` is raised to the reader."""

    def broken(progress: Progress) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_bulk(Vendor(), ids(10), on_progress=broken)


async def _left(calls: Executor, vendor: Vendor) -> None:
    """No task is left and no request is sent any more."""
    for _ in range(5):
        await asyncio.sleep(0)
    sent = len(vendor.sent)
    await asyncio.sleep(60)
    assert len(vendor.sent) == sent
    assert vendor.under_way == 0
    assert len(asyncio.all_tasks()) == 1


def _rows_unclaimed(calls: Executor) -> set[str]:
    rows: set[str] = set()
    for kept in calls.state.unclaimed:
        results = kept.answer["results"]
        indexes = range(len(results)) if kept.rows is None else kept.rows
        rows.update(results[index]["id"] for index in indexes)
    return rows


@pytest.mark.parametrize("way", WAYS)
def test_leaving_early_leaves_nothing_behind_and_loses_nothing_paid(way: str) -> None:
    """However the loop is left: no task, no further request, and every paid row was read or is unclaimed."""
    vendor = Vendor(latency=1.0)
    got: set[str] = set()

    async def main() -> None:
        calls = executor(vendor)
        await leave(way, lambda: bulk(calls, ids(100_000)), lambda row: got.add(row.unwrap()), 150)
        await _left(calls, vendor)
        unclaimed = _rows_unclaimed(calls)
        assert got | unclaimed == vendor.revealed
        assert not got & unclaimed

    virtual_clock.run(main())
    assert vendor.charged == len(vendor.revealed)


@pytest.mark.parametrize("rows_read", [0, 30])
def test_a_lost_answer_is_unclaimed_for_the_outcomes_that_were_not_read(rows_read: int) -> None:
    """It may have been charged, and the caller would send its inputs again; outcomes that were read are left out."""

    async def main() -> None:
        vendor = Vendor()
        calls = executor(vendor)
        vendor.lose = lambda request: request.body["contacts"][0]["email"] == "v1.100"
        async with bulk(calls, ids(1000), SEARCH) as outcomes:
            rows = [await anext(outcomes) for _ in range(100 + rows_read)]
            await asyncio.sleep(5)
        assert sum(row.status is Status.AMBIGUOUS for row in rows) == rows_read
        (lost,) = [kept for kept in calls.state.unclaimed if kept.answer is None]
        assert lost.inputs["contacts"][0] == {"email": "v1.100"}
        assert lost.rows == (tuple(range(rows_read, 100)) if rows_read else None)
        assert isinstance(lost.error, AnswerLostError)

    virtual_clock.run(main())


def test_a_lost_answer_whose_outcomes_were_read_is_not_unclaimed() -> None:
    """A caller that has read the ambiguous outcomes knows of the lost answer."""

    async def main() -> None:
        vendor = Vendor()
        calls = executor(vendor)
        vendor.lose = lambda request: True
        assert {row.status async for row in bulk(calls, ids(150), SEARCH)} == {Status.AMBIGUOUS}
        assert len(calls.state.unclaimed) == 0

    virtual_clock.run(main())


def test_a_read_that_was_cancelled_does_not_look_like_the_end() -> None:
    """After a cancelled wait the iterator raises instead of ending with rows missing."""

    async def main() -> None:
        outcomes = bulk(executor(Vendor(latency=5)), ids(500))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await anext(outcomes)
        with pytest.raises(StreamClosedError):
            await anext(outcomes)

    virtual_clock.run(main())


@pytest.mark.parametrize("kind", ["outcomes", "pages"])
def test_closed_by_another_task_does_not_look_like_the_end(kind: str) -> None:
    """A reader that waits while the iterator is closed gets `StreamClosedError`."""

    async def main() -> None:
        calls = executor(Vendor(rows=1000, latency=5))
        rows: Any = bulk(calls, ids(500)) if kind == "outcomes" else stream(calls)
        waiting = asyncio.ensure_future(anext(rows))
        await asyncio.sleep(1)
        await rows.aclose()
        with pytest.raises(StreamClosedError):
            await waiting

    virtual_clock.run(main())


def test_a_second_reader_is_refused_and_the_first_reads_on() -> None:
    """When two tasks read one iterator, the second gets a RuntimeError and the first loses no outcome."""

    async def main() -> None:
        outcomes = bulk(executor(Vendor()), ids(250))

        async def read() -> list[int]:
            return [outcome.index async for outcome in outcomes]

        first, second = await asyncio.gather(read(), read(), return_exceptions=True)
        assert isinstance(second, RuntimeError)
        assert first == list(range(250))

    virtual_clock.run(main())


def test_an_async_source_is_closed_when_the_caller_leaves() -> None:
    """The `finally` of the source has run when the block ends."""
    closed = False

    async def source() -> AsyncIterator[str]:
        nonlocal closed
        try:
            while True:
                yield "v1.a"
        finally:
            closed = True

    async def main() -> None:
        async with bulk(executor(Vendor()), source(), dedupe=False) as outcomes:
            await anext(outcomes)
        assert closed
        await asyncio.sleep(1)  # what was sent runs to its end
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(main())


def test_a_closed_client_ends_the_run() -> None:
    """When the client is closed during a bulk call, the outcome of each row that was not sent says so."""

    async def main() -> None:
        calls = executor(Vendor())
        seen: list[Status] = []
        async for outcome in bulk(calls, ids(3000)):
            seen.append(outcome.status)
            if len(seen) == 150:
                await calls.state.aclose(10)
        assert len(seen) == 3000
        assert seen[-1] is Status.SKIPPED
        assert isinstance(outcome.error, ClientClosedError)

    virtual_clock.run(main())


def test_closing_does_not_wait_for_a_window_that_opens_in_an_hour() -> None:
    """A call and a bulk method that wait for the next hour end at once when the client is closed."""
    vendor = Vendor()
    vendor.headers = {"x-rate-limit-hourly": "5", "x-hourly-requests-left": "0"}

    async def main() -> None:
        calls = executor(vendor)
        await calls.call(ENRICH, body={"ids": ["v1.a"]})
        waiting = asyncio.create_task(calls.call(ENRICH, body={"ids": ["v1.b"]}))
        rows = asyncio.create_task(_all(bulk(calls, ids(250))))
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()
        await calls.state.aclose(10)
        with pytest.raises(ClientClosedError):
            await waiting
        assert {row.status for row in await rows} == {Status.SKIPPED}
        assert asyncio.get_running_loop().time() == began
        assert calls.state.governor.snapshot().waiting_interactive == 0

    virtual_clock.run(main())
    assert len(vendor.sent) == 1


async def _all(outcomes: Outcomes[Any, str]) -> list[Outcome[Any, str]]:
    return [outcome async for outcome in outcomes]


def test_a_window_that_opens_too_late_stops_the_run() -> None:
    """With `max_wait`, rows that would be sent later are skipped with `QuotaWaitTooLongError`."""
    vendor = Vendor()
    vendor.headers = {"x-rate-limit-hourly": "5", "x-hourly-requests-left": "0"}

    async def main() -> None:
        calls = executor(vendor, max_wait=10.0)
        await calls.call(ENRICH, body={"ids": ["v1.first"]})
        outcomes = [outcome async for outcome in bulk(calls, ids(500))]
        assert {outcome.status for outcome in outcomes} == {Status.SKIPPED}
        assert all(isinstance(outcome.error, QuotaWaitTooLongError) for outcome in outcomes)

    virtual_clock.run(main())
    assert len(vendor.sent) == 1
