"""The vendor's lists of filter values, cached in memory for all views of a client."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypedDict, cast

from attrs import frozen

from .._call.call import Executor
from .._call.decode import envelope, unreadable
from .._call.options import Options
from .._json import as_list, as_object
from .._repr import half_made
from .._tasks import start
from ..errors import InvalidRequestError, LushaError
from ..models.common import BaseResponse
from ..models.filter_values import Discovered
from .sources import Source

__all__ = ["DEFAULT_MAX_AGE", "CacheConfig", "CacheOptions", "FilterCache"]

DEFAULT_MAX_AGE = 86_400.0
_MAX_ENTRIES = 512  # each query of a searched list is an entry
_MAX_DEPTH = 50  # levels of nesting in a list

_Key: TypeAlias = tuple[str, str | None, str | None]


class CacheOptions(TypedDict, total=False):
    """Whether a cached list may be used.

    - `max_age`: the seconds for which it may; a day by default.
    - `refresh`: True fetches the list in any case, and caches the new one.
    """

    max_age: float
    refresh: bool


@frozen(kw_only=True)
class CacheConfig:
    """`CacheOptions` with their defaults. Raises `InvalidRequestError` for an invalid value."""

    max_age: float = DEFAULT_MAX_AGE
    refresh: bool = False

    def __attrs_post_init__(self) -> None:
        if type(self.max_age) not in {int, float} or not self.max_age >= 0:
            raise InvalidRequestError("max_age", "must be a number of seconds, at least 0")
        if type(self.refresh) is not bool:
            raise InvalidRequestError("refresh", "must be True or False")


@frozen
class _CachedList:
    response: BaseResponse
    at: float
    fetched_at: datetime


class _Fetch:
    """A request in flight, and the number of callers that wait for it."""

    def __init__(self, task: "asyncio.Task[_CachedList]") -> None:
        self.task = task
        self.waiting = 0


class FilterCache:
    """The 512 lists used last, by operation, filter and query. Belongs to one event loop."""

    def __init__(self) -> None:
        self._entries: OrderedDict[_Key, _CachedList] = OrderedDict()
        self._in_flight: dict[tuple[_Key, Options], _Fetch] = {}

    @half_made
    def __repr__(self) -> str:
        return f"<FilterCache of {len(self._entries)} lists, {len(self._in_flight)} in flight>"

    def has(self, source: Source, query: str | None, config: CacheConfig) -> bool:
        """Whether `get` would return without a request."""
        return self._cached(_key(source, query), config) is not None

    async def get(
        self, executor: Executor, source: Source, query: str | None, config: CacheConfig
    ) -> Discovered[Any]:
        """The list, from the cache or by one request.

        Callers that want the same list at the same time, with the same client options, share the request. Cancelling
        one leaves it to the others; cancelling the last withdraws it if it was not sent. An error is raised to all of
        them and not cached. Raises any `LushaError`.
        """
        key = _key(source, query)
        entry = self._cached(key, config)
        if entry is None:
            entry = self._entries[key] = await self._coalesced(executor, source, key)
        self._entries.move_to_end(key)
        if len(self._entries) > _MAX_ENTRIES:
            self._entries.popitem(last=False)
        values = _values(getattr(entry.response, source.member))
        return Discovered(values=values, fetched_at=entry.fetched_at, age=_now() - entry.at)

    def _cached(self, key: _Key, config: CacheConfig) -> _CachedList | None:
        entry = None if config.refresh else self._entries.get(key)
        return None if entry is None or _now() - entry.at > config.max_age else entry

    async def _coalesced(self, executor: Executor, source: Source, key: _Key) -> _CachedList:
        flight_key = (key, executor.options)
        fetch = self._in_flight.get(flight_key)
        if fetch is None:
            task = start(_fetch(executor, source, key[2]))
            fetch = self._in_flight[flight_key] = _Fetch(task)
        fetch.waiting += 1
        try:
            return await asyncio.shield(fetch.task)
        except LushaError as error:
            raise copy(error) from error.__cause__  # each caller raises its own
        finally:
            fetch.waiting -= 1
            if (fetch.task.done() or not fetch.waiting) and self._in_flight.get(flight_key) is fetch:
                del self._in_flight[flight_key]
            if not fetch.waiting:
                fetch.task.cancel()


async def _fetch(executor: Executor, source: Source, query: str | None) -> _CachedList:
    path = None if source.filter_type is None else {"filterType": source.filter_type}
    reply = await executor.call(source.operation, path=path, query={"query": query} if source.queries else None)
    response = envelope(reply, source.answer)
    if _is_deeper([*_values(getattr(response, source.member))], _MAX_DEPTH):
        raise unreadable(f"{source.member} is nested more than {_MAX_DEPTH} levels deep", reply)
    return _CachedList(response, _now(), datetime.now(UTC))


def _is_deeper(level: Sequence[Any], depth: int) -> bool:
    """Whether lists or objects are nested more than `depth` levels deep: comparing or copying them would fail."""
    for _ in range(depth):
        level = [part for one in level for part in (*as_object(one).values(), *as_list(one))]
    return bool(level)


def _values(member: Any) -> tuple[Any, ...]:
    if member is None:
        return ()
    return tuple(cast(Sequence[Any], member)) if isinstance(member, list | tuple) else (member,)


def _key(source: Source, query: str | None) -> _Key:
    return (source.operation.name, source.filter_type, query)


def _now() -> float:
    return asyncio.get_running_loop().time()
