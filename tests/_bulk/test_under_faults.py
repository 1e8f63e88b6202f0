"""Bulk methods and streams under refusals, lost answers, connection failures and early leaving."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async._bulk.outcome import Status
from lusha_async._call.call import Executor
from lusha_async._call.retry import RetryPolicy
from lusha_async._wire.request import Request
from lusha_async.errors import LushaError, StreamClosedError
from lusha_async.operations import BY_NAME, Operation
from tests import virtual_clock
from tests._bulk.test_inputs import bulk
from tests._pages.test_streams import stream
from tests.vendor import Vendor, executor

ENRICH, SEARCH = BY_NAME["enrichContacts"], BY_NAME["searchContacts"]
RATES = st.sampled_from([0.0, 0.1, 0.4])


class BadVendor(Vendor):
    """Fails at random, and counts how often each item was charged."""

    def __init__(self, faults: Any, rate: float, **settings: Any) -> None:
        super().__init__(**settings)
        self.charges: Counter[str] = Counter()
        self.latency = lambda: faults.uniform(0, 1)
        self.unreachable = lambda request: faults.random() < rate / 2
        self.lose = lambda request: faults.random() < rate
        self.refuse = lambda request: (
            (faults.choice([429, 500, 503]), "oops") if faults.random() < rate / 2 else None
        )

    def answer(self, request: Request) -> tuple[int, Any]:
        status, payload = super().answer(request)
        if status == 200 and request.operation is SEARCH:
            self.charges.update(item["email"] for item in request.body["contacts"])
        return status, payload


async def _slowly(inputs: list[str], pause: float) -> AsyncIterator[str]:
    for index, item in enumerate(inputs):
        if index % 50 == 0:
            await asyncio.sleep(pause)
        yield item


@settings(max_examples=50, deadline=None)
@given(
    numbers=st.lists(st.integers(0, 400), max_size=350),
    faults=st.randoms(use_true_random=False),
    rate=RATES,
    ordered=st.booleans(),
    dedupe=st.booleans(),
    concurrency=st.none() | st.integers(1, 3),
    slow=st.none() | st.floats(0, 3),
    operation=st.sampled_from([ENRICH, SEARCH]),
)
def test_one_outcome_for_each_input_and_none_charged_twice(
    numbers: list[int],
    faults: Any,
    rate: float,
    ordered: bool,
    dedupe: bool,
    concurrency: int | None,
    slow: float | None,
    operation: Operation,
) -> None:
    """Whatever fails, and with duplicates: each input has its own outcome, and is charged at most once."""
    vendor = BadVendor(faults, rate)
    inputs = [f"{'bad' if n % 83 == 7 else 'missing' if n % 5 == 1 else 'v1.'}{n}" for n in numbers]

    async def main() -> None:
        calls = executor(vendor)
        source = inputs if slow is None else _slowly(inputs, slow)
        outcomes = bulk(
            calls, source, operation=operation, ordered=ordered, dedupe=dedupe, concurrency=concurrency
        )
        rows = [row async for row in outcomes]
        by_index = rows if ordered else sorted(rows, key=lambda row: row.index)
        assert [row.index for row in by_index] == list(range(len(inputs)))
        assert [row.input for row in by_index] == inputs
        assert all(row.value == row.input for row in rows if row.ok)
        assert all(row.input.startswith("missing") for row in rows if row.status is Status.NOT_FOUND)
        if not rate:
            assert all(row.status is Status.FAILED for row in rows if row.input.startswith("bad"))
            assert not any(row.status is Status.FAILED for row in rows if not row.input.startswith("bad"))
        assert sum(row.credits or 0 for row in rows) == calls.state.meter.ledger.credits
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(main())
    occurrences = Counter(inputs) if not dedupe else Counter(set(inputs))
    assert all(times <= occurrences[item] for item, times in vendor.charges.items())


@settings(max_examples=50, deadline=None)
@given(
    rows=st.integers(0, 400),
    faults=st.randoms(use_true_random=False),
    rate=RATES,
    limit=st.none() | st.integers(0, 300),
    total=st.sampled_from(["exact", 100, 1000, None]),
    reopen=st.booleans(),
    leave=st.sampled_from([0.0, 0.02]),
)
def test_a_stream_that_fails_and_is_left_can_be_completed(
    rows: int, faults: Any, rate: float, limit: int | None, total: Any, reopen: bool, leave: float
) -> None:
    """After each error, timeout and early leaving it is read on, or reopened at its cursor, and no row is lost."""
    vendor = BadVendor(faults, rate, rows=rows)
    vendor.total = total
    cursors: list[tuple[str | None, str]] = []

    async def with_new_streams(calls: Executor, got: list[str]) -> None:
        cursor: str | None = None
        while True:
            current = stream(calls, limit=limit, cursor=cursor)
            try:
                async with current:
                    while True:
                        async with asyncio.timeout(faults.choice([0.3, 5, 500])):
                            got.append(await anext(current))
                        if faults.random() < leave:
                            break
            except StopAsyncIteration:
                return
            except (TimeoutError, StreamClosedError):
                pass
            except LushaError as error:
                cursors.append((error.cursor, current.cursor))
            cursor = current.cursor

    async def with_one_stream(calls: Executor, got: list[str]) -> None:
        current = stream(calls, limit=limit)
        while True:
            try:
                async for row in current:
                    got.append(row)
            except LushaError as error:
                cursors.append((error.cursor, current.cursor))
            else:
                return

    async def main() -> None:
        got: list[str] = []
        await (with_new_streams if reopen else with_one_stream)(
            executor(vendor, retry=RetryPolicy(attempts=2)), got
        )
        assert got == vendor.rows[:limit]
        assert all(of_error == of_stream for of_error, of_stream in cursors)
        await asyncio.sleep(5)
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(main())
