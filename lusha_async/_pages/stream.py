"""Page streams: the rows of a query with many pages, in order, with pages prefetched."""

import abc
import time
from collections.abc import AsyncIterator, Hashable, Iterator
from typing import Generic, TypeVar

from attrs import field, frozen

from .._call.call import Executor
from .._params import checks
from .._prefetch import ClosableIterator
from ..errors import StreamClosedError
from .reader import PageReader, Query

__all__ = ["PageStream", "Query", "RowStream", "StreamPage"]

T = TypeVar("T")


@frozen(kw_only=True)
class StreamPage(Generic[T]):
    """The rows of one page of a stream, as `stream.pages()` returns them."""

    rows: tuple[T, ...] = field(repr=False)
    """The rows that were still to be read; at least one."""
    total: int | None
    """The stream's `total` when the page was read."""
    cursor: str = field(repr=False)
    """The stream's cursor after the last of `rows`."""


class RowStream(ClosableIterator[T], Generic[T]):
    """The interface of `PageStream` and `PartitionedStream`."""

    @property
    @abc.abstractmethod
    def cursor(self) -> str:
        """Where the stream stands, after the last row read: JSON text, which only the same query accepts."""

    @property
    @abc.abstractmethod
    def total(self) -> int | None:
        """Rows of the whole query as the vendor last reported them; None while that is unknown."""

    @property
    @abc.abstractmethod
    def rows_read(self) -> int:
        """Rows read from the stream, including those read before its cursor. Unreadable ones count."""

    @property
    @abc.abstractmethod
    def duplicates(self) -> int:
        """Rows left out because they had been read before."""

    @abc.abstractmethod
    def rest_of_page(self) -> Iterator[T]:
        """Read the rest of the current page, without requesting another one. Ends before an unreadable row."""

    @abc.abstractmethod
    def end_after(self, rows: int) -> None:
        """End the stream after at most `rows` further rows. Only the pages that these need are requested."""

    async def pages(self) -> AsyncIterator[StreamPage[T]]:
        """The rows page by page: the rest of the current page, then each further one that has rows."""
        async for first in self:
            rows = (first, *self.rest_of_page())
            yield StreamPage(rows=rows, total=self.total, cursor=self.cursor)

    async def first(self) -> T | None:
        """The next row, or None if there is none. Requests the smallest page that has it and closes the stream."""
        self.end_after(1)
        try:
            return await self.__anext__()
        except StopAsyncIteration:
            return None
        finally:
            await self.aclose()


class PageStream(RowStream[T], Generic[T]):
    """The rows of a query with many pages: an async iterator that is also an async context manager.

    Order: that of the query. Pages are prefetched in parallel; without a `limit` the first one alone, then at most as
    many as have been read, counting one that is half read.

    Errors: an error leaves the stream open, and reading on requests the failed page again. A row that cannot be read
    raises `UnreadableAnswerError` with its JSON in `body`; it was charged, and reading on continues after it.

    Progress: two pages in succession without a new row end the stream with `StreamClosedError`, after all rows before
    them; its `cursor` stands before these pages. If n pages have brought new rows, at most 2n are in flight, so that
    at most max(2, 2n) are requested in vain, and two more if the vendor uses page sizes of its own.

    Cursors: `cursor`, and the attribute `cursor` of every error, is the position after the last row read. A new
    stream of the same query continues there; pages that were prefetched are requested, and charged, again.

    Leaving early (`break`, an exception, a cancellation, `aclose()`, or dropping the stream) requests no further page.
    Requests still queued are cancelled; requests already sent run to their end in the background. Paid rows that were
    not read are in `client.unclaimed()`. A task that is cancelled while it waits for a row closes the stream; reading
    on raises `StreamClosedError`.

    Duplicates: the ids of the rows read are remembered, and rows that shifted between pages are left out, unless
    `dedupe` is False; pages that come again are left out in any case. Streams with the same set `seen` leave out each
    other's rows.

    One task reads it at a time; a second reader gets a `RuntimeError`.
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
        checks.optional_integer(limit, "limit", 0, None)
        checks.integer(query.size, "page_size", minimum=query.rules.min_size, maximum=query.rules.max_size)
        self._reader = PageReader(query, executor, limit=limit, cursor=cursor, dedupe=dedupe, seen=seen)

    @property
    def cursor(self) -> str:
        """Where the stream stands, after the last row read: JSON text, which only the same query accepts.

        It holds no personal data, except for streams of lookalikes: in the middle of a page their cursors carry the
        rows that were paid for and not read, because the vendor does not return them again. When such a stream is
        closed early, these rows are in `client.unclaimed()` as well.
        """
        return self._reader.cursor

    @property
    def total(self) -> int | None:
        """Rows of the whole query as the vendor last reported them; None before the first page or if not reported."""
        return self._reader.paging.total

    @property
    def total_is_exact(self) -> bool:
        """Whether `total` is known, not the vendor's estimate, and not contradicted by its pages."""
        return self.total is not None and self._reader.paging.exact

    @property
    def rows_read(self) -> int:
        """Rows read from the stream, including those read before its cursor. Unreadable ones count."""
        return self._reader.rows_read

    @property
    def duplicates(self) -> int:
        """Rows left out because they had been read before: they shifted between pages, or whole pages came again."""
        return self._reader.duplicates

    async def __anext__(self) -> T:
        reader = self._reader
        try:
            if time.monotonic() >= reader.prefetcher.yield_at:
                await reader.yield_to_loop()
            return await reader.next()
        except StopAsyncIteration:
            self._ended = True
            raise
        except StreamClosedError as error:
            raise error.with_facts(cursor=self.cursor) from error.__cause__

    def rest_of_page(self) -> Iterator[T]:
        """See `RowStream.rest_of_page`."""
        return self._reader.rows()

    def end_after(self, rows: int) -> None:
        """See `RowStream.end_after`."""
        reader = self._reader
        limit = reader.rows_read + rows
        reader.limit = limit if reader.limit is None else min(reader.limit, limit)

    async def aclose(self) -> None:
        """Close the stream (see the class) and wait until none of its tasks runs. Idempotent."""
        self._reader.close()
        await self._reader.prefetcher.aclose()

    def __del__(self) -> None:
        if hasattr(self, "_reader"):
            self._reader.prefetcher.finalize(self._reader.close)
