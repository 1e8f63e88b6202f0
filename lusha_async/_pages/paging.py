"""Which pages to request, and the offset of each of their rows. Pure.

Offsets count the rows of the whole result. The vendor may answer with smaller or larger pages than requested, so that
page n begins at n times the size that the answer *echoes*. Totals may be missing, estimates or wrong: one that the
vendor itself contradicts no longer ends a query. Results may be filtered after paging, so that a page in the middle
is short, or even empty. Source: the vendor's prospecting page.
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import field, frozen, mutable

from .._call.decode import Row

__all__ = ["FetchedPage", "NumberedPaging", "PageSpec", "PagingRules", "PlacedPage"]

T = TypeVar("T")

_LARGEST = 10_000  # no larger page size is believed
_MISSES = 2  # pages of another size than expected, after which the vendor's sizes are not understood


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
    """One page to request: at most `rows` rows from `offset` on.

    `size` is the page size to ask for and `step` the one that the vendor is expected to use, which differs if it has
    used sizes of its own. `session` is the vendor's dedupe session, for an operation that has one.
    """

    offset: int
    size: int
    step: int
    rows: int
    session: str | None = None

    @property
    def number(self) -> int:
        """The page's number, from 0."""
        return self.offset // self.step


@frozen(kw_only=True)
class FetchedPage(Generic[T]):
    """One answered page: its `size` as echoed, the query's `total` of rows, and whether it `has_more` pages.

    None where the answer does not say. `exact` is False if the total is an estimate. `restarted`: the page is the
    first of a new session, which may repeat the rows of the one before.
    """

    rows: Sequence[Row[T]] = field(repr=False)
    size: int | None = None
    total: int | None = None
    exact: bool = True
    has_more: bool | None = None
    session: str | None = None
    restarted: bool = False


@frozen(kw_only=True)
class PlacedPage:
    """The offsets of an answered page: row i is at `start` + i, and the next page begins at `end`.

    The first `skip` rows were received before. `missed`: the page does not have the row that was requested, because
    the vendor used another page size. `replan`: the pages requested after this one do not continue at `end` and must
    be discarded.
    """

    skip: int
    start: int
    end: int
    missed: bool = False
    replan: bool = False


