"""A consumer that works for long on each row does not keep the event loop from its sockets."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from lusha_async import Governor, LushaClient
from lusha_async._prefetch import ClosableIterator
from lusha_async.errors import StreamClosedError
from tests import virtual_clock
from tests._bulk.test_inputs import bulk
from tests._pages.test_streams import stream
from tests.loops.crowd import FAST, FILTERS, KEY
from tests.loops.vendor import books, vendor
from tests.vendor import Vendor, executor

OPENED: list[Callable[[Any], ClosableIterator[Any]]] = [
    stream,
    lambda calls: bulk(calls, [f"v1.{number}" for number in range(400)]),
]


@pytest.fixture
def slow_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is so much work that the loop gets a turn before the next."""
    monkeypatch.setattr("lusha_async._prefetch._YIELD_SECONDS", 0.0)


@pytest.mark.usefixtures("slow_rows")
@pytest.mark.parametrize("opened", OPENED, ids=["rows", "outcomes"])
def test_ready_rows_give_the_loop_a_turn(opened: Callable[[Any], ClosableIterator[Any]]) -> None:
    """Between any two rows a callback that was due runs, although the rows are there."""

    async def main() -> None:
        turns = [0]

        def turn() -> None:
            turns[0] += 1
            if turns[0] < 1000:
                asyncio.get_running_loop().call_soon(turn)

        async with opened(executor(Vendor(rows=400))) as rows:
            await anext(rows)
            asyncio.get_running_loop().call_soon(turn)
            for _ in range(30):
                before = turns[0]
                await anext(rows)
                assert turns[0] > before

    virtual_clock.run(main())


@pytest.mark.usefixtures("slow_rows")
@pytest.mark.parametrize("opened", OPENED, ids=["rows", "outcomes"])
def test_a_turn_is_a_wait_like_any_other(opened: Callable[[Any], ClosableIterator[Any]]) -> None:
    """A second reader is refused meanwhile, closing ends it with an error, and a cancellation closes the iterator."""

    async def reading(rows: AsyncIterator[Any]) -> "asyncio.Task[Any]":
        task = asyncio.ensure_future(anext(rows))
        await asyncio.sleep(0)
        return task

    async def main() -> None:
        calls = executor(Vendor(rows=400))
        async with opened(calls) as rows:
            await anext(rows)
            first = await reading(rows)
            with pytest.raises(RuntimeError, match="already reading"):
                await anext(rows)
            await first
            closed = await reading(rows)
            await rows.aclose()
            with pytest.raises(StreamClosedError):
                await closed
        async with opened(calls) as rows:
            await anext(rows)
            cancelled = await reading(rows)
            cancelled.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cancelled
            with pytest.raises((StreamClosedError, StopAsyncIteration)):
                await anext(rows)
        assert len(calls.state.unclaimed) > 0

    virtual_clock.run(main())


@pytest.mark.asyncio
async def test_a_slow_consumer_loses_no_answer() -> None:
    """100 rows of blocking work take longer than a request may: every row is had, none is ambiguous."""
    with vendor(lost=0) as url:
        async with LushaClient(KEY, base_url=url, governor=Governor(FAST), timeout=0.5) as lusha:
            seen: Counter[str] = Counter()
            async for outcome in lusha.contacts.enrich_many([f"v1.{number}" for number in range(800)]):
                seen[str(outcome.status)] += 1
                if outcome.index < 100:
                    time.sleep(0.0065)  # noqa: ASYNC251 - the fault
            rows = 0
            async for _ in lusha.contacts.prospect(FILTERS):
                rows += 1
                if rows <= 100:
                    time.sleep(0.0065)  # noqa: ASYNC251 - the fault
        assert seen == {"ok": 800}
        assert rows == 400
        assert books(url).credits == lusha.ledger.credits == 1200
