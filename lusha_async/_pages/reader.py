"""One query being paged through: which pages are under way, which row comes next, where a cursor stands."""

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

_RECENT = 100  # rows whose digests a cursor carries


@frozen(kw_only=True)
class Query(Generic[T]):
    """What a stream pages through.

    `fetch` asks for one page over a executor; a row that cannot be read is its error. `asks` are the filters and
    options that make up the query (for the cursor), `identity` tells when two rows are the same one (None: rows
    are never compared). `stored` makes a row JSON and back, for an operation whose every page follows from the
    one before (see `SessionPaging`): its cursor has to carry the rows that were fetched and not handed out.
    """

    operation: Operation
    shape: PagingRules
    size: int
    asks: Mapping[str, Any] = field(repr=False)
    fetch: Callable[[Executor, PageSpec, CallTracker], Awaitable[FetchedPage[T]]]
    identity: Callable[[T], Hashable | None] | None = None
    stored: tuple[Callable[[Row[T]], Any], Callable[[Any], Row[T]]] | None = None


class _PageTask(PrefetchTask["_PageTask[T]"], Generic[T]):
    """One page on its way. An error is kept, to be raised when the page's turn comes."""

    def __init__(self, run: "PageReader[T]", page: PageSpec) -> None:
        super().__init__()
        self.page = page
        self.fetched: FetchedPage[T] = FetchedPage(rows=())
        self.error: LushaError | None = None
        self.start = self.end = self.taken = 0
        self._run = run
        self._generation = run.generation
        self._tracker = CallTracker(self.turn.sent)

    async def run(self) -> "_PageTask[T]":
        run = self._run
        try:
            self.fetched = await run.query.fetch(run.executor, self.page, self._tracker)
        except LushaError as error:
            self.error = error
            if self._generation == run.generation:
                run.halted = True
        else:
            run.paging.saw(self.page, self.fetched)
        return self

    def misread(self) -> None:
        """Its error is raised: see `CallTracker.keep_unparsed`."""
        self._tracker.keep_unparsed(self._run.executor.state.unclaimed)

    def abandon(self) -> None:
        rows = tuple(range(self.taken, len(self.fetched.rows))) if self.taken else None
        self._tracker.abandon(self._run.executor.state.unclaimed, rows)


