"""Which pages to request, and the offset of each of their rows. Pure.

Offsets count the rows of the whole result. The vendor may answer with smaller pages than requested, so that page n
begins at n times the size that the answer *echoes*. Totals may be missing or estimates. Results may be filtered after
paging, so that a page in the middle is short, or even empty. Source: the vendor's prospecting page.
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import field, frozen, mutable

from .._call.decode import Row

__all__ = ["AcceptedPage", "FetchedPage", "NumberedPaging", "PageSpec", "PagingRules", "SessionPaging"]

T = TypeVar("T")


@frozen(kw_only=True)
class PagingRules:
    """How an operation pages.

    A page has `min_size` to `max_size` rows, and is requested by its number (`numbered`) or by its offset.
    `last_page` is the highest page number, `max_rows` the number of rows of a query that can be reached.
    """

    min_size: int = 1
    max_size: int = 100
    numbered: bool = True
    last_page: int | None = None
    max_rows: int | None = None


@frozen(kw_only=True)
class PageSpec:
    """One page to request: at most `rows` rows from `offset` on, in a page of `size` rows.

    `session` is the vendor's dedupe session, for an operation that has one.
    """

    offset: int
    size: int
    rows: int
    session: str | None = None

    @property
    def number(self) -> int:
        """The page's number, from 0."""
        return self.offset // self.size


@frozen(kw_only=True)
class FetchedPage(Generic[T]):
    """One answered page: its `size` as echoed, the query's `total` of rows, and whether it `has_more` pages.

    None where the answer does not say. `exact` is False if the total is an estimate.
    """

    rows: Sequence[Row[T]] = field(repr=False)
    size: int | None = None
    total: int | None = None
    exact: bool = True
    has_more: bool | None = None
    session: str | None = None


