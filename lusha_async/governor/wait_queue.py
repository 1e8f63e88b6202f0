"""The wait queue: first in, first out in each lane and scope.

Adding, removing from anywhere and taking the next are O(1). Bulk calls are served after interactive ones. None starves:
once they have waited `ageing` seconds longer, at least every tenth call served is one of them; no more, since after a
minute without requests hundreds may have waited that long. A call whose own group is full delays no other.
"""

import asyncio
import itertools
import math
from collections import OrderedDict
from collections.abc import Collection, Iterator

from attrs import define, field

from ..operations import Operation, Scope
from .config import Lane
from .limiter_state import RequestRecord

__all__ = ["Waiter", "WaitQueue"]

_SHARE_OF_AGED = 10
"""One of so many calls served is a bulk call, if it has aged, however many interactive calls wait."""


@define(eq=False)
class Waiter:
    """One call that waits on `loop`; its wait ends with `record` or `error`, set under the scheduler's lock."""

    number: int
    operation: Operation
    lane: Lane
    since: float
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[None]
    record: RequestRecord | None = None
    error: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether its wait has ended."""
        return self.record is not None or self.error is not None


_Queue = OrderedDict[int, Waiter]


@define
class WaitQueue:
    """All waiting calls of an account in this process."""

    ageing: float
    _queues: dict[tuple[Lane, Scope], _Queue] = field(init=False)
    _since_bulk: int = field(default=0, init=False)  # interactive calls served since the last bulk call
    _numbers: Iterator[int] = field(factory=itertools.count, init=False)
    _loops: dict[asyncio.AbstractEventLoop, int] = field(factory=dict[asyncio.AbstractEventLoop, int], init=False)

    def __attrs_post_init__(self) -> None:
        self._queues = {(lane, scope): OrderedDict() for lane in Lane for scope in Scope}

    def add(self, operation: Operation, lane: Lane, since: float, loop: asyncio.AbstractEventLoop) -> Waiter:
        """Add a waiter at the end of its queue."""
        waiter = Waiter(next(self._numbers), operation, lane, since, loop, loop.create_future())
        self._queues[lane, operation.scope][waiter.number] = waiter
        self._loops[loop] = self._loops.get(loop, 0) + 1
        return waiter

    def remove(self, waiter: Waiter) -> bool:
        """Remove `waiter`; False if it is not in the queue."""
        removed = self._queues[waiter.lane, waiter.operation.scope].pop(waiter.number, None)
        if removed is None:
            return False
        left = self._loops[waiter.loop] - 1
        if left:
            self._loops[waiter.loop] = left
        else:
            del self._loops[waiter.loop]
        return True

    def heads(self, stuck: Collection[asyncio.AbstractEventLoop] = ()) -> list[Waiter]:
        """The first waiter of each queue, in the order in which they are served; those on `stuck` loops are passed."""
        firsts = (
            next((w for w in queue.values() if w.loop not in stuck), None) for queue in self._queues.values()
        )
        heads = [waiter for waiter in firsts if waiter is not None]
        if len(heads) > 1:
            ageing = self.ageing if self._since_bulk >= _SHARE_OF_AGED - 1 else math.inf
            heads.sort(
                key=lambda waiter: (waiter.since + (ageing if waiter.lane is Lane.BULK else 0.0), waiter.since)
            )
        return heads

    def first(
        self, lane: Lane, scope: Scope, most: int, stuck: Collection[asyncio.AbstractEventLoop] = ()
    ) -> tuple[int, list[Waiter]]:
        """How many wait in one queue, and the first of them; without those on `stuck` loops."""
        queue = self._queues[lane, scope]
        if not stuck:
            return len(queue), list(itertools.islice(queue.values(), most))
        waiters = [waiter for waiter in queue.values() if waiter.loop not in stuck]
        return len(waiters), waiters[:most]

    def served(self, waiter: Waiter) -> None:
        """`waiter`, one of `heads`, was granted: remove it."""
        self.remove(waiter)
        self._since_bulk = 0 if waiter.lane is Lane.BULK else self._since_bulk + 1

    def ahead(self, lane: Lane, scope: Scope) -> int:
        """The number of waiters ahead of one added now."""
        interactive = len(self._queues[Lane.INTERACTIVE, scope])
        return interactive if lane is Lane.INTERACTIVE else interactive + len(self._queues[Lane.BULK, scope])

    def waiting(self, lane: Lane) -> int:
        """The number of waiters in `lane`."""
        return sum(len(self._queues[lane, scope]) for scope in Scope)

    def waiters(self) -> list[Waiter]:
        """All waiters, oldest first."""
        waiters = (waiter for queue in self._queues.values() for waiter in queue.values())
        return sorted(waiters, key=lambda waiter: waiter.number)

    @property
    def loops(self) -> tuple[asyncio.AbstractEventLoop, ...]:
        """The event loops with waiters."""
        return tuple(self._loops)

    def __bool__(self) -> bool:
        return bool(self._loops)
