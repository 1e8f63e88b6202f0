"""What is given to a many-form: where it comes from, what is refused, and when it is read and closed."""

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
from tests.vendor import Vendor, ask, executor

ENRICH, SEARCH = BY_NAME["enrichContacts"], BY_NAME["searchContacts"]


def many(calls: Executor, inputs: Any, *, operation: Any = ENRICH, **plan: Any) -> Outcomes[Any, str]:
    """The many-form of enrich or search over `calls`."""
    call = BatchCall(operation=operation, ask=partial(ask, operation))
    encode: Callable[[Any], Any] = (lambda one: one) if operation is ENRICH else (lambda one: {"email": one})
    return Outcomes(call, calls, inputs, encode=encode, plan=BulkConfig(**plan))


@pytest.mark.parametrize("wrong", ["v1.a", b"v1.a", {"id": "v1.a"}, 7, None])
def test_one_input_is_not_taken_for_many(wrong: Any) -> None:
    """A text would be read letter by letter, each of them paid for: it is refused when the method is called."""

    async def main() -> None:
        with pytest.raises(InvalidRequestError, match="single input into a list"):
            many(executor(Vendor()), wrong)

    virtual_clock.run(main())


@pytest.mark.parametrize(
    "wrong",
    [{"concurrency": 0}, {"concurrency": -1}, {"concurrency": 1.5}, {"max_delay": -1}, {"max_delay": float("nan")},
     {"max_delay": None}, {"dedupe": -1}, {"dedupe": None}, {"dedupe": "no"}, {"dedupe": float("nan")}],
)  # fmt: skip
def test_a_plan_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """No requests at once, a time that never comes, or what is no number, before anything hangs or breaks."""
    with pytest.raises(InvalidRequestError):
        BulkConfig(**wrong)


@pytest.mark.parametrize(("dedupe", "asked"), [(True, 150), (200, 150), (10, 300), (False, 300), (0, 300)])
def test_how_many_inputs_are_remembered(dedupe: Any, asked: int) -> None:
    """A repeat is known again among as many distinct inputs as was said; answered all the same, in order."""
    vendor = Vendor()
    given = [f"v1.{number}" for number in range(150)] * 2

    async def main() -> list[Outcome[Any, str]]:
        return [row async for row in many(executor(vendor), given, operation=SEARCH, dedupe=dedupe)]

    rows = virtual_clock.run(main())
    assert [row.value for row in rows] == given
    assert sum(len(request.body["contacts"]) for request in vendor.sent) == asked


class Feed:
    """An async iterable that is no iterator, as many clients' cursors are."""

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
    """Also when it is full of inputs that nobody reads any more, and also when it came to its end."""
    feed = Feed(450)

    async def main() -> None:
        async with many(executor(Vendor()), feed) as outcomes:
            async for _ in outcomes:
                if leave:
                    break
        assert feed.closed == 1

    virtual_clock.run(main())


def test_a_source_that_was_cancelled_is_no_source_that_ended() -> None:
    """Rows read before it have their outcomes; then the cancellation is raised instead of a silent end."""

    async def source() -> AsyncIterator[str]:
        yield "v1.a"
        waits = asyncio.ensure_future(asyncio.sleep(10))
        waits.cancel()
        await waits

    async def main() -> None:
        got: list[Any] = []
        with pytest.raises(asyncio.CancelledError):
            async for row in many(executor(Vendor()), source()):
                got.append(row.input)
        assert got == ["v1.a"]
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(main())


@pytest.mark.parametrize("when", ["end", "leaving"])
def test_a_source_that_cannot_be_closed_is_heard_of(when: str) -> None:
    """What closing it raises comes after its rows; when nobody reads on any more it disturbs nobody."""

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
                async for _ in many(executor(Vendor()), Broken()):
                    got += 1
            assert got == 5
        else:
            async with many(executor(Vendor()), Broken(), dedupe=False) as outcomes:
                await anext(outcomes)
        await asyncio.sleep(1)
        assert len(asyncio.all_tasks()) == 1

    virtual_clock.run(main())


def test_a_bound_on_the_requests_under_way() -> None:
    """With `concurrency` no more are sent at once than that, ordered or not, and all are answered."""
    for ordered in (True, False):
        vendor = Vendor(latency=2.0)

        async def main(vendor: Vendor = vendor, ordered: bool = ordered) -> None:
            given = (f"v1.{number}" for number in range(1500))
            rows = [row async for row in many(executor(vendor), given, concurrency=3, ordered=ordered)]
            assert {row.status for row in rows} == {Status.OK}
            assert len(rows) == 1500

        virtual_clock.run(main())
        assert vendor.most == 3


def test_a_stream_that_was_read_is_freed_at_once() -> None:
    """With its last page and the ids that it remembers; so is one that was left, when it has been closed."""

    async def page(view: Executor, spec: PageSpec, tracker: CallTracker) -> FetchedPage[str]:
        body = {"pagination": {"page": spec.number, "size": spec.size}}
        await view.call(BY_NAME["prospectingContacts"], body=body, tracker=tracker)
        return FetchedPage(rows=[f"{spec.offset + n}" for n in range(spec.size)], size=spec.size, total=150)

    async def main() -> None:
        calls = executor(Vendor(rows=150))
        query = Query(operation=BY_NAME["prospectingContacts"], shape=PagingRules(), size=50, asks={}, fetch=page)
        for most in (None, 60):
            rows = PageStream(query, calls, limit=most)
            reader = weakref.ref(rows._reader)
            async for _ in rows:
                pass
            del rows
            await asyncio.sleep(0.1)
            assert reader() is None
        outcomes = many(calls, [f"v1.{number}" for number in range(250)])
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