@mutable(kw_only=True)
class NumberedPaging:
    """The state of a query that is paged by number or offset.

    `position` is the offset of the next row to be read, `next_offset` that of the next page to request.
    """

    rules: PagingRules
    size: int
    position: int = 0
    next_offset: int = 0
    total: int | None = None
    exact: bool = True
    ended: bool = False
    _size_known: bool = False
    _end: int | None = None
    _last_was_empty: bool = False

    def next_page(self, wanted: int | None, *, in_flight: bool) -> PageSpec | None:
        """The next page to request for `wanted` more rows (None: all), or None if there is none now.

        Until the first answer has echoed the page size, and beyond the total, there is none while another page is
        `in_flight`.
        """
        if self.ended or (wanted is not None and wanted <= 0) or (in_flight and not self._promised()):
            return None
        max_rows = self.rules.max_rows
        if max_rows is not None and self.next_offset >= max_rows:
            return None
        size = self._fit(wanted)
        if size is None:
            return None
        rows = size - self.next_offset % size if self.rules.numbered else size
        page = PageSpec(offset=self.next_offset, size=size, rows=rows)
        self.next_offset += rows
        return page

    def _promised(self) -> bool:
        """Whether the page after those in flight has rows, as far as answers have said."""
        if not self._size_known:
            return False
        if self._end is not None and self.next_offset >= self._end:
            return False
        return self.total is None or self.next_offset < self.total

    def _fit(self, wanted: int | None) -> int | None:
        """The size of the smallest page that has the wanted rows and begins where the last page ended.

        Pages are priced by blocks of rows, so none is larger than needed. None if no size reaches them.
        """
        rules = self.rules
        if not rules.numbered or self.next_offset == 0:
            return self.size if wanted is None else max(rules.min_size, min(self.size, wanted))
        left = self.size - self.next_offset % self.size
        needed = left if wanted is None else min(left, wanted)
        last = needed == wanted  # no page follows, so it need not end at a boundary of `self.size`
        for size in range(rules.min_size, self.size):
            if (
                (last or self.size % size == 0)
                and self.next_offset % size + needed <= size
                and self._reachable(size)
            ):
                return size
        return self.size if self._reachable(self.size) else None

    def _reachable(self, size: int) -> bool:
        return self.rules.last_page is None or self.next_offset // size <= self.rules.last_page

    def observe(self, page: PageSpec, fetched: FetchedPage[T]) -> None:
        """Learn the total and the end from an answer, before the pages in front of it are accepted."""
        if fetched.total is not None:
            self.total, self.exact = fetched.total, fetched.exact
        size = _echoed(page, fetched)
        if (
            (fetched.has_more is False)
            or len(fetched.rows) == 0
            or (self.total is None and len(fetched.rows) < size)
        ):
            end = self._start(page, size) + size
            self._end = end if self._end is None else min(self._end, end)

    def accept(self, page: PageSpec, fetched: FetchedPage[T]) -> "AcceptedPage":
        """Accept the next page in order. Returns the offsets of its rows, and whether the pages after it fit."""
        self._size_known = True
        size = _echoed(page, fetched)
        start = self._start(page, size)
        end = start + max(size, len(fetched.rows))
        self.ended = self._is_last(fetched, size, end)
        self._last_was_empty = not fetched.rows
        if fetched.rows and self._end is not None and end > self._end:
            self._end = None  # an empty page in the middle, not the end
        resized = size != page.size
        if resized:
            self.size = max(self.rules.min_size, min(self.size, size))
        if start > self.position:  # the vendor made pages larger than requested: rows were left out
            self.next_offset, self.ended = self.position, False
            return AcceptedPage(skip=len(fetched.rows), start=self.position, end=self.position, replan=True)
        if resized:
            self.next_offset = max(end, self.position)
        return AcceptedPage(skip=self.position - start, start=start, end=end, replan=resized)

    def _start(self, page: PageSpec, size: int) -> int:
        return page.number * size if self.rules.numbered else page.offset

    def _is_last(self, fetched: FetchedPage[T], size: int, end: int) -> bool:
        if not fetched.rows:  # a single empty page before the total: the vendor left out rows that it had counted
            promised = self.exact and self.total is not None and end < self.total
            return not promised or self._last_was_empty
        if fetched.has_more is not None:
            return not fetched.has_more
        if self.total is None:
            return len(fetched.rows) < size
        if self.exact:
            return end >= self.total
        return len(fetched.rows) < size and end >= self.total


@mutable(kw_only=True)
class SessionPaging:
    """The state of a query with a dedupe session: each page depends on the one before, so none is prefetched.

    Within a session the vendor returns each row once.
    """

    rules: PagingRules
    size: int
    session: str | None = None
    position: int = 0
    total: int | None = None
    exact: bool = False
    ended: bool = False

    def next_page(self, wanted: int | None, *, in_flight: bool) -> PageSpec | None:
        """The next page, or None while another one is `in_flight` or not read to its end."""
        if self.ended or in_flight or (wanted is not None and wanted <= 0):
            return None
        size = self.size if wanted is None else max(self.rules.min_size, min(self.size, wanted))
        return PageSpec(offset=self.position, size=size, rows=size, session=self.session)

    def observe(self, page: PageSpec, fetched: FetchedPage[T]) -> None:
        """Nothing to learn: there is no page in front of it."""

    def accept(self, page: PageSpec, fetched: FetchedPage[T]) -> "AcceptedPage":
        """Accept the page. Returns the offsets of its rows."""
        self.session = fetched.session
        self.ended = not fetched.rows or not fetched.has_more or fetched.session is None
        return AcceptedPage(skip=0, start=page.offset, end=page.offset + len(fetched.rows), replan=False)


@frozen(kw_only=True)
class AcceptedPage:
    """The offsets of an accepted page: row i is at `start` + i, and the next page begins at `end`.

    The first `skip` rows were read before. `replan`: the pages requested after this one do not continue at `end` and
    must be discarded.
    """

    skip: int
    start: int
    end: int
    replan: bool


def _echoed(page: PageSpec, fetched: FetchedPage[T]) -> int:
    size = fetched.size
    return size if size is not None and 0 < size <= 10_000 else page.size