@mutable(kw_only=True)
class NumberedPaging:
    """The state of a query that is paged by number or offset.

    `position` is the offset of the next row to be received, `next_offset` that of the next page to request, `size` the
    size of the pages, as the vendor makes them. `exact` is False for an estimated or contradicted total.
    """

    rules: PagingRules
    size: int
    position: int = 0
    next_offset: int = 0
    total: int | None = None
    exact: bool = True
    ended: bool = False
    _min_size: int = 1  # the least that the vendor is known to honour, and at first its documented one
    _size_known: bool = False
    _serial: bool = False  # no page is requested before the one in front of it is answered
    _doubted: bool = False  # the total was contradicted
    _empty_from: int | None = None  # where an answer that came early has no rows
    _missed: int = 0  # pages that did not have the row that was requested

    def __attrs_post_init__(self) -> None:
        self._min_size = self.rules.min_size

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
        step = self._fit(wanted)
        if step is None:
            return None
        size = min(max(step, self.rules.min_size), self.rules.max_size)
        rows = step - self.next_offset % step if self.rules.numbered else step
        page = PageSpec(offset=self.next_offset, size=size, step=step, rows=rows)
        self.next_offset += rows
        return page

    def _promised(self) -> bool:
        """Whether the page after those in flight has rows, as far as answers have said."""
        ends = [end for end in (self.total, self._empty_from) if end is not None]
        return self._size_known and not self._serial and self.next_offset < min(ends, default=self.next_offset + 1)

    def _fit(self, wanted: int | None) -> int | None:
        """The size of the smallest page that has the wanted rows and begins where the last page ended.

        Pages are priced by blocks of rows, so none is larger than needed. None if no size reaches them.
        """
        if not self.rules.numbered or self.next_offset == 0:
            return self.size if wanted is None else max(self._min_size, min(self.size, wanted))
        left = self.size - self.next_offset % self.size
        needed = left if wanted is None else min(left, wanted)
        last = needed == wanted  # no page follows, so it need not end at a boundary of `self.size`
        for size in range(self._min_size, self.size):
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
        """Learn from an answer, before those in front of it have come, that nothing need be requested behind it."""
        if not fetched.rows or fetched.has_more is False:
            end = page.offset + page.rows
            self._empty_from = end if self._empty_from is None else min(self._empty_from, end)

    def place(self, page: PageSpec, fetched: FetchedPage[T]) -> PlacedPage:
        """Learn from the next answer in order where its rows are. Call `conclude` before `next_page`."""
        numbered, count = self.rules.numbered, len(fetched.rows)
        step = self._step(page, fetched)
        start = page.number * step if numbered else page.offset
        end = start + (step if numbered else max(step, count) if fetched.size or not count else count)
        total = self.total if fetched.total is None else fetched.total
        if fetched.size is None:  # nothing says that it has the size that was asked for, so that one is kept
            self._min_size = self.size = page.step
        elif count != step and (total is None or end < total):
            self._min_size = self.size  # not full in the middle: perhaps it has not the size that it echoes
        self._size_known = True
        if fetched.rows and self._empty_from is not None and end > self._empty_from:
            self._empty_from = None  # an empty page in the middle, not the end
        if resized := step != page.step:
            self._learn_size(page, step)
        missed = numbered and not start <= self.position < end
        if missed:
            self._missed += 1
            self.size = self._min_size = step  # the one size that it is known to use
            self.next_offset = self.position
            return PlacedPage(skip=count, start=self.position, end=self.position, missed=True, replan=True)
        skip = min(self.position - start, count)
        self.position = end
        if end != start + page.rows and not numbered:  # only an answer tells where the next page begins
            self._serial = resized = True
        if resized:
            self.next_offset = end
        return PlacedPage(skip=skip, start=start, end=end, replan=resized)

    def _step(self, page: PageSpec, fetched: FetchedPage[T]) -> int:
        """The size of the pages of which this answer is one."""
        size, count, numbered = fetched.size, len(fetched.rows), self.rules.numbered
        first = numbered and page.number == 0
        if size is None or not 0 < size <= _LARGEST:
            return max(page.step, count) if first else page.step
        if size > page.size and ((first and count == page.size) or not numbered):
            return page.step  # exactly what was requested, whatever it echoes
        return size

    def _learn_size(self, page: PageSpec, step: int) -> None:
        if step > page.step:
            self._min_size = step
            self.size = max(self.size, step)
        else:
            self.size = min(self.size, step)
            self._min_size = min(self._min_size, step)

    def conclude(
        self, fetched: FetchedPage[T], placed: PlacedPage, *, received: int, barren: bool
    ) -> tuple[str, ...]:
        """Decide whether the page that was placed is the last. Returns how the vendor contradicts its totals.

        `received` is the number of different rows of the query so far; `barren`: this page had none of them.
        """
        contradictions: list[str] = []
        if fetched.total is not None:
            if fetched.exact and self.total is not None and fetched.total < self.total:
                contradictions.append("a total that shrinks from page to page")
            if fetched.exact and fetched.total < received:
                contradictions.append("more rows than the total")
            self._doubted = self._doubted or bool(contradictions)
            self.total, self.exact = fetched.total, fetched.exact and not self._doubted
        if not placed.missed:
            self._decide(fetched, placed, received, barren)
        return tuple(contradictions)

    def _decide(self, fetched: FetchedPage[T], placed: PlacedPage, received: int, barren: bool) -> None:
        short = self.is_short(received)
        if not fetched.rows:  # a single empty page before the total: the vendor left out rows that it had counted
            self.ended = not self.promises_more(fetched, placed)
        elif fetched.has_more is not None:
            self.ended = not fetched.has_more and not (barren and short)
        elif self.total is None or self._doubted:
            self.ended = fetched.size is not None and len(fetched.rows) < placed.end - placed.start
        elif self.exact:
            self.ended = placed.end >= self.total and not short  # if rows are missing, one page beyond the total
        else:
            self.ended = placed.end >= self.total and len(fetched.rows) < placed.end - placed.start

    def promises_more(self, fetched: FetchedPage[T], placed: PlacedPage) -> bool:
        """Whether the vendor says that there are rows after this page."""
        if fetched.has_more is not None:
            return fetched.has_more
        return self.exact and self.total is not None and placed.end < self.total

    def is_short(self, received: int) -> bool:
        """Whether the vendor has counted more rows than were received."""
        return self.exact and self.total is not None and received < self.total

    def is_complete(self, received: int) -> bool:
        """Whether all rows that the vendor has counted were received."""
        return self.exact and self.total is not None and received >= self.total

    @property
    def lost(self) -> bool:
        """Whether the vendor changes its page sizes so often that no page can be requested on purpose."""
        return self._missed > _MISSES
