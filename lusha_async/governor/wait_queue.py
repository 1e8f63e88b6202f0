"""Who waits: first in, first out in each lane and scope, and gone without a trace when cancelled.

Joining, leaving from anywhere and taking the next are O(1). Bulk calls go after interactive ones, until they have
waited `ageing` seconds longer; so nobody starves. A call whose own group is full holds up nobody else.
"""

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Iterator

from attrs import define, field

from ..operations import Operation, Scope
from .config import Lane
from .limiter_state import RequestRecord

__all__ = ["Waiter", "WaitQueue"]


@define(eq=False)
class Waiter:
    """One call that waits on `loop`; its wait ends with `ticket` or `error`, set under the governor's lock."""

    number: int
    operation: Operation
    lane: Lane
    since: float
    loop: asyncio.AbstractEventLoop
    awake: asyncio.Future[None]
    ticket: RequestRecord | None = None
    error: Exception | None = None

    @property
    def over(self) -> bool:
        """Whether its wait has ended, one way or the other."""
        return self.ticket is not None or self.error is not None


Line = OrderedDict[int, Waiter]


@define
class WaitQueue:
    """All waiting calls of an account in this process."""

    ageing: float
    _lines: dict[tuple[Lane, Scope], Line] = field(init=False)
    _numbers: Iterator[int] = field(factory=itertools.count, init=False)
    _loops: dict[asyncio.AbstractEventLoop, int] = field(factory=dict[asyncio.AbstractEventLoop, int], init=False)

    def __attrs_post_init__(self) -> None:
        self._lines = {(lane, scope): OrderedDict() for lane in Lane for scope in Scope}

    def join(
        self,
        operation: Operation,
        lane: Lane,
        since: float,
        loop: asyncio.AbstractEventLoop,
    ) -> Waiter:
        """Stand at the end of the line."""
        waiter = Waiter(next(self._numbers), operation, lane, since, loop, loop.create_future())
        self._lines[lane, operation.scope][waiter.number] = waiter
        self._loops[loop] = self._loops.get(loop, 0) + 1
        return waiter

    def leave(self, waiter: Waiter) -> bool:
        """Take `waiter` out, wherever it stands; False if it stood there no more."""
        gone = self._lines[waiter.lane, waiter.operation.scope].pop(waiter.number, None)
        if gone is None:
            return False
        left = self._loops[waiter.loop] - 1
        if left:
            self._loops[waiter.loop] = left
        else:
            del self._loops[waiter.loop]
        return True

    def heads(self) -> list[Waiter]:
        """The first of each line, in the order in which they are to be tried."""
        heads = [next(iter(line.values())) for line in self._lines.values() if line]
        if len(heads) > 1:
            heads.sort(key=lambda waiter: waiter.since + (self.ageing if waiter.lane is Lane.BULK else 0.0))
        return heads

    def ahead(self, lane: Lane, scope: Scope) -> int:
        """How many stand before one who joins this line now."""
        ahead = self._lines
        interactive = len(ahead[Lane.INTERACTIVE, scope])
        return interactive if lane is Lane.INTERACTIVE else interactive + len(ahead[Lane.BULK, scope])

    def waiting(self, lane: Lane) -> int:
        """How many wait in `lane`."""
        return sum(len(self._lines[lane, scope]) for scope in Scope)

    def everyone(self) -> list[Waiter]:
        """All of them, oldest first."""
        found = [waiter for line in self._lines.values() for waiter in line.values()]
        return sorted(found, key=lambda waiter: waiter.number)

    @property
    def loops(self) -> tuple[asyncio.AbstractEventLoop, ...]:
        """The event loops on which somebody waits."""
        return tuple(self._loops)

    def __len__(self) -> int:
        return sum(self._loops.values())

    def __bool__(self) -> bool:
        return bool(self._loops)
