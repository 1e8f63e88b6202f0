"""The query of a stream, and the request of one of its pages."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from .._call.call import Executor
from .._call.decode import Row
from .._prefetch import PrefetchTask, QueueStatus
from ..billing.unclaimed import CallTracker
from ..errors import LushaError
from ..operations import Operation
from .paging import FetchedPage, PageSpec, PagingRules, PlacedPage

__all__ = ["PageTask", "Query"]

T = TypeVar("T")


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


class PageTask(PrefetchTask["PageTask[T]"], Generic[T]):
    """The request of one page. Its error is kept, and raised after the rows of the pages before it.

    `on_end` is called when it is answered or has failed. An answered page is then `judged`, after those before it:
    `placed` says where its rows are, and `new` which of them are delivered (none of a barren page). `stalled`: the
    stream ends with it, in an error. `session` is the one that continues behind it.
    """

    def __init__(
        self,
        query: Query[T],
        executor: Executor,
        page: PageSpec,
        plan: int,
        on_end: Callable[["PageTask[T]"], None],
    ) -> None:
        super().__init__()
        self.page = page
        self.plan = plan
        self.fetched: FetchedPage[T] = FetchedPage(rows=())
        self.error: LushaError | None = None
        self.answered = self.judged = self.stalled = False
        self.placed = PlacedPage(skip=0, start=page.offset, end=page.offset)
        self.new: list[bool] = []
        self.session: str | None = None
        self.taken = 0
        self._query = query
        self._executor = executor
        self._on_end = on_end
        self._sent = _Sent(self.queue_status)
        self._tracker = CallTracker(self._sent)
        self._runner: asyncio.Task[Any] | None = None
        self._withdrawn = False

    async def run(self) -> "PageTask[T]":
        if self._withdrawn:
            return self
        self._runner = asyncio.current_task()
        try:
            self.fetched = await self._query.fetch(self._executor, self.page, self._tracker)
            self.answered = True
        except LushaError as error:
            self.error = error
        except asyncio.CancelledError:
            if not self._withdrawn or self._runner is None:
                raise
            self._runner.uncancel()
            return self
        finally:
            self._runner = None
        self._on_end(self)
        return self

    def withdraw(self) -> None:
        """The page will not be turned to: its request is not sent, if it still waits."""
        if not self._sent.done and not self.answered:
            self._withdrawn = True
            self._sent()
            if self._runner is not None:
                self._runner.cancel()

    @property
    def unread(self) -> int:
        """Rows that are still to be read."""
        return len(self.fetched.rows) - self.taken

    @property
    def coming(self) -> int:
        """Rows that it is expected to deliver."""
        return sum(self.new) if self.judged else self.page.rows

    @property
    def credits(self) -> int | None:
        """What its answer says it cost; None if that is unknown."""
        answer = self._tracker.answer
        return 0 if answer is None else answer.credits

    def keep_unparsed(self) -> None:
        """The error is raised: an answer that arrived with it becomes unclaimed."""
        self._tracker.keep_unparsed(self._executor.state.unclaimed)

    def abandon(self) -> None:
        rows = tuple(range(self.taken, len(self.fetched.rows))) if self.taken else None
        self._tracker.abandon(self._executor.state.unclaimed, rows)


class _Sent:
    """Whether a request was sent. Like `QueueStatus`, it holds no reference to the task."""

    __slots__ = ("_status", "done")

    def __init__(self, status: QueueStatus) -> None:
        self._status = status
        self.done = False

    def __call__(self) -> None:
        self.done = True
        self._status.sent()
