"""Reading one query page by page: which pages are in flight, which row is next, and the cursor."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, TypeVar

from .._call.call import Executor
from .._call.decode import Row
from .._prefetch import Prefetcher
from ..errors import StreamClosedError, UnreadableAnswerError
from ..governor import Lane
from .cursor import Cursor, digest, fingerprint
from .novelty import Novelty
from .page_task import PageTask, Query
from .paging import FetchedPage, NumberedPaging, PageSpec, PlacedPage
from .session_paging import SessionPaging

__all__ = ["PageReader", "Query"]

T = TypeVar("T")

_RECENT_ROWS = 100  # rows whose digests a cursor carries


class PageReader(Generic[T]):
    """The state of one stream. Holds no reference to the public iterator, so that an abandoned one is collected.

    `position` is the offset after the last row read, `rows_read` counts the rows read, unreadable ones included, and
    `limit` is its maximum. After a page has failed the reader is `stalled`: no page is requested until that one is
    requested again. It is `halted` until the consumer turns to a page that changes the plan or ends the stream.
    """

    def __init__(
        self,
        query: Query[T],
        executor: Executor,
        *,
        limit: int | None,
        cursor: str | None,
        dedupe: bool,
        seen: set[Hashable] | None,
    ) -> None:
        self.query = query
        self.executor = executor.view(lane=executor.options.lane or Lane.BULK)
        self._identity = query.identity if dedupe else None
        self._fingerprint = fingerprint(query.operation, query.params)
        start = Cursor(query=self._fingerprint) if cursor is None else Cursor.load(cursor, self._fingerprint)
        self.paging = _paging(query, start)
        self.position = start.offset
        self.session = start.session
        self.limit = limit
        self.rows_read = start.rows_read
        self.duplicates = 0
        self.stalled = self.halted = False
        self.plan = 0  # counts how often the pages in flight were discarded and planned again
        self.current: PageTask[T] | None = None
        self._pages_read = 0
        self._failed: PageTask[T] | None = None
        self._ended: StreamClosedError | None = None
        self._in_flight: deque[PageTask[T]] = deque()
        self._novelty = Novelty(
            query.identity, dedupe=dedupe, seen=seen, recent=start.recent, rows=start.rows_read
        )
        self._barren_credits: int | None = 0
        self._missing = False  # a page should have had new rows, and none has come since
        self._recent: deque[T] = deque(maxlen=_RECENT_ROWS)
        self._start_recent = start.recent
        self._rest: tuple[Any, ...] = ()
        self.prefetcher: Prefetcher[PageTask[T]] = Prefetcher(self._next_task, self._exhausted)
        if query.row_codec is not None and start.rest:
            self.current = self._restored(query.row_codec[1], start)

    def _restored(self, load: Callable[[Any], Row[T]], start: Cursor) -> PageTask[T]:
        """The page whose last rows the cursor carries."""
        rows = [load(row) for row in start.rest]
        size = len(rows)
        task = self._task(PageSpec(offset=start.offset, size=size, step=size, rows=size))
        task.fetched = FetchedPage(rows=rows)
        task.placed = PlacedPage(skip=0, start=start.offset, end=start.offset + size)
        task.new = self._novelty.judge(rows, 0) or [False] * size
        self._novelty.pages = self._novelty.barren = 0
        return task

    def _next_task(self) -> PageTask[T] | None:
        in_flight = len(self._in_flight)
        if self.stalled or self.halted or (self.limit is None and in_flight >= self._max_in_flight()):
            return None
        if sum(not task.answered for task in self._in_flight) >= self._novelty.max_in_flight:
            return None
        page = self.paging.next_page(self._wanted(), in_flight=in_flight > 0 or self._unread() > 0)
        if page is None:
            return None
        task = self._task(page)
        self._in_flight.append(task)
        return task

    def _task(self, page: PageSpec) -> PageTask[T]:
        return PageTask(self.query, self.executor, page, self.plan, self._answered)

    def _wanted(self) -> int | None:
        """The rows still to be requested; None without a limit."""
        if self.limit is None:
            return None
        coming = self._unread() + sum(task.coming for task in self._in_flight)
        return self.limit - self.rows_read - coming

    def _unread(self) -> int:
        """The rows of the current page that are still to be read."""
        return 0 if self.current is None else self.current.unread

    def _max_in_flight(self) -> int:
        """Pages in flight without a limit: as many as were read, counting a page that is half read."""
        current = self.current
        half_read = current is None or current.taken * 2 >= len(current.fetched.rows)
        return self._pages_read + half_read

    def _exhausted(self) -> bool:
        return not self.stalled

    def _answered(self, task: PageTask[T]) -> None:
        """Judge the pages that are answered, in order, when they arrive: what they say decides what is requested."""
        if task.plan != self.plan or self.prefetcher.closed:
            return
        if task.error is not None:
            self.stalled = True
            return
        self.paging.observe(task.page, task.fetched)
        for waiting in self._in_flight:
            if not waiting.judged:
                if not waiting.answered or self.halted:
                    return
                self._judge(waiting)

    def _judge(self, task: PageTask[T]) -> None:
        novelty, paging, fetched = self._novelty, self.paging, task.fetched
        ended = paging.ended
        placed = task.placed = paging.place(task.page, fetched)
        task.judged = True
        task.session = paging.session if isinstance(paging, SessionPaging) else None
        if fetched.restarted:
            novelty.restart()
        if placed.missed:
            novelty.miss()
        else:
            task.new = novelty.judge(fetched.rows, placed.skip)
        for what in paging.conclude(fetched, placed, received=novelty.rows, barren=not task.new):
            self.executor.state.drift.count(self.query.operation.name, what)
        if not novelty.barren:
            self._barren_credits = 0
        elif ended:  # requested before the last page was known
            paging.ended, novelty.barren = True, 0
        else:
            known = task.credits is not None and self._barren_credits is not None
            self._barren_credits = (self._barren_credits or 0) + (task.credits or 0) if known else None
        empty_end = not fetched.rows and paging.ended
        over = paging.ended and paging.is_complete(novelty.rows)
        over = over or (empty_end and not (self._missing and paging.is_short(novelty.rows)))
        self._missing = not task.new and (self._missing or not (empty_end or placed.missed))
        task.stalled = (novelty.stalled and not over) or paging.lost
        if task.stalled or placed.replan:
            self.halted = True
            for other in self._in_flight:
                other.withdraw()

    async def yield_to_loop(self) -> None:
        """See `Prefetcher.yield_to_loop`. A reader that is cancelled here closes the stream."""
        try:
            await self.prefetcher.yield_to_loop()
        except asyncio.CancelledError:
            self.close()
            raise

    async def next(self) -> T:
        """The next row that was not read before."""
        while True:
            if self._ended is not None:
                raise self._ended
            for row in self.rows():
                return row
            self._raise_unreadable()
            if self.limit is not None and self.rows_read >= self.limit:
                self.close()
                raise StopAsyncIteration
            if self.current is not None and self.current.stalled:
                self._ended = self._stalled_error()
                self.close()
                raise self._ended
            await self._turn_page()

    def rows(self) -> Iterator[T]:
        """Read the rest of the current page, up to a row that is unreadable."""
        current = self.current
        if current is None:
            return
        rows = current.fetched.rows
        count = len(rows)
        while current.taken < count and (self.limit is None or self.rows_read < self.limit):
            row = rows[current.taken]
            if isinstance(row, UnreadableAnswerError):
                return
            new = current.new[current.taken]
            self._advance(current, new)
            if new:
                self._recent.append(row)
                yield row
            else:
                self.duplicates += 1

    def _raise_unreadable(self) -> None:
        """Raise the next row if it is unreadable; it counts as read."""
        current = self.current
        if current is None or current.taken == len(current.fetched.rows) or self.rows_read == self.limit:
            return
        row = current.fetched.rows[current.taken]
        if isinstance(row, UnreadableAnswerError):
            self._advance(current, True)
            raise row.with_facts(cursor=self.cursor)

    def _advance(self, current: PageTask[T], new: bool) -> None:
        """Take one more row of the current page; it is read, or (not `new`) left out."""
        current.taken += 1
        self.rows_read += new
        count, placed = len(current.fetched.rows), current.placed
        position = placed.start + current.taken
        self.position = placed.end if current.taken == count or position > placed.end else position
        if current.taken == (count + 1) // 2:  # see _max_in_flight
            self.prefetcher.pump()

    async def _turn_page(self) -> None:
        """Make the next page the current one. Raises the error of its request."""
        if self._failed is not None and not self.prefetcher.closed:
            failed, self._failed, self.stalled = self._failed, None, False
            self._in_flight[0] = again = self._task(failed.page)
            self.prefetcher.start_first(again)
        task = await self.prefetcher.next()
        if task.error is not None:
            self._failed = task
            task.keep_unparsed()
            raise task.error.with_facts(cursor=self.cursor)
        self._in_flight.popleft()
        self._pages_read += self.current is not None
        self._turn_to(task)
        self.prefetcher.pump()

    def _turn_to(self, task: PageTask[T]) -> None:
        placed, count = task.placed, len(task.fetched.rows)
        if placed.missed:
            task.abandon()  # it was paid for, and has other rows
        if task.new:
            task.taken, self.session = placed.skip, task.session
        else:
            self.duplicates += count - placed.skip
            task.taken = count
        if placed.replan:
            self._in_flight.clear()
            self.plan += 1
            self.stalled, self.halted = False, task.stalled
            self.prefetcher.discard()
        self.current = task

    def _stalled_error(self) -> StreamClosedError:
        novelty, operation = self._novelty, self.query.operation
        pages = "paid pages" if operation.paid else "pages"
        why = (
            "the vendor's answers do not say how to ask for the next page"
            if self.paging.lost
            else f"the last {novelty.barren} pages brought no new row: the vendor repeats or leaves out rows"
        )
        return StreamClosedError(
            f"{operation}: {why}. {self.rows_read} rows were read and {novelty.pages} {pages} requested, "
            f"{self.duplicates} duplicates were left out, and nothing more is requested. Continue later from "
            "error.cursor; if rows are added to the query while it is read, with a larger page_size",
            operation=operation,
            charged=self._barren_credits,
            cursor=self.cursor,
        )

    @property
    def cursor(self) -> str:
        """The cursor after the last row read."""
        identity = self._identity
        ids = () if identity is None else [identity(row) for row in self._recent]
        recent = (*self._start_recent, *(digest(one) for one in ids if one is not None))[-_RECENT_ROWS:]
        return Cursor(
            query=self._fingerprint,
            offset=self.position,
            rows_read=self.rows_read,
            recent=recent,
            session=self.session,
            rest=self._rest if self.current is None else self._encoded_rest(self.current),
        ).dump()

    def _encoded_rest(self, current: PageTask[T]) -> tuple[Any, ...]:
        """The unread rows of the current page, if the cursor carries them."""
        codec = self.query.row_codec
        return () if codec is None else tuple(codec[0](row) for row in current.fetched.rows[current.taken :])

    def close(self) -> None:
        """Request no further page; paid rows that were not read become unclaimed."""
        self.prefetcher.close()
        current, self.current = self.current, None
        if current is not None and current.taken < len(current.fetched.rows):
            self._rest = self._encoded_rest(current)
            current.abandon()


def _paging(query: Query[Any], start: Cursor) -> NumberedPaging | SessionPaging:
    if query.row_codec is None:
        return NumberedPaging(rules=query.rules, size=query.size, position=start.offset, next_offset=start.offset)
    return SessionPaging(rules=query.rules, size=query.size, position=start.offset, session=start.session)
