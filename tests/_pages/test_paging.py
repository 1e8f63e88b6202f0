"""Which pages are requested, and where their rows are: the rules by themselves."""

from typing import Any

import pytest

from lusha_async._pages.paging import FetchedPage, NumberedPaging, PageSpec, PagingRules, PlacedPage


def paging(size: int = 10, *, learned: bool = False, **rules: Any) -> NumberedPaging:
    """A query; if `learned`, its first page of `size` rows of 100 was answered as it was requested."""
    state = NumberedPaging(rules=PagingRules(**rules), size=size)
    if learned:
        answer(state, size, size=size, total=100)
    return state


def answer(state: NumberedPaging, count: int, *, received: int | None = None, **echoed: Any) -> PlacedPage:
    """The next page is requested and answered with `count` rows."""
    page = state.next_page(None, in_flight=False)
    assert page is not None
    fetched = FetchedPage[Any](rows=range(count), **echoed)
    placed = state.place(page, fetched)
    state.conclude(fetched, placed, received=placed.end if received is None else received, barren=False)
    return placed


def asked(
    state: NumberedPaging, wanted: int | None = None, *, in_flight: bool = False
) -> tuple[int, int, int] | None:
    """Offset, size and rows of the next page."""
    page = state.next_page(wanted, in_flight=in_flight)
    return None if page is None else (page.offset, page.size, page.rows)


# --- requests ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("offset", "step", "number"), [(0, 10, 0), (9, 10, 0), (10, 10, 1), (75, 25, 3)])
def test_a_page_has_a_number(offset: int, step: int, number: int) -> None:
    """Numbers begin at 0, and a page that is entered in its middle has the number of its first row."""
    assert PageSpec(offset=offset, size=step, step=step, rows=step).number == number


def test_pages_follow_one_another() -> None:
    """Each page begins where the last one ended; nothing is requested for no rows, or after the end."""
    state = paging(10, learned=True)
    assert asked(state, 0) is None
    assert asked(state, -1) is None
    assert asked(state, 1) is not None
    assert [asked(paging(10, learned=True), None)] == [(10, 10, 10)]
    state = paging(10, learned=True)
    assert [asked(state, in_flight=True) for _ in range(3)] == [(10, 10, 10), (20, 10, 10), (30, 10, 10)]
    state.ended = True
    assert asked(state) is None


def test_nothing_is_requested_beside_the_first_page() -> None:
    """Its answer tells the page size, and how many pages there are."""
    state = paging()
    assert asked(state, in_flight=True) is None
    assert asked(state) == (0, 10, 10)


def test_nothing_is_requested_beyond_the_total_while_a_page_is_in_flight() -> None:
    """95 of 100 rows are requested: the last five, then none; with nothing in flight, one page beyond the total."""
    state = paging(10, learned=True)
    state.next_offset = 90
    assert asked(state, in_flight=True) == (90, 10, 10)
    assert asked(state, in_flight=True) is None
    assert asked(state) == (100, 10, 10)


def test_without_a_total_pages_are_requested_ahead() -> None:
    """What is not known to be empty may have rows."""
    state = paging()
    answer(state, 10, size=10, has_more=True)
    assert asked(state, in_flight=True) == (10, 10, 10)


@pytest.mark.parametrize(("rows", "has_more"), [(0, None), (10, False)])
def test_an_early_answer_that_is_the_end_stops_requests_behind_it(rows: int, has_more: bool | None) -> None:
    """The page at 30 is empty, or says that it is the last: nothing is requested from 40 on; the earliest counts."""
    state = paging(10, learned=True)
    pages = [state.next_page(None, in_flight=True) for _ in range(4)]
    for page in (pages[3], pages[2]):
        assert page is not None
        state.observe(page, FetchedPage[Any](rows=range(rows), has_more=has_more))
    assert asked(state, in_flight=True) is None
    state.next_offset = 20
    assert asked(state, in_flight=True) == (20, 10, 10)
    assert asked(state, in_flight=True) == (30, 10, 10)
    assert asked(state, in_flight=True) is None


