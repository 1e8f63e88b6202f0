"""Which pages to ask for, and where each of their rows stands. Pure.

A row's place is its offset in the whole result. The vendor may answer with smaller pages than asked, so that
page n begins at n times the size that the answer *echoes*. Totals may be missing or estimates; results may be
filtered after paging, so that a page in the middle is short, or even empty. Source: the vendor's prospecting page.
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import field, frozen, mutable

from .._call.decode import Row

__all__ = ["AcceptedPage", "SessionPaging", "FetchedPage", "PageSpec", "NumberedPaging", "PagingRules"]

T = TypeVar("T")


@frozen(kw_only=True)
class PagingRules:
    """How an operation pages.

    `smallest` and `largest` rows a page may have; `numbered` by page (else by offset); `last_page` the highest
    page number, `deepest` the rows of one query that can be reached at all.
    """

    smallest: int = 1
    largest: int = 100
    numbered: bool = True
    last_page: int | None = None
    deepest: int | None = None


@frozen(kw_only=True)
class PageSpec:
    """One page to ask for. Its rows from `offset` on are wanted: `rows` of them at most.

    `session` goes with it where the operation knows what it has already given.
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
    """One answered page: `size` as echoed, `total` rows of the query, `more` whether others follow.

    None where the answer does not tell. `exact` is false where the total is an estimate.
    """

    rows: Sequence[Row[T]] = field(repr=False)
    size: int | None = None
    total: int | None = None
    exact: bool = True
    more: bool | None = None
    session: str | None = None


@mutable(kw_only=True)
class NumberedPaging:
    """The state of one query being paged through.

    `position` is the offset of the next row to hand out, `next` that of the next page to ask for.
    """

    shape: PagingRules
    size: int
    position: int = 0
    next: int = 0
    total: int | None = None
    exact: bool = True
    ended: bool = False
    known: bool = False
    _horizon: int | None = None
    _hole: bool = False

    def ask(self, want: int | None, *, alone: bool) -> PageSpec | None:
        """The next page to ask for, when `want` more rows are wanted (None: all). None: none now.

        Until the first answer has told the page size, and beyond what the total promises, only one page is
        asked at a time: `alone` says that no other is under way.
        """
        if self.ended or (want is not None and want <= 0) or not (alone or self._promised()):
            return None
        deepest = self.shape.deepest
        if deepest is not None and self.next >= deepest:
            return None
        size = self._fit(want)
        if size is None:
            return None
        rows = size - self.next % size if self.shape.numbered else size
        page = PageSpec(offset=self.next, size=size, rows=rows)
        self.next += rows
        return page

    def _promised(self) -> bool:
        """Whether the page after those under way surely has rows."""
        if not self.known:
            return False
        if self._horizon is not None and self.next >= self._horizon:
            return False
        return self.total is None or self.next < self.total

    def _fit(self, want: int | None) -> int | None:
        """The smallest page that brings the wanted rows and begins where the last one ended.

        Pages are priced by blocks of rows: no larger one is asked than is needed.
        """
        shape = self.shape
        if not shape.numbered:
            return self.size if want is None else max(shape.smallest, min(self.size, want))
        if self.next == 0:
            return self.size if want is None else max(shape.smallest, min(self.size, want))
        left = self.size - self.next % self.size
        need = left if want is None else min(left, want)
        last = need == want  # what comes after it need not be whole pages
        for size in range(shape.smallest, self.size):
            if (last or self.size % size == 0) and self.next % size + need <= size and self._reachable(size):
                return size
        return self.size if self._reachable(self.size) else None

    def _reachable(self, size: int) -> bool:
        return self.shape.last_page is None or self.next // size <= self.shape.last_page

    def saw(self, page: PageSpec, fetched: FetchedPage[T]) -> None:
        """An answer came, perhaps not yet its turn: take note of what it tells of the whole."""
        if fetched.total is not None:
            self.total, self.exact = fetched.total, fetched.exact
        size = _echoed(page, fetched)
        if (fetched.more is False) or len(fetched.rows) == 0 or (self.total is None and len(fetched.rows) < size):
            end = self._start(page, size) + size
            self._horizon = end if self._horizon is None else min(self._horizon, end)

    def accept(self, page: PageSpec, fetched: FetchedPage[T]) -> "AcceptedPage":
        """The answer's turn has come: where its rows stand, and whether the pages after it join it."""
        self.known = True
        size = _echoed(page, fetched)
        start = self._start(page, size)
        end = start + max(size, len(fetched.rows))
        self.ended = self._is_last(fetched, size, end)
        self._hole = not fetched.rows
        if fetched.rows and self._horizon is not None and end > self._horizon:
            self._horizon = None  # there was a hole and not the end
        resized = size != page.size
        if resized:
            self.size = max(self.shape.smallest, min(self.size, size))
        if start > self.position:  # the vendor made pages larger than asked: rows lie between
            self.next, self.ended = self.position, False
            return AcceptedPage(skip=len(fetched.rows), start=self.position, end=self.position, replan=True)
        if resized:
            self.next = max(end, self.position)
        return AcceptedPage(skip=self.position - start, start=start, end=end, replan=resized)

    def _start(self, page: PageSpec, size: int) -> int:
        return page.number * size if self.shape.numbered else page.offset

    def _is_last(self, fetched: FetchedPage[T], size: int, end: int) -> bool:
        if not fetched.rows:  # one may be a hole, where the vendor left out what it had counted
            promised = self.exact and self.total is not None and end < self.total
            return not promised or self._hole
        if fetched.more is not None:
            return not fetched.more
        if self.total is None:
            return len(fetched.rows) < size
        if self.exact:
            return end >= self.total
        return len(fetched.rows) < size and end >= self.total


@mutable(kw_only=True)
class SessionPaging:
    """The state of a query whose every page follows from the one before, by a session of the vendor's.

    Nothing is asked ahead: what the vendor gave once in a session it does not give again.
    """

    shape: PagingRules
    size: int
    session: str | None = None
    position: int = 0
    total: int | None = None
    exact: bool = False
    ended: bool = False

    def ask(self, want: int | None, *, alone: bool) -> PageSpec | None:
        """The next page, when no other is under way and all rows of the last one are handed out."""
        if self.ended or not alone or (want is not None and want <= 0):
            return None
        size = self.size if want is None else max(self.shape.smallest, min(self.size, want))
        return PageSpec(offset=self.position, size=size, rows=size, session=self.session)

    def saw(self, page: PageSpec, fetched: FetchedPage[T]) -> None:
        """Nothing is known before a page's turn."""

    def accept(self, page: PageSpec, fetched: FetchedPage[T]) -> "AcceptedPage":
        """The page's turn has come."""
        self.session = fetched.session
        self.ended = not fetched.rows or not fetched.more or fetched.session is None
        return AcceptedPage(skip=0, start=page.offset, end=page.offset + len(fetched.rows), replan=False)


@frozen(kw_only=True)
class AcceptedPage:
    """Where the rows of an accepted page stand: `skip` of them were handed out before.

    Row i of the answer stands at `start` + i, and the next page begins at `end`. With `replan` the pages asked
    after this one do not join it: they are to be dropped.
    """

    skip: int
    start: int
    end: int
    replan: bool


def _echoed(page: PageSpec, fetched: FetchedPage[T]) -> int:
    size = fetched.size
    return size if size is not None and 0 < size <= 10_000 else page.size
