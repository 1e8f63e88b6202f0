"""Queries with more rows than can be reached, split by filters into disjoint ones, and streamed as one."""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from attrs import frozen

from .cursor import fingerprint
from .errors import CursorError, InvalidRequestError, LushaError
from .loose import members, whole
from .operations import Operation
from .spending import Cost
from .streams import PageStream

__all__ = ["Part", "PartitionedStream", "split"]

T = TypeVar("T")

_VERSION = 1


@frozen(kw_only=True)
class Part(Generic[T]):
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
    if not by or not all(by.values()):
        raise InvalidRequestError("partition_by", "give at least one path, each with at least one value")
    for path in by:
        if _at(filters, path.split(".")) is not None:
            raise InvalidRequestError("partition_by", f"the filters already say something at {path}")
    parts: list[dict[str, Any]] = []
    for values in itertools.product(*by.values()):
        part = json.loads(json.dumps(filters))
        for path, value in zip(by, values, strict=True):
            _put(part, path.split("."), value)
        parts.append(part)
    return parts


def _at(filters: Any, path: Sequence[str]) -> Any:
    for name in path:
        filters = members(filters).get(name)
    return filters


def _put(part: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        part = part.setdefault(name, {})
    part[path[-1]] = value


class PartitionedStream(AsyncIterator[T], Generic[T]):
    """The rows of all parts, one part after the other; otherwise like `PageStream`.

    A row that fits several parts comes once, as far as `identity` tells, within one run of the stream.
    """

    def __init__(
        self,
        operation: Operation,
        parts: Sequence[Mapping[str, Any]],
        open_part: Callable[[Mapping[str, Any], int | None, str | None], PageStream[T]],
        price_part: Callable[[Mapping[str, Any], int], Awaitable[Cost]],
        *,
        deepest: int,
        identity: Callable[[T], Hashable | None],
        limit: int | None = None,
        cursor: str | None = None,
    ) -> None:
        self._parts = parts
        self._open_part = open_part
        self._price_part = price_part
        self._deepest = deepest
        self._identity = identity
        self._limit = limit
        self._mark = fingerprint(operation, {"parts": list(parts)})
        self._seen: set[Hashable] = set()
        self._at, self._given, inner = _load(cursor, self._mark, len(parts))
        self._stream: PageStream[T] | None = None
        self._inner = inner
        self._open = True

    async def plan(self) -> tuple[Part[T], ...]:
        """Each part with its rows and its price. Costs the smallest page of each part; account usage is free."""
        plans: list[Part[T]] = []
        for filters in self._parts:
            stream = self._open_part(filters, 1, None)
            await stream.first()
            total = stream.total
            rows = min(total or 0, self._deepest)
            plans.append(
                Part(
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

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while self._open and self._at < len(self._parts):
            if self._limit is not None and self._given >= self._limit:
                await self.aclose()
                break
            try:
                row = await anext(self._current())
            except StopAsyncIteration:
                self._at, self._stream, self._inner = self._at + 1, None, None
                continue
            except LushaError as error:
                error.cursor = self.cursor
                raise
            identity = self._identity(row)
            if identity is None or identity not in self._seen:
                self._seen.add(identity)
                self._given += 1
                return row
        raise StopAsyncIteration

    def _current(self) -> PageStream[T]:
        if self._stream is None:
            self._stream = self._open_part(self._parts[self._at], self._left(), self._inner)
        return self._stream

    def _left(self) -> int | None:
        """The limit of the part that begins: a part counts its own rows from its own beginning."""
        if self._limit is None:
            return None
        before = whole(members(json.loads(self._inner)).get("given")) if self._inner is not None else 0
        return self._limit - self._given + (before or 0)

    async def aclose(self) -> None:
        """Leave; see `PageStream.aclose`."""
        self._open = False
        if self._stream is not None:
            await self._stream.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


def _load(cursor: str | None, mark: str, parts: int) -> tuple[int, int, str | None]:
    """Part, rows given, and the cursor within the part."""
    if cursor is None:
        return 0, 0, None
    try:
        told = members(json.loads(cursor))
    except (ValueError, TypeError, RecursionError):
        told = members(None)
    part, given, inner = whole(told.get("part")), whole(told.get("given")), told.get("inner")
    if told.get("v") != _VERSION or part is None or given is None or not isinstance(inner, str | None):
        raise CursorError("the cursor is not one: give the text of `stream.cursor`, unchanged")
    if told.get("q") != mark or part > parts:
        raise CursorError("the cursor belongs to another query: give the same filters and parts as before")
    return part, given, inner