def test_an_early_answer_with_rows_stops_nothing() -> None:
    """A full page that says that there are more is no end."""
    state = paging(10, learned=True)
    page = state.next_page(None, in_flight=True)
    assert page is not None
    state.observe(page, FetchedPage[Any](rows=range(10), has_more=True))
    assert asked(state, in_flight=True) == (20, 10, 10)


def test_rows_behind_an_empty_page_make_it_a_hole() -> None:
    """A page behind the empty one has rows: requests go on."""
    state = paging(10, learned=True)
    pages = [state.next_page(None, in_flight=True) for _ in range(3)]
    assert pages[0] is not None
    state.observe(pages[0], FetchedPage[Any](rows=[]))  # 10 to 20
    assert asked(state, in_flight=True) is None
    for page, rows in zip(pages, (0, 10, 10), strict=True):
        assert page is not None
        state.place(page, FetchedPage[Any](rows=range(rows), size=10, total=100))
    assert asked(state, in_flight=True) == (40, 10, 10)


@pytest.mark.parametrize(("max_rows", "requests"), [(20, 2), (25, 3), (21, 3)])
def test_no_page_begins_beyond_the_rows_that_can_be_reached(max_rows: int, requests: int) -> None:
    """The last page may reach beyond it."""
    state = paging(10, max_rows=max_rows)
    answer(state, 10, size=10, total=1000)
    pages = [asked(state, in_flight=True) for _ in range(5)]
    assert 1 + sum(page is not None for page in pages) == requests


def test_no_page_is_requested_beyond_the_last_number() -> None:
    """Page numbers 0 to 2: the fourth page cannot be requested by any size."""
    state = paging(10, last_page=2)
    answer(state, 10, size=10, total=1000)
    assert [asked(state, in_flight=True) for _ in range(3)] == [(10, 10, 10), (20, 10, 10), None]


@pytest.mark.parametrize(
    ("size", "offset", "wanted", "page"),
    [
        (100, 0, None, (0, 100, 100)),
        (100, 0, 30, (0, 30, 30)),
        (100, 0, 3, (0, 10, 10)),  # no smaller page is honoured
        (100, 0, 300, (0, 100, 100)),
        (100, 100, None, (100, 100, 100)),
        (100, 100, 25, (100, 25, 25)),
        (100, 100, 26, (100, 32, 28)),  # begins at 96: the first four of it were received
        (100, 100, 100, (100, 100, 100)),
        (100, 300, 60, (300, 60, 60)),
        (40, 60, None, (60, 20, 20)),  # 60 to 80, where the pages of 40 go on
        (40, 60, 20, (60, 20, 20)),
        (40, 60, 5, (60, 10, 10)),
        (40, 60, 30, (60, 20, 20)),
        (40, 50, 10, (50, 10, 10)),
    ],
)
def test_the_smallest_page_that_has_the_rows(
    size: int, offset: int, wanted: int | None, page: tuple[int, int, int]
) -> None:
    """Pages are paid for by their size: none is larger than needed, and each begins where the last one ended."""
    state = paging(size, min_size=10)
    state.next_offset = state.position = offset
    assert asked(state, wanted) == page


def test_a_smaller_page_is_not_requested_if_its_number_is_too_high() -> None:
    """Page 10 of ten rows is beyond the last number, 7; so are those up to 13, which has not all of them."""
    state = paging(100, min_size=10, last_page=7)
    state.next_offset = state.position = 100
    assert asked(state, 10) == (100, 14, 12)


def test_offsets_need_no_boundary() -> None:
    """By offset, a page of any size begins anywhere; its rows are its size."""
    state = paging(40, numbered=False, min_size=5)
    state.next_offset = state.position = 33
    assert asked(state, None) == (33, 40, 40)
    state.next_offset = 33
    assert asked(state, 7) == (33, 7, 7)
    state.next_offset = 33
    assert asked(state, 2) == (33, 5, 5)


def test_a_page_is_requested_in_the_sizes_that_are_documented() -> None:
    """A vendor that uses pages of 150 is asked for 100, the most that is documented, and expected to use 150."""
    state = paging(100)
    answer(state, 150, size=150, total=1000)
    page = state.next_page(None, in_flight=False)
    assert page is not None
    assert (page.offset, page.size, page.step, page.rows, page.number) == (150, 100, 150, 150, 1)


