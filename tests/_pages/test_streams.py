"""Page streams over a scripted vendor and a virtual clock."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lusha_async._call.call import Executor
from lusha_async._pages.paging import FetchedPage, PageSpec, PagingRules
from lusha_async._pages.stream import PageStream, Query
from lusha_async._wire.request import Request
from lusha_async.billing.unclaimed import CallTracker
from lusha_async.errors import (
    CursorError,
    InvalidRequestError,
    OutcomeUnknownError,
    SessionExpiredError,
    StreamClosedError,
)
from lusha_async.operations import BY_NAME
from tests import virtual_clock
from tests.leaving import WAYS, leave
from tests.vendor import Vendor, executor, jitter

PROSPECT = BY_NAME["prospectingContacts"]
RULES = PagingRules(min_size=10, max_size=100, last_page=1000, max_rows=50_000)


async def _fetch(calls: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[str]:
    body = {"pagination": {"page": page.number, "size": page.size}, "filters": {}}
    payload = (await calls.call(PROSPECT, body=body, tracker=tracker)).payload
    pagination = payload["pagination"]
    return FetchedPage(
        rows=[row["id"] for row in payload["results"]],
        size=pagination["size"],
        total=pagination.get("total"),
        exact=pagination.get("totalGuaranteed", True),
    )


def stream(calls: Executor, *, size: int = 50, params: Any = None, **options: Any) -> PageStream[str]:
    query = Query(
        operation=PROSPECT, rules=RULES, size=size, params=params or {}, fetch=_fetch, identity=lambda row: row
    )
    return PageStream(query, calls, **options)


def read(vendor: Vendor, **options: Any) -> list[str]:
    async def main() -> list[str]:
        return [row async for row in stream(executor(vendor), **options)]

    return virtual_clock.run(main())


@pytest.mark.parametrize("total", ["exact", 300, 5000, None])
@pytest.mark.parametrize(
    ("rows", "largest", "size"), [(1234, 50, 50), (1234, 50, 100), (1000, 25, 100), (0, 50, 50)]
)
def test_every_row_comes_once_and_in_order(total: Any, rows: int, largest: int, size: int) -> None:
    """Whatever page size the vendor echoes, and whether its total is exact, an estimate or missing."""
    vendor = Vendor(rows=rows, largest=largest)
    vendor.latency = jitter(2, 0.05, 2)
    vendor.total = total
    assert read(vendor, size=size) == vendor.rows
    needed = -(-rows // min(largest, size))
    assert len(vendor.sent) <= needed + 25


class HoledVendor(Vendor):
    """Leaves out all rows of some pages, although its total counts them."""

    holes: frozenset[int] = frozenset()

    def answer(self, request: Request) -> tuple[int, Any]:
        status, payload = super().answer(request)
        if request.body["pagination"]["page"] in self.holes:
            payload["results"] = []
        return status, payload


@pytest.mark.parametrize("holes", [{3}, {3, 7, 9}, {0}, {19}])
def test_an_empty_page_in_the_middle_is_not_the_end(holes: set[int]) -> None:
    """If an exact total says that there are more rows, one empty page is skipped."""
    vendor = HoledVendor(rows=1000)
    vendor.holes = frozenset(holes)
    assert read(vendor) == [row for index, row in enumerate(vendor.rows) if index // 50 not in holes]
    assert len(vendor.sent) <= 21


def test_a_thousand_pages_take_the_minimum_time_that_the_rate_allows() -> None:
    """50,000 prospects in 1,000 pages take 1,000 / 25 s and at most a hundredth more."""
    vendor = Vendor(rows=60_000)
    vendor.latency = jitter(3, 0.05, 0.15)

    async def main() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        calls = executor(vendor)
        rows = [row async for row in stream(calls)]
        assert rows == vendor.rows[:50_000]
        return loop.time() - began

    took = virtual_clock.run(main())
    assert len(vendor.sent) == 1000
    assert took <= 1000 / 25 * 1.01


@pytest.mark.parametrize(
    ("limit", "sizes"),
    [(1, [10]), (10, [10]), (30, [30]), (50, [50]), (60, [50, 10]), (70, [50, 24]), (125, [50, 50, 25]), (0, [])],
)
def test_a_limit_is_never_overpaid(limit: int, sizes: list[int]) -> None:
    """The pages requested are the cheapest that hold the limit's rows."""
    vendor = Vendor(rows=5000)
    assert read(vendor, limit=limit) == vendor.rows[:limit]
    assert [request.body["pagination"]["size"] for request in vendor.sent] == sizes
    assert vendor.charged == -(-limit // 25)


@pytest.mark.parametrize(
    ("limit", "size", "sizes"),
    [(30, 25, [25, 10]), (60, 25, [25, 25, 10]), (77, 37, [37, 37, 10]), (101, 13, [13] * 8)],
)
def test_the_last_page_is_small_whatever_the_page_size(limit: int, size: int, sizes: list[int]) -> None:
    """Some operations charge each row of a page: the last page is the smallest that holds the rows wanted."""
    vendor = Vendor(rows=5000)
    assert read(vendor, limit=limit, size=size) == vendor.rows[:limit]
    assert [request.body["pagination"]["size"] for request in vendor.sent] == sizes


def test_a_few_rows_cost_one_page() -> None:
    """Reading a few rows and leaving costs one page; `first` requests the smallest one."""

    async def main() -> None:
        vendor = Vendor(rows=5000)
        async with stream(executor(vendor)) as rows:
            assert await anext(rows) == "p0"
            await asyncio.sleep(100)
        assert len(vendor.sent) == 1
        vendor = Vendor(rows=5000)
        assert await stream(executor(vendor)).first() == "p0"
        assert [request.body["pagination"] for request in vendor.sent] == [{"page": 0, "size": 10}]
        assert await stream(executor(Vendor())).first() is None

    virtual_clock.run(main())


def test_a_consumer_that_stops_reading_stops_the_prefetching() -> None:
    """Prefetching is bounded, however many pages there are."""
    vendor = Vendor(rows=50_000)

    async def main() -> None:
        async with stream(executor(vendor)) as rows:
            for _ in range(1000):
                await anext(rows)
            sent = len(vendor.sent)
            await asyncio.sleep(1000)
            assert len(vendor.sent) <= sent + 8
            assert sent <= 30

    virtual_clock.run(main())


def test_rows_that_shift_between_pages_come_once() -> None:
    """A row that moved to a later page is left out there and counted, and the limit is filled with other rows."""
    vendor = Vendor(rows=500)
    vendor.rows[60:60] = vendor.rows[40:45]

    async def main() -> None:
        rows = stream(executor(vendor), limit=100)
        got = [row async for row in rows]
        assert got == [f"p{number}" for number in range(100)]
        assert rows.duplicates == 5
        again = stream(executor(vendor), limit=100, dedupe=False)
        assert len([row async for row in again]) == 100

    virtual_clock.run(main())


def test_pages() -> None:
    """The rows page by page, each with the cursor after it."""
    vendor = Vendor(rows=120)

    async def main() -> None:
        calls = executor(vendor)
        rows = stream(calls)
        assert rows.total is None
        await anext(rows)
        pages = [page async for page in rows.pages()]
        assert [len(page.rows) for page in pages] == [49, 50, 20]
        assert rows.total == pages[0].total == 120
        assert rows.total_is_exact
        after = stream(calls, cursor=pages[1].cursor)
        assert [row async for row in after] == vendor.rows[100:]

    virtual_clock.run(main())


@settings(max_examples=100, deadline=None)
@example(rows=101, cuts=[101], size=11, largest=10, limit=None, total="exact", shift=1)  # resumed in a short page
@example(rows=34, cuts=[30], size=20, largest=11, limit=None, total=100, shift=0)  # the same, after a missed page
@given(
    rows=st.integers(0, 400),
    cuts=st.lists(st.integers(0, 150), max_size=4),
    size=st.integers(10, 100),
    largest=st.integers(10, 60),
    limit=st.none() | st.integers(0, 300),
    total=st.sampled_from(["exact", 100, 1000, None]),
    shift=st.integers(0, 5),
)
def test_cut_anywhere_and_resumed_is_the_uncut_stream(
    rows: int, cuts: list[int], size: int, largest: int, limit: int | None, total: Any, shift: int
) -> None:
    """However often a stream is left and resumed: together they return every row once and lose none."""
    vendor = Vendor(rows=rows, largest=largest)
    vendor.total = total
    if rows > 100:
        vendor.rows[70:70] = vendor.rows[60 : 60 + shift]

    async def main() -> None:
        calls = executor(vendor)
        whole = [row async for row in stream(calls, size=size, limit=limit)]
        parts: list[str] = []
        cursor: str | None = None
        for cut in [*cuts, 10_000]:
            async with stream(calls, size=size, limit=limit, cursor=cursor) as rest:
                for _ in range(cut):
                    try:
                        parts.append(await anext(rest))
                    except StopAsyncIteration:
                        break
                cursor = json.loads(json.dumps(rest.cursor))
        assert parts == whole, (rows, cuts, size, largest, limit, total, shift, parts[-5:], whole[-5:])

    virtual_clock.run(main())


def test_a_cursor_of_other_filters_is_refused() -> None:
    """A cursor is accepted only by its own query; other texts are refused before anything is sent."""

    async def main() -> None:
        vendor = Vendor(rows=100)
        calls = executor(vendor)
        async with stream(calls, params={"filters": {"a": 1}}) as rows:
            await anext(rows)
            cursor = rows.cursor
        sent = len(vendor.sent)
        stream(calls, params={"filters": {"a": 1}}, cursor=cursor)
        for wrong in (
            cursor.replace('"v":1', '"v":99'),
            "",
            "nonsense",
            "[]",
            cursor.replace('"at":1', '"at":-1'),
        ):
            with pytest.raises(CursorError):
                stream(calls, params={"filters": {"a": 1}}, cursor=wrong)
        with pytest.raises(CursorError, match="another query"):
            stream(calls, params={"filters": {"a": 2}}, cursor=cursor)
        with pytest.raises(InvalidRequestError):
            stream(calls, limit=-1)
        with pytest.raises(InvalidRequestError):
            stream(calls, size=101)
        assert len(vendor.sent) == sent

    virtual_clock.run(main())


def test_an_error_carries_the_cursor_and_reading_on_requests_the_page_again() -> None:
    """The error of a lost page is raised in order; reading on requests that page alone, and keeps those after it."""
    vendor = Vendor(rows=1000)
    vendor.lose = lambda request: request.body["pagination"]["page"] == 7 and not lost

    lost: list[str] = []

    async def main() -> None:
        calls = executor(vendor)
        rows = stream(calls, limit=1000)
        got: list[str] = []
        with pytest.raises(OutcomeUnknownError) as caught:
            async for row in rows:
                got.append(row)
        assert got == vendor.rows[:350]
        assert caught.value.cursor == rows.cursor
        lost.append("once")
        got += [row async for row in rows]
        assert got == vendor.rows
        assert len(vendor.sent) == 21
        assert len(calls.state.unclaimed) == 0  # the error reported the lost page

    virtual_clock.run(main())


@pytest.mark.parametrize("way", WAYS)
def test_leaving_early_leaves_nothing_behind_and_loses_nothing_paid(way: str) -> None:
    """However the loop is left: no task, no further page, and every paid row was read or is unclaimed."""
    vendor = Vendor(rows=50_000, latency=1.0)
    got: list[str] = []

    async def main() -> None:
        calls = executor(vendor)
        await leave(way, lambda: stream(calls, limit=20_000), got.append, 130)
        for _ in range(5):
            await asyncio.sleep(0)
        sent = len(vendor.sent)
        await asyncio.sleep(60)
        assert len(vendor.sent) == sent
        assert len(asyncio.all_tasks()) == 1
        unclaimed: list[str] = []
        for kept in calls.state.unclaimed:
            results = kept.answer["results"]
            unclaimed += [results[index]["id"] for index in kept.rows or range(len(results))]
        assert sorted(got + unclaimed) == sorted(vendor.rows[: 50 * sent])

    virtual_clock.run(main())


def test_a_read_that_was_cancelled_does_not_look_like_the_end() -> None:
    """After a cancelled wait the stream raises an error with the cursor."""

    async def main() -> None:
        rows = stream(executor(Vendor(rows=100, latency=5)))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await anext(rows)
        with pytest.raises(StreamClosedError) as caught:
            await anext(rows)
        assert caught.value.cursor == rows.cursor

    virtual_clock.run(main())


def test_two_readers_at_once_are_refused() -> None:
    """A stream has one reader; a second one at the same time gets a RuntimeError."""

    async def main() -> None:
        rows = stream(executor(Vendor(rows=100, latency=5)))
        first = asyncio.create_task(anext(rows))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="another task"):
            await anext(rows)
        assert await first == "p0"

    virtual_clock.run(main())


