"""Each paid page advances a stream or ends it, whatever the vendor does with pages, sizes, totals and sessions."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async._call.call import Executor
from lusha_async._pages.stream import PageStream
from lusha_async.errors import StreamClosedError
from tests import virtual_clock
from tests._pages.paging_vendor import PagingVendor, open_stream
from tests.vendor import executor, jitter

SIZES: dict[str, Callable[[int], int]] = {
    "as asked": lambda asked: asked,
    "fixed 7": lambda asked: 7,
    "fixed 25": lambda asked: 25,
    "fixed 150": lambda asked: 150,
    "at least 25": lambda asked: max(25, asked),
    "at most 50": lambda asked: min(50, asked),
    "25 to 50": lambda asked: min(50, max(25, asked)),
}
ECHOES: dict[str, Callable[[int, int], int | None]] = {
    "true": lambda asked, used: used,
    "none": lambda asked, used: None,
}
TURNS: dict[str, Callable[[int], int]] = {
    "true": lambda page: page,
    "ignored": lambda page: 0,
    "clamped": lambda page: min(page, 2),
    "repeated": lambda page: page if page < 3 else page - 1 if page == 3 else 2,
    "in circles": lambda page: page % 3,
}
TOTALS: dict[str, Callable[[int], Callable[[int], Any]]] = {
    "true": lambda count: lambda request: count,
    "none": lambda count: lambda request: None,
    "text": lambda count: lambda request: str(count),
    "-1": lambda count: lambda request: -1,
    "shrinks": lambda count: lambda request: max(0, count + 25 - 20 * request),
    "grows": lambda count: lambda request: count + request,
    "too large": lambda count: lambda request: 10 * count + 1000,
    "too small": lambda count: lambda request: count // 2,
}
MORE: dict[str, Callable[[bool], bool | None]] = {
    "none": lambda true: None,
    "true": lambda true: true,
    "for ever": lambda true: True,
}


def run(
    vendor: PagingVendor, cursor: str | None = None, **options: Any
) -> tuple[list[int], PageStream[int], StreamClosedError | None]:
    """The rows of a stream, the stream, and the error that ended it."""

    async def main() -> tuple[list[int], PageStream[int], StreamClosedError | None]:
        rows: list[int] = []
        stream = open_stream(vendor.mode, executor(vendor), cursor=cursor, **options)
        try:
            async with asyncio.timeout(10_000):
                async for row in stream:
                    rows.append(row)
        except StreamClosedError as ended:
            with pytest.raises(StreamClosedError) as again:
                await anext(stream)
            for error in (ended, again.value):
                assert error.cursor == stream.cursor
            return rows, stream, ended
        return rows, stream, None

    return virtual_clock.run(main())


@pytest.mark.parametrize("used", SIZES)
def test_whatever_page_size_the_vendor_uses(used: str) -> None:
    """Every row up to the limit is read once and in order, and at most two pages are paid that were not needed."""
    limits = [1, 10, 25, 26, 49, 60, 77, 100, 101, 130]
    for size, limit in itertools.product([10, 13, 25, 50, 100], limits):
        vendor = PagingVendor(count=400, sizes=SIZES[used], stated=lambda request: 400)
        rows, stream, error = run(vendor, size=size, limit=limit)
        assert (rows, error) == (list(range(limit)), None), (size, limit)
        assert stream.duplicates == 0
        needed = -(-limit // SIZES[used](min(size, max(limit, 10))))
        assert len(vendor.asked) <= needed + 2, (size, limit, vendor.asked)
        assert len(vendor.asked) == len(set(vendor.asked))


@settings(max_examples=300, deadline=None)
@given(
    mode=st.sampled_from(["numbered", "offset", "session"]),
    count=st.integers(0, 400),
    used=st.sampled_from(list(SIZES)),
    echo=st.sampled_from(list(ECHOES)),
    turn=st.sampled_from(list(TURNS)),
    overlap=st.integers(0, 5),
    total=st.sampled_from(list(TOTALS)),
    more=st.sampled_from(list(MORE)),
    size=st.integers(10, 100),
    limit=st.none() | st.integers(0, 500),
    dedupe=st.booleans(),
    latency=st.sampled_from([0.01, 0.2, 3.0]),
)
def test_every_stream_ends_and_pays_for_few_pages_in_vain(
    mode: str,
    count: int,
    used: str,
    echo: str,
    turn: str,
    overlap: int,
    total: str,
    more: str,
    size: int,
    limit: int | None,
    dedupe: bool,
    latency: float,
) -> None:
    """It ends; the rows that can be had are read, in order; and an error's cursor continues where they stop."""
    overlap = 0 if mode == "session" else overlap

    def vendor_of(**behaviour: Any) -> PagingVendor:
        shared = {"mode": mode, "count": count, "sizes": SIZES[used], "echo": ECHOES[echo], "overlap": overlap}
        return PagingVendor(**{**shared, "delay": jitter(1, latency, 3 * latency), **behaviour})

    vendor = vendor_of(turn=TURNS[turn], stated=TOTALS[total](count), more=MORE[more])
    rows, _, error = run(vendor, size=size, limit=limit, dedupe=dedupe)
    serial = mode == "session"
    useful = vendor.useful if dedupe else vendor.different
    assert len(vendor.asked) <= (useful + 2 if serial else 3 * useful + 2 + 3 * (used != "as asked"))
    if dedupe:
        assert len(rows) == len(set(rows))
        assert rows == sorted(rows)
    can_be_had = turn == "true" and total != "too small" and (dedupe or overlap == 0)
    if can_be_had:
        assert rows == list(range(count))[:limit]
    if error is not None:
        assert error.charged in {2, 3}
        true = vendor_of(stated=TOTALS["true"](count), more=MORE["true"])
        rest, _, again = run(true, error.cursor, size=size, limit=limit, dedupe=dedupe)
        if echo == "none" and used != "as asked":
            return  # nothing says where a page of such a vendor begins
        assert again is None
        if dedupe:
            assert rows + rest == list(range(count))[:limit]