# --- answers ----------------------------------------------------------------------------------------------------


def test_a_page_as_it_was_requested() -> None:
    """Its rows begin at its offset, and nothing is planned anew."""
    state = paging(10)
    assert answer(state, 10, size=10, total=100) == PlacedPage(skip=0, start=0, end=10)
    assert state.position == 10
    assert answer(state, 10, size=10, total=100) == PlacedPage(skip=0, start=10, end=20)


@pytest.mark.parametrize("echo", [25, 4])
def test_a_vendor_with_a_page_size_of_its_own(echo: int) -> None:
    """The first page has another size than requested, and says so: the next one begins after it."""
    state = paging(10)
    placed = answer(state, echo, size=echo, total=1000)
    assert placed == PlacedPage(skip=0, start=0, end=echo, replan=True)
    assert (state.position, state.next_offset, state.size) == (echo, echo, echo)
    following = answer(state, echo, size=echo, total=1000)
    assert following == PlacedPage(skip=0, start=echo, end=2 * echo)


def test_more_rows_than_requested_on_the_first_page_are_its_size_where_it_says_nothing() -> None:
    """No echo, 25 rows instead of ten: pages of 25; and only one size is asked for, so that numbers stay right."""
    state = paging(10)
    assert answer(state, 25, total=1000) == PlacedPage(skip=0, start=0, end=25, replan=True)
    assert (state.next_offset, state.size) == (25, 25)


def test_fewer_rows_than_requested_where_it_says_nothing_are_a_short_page() -> None:
    """No echo, four rows instead of ten: the page may have been filtered, and keeps its place."""
    state = paging(10)
    assert answer(state, 4, total=1000) == PlacedPage(skip=0, start=0, end=10)


def test_a_vendor_that_says_no_size_is_asked_for_one_only() -> None:
    """Another size would have other numbers: 100 of it wanted, of 20 left, are asked for in the size in use."""
    state = paging(100, min_size=10)
    answer(state, 100, total=1000)
    assert asked(state, 20) == (100, 100, 100)


def test_a_page_that_is_not_full_in_the_middle_is_not_divided() -> None:
    """It may not have the size that it echoes: no smaller one is asked for after it."""
    state = paging(100, min_size=10)
    answer(state, 90, size=100, total=1000)
    assert asked(state, 20) == (100, 100, 100)
    state = paging(100, min_size=10)
    answer(state, 90, size=100, total=95)  # the last page may be short
    state.ended = False
    assert asked(state, 20) == (100, 20, 20)


@pytest.mark.parametrize(("echo", "believed"), [(0, False), (-5, False), (10_000, True), (10_001, False)])
def test_a_size_that_cannot_be_is_not_believed(echo: int, believed: bool) -> None:
    """Nothing below 1 and nothing above 10,000."""
    state = paging(10)
    answer(state, 10 if not believed else 9, size=echo, total=100_000)
    assert state.next_offset == (echo if believed else 10)


def test_an_echo_of_more_than_was_requested_is_not_believed_where_exactly_that_came() -> None:
    """The first page was asked for ten and has ten, whatever it echoes; later ones have no such proof."""
    state = paging(10)
    assert answer(state, 10, size=50, total=100).end == 10
    state = paging(10)
    assert answer(state, 11, size=50, total=100).end == 50


def test_by_offset_a_larger_echo_is_never_believed() -> None:
    """A page by offset has the rows that it has."""
    state = paging(10, numbered=False)
    assert answer(state, 10, size=50, total=100).end == 10
    assert answer(state, 10, size=10, total=100).start == 10


