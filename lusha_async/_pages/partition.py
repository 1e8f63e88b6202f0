"""A query with more rows than can be reached, split by filters into disjoint queries that are read as one stream."""

import itertools
import json
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Generic, TypeVar, cast

from attrs import frozen

from .._json import as_count, as_object
from .._params import checks
from ..billing import Cost
from ..errors import CursorError, InvalidRequestError, LushaError
from ..operations import Operation
from .cursor import fingerprint
from .stream import PageStream, RowStream

__all__ = ["Partition", "PartitionedStream", "split"]

T = TypeVar("T")

_VERSION = 1


@frozen(kw_only=True)
class Partition:
    """One of the queries of a `PartitionedStream`."""

    filters: Mapping[str, Any]
    """The filters of the query."""
    total: int | None
    """Its rows; None if the vendor does not report them."""
    reachable: bool
    """Whether all its rows can be reached. If not, split it further."""
    cost: Cost
    """The price of reading all rows that can be reached."""


def split(filters: Mapping[str, Any], by: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """The filters of each partition: `filters` with each combination of the values in `by`.

    The keys of `by` are paths such as `contacts.include.seniorityIds`. Raises `InvalidRequestError` if `filters` has a
    value at one of them, since the union of the partitions would not be the query.
    """
    paths: Any = by
    if not isinstance(paths, Mapping) or not all(
        isinstance(path, str) for path in cast(Mapping[object, Any], paths)
    ):
        raise InvalidRequestError("partition_by", "must be a mapping of paths to lists of values")
    for values in cast(Iterable[object], paths.values()):
        if isinstance(values, str | bytes) or not isinstance(values, Sequence):
            raise InvalidRequestError("partition_by", "each path must have a list, with one value per partition")
    if not by or not all(by.values()):
        raise InvalidRequestError("partition_by", "must have at least one path, each with at least one value")
    for path in by:
        if _get(filters, path.split(".")) is not None:
            raise InvalidRequestError("partition_by", f"the filters already have a value at {path}")
    partitions: list[dict[str, Any]] = []
    for values in itertools.product(*by.values()):
        partition = deepcopy(dict(filters))
        for path, value in zip(by, values, strict=True):
            _set(partition, path.split("."), value)
        partitions.append(partition)
    return partitions


def _get(filters: Any, path: Sequence[str]) -> Any:
    for name in path:
        filters = as_object(filters).get(name)
    return filters


def _set(filters: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        filters = filters.setdefault(name, {})
        if not isinstance(cast(Any, filters), dict):
            raise InvalidRequestError("partition_by", f"{name} is not an object, so no path can go through it")
    filters[path[-1]] = value


class PartitionedStream(RowStream[T], Generic[T]):
    """The rows of several queries, one query after the other, as one stream. Otherwise like `PageStream`.

    A row that several partitions have is read once, and does not count towards the limit again; a stream that
    continues from a cursor does not know the rows of the partitions before it. A cursor is bound to the filters, the
    options and the partitions.
    """

    def __init__(
        self,
        operation: Operation,
        partitions: Sequence[Mapping[str, Any]],
        open_partition: Callable[[Mapping[str, Any], str | None, set[Hashable]], PageStream[T]],
        price_partition: Callable[[Mapping[str, Any], int], Awaitable[Cost]],
        *,
        max_rows: int,
        params: Mapping[str, Any],
        limit: int | None = None,
        cursor: str | None = None,
    ) -> None:
        checks.optional_integer(limit, "limit", 0, None)
        self._partitions = partitions
        self._open_partition = open_partition
        self._price_partition = price_partition
        self._max_rows = max_rows
        self._limit = limit
        self._fingerprint = fingerprint(operation, {**params, "parts": list(partitions)})
        self._seen: set[Hashable] = set()
        self._totals: dict[int, int | None] = {}
        self._duplicates = 0
        self._index, self._rows_before, self._inner_cursor = _load(cursor, self._fingerprint, len(partitions))
        self._stream: PageStream[T] | None = None
        self._closed = False

    @property
    def rows_read(self) -> int:
        """Rows read from the stream, including those read before its cursor. Unreadable ones count."""
        return self._rows_before + (0 if self._stream is None else self._stream.rows_read)

    async def plan(self) -> tuple[Partition, ...]:
        """The rows and the price of each partition. Costs the smallest page of each partition."""
        planned: list[Partition] = []
        for index, filters in enumerate(self._partitions):
            stream = self._open_partition(filters, None, set())
            await stream.first()
            total = self._totals[index] = stream.total
            rows = min(total or 0, self._max_rows)
            planned.append(
                Partition(
                    filters=filters,
                    total=total,
                    reachable=total is not None and total <= self._max_rows,
                    cost=await self._price_partition(filters, rows),
                )
            )
        return tuple(planned)

    @property
    def cursor(self) -> str:
        """Where the stream stands, after the last row read; see `PageStream.cursor`."""
        inner = self._inner_cursor if self._stream is None else self._stream.cursor
        return json.dumps(
            {"v": _VERSION, "q": self._fingerprint, "part": self._index, "given": self.rows_read, "inner": inner},
            separators=(",", ":"),
        )

    @property
    def total(self) -> int | None:
        """Rows of all partitions together; None until each one was planned or opened and has reported its total."""
        totals = dict(self._totals)
        if self._stream is not None and self._stream.total is not None:
            totals[self._index] = self._stream.total
        known = [total for total in totals.values() if total is not None]
        return sum(known) if len(known) == len(self._partitions) else None

    @property
    def duplicates(self) -> int:
        """Rows left out because they had been read before, from the same partition or another one."""
        return self._duplicates + (0 if self._stream is None else self._stream.duplicates)

    async def __anext__(self) -> T:
        while (stream := self._current()) is not None:
            try:
                row = await anext(stream)
            except StopAsyncIteration:
                self._next_partition(stream)
            except LushaError as error:
                raise error.with_facts(cursor=self.cursor) from error.__cause__
            else:
                return row
        self._ended = True
        await self.aclose()
        raise StopAsyncIteration

    def _current(self) -> PageStream[T] | None:
        """The stream of the partition that is being read; None at the end."""
        left = None if self._limit is None else max(self._limit - self.rows_read, 0)
        if self._closed or self._index == len(self._partitions) or left == 0:
            return None
        if self._stream is None:
            self._stream = self._open_partition(self._partitions[self._index], self._inner_cursor, self._seen)
            self._rows_before -= self._stream.rows_read
            if left is not None:
                self._stream.end_after(left)
        return self._stream

    def _next_partition(self, done: PageStream[T]) -> None:
        self._totals[self._index] = done.total
        self._duplicates += done.duplicates
        self._rows_before += done.rows_read
        self._index, self._stream, self._inner_cursor = self._index + 1, None, None

    def rest_of_page(self) -> Iterator[T]:
        """See `RowStream.rest_of_page`."""
        return iter(()) if self._stream is None else self._stream.rest_of_page()

    def end_after(self, rows: int) -> None:
        """See `RowStream.end_after`."""
        limit = self.rows_read + rows
        self._limit = limit if self._limit is None else min(self._limit, limit)
        if self._stream is not None:
            self._stream.end_after(rows)

    async def aclose(self) -> None:
        """Close the stream; see `PageStream.aclose`."""
        self._closed = True
        if self._stream is not None:
            await self._stream.aclose()


def _load(cursor: str | None, query: str, count: int) -> tuple[int, int, str | None]:
    """The index of the partition, the rows read, and the cursor within the partition."""
    if cursor is None:
        return 0, 0, None
    try:
        members = as_object(json.loads(cursor))
    except (ValueError, TypeError, RecursionError):
        members = as_object(None)
    index, rows_read = as_count(members.get("part")), as_count(members.get("given"))
    inner = members.get("inner")
    if members.get("v") != _VERSION or index is None or rows_read is None or not isinstance(inner, str | None):
        raise CursorError("this is no cursor: pass the text of `stream.cursor` unchanged")
    if members.get("q") != query or index > count:
        raise CursorError("the cursor belongs to another query: pass the same filters and partitions as before")
    return index, rows_read, inner
