"""The vendor's lists, fetched once and kept in memory for all views of a client."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime
from typing import Any, TypedDict, cast

from attrs import frozen

from .._call.call import Executor
from .._call.decode import envelope, unreadable
from .._call.options import Options
from .._json import as_list, as_object
from ..errors import InvalidRequestError, LushaError
from ..models.common import BaseResponse
from ..models.filter_values import Discovered
from .sources import Source

__all__ = ["DAY", "Demand", "Discovery", "Freshness"]

DAY = 86_400.0
"""Seconds for which a list is good unless the caller says otherwise."""
_MOST = 512  # answers; those of searches are as many as there are queries

_DEEPEST = 50  # levels of what a list holds

_Key = tuple[str, str | None, str | None]


class Freshness(TypedDict, total=False):
    """How old a list may be.

    - `max_age`: seconds for which a list in memory is good; a day by default.
    - `refresh`: ask for it anew in any case.
    """

    max_age: float
    refresh: bool


@frozen(kw_only=True)
class Demand:
    """`Freshness` with its defaults. `InvalidRequestError` for what is no such thing, `TypeError` for other names."""

    max_age: float = DAY
    refresh: bool = False

    def __attrs_post_init__(self) -> None:
        if type(self.max_age) not in {int, float} or not self.max_age >= 0:
            raise InvalidRequestError("max_age", "give seconds, from 0")
        if type(self.refresh) is not bool:
            raise InvalidRequestError("refresh", "give True or False")


@frozen
class _Kept:
    answer: BaseResponse
    at: float
    fetched_at: datetime


class _Flight:
    """A request under way, and how many wait for it."""

    def __init__(self, task: "asyncio.Task[_Kept]") -> None:
        self.task = task
        self.waiting = 0


class Discovery:
    """Answers of discovery by operation, filter and query: the 512 used last. Belongs to one event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._flights: dict[tuple[_Key, Options], _Flight] = {}

    def __repr__(self) -> str:
        return f"<Discovery of {len(self._kept)} answers, {len(self._flights)} on their way>"

    def fresh(self, source: Source, query: str | None, how: Demand) -> bool:
        """Whether `get` would answer out of memory."""
        return self._held(_key(source, query), how) is not None

    async def get(self, executor: Executor, source: Source, query: str | None, how: Demand) -> Discovered[Any]:
        """The list, as fresh as `how` says.

        Who asks for the same while it is fetched, with the same options of the client, shares the request. One who
        is cancelled leaves the others waiting; when the last has left, the request is taken back if it was not
        sent. A failure reaches all who wait and is not kept. Raises any `LushaError`.
        """
        key = _key(source, query)
        kept = self._held(key, how)
        if kept is None:
            kept = self._kept[key] = await self._share(executor, source, key)
        self._kept.move_to_end(key)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        values = _entries(getattr(kept.answer, source.member))
        return Discovered(values=values, fetched_at=kept.fetched_at, age=_now() - kept.at)

    def _held(self, key: _Key, how: Demand) -> _Kept | None:
        kept = None if how.refresh else self._kept.get(key)
        return None if kept is None or _now() - kept.at > how.max_age else kept

    async def _share(self, executor: Executor, source: Source, key: _Key) -> _Kept:
        place = (key, executor.options)
        flight = self._flights.get(place)
        if flight is None:
            task = asyncio.get_running_loop().create_task(_fetch(executor, source, key[2]))
            flight = self._flights[place] = _Flight(task)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        except LushaError as error:
            raise copy(error) from error.__cause__  # others raise it as well
        finally:
            flight.waiting -= 1
            if (flight.task.done() or not flight.waiting) and self._flights.get(place) is flight:
                del self._flights[place]
            if not flight.waiting:
                flight.task.cancel()


async def _fetch(executor: Executor, source: Source, query: str | None) -> _Kept:
    path = None if source.filter_type is None else {"filterType": source.filter_type}
    asked = {"query": query} if source.queries else None
    reply = await executor.call(source.operation, path=path, query=asked)
    answer = envelope(reply, source.answer)
    if _deeper([*_entries(getattr(answer, source.member))], _DEEPEST):
        raise unreadable(f"{source.member} is nested more than {_DEEPEST} levels deep", reply)
    return _Kept(answer, _now(), datetime.now(UTC))


def _deeper(level: Sequence[Any], most: int) -> bool:
    """Whether lists or objects in these lie more than `most` levels deep: comparing and copying them would fail."""
    for _ in range(most):
        level = [part for one in level for part in (*as_object(one).values(), *as_list(one))]
    return bool(level)


def _entries(told: Any) -> tuple[Any, ...]:
    if told is None:
        return ()
    return tuple(cast(Sequence[Any], told)) if isinstance(told, list | tuple) else (told,)


def _key(source: Source, query: str | None) -> _Key:
    return (source.operation.name, source.filter_type, query)


def _now() -> float:
    return asyncio.get_running_loop().time()
