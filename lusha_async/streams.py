"""Page streams: the rows of a query with many pages, one after the other, fetched ahead and in order."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from attrs import field, frozen

from .errors import InvalidRequestError, StreamClosedError
from .page_reader import PageReader, Query
from .pipeline import Pipeline

__all__ = ["Page", "PageStream", "Query"]

T = TypeVar("T")


@frozen(kw_only=True)
class Page(Generic[T]):
    """Some rows that came together. `cursor` is where the stream goes on after them, `total` see `PageStream`."""

    rows: tuple[T, ...] = field(repr=False)
    total: int | None
    cursor: str = field(repr=False)


class PageStream(AsyncIterator[T], Generic[T]):
    """An async iterator of the rows of a query; also usable as `async with`.

    Pages are fetched ahead in parallel and handed out in order; how far ahead follows how far you have read,
    and the limit. Leaving early, in whatever way, asks for no further page; what was not sent is taken back, and
    paid rows that were not handed out are in `client.unclaimed()`. Being cancelled while waiting for a row closes
    the stream, as with any async generator; `StreamClosedError` from then on. Meant for one task at a time.

    An error leaves the stream open: reading on asks for the failed page again. It carries the `cursor`, as the
    stream does at every row, from which a new stream of the same query goes on after the last row handed out.
    """

    def __init__(
        self,
        query: Query[T],
        pipeline: Pipeline,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        dedupe: bool = True,
    ) -> None:
        if limit is not None and limit < 0:
            raise InvalidRequestError("limit", "must not be negative")
        shape = query.shape
        if not shape.smallest <= query.size <= shape.largest:
            raise InvalidRequestError("page_size", f"must be from {shape.smallest} to {shape.largest}")
        self._reader = PageReader(query, pipeline, limit=limit, cursor=cursor, dedupe=dedupe)

    @property
    def cursor(self) -> str:
        """Where the stream stands: JSON text, accepted by the same query only.

        It holds no personal data, but for streams of lookalikes in the middle of a page: these carry the rows
        that were paid for and not handed out yet, since the vendor does not give them again.
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
    def duplicates(self) -> int:
        """Rows left out because they had been handed out before: they shifted between pages."""
        return self._reader.duplicates

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            return await self._reader.next()
        except StreamClosedError as error:
            error.cursor = self.cursor
            raise

    async def pages(self) -> AsyncIterator[Page[T]]:
        """The rows page by page: all that are left of the current one, then each further one."""
        async for first in self:
            rows = (first, *self._reader.rows())
            yield Page(rows=rows, total=self.total, cursor=self.cursor)

    async def first(self) -> T | None:
        """The next row, or None when there is none; then the stream is closed. Asks for the smallest page."""
        reader = self._reader
        reader.limit = reader.given + 1 if reader.limit is None else min(reader.limit, reader.given + 1)
        try:
            return await self.__anext__()
        except StopAsyncIteration:
            return None
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Leave: see the class. Returns when none of its tasks is left."""
        self._reader.close()
        await self._reader.ahead.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if hasattr(self, "_reader"):
            self._reader.ahead.finalize(self._reader.close)