class PageReader(Generic[T]):
    """The state of one stream; knows nothing of the iterator in front of it, so that this can be collected."""

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
        self.mark = fingerprint(query.operation, query.asks)
        began = Cursor(query=self.mark) if cursor is None else Cursor.load(cursor, self.mark)
        self.paging = _paging(query, began)
        self.limit = limit
        self.given = began.given
        self.duplicates = 0
        self.halted = False
        self.generation = 0
        self.job: _PageTask[T] | None = None
        self._pages_read = 0
        self._failed: _PageTask[T] | None = None
        self._asked: deque[PageSpec] = deque()
        self._identity = query.identity if dedupe else None
        self._seen = seen
        self._earlier = frozenset(began.recent)
        self._recent: deque[Hashable] = deque(maxlen=_RECENT)
        self._earlier_recent = began.recent
        self._rest: tuple[Any, ...] = ()
        self.ahead: Prefetcher[_PageTask[T]] = Prefetcher(self._begin, self._ended)
        if query.stored is not None and began.rest:
            self.job = self._restored(query.stored[1], began)

    def _restored(self, load: Callable[[Any], Row[T]], began: Cursor) -> "_PageTask[T]":
        """The page whose last rows the cursor carries."""
        rows = [load(row) for row in began.rest]
        size = len(rows)
        job = _PageTask(self, PageSpec(offset=began.offset, size=size, rows=size))
        job.fetched = FetchedPage(rows=rows, size=size)
        job.start, job.end = began.offset, began.offset + size
        return job

    def _begin(self) -> "_PageTask[T] | None":
        under_way = len(self._asked)
        if self.halted or (self.limit is None and under_way >= self._shown_interest()):
            return None
        page = self.paging.ask(self._want(), alone=under_way == 0 and self._read_out())
        if page is None:
            return None
        self._asked.append(page)
        return _PageTask(self, page)

    def _want(self) -> int | None:
        """Rows that are still to be asked for; None without a limit."""
        if self.limit is None:
            return None
        coming = sum(page.rows for page in self._asked)
        if self.job is not None:
            coming += len(self.job.fetched.rows) - self.job.taken
        return self.limit - self.given - coming

    def _shown_interest(self) -> int:
        """Pages that may be under way without a limit: as many as were read, a page half read counting as one."""
        job = self.job
        half = job is None or job.taken * 2 >= len(job.fetched.rows)
        return self._pages_read + half

    def _read_out(self) -> bool:
        return self.job is None or self.job.taken == len(self.job.fetched.rows)

    def _ended(self) -> bool:
        return not self.halted

    async def next(self) -> T:
        """The next row that was not handed out before."""
        while True:
            for row in self.rows():
                return row
            self._raise_unreadable()
            if self.limit is not None and self.given >= self.limit:
                self.close()
                raise StopAsyncIteration
            await self._turn()

    def rows(self) -> Iterator[T]:
        """The rows of the current page that are still to be handed out; it ends before one that is unreadable."""
        job = self.job
        if job is None:
            return
        rows = job.fetched.rows
        count = len(rows)
        while job.taken < count and (self.limit is None or self.given < self.limit):
            row = rows[job.taken]
            if isinstance(row, UnreadableAnswerError):
                return
            new = self._is_new(row)
            self._advance(job, new)
            if new:
                yield row

    def _raise_unreadable(self) -> None:
        """Raise the row that comes next if it could not be read; it counts as handed out."""
        job = self.job
        if job is None or job.taken == len(job.fetched.rows) or self.given == self.limit:
            return
        row = job.fetched.rows[job.taken]
        if isinstance(row, UnreadableAnswerError):
            self._advance(job, True)
            raise row.with_facts(cursor=self.cursor)

    def _advance(self, job: "_PageTask[T]", new: bool) -> None:
        """One more row of the current page is handed out, or (not `new`) left out."""
        job.taken += 1
        self.given += new
        count = len(job.fetched.rows)
        self.paging.position = job.end if job.taken == count else job.start + job.taken
        if job.taken == (count + 1) // 2:  # half of a page read shows interest in another one
            self.ahead.pump()

    def _is_new(self, row: T) -> bool:
        identity = None if self._identity is None else self._identity(row)
        if identity is None:
            return True
        if identity in self._seen or (self._earlier and digest(identity) in self._earlier):
            self.duplicates += 1
            return False
        self._seen.add(identity)
        self._recent.append(identity)
        return True

    async def _turn(self) -> None:
        """Make the next page the current one."""
        if self._failed is not None and not self.ahead.closed:
            job, self._failed, self.halted = self._failed, None, False
            self.ahead.again(_PageTask(self, job.page))
        job = await self.ahead.next()
        if job.error is not None:
            self._failed = job
            job.misread()
            raise job.error.with_facts(cursor=self.cursor)
        self._asked.popleft()
        self._pages_read += self.job is not None
        accepted = self.paging.accept(job.page, job.fetched)
        job.start, job.end, job.taken = accepted.start, accepted.end, min(accepted.skip, len(job.fetched.rows))
        if accepted.replan:
            self._asked.clear()
            self.generation += 1
            self.halted = False
            self.ahead.drop()
        if job.taken == len(job.fetched.rows):
            self.paging.position = max(self.paging.position, job.end)
        self.job = job
        self.ahead.pump()

    @property
    def cursor(self) -> str:
        """Where it stands, right after the last row handed out."""
        recent = (*self._earlier_recent, *(digest(identity) for identity in self._recent))[-_RECENT:]
        return Cursor(
            query=self.mark,
            offset=self.paging.position,
            given=self.given,
            recent=recent,
            session=self.paging.session if isinstance(self.paging, SessionPaging) else None,
            rest=self._rest if self.job is None else self._stored_rest(self.job),
        ).dump()

    def _stored_rest(self, job: "_PageTask[T]") -> tuple[Any, ...]:
        """What the cursor has to carry of the current page."""
        stored = self.query.stored
        return () if stored is None else tuple(stored[0](row) for row in job.fetched.rows[job.taken :])

    def close(self) -> None:
        """Ask for nothing more; paid rows that were not handed out go to unclaimed."""
        self.ahead.close()
        job, self.job = self.job, None
        if job is not None and job.taken < len(job.fetched.rows):
            self._rest = self._stored_rest(job)
            job.abandon()


def _paging(query: Query[Any], began: Cursor) -> NumberedPaging | SessionPaging:
    if query.stored is None:
        return NumberedPaging(shape=query.shape, size=query.size, position=began.offset, next=began.offset)
    return SessionPaging(shape=query.shape, size=query.size, position=began.offset, session=began.session)
