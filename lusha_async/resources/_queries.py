"""Operations that return pages: single pages and streams."""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from attrs import frozen

from .._call.call import APIResponse, Executor
from .._call.decode import Row, envelope, read, read_now, results, unreadable
from .._json import as_object
from .._pages.paging import FetchedPage, PageSpec, PagingRules
from .._pages.partition import PartitionedStream, split
from .._pages.stream import PageStream, Query
from .._params import checks, encode
from .._quote import price_of_rows
from ..billing.unclaimed import CallTracker
from ..errors import SessionExpiredError, UnreadableAnswerError
from ..models._codec.structure import structure, unstructure
from ..models.common import Page, Pagination
from ..models.filters import ProspectingFilters
from ..models.lookalikes import LookalikeResults
from ..models.model import Model
from ..operations import Operation

__all__ = ["PagedEndpoint", "SessionEndpoint", "StreamOptions", "by_id", "pagination", "pagination_of"]

M = TypeVar("M", bound=Model)
T = TypeVar("T")

_SESSION = PagingRules(min_size=1, max_size=100, numbered=False)


class StreamOptions(TypedDict, total=False):
    """How a stream is read. An invalid value raises `InvalidRequestError` when the method is called.

    - `limit`: the maximum number of rows in all, from 0, including those read before `cursor`. The stream requests no
      page that the limit does not need, and the smallest last pages that reach it. None (the default): all rows.
    - `cursor`: the `cursor` of an earlier stream of the same query, from which this one continues. One of another
      query, or one that was changed, raises `CursorError`.
    - `dedupe`: True (the default) leaves out rows that were yielded before and moved to a later page since; False only
      leaves out whole pages that come again.
    """

    limit: int | None
    cursor: str | None
    dedupe: bool


def by_id(row: Any) -> Hashable | None:
    """What identifies a row."""
    identity: Hashable | None = row.id
    return identity


@frozen(kw_only=True)
class PagedEndpoint(Generic[M]):
    """An operation with numbered pages. In every method, `body` is the request body without `pagination`.

    `row` and `response` are the models of a row and of a page, `rules` the bounds of pages, and `identity` what
    identifies a row.
    """

    operation: Operation
    row: type[M]
    response: type[Page[M]]
    rules: PagingRules
    identity: Callable[[M], Hashable | None] = by_id

    async def page(self, executor: Executor, body: Mapping[str, Any], page: int, page_size: int) -> Page[M]:
        """One page."""
        rules = self.rules
        pagination = checks.page(
            page, page_size, minimum=rules.min_size, maximum=rules.max_size, last=rules.last_page
        )
        response = await executor.call(self.operation, body={**body, "pagination": pagination})
        return envelope(response, self.response)

    def stream(
        self, executor: Executor, body: Mapping[str, Any], page_size: int, **options: Unpack[StreamOptions]
    ) -> PageStream[M]:
        """All rows."""
        return PageStream(self._query(body, page_size), executor, **options)

    def partitioned(
        self,
        executor: Executor,
        body: Callable[[Mapping[str, Any]], Mapping[str, Any]],
        page_size: int,
        *,
        filters: ProspectingFilters | Mapping[str, Any],
        partition_by: Mapping[str, Sequence[Any]],
        limit: int | None = None,
        cursor: str | None = None,
        dedupe: bool = True,
    ) -> PartitionedStream[M]:
        """All rows of all partitions of `filters`; `body` makes the request body from the filters of one."""
        partitions = split(encode.wire_mapping(ProspectingFilters, filters, "filters"), partition_by)
        first = self._query(body(partitions[0]), page_size)

        def open_partition(criteria: Mapping[str, Any], cursor: str | None, seen: set[Hashable]) -> PageStream[M]:
            return PageStream(
                self._query(body(criteria), page_size), executor, cursor=cursor, dedupe=dedupe, seen=seen
            )

        return PartitionedStream(
            self.operation,
            partitions,
            open_partition,
            partial(price_of_rows, executor, self.operation, page_size),
            max_rows=self.rules.max_rows or 0,
            params=first.params,
            limit=limit,
            cursor=cursor,
        )

    def _query(self, body: Mapping[str, Any], page_size: int) -> Query[M]:
        async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[M]:
            numbered = {"pagination": {"page": page.number, "size": page.size}, **body}
            response = await executor.call(self.operation, body=numbered, tracker=tracker)
            return pagination_of(await read(results(response), self.row, response), pagination(response))

        return Query(
            operation=self.operation,
            rules=self.rules,
            size=checks.integer(page_size, "page_size", minimum=self.rules.min_size, maximum=self.rules.max_size),
            params=body,
            fetch=fetch,
            identity=self.identity,
        )


@frozen(kw_only=True)
class SessionEndpoint(Generic[M]):
    """The lookalikes: each page of up to 100 rows continues a dedupe session.

    `row` and `response` are the models of a row and of a page. In every method, `body` is the request body without
    `limit`.
    """

    operation: Operation
    row: type[M]
    response: type[LookalikeResults[M]]

    async def page(self, executor: Executor, body: Mapping[str, Any], page_size: int) -> LookalikeResults[M]:
        """One page."""
        limit = checks.integer(page_size, "page_size", minimum=_SESSION.min_size, maximum=_SESSION.max_size)
        response = await executor.call(self.operation, body={**body, "limit": limit})
        return envelope(response, self.response)

    def stream(
        self,
        executor: Executor,
        body: Mapping[str, Any],
        page_size: int,
        *,
        restart: bool,
        **options: Unpack[StreamOptions],
    ) -> PageStream[M]:
        """All rows of a session, and with `restart` those of a new one when it has expired."""

        async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[M]:
            request = {**body, "limit": page.size, "dedupeSessionId": page.session}
            restarted = False
            try:
                response = await executor.call(self.operation, body=request, tracker=tracker)
            except SessionExpiredError:
                if not restart:
                    raise
                request["dedupeSessionId"], restarted = None, True
                response = await executor.call(self.operation, body=request, tracker=tracker)
            payload = as_object(response.payload)
            more, session = as_object(payload.get("meta")).get("hasMore"), payload.get("dedupeSessionId")
            return FetchedPage(
                rows=await read(results(response), self.row, response),
                has_more=more if isinstance(more, bool) else None,
                session=session if isinstance(session, str) else None,
                restarted=restarted,
            )

        query = Query(
            operation=self.operation,
            rules=_SESSION,
            size=page_size,
            params={**body, "limit": 25},  # stored cursors have it in their fingerprint, whatever the page size
            fetch=fetch,
            identity=by_id,
            row_codec=(_stored, lambda row: read_now([row], self.row, self.operation)[0]),
        )
        return PageStream(query, executor, **options)


def _stored(row: Row[Any]) -> Any:
    return json.loads(row.body) if isinstance(row, UnreadableAnswerError) else unstructure(row)


def pagination(response: APIResponse) -> Pagination:
    """What a response states of its page. Raises `UnreadableAnswerError`."""
    try:
        stated = as_object(as_object(response.payload).get("pagination"))
        return structure(stated, Pagination, on_drift=response.on_drift)
    except UnreadableAnswerError as error:
        raise unreadable(error.problem, response) from None


def pagination_of(rows: Sequence[Row[T]], stated: Pagination | None) -> FetchedPage[T]:
    """Rows with what their response states of the page."""
    if stated is None:
        return FetchedPage(rows=rows)
    return FetchedPage(rows=rows, size=stated.size, total=stated.total, exact=stated.total_guaranteed is not False)
