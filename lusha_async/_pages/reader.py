"""Reading one query page by page: which pages are in flight, which row is next, and the cursor."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from .._call.call import Executor
from .._call.decode import Row
from .._prefetch import Prefetcher, PrefetchTask
from ..billing.unclaimed import CallTracker
from ..errors import LushaError, UnreadableAnswerError
from ..governor import Lane
from ..operations import Operation
from .cursor import Cursor, digest, fingerprint
from .paging import FetchedPage, NumberedPaging, PageSpec, PagingRules, SessionPaging

__all__ = ["PageReader", "Query"]

T = TypeVar("T")

_RECENT_ROWS = 100  # rows whose digests a cursor carries


@frozen(kw_only=True)
class Query(Generic[T]):
    """The query of a stream.

    `params` are the filters and options of the query, which its cursors are bound to. `fetch` requests one page; a row
    that cannot be read is its error. Rows with an equal `identity` are the same row (None: rows are never compared).
    `row_codec` converts a row to JSON and back, for an operation with a dedupe session (see `SessionPaging`), whose
    cursor carries the rows that were fetched and not read.
    """

    operation: Operation
    rules: PagingRules
    size: int
    params: Mapping[str, Any] = field(repr=False)
    fetch: Callable[[Executor, PageSpec, CallTracker], Awaitable[FetchedPage[T]]]
    identity: Callable[[T], Hashable | None] | None = None
    row_codec: tuple[Callable[[Row[T]], Any], Callable[[Any], Row[T]]] | None = None


class _PageTask(PrefetchTask["_PageTask[T]"], Generic[T]):
    """The request of one page. Its error is kept, and raised after the rows of the pages before it."""

    def __init__(self, reader: "PageReader[T]", page: PageSpec) -> None:
        super().__init__()
        self.page = page
        self.fetched: FetchedPage[T] = FetchedPage(rows=())
        self.error: LushaError | None = None
        self.start = self.end = self.taken = 0
        self._reader = reader
        self._plan = reader.plan
        self._tracker = CallTracker(self.queue_status.sent)

    async def run(self) -> "_PageTask[T]":
        reader = self._reader
        try:
            self.fetched = await reader.query.fetch(reader.executor, self.page, self._tracker)
        except LushaError as error:
            self.error = error
            if self._plan == reader.plan:
                reader.stalled = True
        else:
            reader.paging.observe(self.page, self.fetched)
        return self

    def keep_unparsed(self) -> None:
        """The error is raised: an answer that arrived with it becomes unclaimed."""
        self._tracker.keep_unparsed(self._reader.executor.state.unclaimed)

    def abandon(self) -> None:
        rows = tuple(range(self.taken, len(self.fetched.rows))) if self.taken else None
        self._tracker.abandon(self._reader.executor.state.unclaimed, rows)


class PageReader(Generic[T]):
    """The state of one stream. Holds no reference to the public iterator, so that an abandoned one is collected.

    `rows_read` counts the rows read, unreadable ones included; `limit` is its maximum. After a page has failed the
    reader is `stalled`: no page is requested until that one is requested again.
    """

    def __init__(
        self,
        query: Query[T],
        executor: Executor,
        *,
        limit: int | None,
        cursor: str | None,
        dedupe: bool,
        seen: set[Hashable],
    ) -> None:
        self.query = query
        self.executor = executor.view(lane=executor.options.lane or Lane.BULK)
        self._fingerprint = fingerprint(query.operation, query.params)
        start = Cursor(query=self._fingerprint) if cursor is None else Cursor.load(cursor, self._fingerprint)
        self.paging = _paging(query, start)
        self.limit = limit
        self.rows_read = start.rows_read
        self.duplicates = 0
        self.stalled = False
        self.plan = 0  # counts how often the pages in flight were discarded and planned again
        self.current: _PageTask[T] | None = None
        self._pages_read = 0
        self._failed: _PageTask[T] | None = None
        self._in_flight: deque[PageSpec] = deque()
        self._identity = query.identity if dedupe else None
        self._seen = seen
        self._recent: deque[Hashable] = deque(maxlen=_RECENT_ROWS)
        self._start_recent = start.recent
        self._start_digests = frozenset(start.recent)
        self._rest: tuple[Any, ...] = ()
        self.prefetcher: Prefetcher[_PageTask[T]] = Prefetcher(self._next_task, self._exhausted)
        if query.row_codec is not None and start.rest:
            self.current = self._restored(query.row_codec[1], start)

    def _restored(self, load: Callable[[Any], Row[T]], start: Cursor) -> "_PageTask[T]":
        """The page whose last rows the cursor carries."""
        rows = [load(row) for row in start.rest]
        size = len(rows)
        task = _PageTask(self, PageSpec(offset=start.offset, size=size, rows=size))
        task.fetched = FetchedPage(rows=rows, size=size)
        task.start, task.end = start.offset, start.offset + size
        return task

    def _next_task(self) -> "_PageTask[T] | None":
        in_flight = len(self._in_flight)
        if self.stalled or (self.limit is None and in_flight >= self._max_in_flight()):
            return None
        page = self.paging.next_page(self._wanted(), in_flight=in_flight > 0 or self._unread() > 0)
        if page is None:
            return None
        self._in_flight.append(page)
        return _PageTask(self, page)

    def _wanted(self) -> int | None:
        """The rows still to be requested; None without a limit."""
        if self.limit is None:
            return None
        coming = self._unread() + sum(page.rows for page in self._in_flight)
        return self.limit - self.rows_read - coming

    def _unread(self) -> int:
        """The rows of the current page that are still to be read."""
        return 0 if self.current is None else len(self.current.fetched.rows) - self.current.taken

    def _max_in_flight(self) -> int:
        """Pages in flight without a limit: as many as were read, counting a page that is half read."""
        current = self.current
        half_read = current is None or current.taken * 2 >= len(current.fetched.rows)
        return self._pages_read + half_read

    def _exhausted(self) -> bool:
        return not self.stalled

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
            for row in self.rows():
                return row
            self._raise_unreadable()
            if self.limit is not None and self.rows_read >= self.limit:
                self.close()
                raise StopAsyncIteration
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
            new = self._is_new(row)
            self._advance(current, new)
            if new:
                yield row

    def _raise_unreadable(self) -> None:
        """Raise the next row if it is unreadable; it counts as read."""
        current = self.current
        if current is None or current.taken == len(current.fetched.rows) or self.rows_read == self.limit:
            return
        row = current.fetched.rows[current.taken]
        if isinstance(row, UnreadableAnswerError):
            self._advance(current, True)
            raise row.with_facts(cursor=self.cursor)

    def _advance(self, current: "_PageTask[T]", new: bool) -> None:
        """Take one more row of the current page; it is read, or (not `new`) left out."""
        current.taken += 1
        self.rows_read += new
        count = len(current.fetched.rows)
        self.paging.position = current.end if current.taken == count else current.start + current.taken
        if current.taken == (count + 1) // 2:  # see _max_in_flight
            self.prefetcher.pump()

    def _is_new(self, row: T) -> bool:
        identity = None if self._identity is None else self._identity(row)
        if identity is None:
            return True
        if identity in self._seen or (self._start_digests and digest(identity) in self._start_digests):
            self.duplicates += 1
            return False
        self._seen.add(identity)
        self._recent.append(identity)
        return True

    async def _turn_page(self) -> None:
        """Make the next page the current one. Raises the error of its request."""
        if self._failed is not None and not self.prefetcher.closed:
            failed, self._failed, self.stalled = self._failed, None, False
            self.prefetcher.start_first(_PageTask(self, failed.page))
        task = await self.prefetcher.next()
        if task.error is not None:
            self._failed = task
            task.keep_unparsed()
            raise task.error.with_facts(cursor=self.cursor)
        self._in_flight.popleft()
        self._pages_read += self.current is not None
        rows = task.fetched.rows
        accepted = self.paging.accept(task.page, task.fetched)
        task.start, task.end, task.taken = accepted.start, accepted.end, min(accepted.skip, len(rows))
        if accepted.replan:
            self._in_flight.clear()
            self.plan += 1
            self.stalled = False
            self.prefetcher.discard()
        if task.taken == len(rows):
            self.paging.position = max(self.paging.position, task.end)
        self.current = task
        self.prefetcher.pump()

    @property
    def cursor(self) -> str:
        """The cursor after the last row read."""
        recent = (*self._start_recent, *(digest(identity) for identity in self._recent))[-_RECENT_ROWS:]
        return Cursor(
            query=self._fingerprint,
            offset=self.paging.position,
            rows_read=self.rows_read,
            recent=recent,
            session=self.paging.session if isinstance(self.paging, SessionPaging) else None,
            rest=self._rest if self.current is None else self._encoded_rest(self.current),
        ).dump()

    def _encoded_rest(self, current: "_PageTask[T]") -> tuple[Any, ...]:
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