def test_by_offset_the_rows_tell_where_the_next_page_begins() -> None:
    """A short page by offset that echoes its size keeps its place; more rows than asked for, or no echo, move it."""
    state = paging(10, numbered=False)
    assert answer(state, 4, size=10, total=100) == PlacedPage(skip=0, start=0, end=10)
    state = paging(10, numbered=False)
    assert answer(state, 12, size=10, total=100) == PlacedPage(skip=0, start=0, end=12, replan=True)
    assert state.next_offset == 12
    state = paging(10, numbered=False)
    assert answer(state, 4, total=100) == PlacedPage(skip=0, start=0, end=4, replan=True)
    assert state.next_offset == 4
    assert asked(state, in_flight=True) is None  # one page after the other from here on
    state = paging(10, numbered=False)
    assert answer(state, 0, total=100) == PlacedPage(skip=0, start=0, end=10)


def test_a_page_that_was_entered_in_its_middle() -> None:
    """A stream resumes at row 14: of the page from 10 to 20, the first four rows were received before."""
    state = paging(10)
    state.position = state.next_offset = 14
    page = state.next_page(None, in_flight=False)
    assert page is not None
    assert (page.offset, page.rows, page.number) == (14, 6, 1)
    placed = state.place(page, FetchedPage[Any](rows=range(10), size=10, total=100))
    assert placed == PlacedPage(skip=4, start=10, end=20)
    state = paging(10)
    state.position = state.next_offset = 14
    page = state.next_page(None, in_flight=False)
    assert page is not None
    assert state.place(page, FetchedPage[Any](rows=range(3), size=10, total=100)).skip == 3  # not more than it has


def test_a_page_without_the_requested_row() -> None:
    """Page 1 comes with 25 rows instead of ten, so it begins at 25: row 10 is requested again, by the size in use."""
    state = paging(10, learned=True)
    page = state.next_page(None, in_flight=False)
    assert page is not None
    placed = state.place(page, FetchedPage[Any](rows=range(25), size=25, total=100))
    assert placed == PlacedPage(skip=25, start=10, end=10, missed=True, replan=True)
    assert (state.position, state.next_offset, state.size) == (10, 10, 25)
    assert asked(state) == (10, 25, 15)  # page 0 of 25, whose first ten were received
    assert not state.lost


def test_three_misses_are_no_page_size_at_all() -> None:
    """A vendor that changes its sizes from page to page cannot be read."""
    state = paging(10, learned=True)
    for miss, size in enumerate((100, 1000, 5000), 1):
        state.position = state.next_offset = 10 * size // 100 * 100 + 50
        state.size = state._min_size = size // 10
        page = state.next_page(None, in_flight=False)
        assert page is not None
        fetched = FetchedPage[Any](rows=range(5), size=size)
        placed = state.place(page, fetched)
        state.conclude(fetched, placed, received=10, barren=True)
        assert placed.missed
        assert state.lost == (miss == 3)
        assert not state.ended


def test_the_end_of_a_page_is_not_in_it() -> None:
    """Row 10 is not in the page from 0 to 10, and is in the one from 10 to 20."""
    for size, missed in ((10, False), (20, False), (5, True)):
        state = paging(10, learned=True)
        page = state.next_page(None, in_flight=False)
        assert page is not None
        assert state.place(page, FetchedPage[Any](rows=range(size), size=size)).missed is (missed or size == 20)


# --- the end ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "echoed", "received", "ended"),
    [
        (10, {"size": 10, "total": 100}, 10, False),
        (10, {"size": 10, "total": 10}, 10, True),
        (10, {"size": 10, "total": 11}, 10, False),
        (10, {"size": 10, "total": 10}, 9, False),  # one is missing: one page beyond the total
        (4, {"size": 10, "total": 100}, 4, False),  # filtered
        (0, {"size": 10, "total": 100}, 0, False),  # a hole before the total
        (0, {"size": 10, "total": 10}, 0, True),
        (0, {"size": 10}, 0, True),
        (0, {"size": 10, "has_more": True}, 0, False),
        (10, {"size": 10, "has_more": False}, 10, True),
        (4, {"size": 10, "has_more": True}, 4, False),
        (10, {"size": 10, "total": 100, "has_more": False}, 10, True),
        (10, {"size": 10}, 10, False),
        (9, {"size": 10}, 9, True),  # no total: a short page is the last
        (9, {}, 9, False),  # and no size: only an empty one is
        (10, {"size": 10, "total": 10, "exact": False}, 10, False),  # an estimate, and the page is full
        (9, {"size": 10, "total": 10, "exact": False}, 9, True),
        (9, {"size": 10, "total": 100, "exact": False}, 9, False),
    ],
)
def test_where_a_query_ends(count: int, echoed: dict[str, Any], received: int, ended: bool) -> None:
    """By what the answer says: more pages, an exact total, an estimate, or nothing."""
    state = paging(10)
    answer(state, count, received=received, **echoed)
    assert state.ended is ended