def test_repeated_pages_are_found_before_they_are_read() -> None:
    """While the consumer is busy with its first row, three requests are all that a vendor without pages is paid."""
    vendor = PagingVendor(count=5000, turn=TURNS["ignored"], stated=TOTALS["true"](5000))

    async def main() -> None:
        rows = open_stream("numbered", executor(vendor), size=50, limit=5000)
        assert await anext(rows) == 0
        await asyncio.sleep(1000)
        assert len(vendor.asked) == 3
        assert [row async for row in _until_stalled(rows)] == list(range(1, 50))
        assert (rows.rows_read, rows.duplicates, len(vendor.asked)) == (50, 100, 3)
        assert not list(executor_of(rows).state.unclaimed)  # their rows had been read

    virtual_clock.run(main())


async def _until_stalled(rows: PageStream[int]) -> AsyncIterator[int]:
    with pytest.raises(StreamClosedError, match=r"no new row.*50 rows.*3 paid.*100 dupl") as caught:
        while True:
            yield await anext(rows)
    assert caught.value.charged == 2


def executor_of(rows: PageStream[int]) -> Executor:
    """The executor of a stream."""
    return rows._reader.executor


def test_what_waits_for_its_turn_is_not_sent_any_more() -> None:
    """Requests that the rate limit holds back when a page proves to be the second without a new row are withdrawn."""
    sent: list[int] = []

    class Watched(PagingVendor):
        def answer(self, request: Any) -> tuple[int, Any]:
            answered = super().answer(request)
            if request.body["at"] == 42:
                sent.append(len(self.sent))
            return answered

    vendor = Watched(
        count=50_000, turn=lambda page: min(page, 40), stated=TOTALS["true"](50_000), delay=lambda: 2.013
    )

    async def main() -> None:
        stream = open_stream("numbered", executor(vendor), size=50, limit=50_000)
        rows = [await anext(stream) for _ in range(40 * 50 + 1)]
        await asyncio.sleep(1000)  # before it turns to the pages that came again
        with pytest.raises(StreamClosedError):
            while True:
                rows.append(await anext(stream))
        assert rows == list(range(41 * 50))
        assert stream.duplicates == 100

    virtual_clock.run(main())
    assert sent == [len(vendor.sent)]
    assert len(vendor.sent) <= 3 * 41


