"""The pages of a query with a dedupe session, one after the other: the rules by themselves."""

from typing import Any

import pytest

from lusha_async._pages.paging import FetchedPage, PageSpec, PagingRules, PlacedPage
from lusha_async._pages.session_paging import SessionPaging


def paging(**state: Any) -> SessionPaging:
    """Pages of ten, five at least."""
    return SessionPaging(rules=PagingRules(min_size=5), size=10, **state)


@pytest.mark.parametrize(("wanted", "size"), [(None, 10), (100, 10), (10, 10), (7, 7), (3, 5), (1, 5)])
def test_a_page_is_as_large_as_needed(wanted: int | None, size: int) -> None:
    """Not larger than wanted or smaller than is honoured; it carries the session and begins after the last."""
    page = paging(session="s1", position=30).next_page(wanted, in_flight=False)
    assert page == PageSpec(offset=30, size=size, step=size, rows=size, session="s1")


def test_one_page_at_a_time() -> None:
    """None beside another, for no rows, or after the end."""
    assert paging().next_page(None, in_flight=True) is None
    assert paging().next_page(0, in_flight=False) is None
    assert paging(ended=True).next_page(None, in_flight=False) is None
    assert paging().next_page(1, in_flight=False) is not None


def test_the_session_goes_on() -> None:
    """The answer's session is used from then on; one that is silent keeps the request's."""
    state = paging()
    page = state.next_page(None, in_flight=False)
    assert page is not None
    assert page.session is None
    fetched = FetchedPage[Any](rows=range(4), session="s1")
    assert state.place(page, fetched) == PlacedPage(skip=0, start=0, end=4)
    assert (state.session, state.position) == ("s1", 4)
    following = state.next_page(None, in_flight=False)
    assert following is not None
    assert state.place(following, FetchedPage[Any](rows=range(3))) == PlacedPage(skip=0, start=4, end=7)
    assert state.session == "s1"


@pytest.mark.parametrize(
    ("rows", "has_more", "ended"),
    [(3, True, False), (3, False, True), (3, None, False), (0, None, True), (0, True, False)],
)
def test_where_it_ends(rows: int, has_more: bool | None, ended: bool) -> None:
    """By the flag, else with an empty page."""
    state = paging()
    fetched = FetchedPage[Any](rows=range(rows), has_more=has_more)
    placed = PlacedPage(skip=0, start=0, end=rows)
    assert state.conclude(fetched, placed, received=rows, barren=False) == ()
    assert state.ended is ended
    assert state.promises_more(fetched, placed) is (has_more is True)


def test_rows_are_not_counted_by_the_vendor() -> None:
    """No total: nothing is short and nothing complete."""
    state = paging()
    assert not state.is_short(0)
    assert not state.is_complete(10)


@pytest.mark.parametrize(
    ("session", "ended", "lost"), [(None, False, True), ("s1", False, False), (None, True, False)]
)
def test_more_rows_without_a_session_are_out_of_reach(session: str | None, ended: bool, lost: bool) -> None:
    """There is nothing to ask for them with."""
    assert paging(session=session, ended=ended).lost is lost
