"""Which rows are new to a stream, and when pages bring nothing: the rules by themselves."""

from collections.abc import Hashable
from typing import Any

import pytest

from lusha_async._pages.cursor import digest
from lusha_async._pages.novelty import Novelty
from lusha_async.errors import UnreadableAnswerError


def novelty(**options: Any) -> Novelty[Any]:
    """Rows are integers and their own identity; 0 has none."""
    defaults: dict[str, Any] = {"dedupe": True, "seen": None, "recent": (), "rows": 0}
    return Novelty[Any](lambda row: row or None, **{**defaults, **options})


def test_a_row_is_delivered_once() -> None:
    """Within a page, and from page to page; different rows are counted."""
    stream = novelty()
    assert stream.judge([1, 2, 1], 0) == [True, True, False]
    assert stream.judge([2, 3], 0) == [False, True]
    assert (stream.rows, stream.pages, stream.barren) == (3, 2, 0)


def test_a_stream_that_resumes_counts_on() -> None:
    """Rows of before are counted, and the last of them are known by their digests."""
    stream = novelty(rows=40, recent=[digest(1)])
    assert stream.judge([1, 2], 0) == [False, True]
    assert stream.rows == 41


def test_a_page_without_a_new_row_is_barren() -> None:
    """Two in succession stall a stream; a new row ends the succession."""
    stream = novelty()
    stream.judge([1, 2], 0)
    assert stream.judge([2, 1], 0) == []
    assert (stream.barren, stream.stalled, stream.pages) == (1, False, 2)
    stream.judge([3], 0)
    assert (stream.barren, stream.stalled) == (0, False)
    stream.judge([3], 0)
    stream.judge([], 0)
    assert (stream.barren, stream.stalled, stream.pages, stream.rows) == (2, True, 5, 3)


def test_pages_in_flight_grow_with_what_they_bring() -> None:
    """One at first, two for each useful page, and one alone behind a barren one."""
    stream = novelty()
    assert stream.max_in_flight == 1
    stream.judge([1], 0)
    assert stream.max_in_flight == 2
    stream.judge([2], 0)
    assert stream.max_in_flight == 4
    stream.judge([2], 0)
    assert stream.max_in_flight == 1
    stream.judge([3], 0)
    assert stream.max_in_flight == 6


def test_rows_that_were_received_before_are_skipped() -> None:
    """The first ones of a page that is entered in its middle; they are not compared."""
    stream = novelty()
    assert stream.judge([1, 2, 3], 2) == [False, False, True]
    assert stream.rows == 1
    assert stream.judge([1, 2], 0) == [True, True]


def test_a_short_page_entered_behind_its_last_row_is_not_barren() -> None:
    """It was read to its end before; only as the first page, and only if it has rows."""
    stream = novelty()
    assert stream.judge([1, 2], 3) == [False, False]
    assert (stream.barren, stream.pages) == (0, 1)
    stream = novelty()
    assert stream.judge([1, 2], 2) == [False, False]
    assert stream.judge([1, 2], 2) == []  # the second one is no entry
    assert stream.barren == 1
    stream = novelty()
    assert stream.judge([], 3) == []
    assert stream.barren == 1


def test_a_page_that_was_missed_is_barren_and_the_next_is_an_entry() -> None:
    """It did not have the requested rows; the one that has them may be entered in its middle."""
    stream = novelty()
    stream.judge([1], 0)
    stream.miss()
    assert (stream.barren, stream.pages) == (1, 2)
    assert stream.judge([2, 3], 2) == [False, False]
    assert stream.barren == 1


def test_rows_of_other_streams_are_left_out_but_new_to_this_one() -> None:
    """`seen` is shared: a row of another stream is not delivered, counts here, and this page is not barren."""
    seen: set[Hashable] = {1}
    stream = novelty(seen=seen)
    assert stream.judge([1, 2], 0) == [False, True]
    assert stream.rows == 2
    assert seen == {1, 2}
    assert stream.barren == 0
    assert novelty(seen=seen).judge([1, 2], 0) == [False, False]


def test_a_row_without_an_identity_is_left_out_with_its_page_only() -> None:
    """It is compared by its content to tell repeated pages, and delivered otherwise."""
    stream = novelty()
    assert stream.judge([0, 0], 0) == [True, True]
    assert stream.rows == 1
    assert stream.judge([0], 0) == []
    assert stream.judge([0, 5], 0) == [True, True]


def test_an_unreadable_row_is_compared_by_its_bytes() -> None:
    """The same bytes again bring nothing."""
    stream = novelty()

    def broken(body: bytes) -> UnreadableAnswerError:
        return UnreadableAnswerError("a row", body=body)

    assert stream.judge([broken(b"x")], 0) == [True]
    assert stream.judge([broken(b"x")], 0) == []
    assert stream.judge([broken(b"y")], 0) == [True]


def test_without_identities_rows_are_compared_by_their_content() -> None:
    """A stream whose rows have no ids at all."""
    stream = Novelty[Any](None, dedupe=True, seen=None, recent=(), rows=0)
    assert stream.judge(["a", "b"], 0) == [True, True]
    assert stream.judge(["b", "a"], 0) == []


def test_without_dedupe_whole_pages_are_compared() -> None:
    """Every row of a page is delivered, unless the page has the rows of an earlier one, in any order."""
    stream = novelty(dedupe=False)
    assert stream.judge([1, 1, 2], 1) == [False, True, True]
    assert stream.rows == 2
    assert stream.judge([1, 2, 3], 0) == [True, True, True]
    assert stream.rows == 5
    assert stream.judge([3, 1, 2], 0) == []
    assert stream.judge([], 0) == []
    assert stream.stalled
    assert stream.rows == 5


def test_a_new_session_may_repeat_the_one_before() -> None:
    """Its rows are known and not delivered, and its pages are not barren; once, until it has brought something new."""
    stream = novelty()
    stream.judge([1, 2], 0)
    stream.restart()
    assert stream.judge([1], 0) == [False]
    assert stream.barren == 0
    assert stream.judge([1], 0) == []  # within the session, it repeats
    stream.restart()  # nothing new since the last one: this session counts on
    assert stream.judge([1], 0) == []
    assert stream.stalled
    stream = novelty()
    stream.judge([1], 0)
    stream.restart()
    stream.judge([1, 2], 0)
    stream.restart()
    assert stream.judge([2], 0) == [False]
    assert stream.barren == 0


@pytest.mark.parametrize("restarted", [False, True])
def test_rows_received_before_a_cut_are_barren_only_where_the_session_goes_on(restarted: bool) -> None:
    """A resumed stream knows the last rows by digest; a new session may bring them again."""
    stream = novelty(recent=[digest(1)])
    if restarted:
        stream.restart()
        stream.judge([9], 0)
        stream.restart()
    assert stream.judge([1], 0) == ([False] if restarted else [])
