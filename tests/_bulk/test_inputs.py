"""The inputs of a bulk method: their sources, what is refused, and when they are read and closed."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest

from lusha_async._bulk.batch import BulkConfig, Outcomes
from lusha_async._bulk.items import BatchCall
from lusha_async._bulk.outcome import Outcome, Status
from lusha_async._call.call import Executor
from lusha_async._pages.paging import FetchedPage, PageSpec, PagingRules
from lusha_async._pages.stream import PageStream, Query
from lusha_async.billing.unclaimed import CallTracker
from lusha_async.errors import InvalidRequestError
from lusha_async.operations import BY_NAME
from tests import virtual_clock
from tests.vendor import Vendor, executor, send_batch

ENRICH, SEARCH = BY_NAME["enrichContacts"], BY_NAME["searchContacts"]


def bulk(
    calls: Executor, inputs: Any, operation: Any = ENRICH, encode: Any = None, **config: Any
) -> Outcomes[Any, str]:
    """The bulk method of enrich or search over `calls`."""
    call = BatchCall(operation=operation, send=partial(send_batch, operation))
    default: Callable[[Any], Any] = (lambda item: item) if operation is ENRICH else (lambda item: {"email": item})
    return Outcomes(call, calls, inputs, encode=encode or default, config=BulkConfig(**config))


@pytest.mark.parametrize("wrong", ["v1.a", b"v1.a", {"id": "v1.a"}, 7, None])
def test_a_single_input_is_refused(wrong: Any) -> None:
    """A string would be read letter by letter, each of them paid for: it is refused when the method is called."""

    async def main() -> None:
        with pytest.raises(InvalidRequestError, match="single input into a list"):
            bulk(executor(Vendor()), wrong)

    virtual_clock.run(main())


@pytest.mark.parametrize(
    "wrong",
    [{"concurrency": 0}, {"concurrency": -1}, {"concurrency": 1.5}, {"max_delay": -1}, {"max_delay": float("nan")},
     {"max_delay": None}, {"dedupe": -1}, {"dedupe": None}, {"dedupe": "no"}, {"dedupe": float("nan")}],
)  # fmt: skip
def test_an_invalid_config_is_refused(wrong: dict[str, Any]) -> None:
    """No concurrency, an endless delay, or a value that is not a number is refused before anything is sent."""
    with pytest.raises(InvalidRequestError):
        BulkConfig(**wrong)


@pytest.mark.parametrize(("dedupe", "sent"), [(True, 150), (200, 150), (10, 300), (False, 300), (0, 300)])
def test_how_many_inputs_are_remembered(dedupe: Any, sent: int) -> None:
    """A duplicate is recognized among as many distinct inputs as configured, and has its outcome in order."""
    vendor = Vendor()
    inputs = [f"v1.{number}" for number in range(150)] * 2

    async def main() -> list[Outcome[Any, str]]:
        return [row async for row in bulk(executor(vendor), inputs, operation=SEARCH, dedupe=dedupe)]

    rows = virtual_clock.run(main())
    assert [row.value for row in rows] == inputs
    assert sum(len(request.body["contacts"]) for request in vendor.sent) == sent


class Feed:
    """An async iterable that is not an iterator, as the cursors of database drivers are."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.closed = 0

    async def __aiter__(self) -> AsyncIterator[str]:
        try:
            for number in range(self.count):
                yield f"v1.{number}"
        finally:
            self.closed += 1


@pytest.mark.parametrize("leave", [False, True])
def test_what_an_async_iterable_opens_is_closed(leave: bool) -> None:
    """Its generator is closed at its end, and also when the outcomes are left early."""
    feed = Feed(450)

    async def main() -> None:
        async with bulk(executor(Vendor()), feed) as outcomes:
            async for _ in outcomes:
                if leave:
                    break
        assert feed.closed == 1

    virtual_clock.run(main())


def test_a_cancelled_source_is_not_a_source_that_ended() -> None:
    """Rows read before it have their outcomes; then the cancellation is raised instead of a silent end."""

    async def source() -> AsyncIterator[str]:
        yield "v1.a"
        waits = asyncio.ensure_future(asyncio.sleep(10))
        waits.cancel()
        await waits

    async def main() -> None:
        got: list[Any] = []
        with pytest.raises(asyncio.CancelledError):
            async for row in bulk(executor(Vendor()), source()):
                got.append(row.input)
        assert got == ["v1.a"]
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(main())


@pytest.mark.parametrize("when", ["end", "leaving"])
def test_an_error_when_the_source_is_closed_is_raised_after_its_rows(when: str) -> None:
    """An error of `aclose` is raised after the rows of the source; after leaving early it is dropped."""

    class Broken(AsyncIterator[str]):
        left = 5

        async def __anext__(self) -> str:
            if not self.left:
                raise StopAsyncIteration
            self.left -= when == "end"
            return f"v1.{self.left}"

        async def aclose(self) -> None:
            raise OSError("the connection is gone")

    async def main() -> None:
        got = 0
        if when == "end":
            with pytest.raises(OSError, match="gone"):
                async for _ in bulk(executor(Vendor()), Broken()):
                    got += 1
            assert got == 5
        else:
            async with bulk(executor(Vendor()), Broken(), dedupe=False) as outcomes:
                await anext(outcomes)
        await asyncio.sleep(1)
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(main())


def test_concurrency_bounds_the_requests_in_flight() -> None:
    """With `concurrency` no more are sent at once than that, ordered or not, and all are answered."""
    for ordered in (True, False):
        vendor = Vendor(latency=2.0)

        async def main(vendor: Vendor = vendor, ordered: bool = ordered) -> None:
            inputs = (f"v1.{number}" for number in range(1500))
            rows = [row async for row in bulk(executor(vendor), inputs, concurrency=3, ordered=ordered)]
            assert {row.status for row in rows} == {Status.OK}
            assert len(rows) == 1500

        virtual_clock.run(main())
        assert vendor.peak == 3


def test_a_stream_that_was_read_is_freed_at_once() -> None:
    """A stream frees its last page and the ids that it remembers; outcomes that were closed early are freed as well."""

    async def page(view: Executor, spec: PageSpec, tracker: CallTracker) -> FetchedPage[str]:
        body = {"pagination": {"page": spec.number, "size": spec.size}}
        await view.call(BY_NAME["prospectingContacts"], body=body, tracker=tracker)
        return FetchedPage(rows=[f"{spec.offset + n}" for n in range(spec.size)], size=spec.size, total=150)

    async def main() -> None:
        calls = executor(Vendor(rows=150))
        query = Query(
            operation=BY_NAME["prospectingContacts"], rules=PagingRules(), size=50, params={}, fetch=page
        )
        for limit in (None, 60):
            rows = PageStream(query, calls, limit=limit)
            reader = weakref.ref(rows._reader)
            async for _ in rows:
                pass
            del rows
            await asyncio.sleep(0.1)
            assert reader() is None
        outcomes = bulk(calls, [f"v1.{number}" for number in range(250)])
        run = weakref.ref(outcomes._run)
        await anext(outcomes)
        await outcomes.aclose()
        await asyncio.sleep(1)
        del outcomes
        await asyncio.sleep(0.1)
        assert run() is None

    gc.collect()
    gc.disable()
    try:
        virtual_clock.run(main())
    finally:
        gc.enable()
