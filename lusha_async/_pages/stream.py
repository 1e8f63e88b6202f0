"""Page streams: the rows of a query with many pages, one after the other, fetched ahead and in order."""

import abc
from collections.abc import AsyncIterator, Hashable, Iterator
from typing import Generic, TypeVar

from attrs import field, frozen

from .._call.call import Executor
from .._prefetch import ClosableIterator
from ..errors import InvalidRequestError, StreamClosedError
from .reader import PageReader, Query

__all__ = ["StreamPage", "PageStream", "Query", "RowStream"]

T = TypeVar("T")


@frozen(kw_only=True)
class StreamPage(Generic[T]):
    """Some rows that came together. `cursor` is where the stream goes on after them, `total` see `RowStream`."""

    rows: tuple[T, ...] = field(repr=False)
    total: int | None
    cursor: str = field(repr=False)


class RowStream(ClosableIterator[T], Generic[T]):
    """What all streams of rows can do."""

    @property
    @abc.abstractmethod
    def cursor(self) -> str:
        """Where the stream stands, right after the last row handed out: JSON text, for the same query only."""

    @property
    @abc.abstractmethod
    def total(self) -> int | None:
        """Rows of the whole query as the vendor told last; None where that is not known (yet)."""

    @property
    @abc.abstractmethod
    def duplicates(self) -> int:
        """Rows left out because they had been handed out before."""

    @abc.abstractmethod
    def rest_of_page(self) -> Iterator[T]:
        """Hand out the rows that came with the last one and are still to be handed out. Waits for nothing."""

    @abc.abstractmethod
    def end_after(self, rows: int) -> None:
        """Hand out no more than so many further rows, and ask for no more than these need."""

    async def pages(self) -> AsyncIterator[StreamPage[T]]:
        """The rows page by page: all that are left of the current one, then each further one."""
        async for first in self:
            rows = (first, *self.rest_of_page())
            yield StreamPage(rows=rows, total=self.total, cursor=self.cursor)

    async def first(self) -> T | None:
        """The next row, or None when there is none; then the stream is closed. Asks for the smallest page."""
        self.end_after(1)
        try:
            return await self.__anext__()
        except StopAsyncIteration:
            return None
        finally:
            await self.aclose()


class PageStream(RowStream[T], Generic[T]):
    """An async iterator of the rows of a query; also usable as `async with`.

    Pages are fetched ahead in parallel and handed out in order; how far ahead follows how far you have read,
    and the limit. Leaving early, in whatever way, asks for no further page; what was not sent is taken back, and
    paid rows that were not handed out are in `client.unclaimed()`. Being cancelled while waiting for a row closes
    the stream, as with any async generator; `StreamClosedError` from then on. Meant for one task at a time.

    An error leaves the stream open: reading on asks for the failed page again. It carries the `cursor`, as the
    stream does at every row, from which a new stream of the same query goes on after the last row handed out.
    A row that cannot be read is raised in its turn, as `UnreadableAnswerError` with its JSON in `body`; it was paid
    for, and reading on goes on after it.

    The ids of the rows handed out are remembered, to know again those that shift between pages; streams that are
    given the same set as `seen` know each other's.
    """

    def __init__(
        self,
        query: Query[T],
        executor: Executor,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        dedupe: bool = True,
        seen: set[Hashable] | None = None,
    ) -> None:
        if limit is not None and (type(limit) is not int or limit < 0):
            raise InvalidRequestError("limit", "give a whole number from 0")
        shape = query.shape
        if type(query.size) is not int or not shape.smallest <= query.size <= shape.largest:
            raise InvalidRequestError("page_size", f"must be from {shape.smallest} to {shape.largest}")
        known: set[Hashable] = set() if seen is None else seen
        self._reader = PageReader(query, executor, limit=limit, cursor=cursor, dedupe=dedupe, seen=known)

    @property
    def cursor(self) -> str:
        """Where the stream stands: JSON text, accepted by the same query only.

        It holds no personal data, but for streams of lookalikes in the middle of a page: these carry the rows
        that were paid for and not handed out yet, since the vendor does not give them again; when such a stream was
        left, they are in `client.unclaimed()` as well.
        """
        return self._reader.cursor

    @property
    def total(self) -> int | None:
        """Rows of the whole query as the vendor told last; None before the first page or when it does not tell."""
        return self._reader.paging.total

    @property
    def total_is_exact(self) -> bool:
        """Whether `total` is known and not the vendor's estimate."""
        return self.total is not None and self._reader.paging.exact

    @property
    def given(self) -> int:
        """Rows handed out since the stream's beginning, whatever the cursor; unreadable ones count."""
        return self._reader.given

    @property
    def duplicates(self) -> int:
        """Rows left out because they had been handed out before: they shifted between pages."""
        return self._reader.duplicates

    async def __anext__(self) -> T:
        try:
            return await self._reader.next()
        except StreamClosedError as error:
            raise error.with_facts(cursor=self.cursor) from error.__cause__

    def rest_of_page(self) -> Iterator[T]:
        """See `RowStream.rest_of_page`."""
        return self._reader.rows()

    def end_after(self, rows: int) -> None:
        """See `RowStream.end_after`."""
        reader = self._reader
        most = reader.given + rows
        reader.limit = most if reader.limit is None else min(reader.limit, most)

    async def aclose(self) -> None:
        """Leave: see the class. Returns when none of its tasks is left."""
        self._reader.close()
        await self._reader.ahead.aclose()

    def __del__(self) -> None:
        if hasattr(self, "_reader"):
            self._reader.ahead.finalize(self._reader.close)