@settings(max_examples=100, deadline=None)
@given(
    sizes=st.lists(st.integers(5, 120), min_size=1, max_size=9),
    cut=st.integers(0, 150),
    limit=st.none() | st.integers(1, 400),
)
def test_a_vendor_that_changes_its_page_sizes(sizes: list[int], cut: int, limit: int | None) -> None:
    """The rows are read in order, without a gap, until the sizes cannot be followed; the cursor continues there."""
    turns = itertools.cycle(sizes)
    vendor = PagingVendor(count=300, sizes=lambda asked: next(turns), stated=TOTALS["true"](300))
    true = PagingVendor(count=300, stated=TOTALS["true"](300))
    before, stream, _ = run(true, size=50, limit=min(cut, 300 if limit is None else limit))
    rows, _, error = run(vendor, stream.cursor, size=50, limit=limit)
    assert before + rows == list(range(len(before + rows)))
    assert len(vendor.asked) <= 3 * vendor.useful + 5
    if error is None:
        assert before + rows == list(range(300))[:limit]
    else:
        rest, _, again = run(true, error.cursor, size=50, limit=limit)
        assert again is None
        assert before + rows + rest == list(range(300))[:limit]


def test_more_rows_and_no_session_to_ask_for_them() -> None:
    """The rows are read, and the error says that nothing tells how to continue; no row is paid for again."""

    class Forgetful(PagingVendor):
        def answer(self, request: Any) -> tuple[int, Any]:
            status, payload = super().answer(request)
            return status, {**payload, "session": None}

    vendor = Forgetful(mode="session", more=MORE["true"])
    rows, _, error = run(vendor, size=25)
    assert rows == list(range(25))
    assert error is not None
    assert "how to ask for the next page" in str(error)
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("dedupe", [True, False])
def test_rows_without_an_id(dedupe: bool) -> None:
    """They are never left out by themselves; a whole page that comes again is, and two of them end the stream."""
    vendor = PagingVendor(count=5000, turn=TURNS["clamped"], stated=TOTALS["true"](5000))

    async def main() -> None:
        rows = open_stream("numbered", executor(vendor), size=50, identity=lambda row: None, dedupe=dedupe)
        got: list[int] = []
        with pytest.raises(StreamClosedError):
            async for row in rows:
                got.append(row)
        assert got == list(range(150))
        assert rows.duplicates == 100

    virtual_clock.run(main())


def test_two_empty_pages_before_the_total_are_an_error() -> None:
    """Rows that the vendor has counted and does not return are not left out in silence."""

    class Holed(PagingVendor):
        holes: frozenset[int] = frozenset()

        def answer(self, request: Any) -> tuple[int, Any]:
            status, payload = super().answer(request)
            return status, {**payload, "results": []} if request.body["at"] in self.holes else payload

    for holes, ends in (({3, 4}, 150), ({18, 19}, 900)):
        vendor = Holed(count=1000, stated=TOTALS["true"](1000))
        vendor.holes = frozenset(holes)
        rows, _, error = run(vendor, size=50)
        assert rows == list(range(ends))
        assert error is not None
        vendor.holes = frozenset()
        assert run(vendor, error.cursor, size=50)[0] == list(range(ends, 1000))


def test_contradictions_are_counted_as_drift() -> None:
    """A total that shrinks and rows beyond the total are in the counts of drift, and the total is no longer exact."""
    for total, what in (("shrinks", "a total that shrinks"), ("too small", "more rows than the total")):
        vendor = PagingVendor(count=175, stated=TOTALS[total](175))
        rows, stream, error = run(vendor, size=50)
        assert error is None
        assert rows == list(range(len(rows)))
        assert what in str(executor_of(stream).state.drift.counts())
        assert stream.total is not None
        assert not stream.total_is_exact
