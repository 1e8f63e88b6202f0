"""Each paid page advances a stream or ends it, whatever the vendor does with pages, sizes, totals and sessions."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    "shrinks": lambda count: lambda request: max(0, count + 5 - 20 * request),
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
    assert len(vendor.asked) <= useful + (2 if serial else max(2, 2 * useful) + 1)
    if dedupe:
        assert len(rows) == len(set(rows))
        assert rows == sorted(rows)
    can_be_had = turn == "true" and total != "too small" and (dedupe or overlap == 0)
    if can_be_had:
        assert rows == list(range(count))[:limit]
    if error is not None:
        assert error.charged == 2 or not can_be_had
        true = vendor_of(stated=TOTALS["true"](count), more=MORE["true"])
        rest, _, again = run(true, error.cursor, size=size, limit=limit, dedupe=dedupe)
        if echo == "none" and used != "as asked":
            return  # nothing says where a page of such a vendor begins
        assert again is None
        if dedupe:
            assert rows + rest == list(range(count))[:limit]