@pytest.mark.parametrize(("barren", "received", "ended"), [(True, 5, False), (True, 10, True), (False, 5, True)])
def test_no_more_pages_is_doubted_only_where_rows_are_missing_and_none_was_new(
    barren: bool, received: int, ended: bool
) -> None:
    """The page repeats what came before and calls itself the last, with rows counted that never came: read on."""
    state = paging(10)
    page = state.next_page(None, in_flight=False)
    assert page is not None
    fetched = FetchedPage[Any](rows=range(10), size=10, total=10, has_more=False)
    state.conclude(fetched, state.place(page, fetched), received=received, barren=barren)
    assert state.ended is ended


def test_a_total_that_shrinks_or_is_exceeded_no_longer_ends_a_query() -> None:
    """Both are noted, and from then on a short page ends it."""
    state = paging(10, learned=True)
    page = state.next_page(None, in_flight=False)
    assert page is not None
    fetched = FetchedPage[Any](rows=range(10), size=10, total=15)
    contradictions = state.conclude(fetched, state.place(page, fetched), received=20, barren=False)
    assert contradictions == ("a total that shrinks from page to page", "more rows than the total")
    assert not state.ended
    assert not state.exact
    assert state.total == 15
    answer(state, 9, size=10, total=15)
    assert state.ended


@pytest.mark.parametrize(
    ("total", "exact", "received", "noted"),
    [
        (100, True, 20, ()),
        (101, True, 20, ()),
        (99, True, 20, ("a total that shrinks from page to page",)),
        (100, True, 100, ()),
        (100, True, 101, ("more rows than the total",)),
        (50, False, 60, ()),
        (None, True, 200, ()),
    ],
)
def test_what_contradicts_a_total(total: int | None, exact: bool, received: int, noted: tuple[str, ...]) -> None:
    """The first page said 100; an estimate contradicts nothing, and neither does silence."""
    state = paging(10, learned=True)
    page = state.next_page(None, in_flight=False)
    assert page is not None
    fetched = FetchedPage[Any](rows=range(10), size=10, total=total, exact=exact)
    assert state.conclude(fetched, state.place(page, fetched), received=received, barren=False) == noted
    assert state.exact is (exact and not noted)
    assert state.total == (100 if total is None else total)


@pytest.mark.parametrize(
    ("has_more", "total", "exact", "promised"),
    [
        (True, None, True, True),
        (False, 100, True, False),
        (None, 11, True, True),
        (None, 10, True, False),
        (None, 100, False, False),
        (None, None, True, False),
    ],
)
def test_whether_more_is_promised(has_more: bool | None, total: int | None, exact: bool, promised: bool) -> None:
    """By the flag, else by an exact total beyond the page."""
    state = NumberedPaging(rules=PagingRules(), size=10, total=total, exact=exact)
    page = PlacedPage(skip=0, start=0, end=10)
    assert state.promises_more(FetchedPage[Any](rows=[], has_more=has_more), page) is promised


@pytest.mark.parametrize(
    ("total", "exact", "short", "complete"),
    [(11, True, True, False), (10, True, False, True), (9, True, False, True), (10, False, False, False)],
)
def test_whether_all_counted_rows_were_received(total: int, exact: bool, short: bool, complete: bool) -> None:
    """Ten were received; an estimate tells neither."""
    state = NumberedPaging(rules=PagingRules(), size=10, total=total, exact=exact)
    assert (state.is_short(10), state.is_complete(10)) == (short, complete)
    unknown = NumberedPaging(rules=PagingRules(), size=10)
    assert (unknown.is_short(10), unknown.is_complete(10)) == (False, False)