async def _fetch_lookalikes(calls: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[str]:
    body = {"seeds": {"ids": ["a"] * 5}, "limit": page.size, "dedupeSessionId": page.session}
    payload = (await calls.call(BY_NAME["getContactLookalikes"], body=body, tracker=tracker)).payload
    return FetchedPage(
        rows=[row["id"] for row in payload["results"]],
        has_more=payload["meta"]["hasMore"],
        session=payload["dedupeSessionId"],
    )


def lookalikes(calls: Executor, **options: Any) -> PageStream[str]:
    """A stream with a dedupe session: each page depends on the one before."""
    query = Query(
        operation=BY_NAME["getContactLookalikes"],
        rules=PagingRules(numbered=False),
        size=25,
        params={},
        fetch=_fetch_lookalikes,
        identity=lambda row: row,
        row_codec=(lambda row: {"id": row}, lambda stored: stored["id"]),
    )
    return PageStream(query, calls, **options)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(0, 120), cuts=st.lists(st.integers(0, 60), max_size=4), limit=st.none() | st.integers(0, 100)
)
def test_a_session_cut_anywhere_and_resumed_pays_for_each_row_once(
    rows: int, cuts: list[int], limit: int | None
) -> None:
    """The cursor carries the session and the rows that were paid for and not read, also after the stream was closed."""
    vendor = Vendor(rows=rows)

    async def main() -> None:
        calls = executor(vendor)
        parts: list[str] = []
        cursor: str | None = None
        for cut in [*cuts, 1000]:
            async with lookalikes(calls, limit=limit, cursor=cursor) as rest:
                for _ in range(cut):
                    try:
                        parts.append(await anext(rest))
                    except StopAsyncIteration:
                        break
                while_open = rest.cursor
            cursor = rest.cursor
            assert cursor == while_open
        assert parts == vendor.rows[:limit]
        assert vendor.charged <= -(-len(parts) // 5) + len(cuts) + 4

    virtual_clock.run(main())


def test_a_session_that_expired_is_raised_with_the_cursor() -> None:
    """A 410 is raised with the cursor of the stream."""

    async def main() -> None:
        vendor = Vendor(rows=100)
        rows = lookalikes(executor(vendor))
        got = [await anext(rows) for _ in range(25)]
        vendor.sessions.clear()
        with pytest.raises(SessionExpiredError) as caught:
            await anext(rows)
        assert caught.value.cursor == rows.cursor
        assert got == vendor.rows[:25]

    virtual_clock.run(main())
