"""Queries with more rows than can be reached, split by filters into disjoint ones, and streamed as one."""

import itertools
import json
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Generic, TypeVar, cast

from attrs import frozen

from .._json import as_count, as_object
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
    """One of the disjoint queries: its filters, the rows that it has, and what reading all that can be reached costs.

    `reachable` is false where it has more rows than can be reached: split it further. `total` None: not told.
    """

    filters: Mapping[str, Any]
    total: int | None
    reachable: bool
    cost: Cost


def split(filters: Mapping[str, Any], by: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """`filters` once for each combination of the values in `by`, whose keys are paths such as
    `contacts.include.seniorityIds`.

    A path that `filters` uses already is refused: the parts would not be its parts.
    """
    given: Any = by
    if not isinstance(given, Mapping) or not all(
        isinstance(path, str) for path in cast(Mapping[object, Any], given)
    ):
        raise InvalidRequestError("partition_by", "give a mapping of paths to the values of each part")
    for values in cast(Iterable[object], given.values()):
        if isinstance(values, str | bytes) or not isinstance(values, Sequence):
            raise InvalidRequestError("partition_by", "give each path a list, with one value for each part")
    if not by or not all(by.values()):
        raise InvalidRequestError("partition_by", "give at least one path, each with at least one value")
    for path in by:
        if _at(filters, path.split(".")) is not None:
            raise InvalidRequestError("partition_by", f"the filters already say something at {path}")
    parts: list[dict[str, Any]] = []
    for values in itertools.product(*by.values()):
        part = deepcopy(dict(filters))
        for path, value in zip(by, values, strict=True):
            _put(part, path.split("."), value)
        parts.append(part)
    return parts


def _at(filters: Any, path: Sequence[str]) -> Any:
    for name in path:
        filters = as_object(filters).get(name)
    return filters


def _put(part: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        part = part.setdefault(name, {})
        if not isinstance(cast(Any, part), dict):
            raise InvalidRequestError("partition_by", f"nothing lies under {name}: it is no object")
    part[path[-1]] = value


class PartitionedStream(RowStream[T], Generic[T]):
    """The rows of all parts, one part after the other; otherwise like `PageStream`.

    A row that fits several parts comes once within one run of the stream, and the limit is filled with others. `asks`
    are the filters and options of the first part: a cursor goes on with the same ones only.
    """

    def __init__(
        self,
        operation: Operation,
        parts: Sequence[Mapping[str, Any]],
        open_part: Callable[[Mapping[str, Any], str | None, set[Hashable]], PageStream[T]],
        price_part: Callable[[Mapping[str, Any], int], Awaitable[Cost]],
        *,
        deepest: int,
        asks: Mapping[str, Any],
        limit: int | None = None,
        cursor: str | None = None,
    ) -> None:
        self._parts = parts
        self._open_part = open_part
        self._price_part = price_part
        self._deepest = deepest
        self._limit = limit
        self._mark = fingerprint(operation, {**asks, "parts": list(parts)})
        self._seen: set[Hashable] = set()
        self._totals: dict[int, int | None] = {}
        self._duplicates = 0
        self._at, given, self._inner = _load(cursor, self._mark, len(parts))
        self._stream: PageStream[T] | None = None
        self._before = given
        self._open = True
        if limit is not None and (type(limit) is not int or limit < 0):
            raise InvalidRequestError("limit", "give a whole number from 0")

    @property
    def _given(self) -> int:
        """Rows handed out since the beginning, by the parts before and the one that is being read."""
        return self._before + (0 if self._stream is None else self._stream.given)

    async def plan(self) -> tuple[Partition, ...]:
        """Each part with its rows and its price. Costs the smallest page of each part; account usage is free."""
        plans: list[Partition] = []
        for place, filters in enumerate(self._parts):
            stream = self._open_part(filters, None, set())
            await stream.first()
            total = self._totals[place] = stream.total
            rows = min(total or 0, self._deepest)
            plans.append(
                Partition(
                    filters=filters,
                    total=total,
                    reachable=total is not None and total <= self._deepest,
                    cost=await self._price_part(filters, rows),
                )
            )
        return tuple(plans)

    @property
    def cursor(self) -> str:
        """Where the stream stands; see `PageStream.cursor`."""
        inner = self._inner if self._stream is None else self._stream.cursor
        return json.dumps(
            {"v": _VERSION, "q": self._mark, "part": self._at, "given": self._given, "inner": inner},
            separators=(",", ":"),
        )

    @property
    def total(self) -> int | None:
        """Rows of all parts together; None until each part was planned or begun, or where one does not tell."""
        told = dict(self._totals)
        if self._stream is not None and self._stream.total is not None:
            told[self._at] = self._stream.total
        known = [total for total in told.values() if total is not None]
        return sum(known) if len(known) == len(self._parts) else None

    @property
    def duplicates(self) -> int:
        """Rows left out because they had been handed out before, by the same part or another one."""
        return self._duplicates + (0 if self._stream is None else self._stream.duplicates)

    async def __anext__(self) -> T:
        while (stream := self._current()) is not None:
            try:
                row = await anext(stream)
            except StopAsyncIteration:
                self._next_part(stream)
            except LushaError as error:
                raise error.with_facts(cursor=self.cursor) from error.__cause__
            else:
                return row
        await self.aclose()
        raise StopAsyncIteration

    def _current(self) -> PageStream[T] | None:
        """The stream of the part that is being read; None at the end."""
        if not self._open or self._at == len(self._parts) or self._left() == 0:
            return None
        if self._stream is None:
            left = self._left()
            self._stream = self._open_part(self._parts[self._at], self._inner, self._seen)
            self._before -= self._stream.given
            if left is not None:
                self._stream.end_after(left)
        return self._stream

    def _next_part(self, done: PageStream[T]) -> None:
        self._totals[self._at] = done.total
        self._duplicates += done.duplicates
        self._before += done.given
        self._at, self._stream, self._inner = self._at + 1, None, None

    def _left(self) -> int | None:
        return None if self._limit is None else max(self._limit - self._given, 0)

    def rest_of_page(self) -> Iterator[T]:
        """See `RowStream.rest_of_page`."""
        return iter(()) if self._stream is None else self._stream.rest_of_page()

    def end_after(self, rows: int) -> None:
        """See `RowStream.end_after`."""
        most = self._given + rows
        self._limit = most if self._limit is None else min(self._limit, most)
        if self._stream is not None:
            self._stream.end_after(rows)

    async def aclose(self) -> None:
        """Leave; see `PageStream.aclose`."""
        self._open = False
        if self._stream is not None:
            await self._stream.aclose()


def _load(cursor: str | None, mark: str, parts: int) -> tuple[int, int, str | None]:
    """Part, rows given, and the cursor within the part."""
    if cursor is None:
        return 0, 0, None
    try:
        told = as_object(json.loads(cursor))
    except (ValueError, TypeError, RecursionError):
        told = as_object(None)
    part, given, inner = as_count(told.get("part")), as_count(told.get("given")), told.get("inner")
    if told.get("v") != _VERSION or part is None or given is None or not isinstance(inner, str | None):
        raise CursorError("the cursor is not one: give the text of `stream.cursor`, unchanged")
    if told.get("q") != mark or part > parts:
        raise CursorError("the cursor belongs to another query: give the same filters and parts as before")
    return part, given, inner
