"""Queries of page streams, for the ways in which the vendor pages."""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, TypedDict, TypeVar

from .._call.call import APIResponse, Executor
from .._call.decode import Row, read, read_now, results
from .._json import as_object
from .._pages.paging import FetchedPage, PageSpec, PagingRules
from .._pages.partition import PartitionedStream, split
from .._pages.stream import PageStream, Query
from .._params import encode
from .._quote import price_of_rows
from ..billing.unclaimed import CallTracker
from ..errors import SessionExpiredError, UnreadableAnswerError
from ..models._codec.structure import structure, unstructure
from ..models.common import Pagination
from ..models.filters import ProspectingFilters
from ..models.model import Model
from ..operations import Operation

__all__ = ["StreamOptions", "by_id", "numbered", "pagination", "pagination_of", "session", "union"]

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class StreamOptions(TypedDict, total=False):
    """How a page stream is read.

    - `limit`: the most rows, counted from the stream's beginning, whatever the cursor. No page is asked for that
      the limit does not need, and the last ones are as small as it allows.
    - `cursor`: where to go on: a `stream.cursor` of the same query.
    - `dedupe`: rows that shifted between pages and were handed out before are left out (the default).
    """

    limit: int | None
    cursor: str | None
    dedupe: bool


def by_id(row: Any) -> Hashable | None:
    """What makes two rows the same one."""
    identity: Hashable | None = row.id
    return identity


def numbered(
    operation: Operation,
    shape: PagingRules,
    template: Mapping[str, Any],
    model: type[M],
    *,
    size: int,
    identity: Callable[[M], Hashable | None] = by_id,
) -> Query[M]:
    """A query whose body is `template` with the `pagination` of each page; each result is a `model`."""
    asks = {name: value for name, value in template.items() if name != "pagination"}

    async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[M]:
        body = {"pagination": {"page": page.number, "size": page.size}, **asks}
        reply = await executor.call(operation, body=body, tracker=tracker)
        return pagination_of(await read(results(reply), model, reply), pagination(reply))

    return Query(operation=operation, rules=shape, size=size, params=asks, fetch=fetch, identity=identity)


def pagination(reply: APIResponse) -> Pagination:
    """What the answer tells of its page."""
    try:
        return structure(as_object(as_object(reply.payload).get("pagination")), Pagination, notice=reply.notice)
    except UnreadableAnswerError as error:
        error.operation = reply.operation
        raise


def pagination_of(rows: Sequence[Row[T]], told: Pagination | None) -> FetchedPage[T]:
    """Rows with what the answer told of their page."""
    if told is None:
        return FetchedPage(rows=rows)
    return FetchedPage(rows=rows, size=told.size, total=told.total, exact=told.total_guaranteed is not False)


def session(
    operation: Operation, asks: Mapping[str, Any], model: type[M], *, size: int, restart: bool
) -> Query[M]:
    """A query of lookalikes: each page follows from the one before, by the vendor's dedupe session.

    With `restart` an expired session is followed by a new one.
    """

    async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[M]:
        body = {**asks, "limit": page.size, "dedupeSessionId": page.session}
        try:
            reply = await executor.call(operation, body=body, tracker=tracker)
        except SessionExpiredError:
            if not restart:
                raise
            reply = await executor.call(operation, body={**body, "dedupeSessionId": None}, tracker=tracker)
        told = as_object(reply.payload)
        more, name = as_object(told.get("meta")).get("hasMore"), told.get("dedupeSessionId")
        return FetchedPage(
            rows=await read(results(reply), model, reply),
            has_more=more if isinstance(more, bool) else None,
            session=name if isinstance(name, str) else None,
        )

    return Query(
        operation=operation,
        rules=PagingRules(min_size=1, max_size=100, numbered=False),
        size=size,
        params=asks,
        fetch=fetch,
        identity=by_id,
        row_codec=(_stored, lambda row: read_now([row], model, operation)[0]),
    )


def _stored(row: Row[Any]) -> Any:
    return json.loads(row.body) if isinstance(row, UnreadableAnswerError) else unstructure(row)


def union(
    executor: Executor,
    query: Callable[[Mapping[str, Any]], Query[T]],
    filters: Any,
    partition_by: Mapping[str, Sequence[Any]],
    *,
    limit: int | None = None,
    cursor: str | None = None,
    dedupe: bool = True,
) -> PartitionedStream[T]:
    """The union of what `query` finds with the filters of each part."""
    parts = split(encode.wire_mapping(ProspectingFilters, filters, "filters"), partition_by)
    first = query(parts[0])

    def open_part(part: Mapping[str, Any], at: str | None, seen: set[Hashable]) -> PageStream[T]:
        return PageStream(query(part), executor, cursor=at, dedupe=dedupe, seen=seen)

    return PartitionedStream(
        first.operation,
        parts,
        open_part,
        partial(price_of_rows, executor, first.operation, first.size),
        max_rows=first.rules.max_rows or 0,
        params=first.params,
        limit=limit,
        cursor=cursor,
    )
