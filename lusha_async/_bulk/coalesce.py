"""Single awaits from many tasks, put together into shared requests.

An idle client sends at once: nothing is delayed. What is asked within 40 ms of the last shared request, or while
one waits for its turn at the governor, gathers in the next one, up to the operation's largest batch; so the
requests of a busy client are spread over the second instead of using it up in its first moments. A thousand web
handlers that ask at the same time cost ten requests.
"""

import asyncio
import json
import math
from collections.abc import Callable, Hashable
from copy import copy
from typing import Any, Generic, TypeVar

from .._call.call import Executor
from .._call.options import Options
from .items import BatchCall, BatchFaults, BatchRequest, identity
from .outcome import ItemResult, Status

__all__ = ["Coalescer", "Coalescers"]

V = TypeVar("V")


_SPACING = 0.04  # seconds between requests that are not full: the vendor's 25 a second


class _SharedItem(Generic[V]):
    """One distinct item of a group, and who waits for it."""

    def __init__(self, item: Any) -> None:
        self.item = item
        self.waiting: set[asyncio.Future[ItemResult[V]]] = set()
        self.taken = False


class _SharedRequest(Generic[V]):
    """The items of one shared request."""

    def __init__(self, went_out: Callable[["_SharedRequest[V]"], None]) -> None:
        self.seats: dict[Hashable, _SharedItem[V]] = {}
        self.task: asyncio.Task[None] | None = None
        self.sent = False
        self.callers = 0
        self._ended = False
        self._went_out = went_out
        self._abandon: Callable[[], None] | None = None

    def went_out(self) -> None:
        """The request is sent."""
        if not self.sent:
            self.sent = True
            self._went_out(self)

    async def run(self, call: BatchCall[V], executor: Executor) -> None:
        """Send it, and give each its answer; the rows that nobody takes go to unclaimed."""
        seats = list(self.seats.values())
        items = BatchRequest(call, executor, [seat.item for seat in seats], BatchFaults(), self.went_out)
        self._abandon = lambda: items.abandon(executor.state.unclaimed, lambda place: not seats[place].taken)
        try:
            await items.ask()
        except BaseException as error:
            for seat in seats:
                for future in seat.waiting:
                    if not future.done():
                        future.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for place, seat in enumerate(seats):
                for future in seat.waiting:
                    if not future.done():
                        future.set_result(items.answers[place])
        finally:
            self._ended = True
            self.settle()

    def settle(self) -> None:
        """Once it has ended and each caller has taken its answer or left: keep the rows that nobody took.

        A caller may be cancelled when its answer is there and it has not gone on yet.
        """
        if self._ended and not self.callers and self._abandon is not None:
            abandon, self._abandon = self._abandon, None
            abandon()


class Coalescers:
    """The coalescers that are at work in a client: one for each call with its options."""

    def __init__(self) -> None:
        self._at_work: dict[tuple[str, str, Options], Coalescer[Any]] = {}

    def __len__(self) -> int:
        return len(self._at_work)

    async def load(self, executor: Executor, call: BatchCall[V], item: Any) -> V:
        """The value for `item`, in a request shared with all that await the same call with the same options."""
        options = json.dumps(call.options, sort_keys=True, default=str)
        key = (call.operation.name, options, executor.options)
        coalescer: Coalescer[V] | None = self._at_work.get(key)
        if coalescer is None:
            coalescer = Coalescer(call, executor, at_rest=lambda: self._at_work.pop(key, None))
            self._at_work[key] = coalescer
        return await coalescer.load(identity(item), item)


class Coalescer(Generic[V]):
    """Shared requests for one call with one set of options. Belongs to one event loop.

    `at_rest` is called when nobody waits and nothing is under way any more.
    """

    def __init__(self, call: BatchCall[V], executor: Executor, *, at_rest: Callable[[], object] = int) -> None:
        self._at_rest = at_rest
        self._call = call
        self._executor = executor
        self._gathering: _SharedRequest[V] | None = None
        self._queued: set[_SharedRequest[V]] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._launched_at = -math.inf

    @property
    def idle(self) -> bool:
        """Whether nobody waits and nothing is under way."""
        return self._gathering is None and not self._running

    async def load(self, key: Hashable, item: Any) -> V:
        """The value for `item`; `key` tells which items are the same.

        Raises what the item's own row says, or what became of the shared request. Cancelling one caller never
        touches the others: a request that nobody waits for any more is taken back if it was not sent, and its
        paid answer goes to unclaimed if it was; nothing is sent again or in parts for nobody.
        """
        group = self._gathering
        if group is None or (key not in group.seats and len(group.seats) >= self._call.size):
            group = self._gather()
        seat = group.seats.get(key)
        if seat is None:
            seat = group.seats[key] = _SharedItem(item)
            if len(group.seats) == self._call.size:
                self._launch(group)
        future: asyncio.Future[ItemResult[V]] = asyncio.get_running_loop().create_future()
        seat.waiting.add(future)
        group.callers += 1
        try:
            answer = await future
            seat.taken = True
        except asyncio.CancelledError:
            seat.waiting.discard(future)
            self._left(group, key)
            raise
        finally:
            group.callers -= 1
            group.settle()
        if answer.status is Status.OK and answer.value is not None:
            return answer.value
        assert answer.error is not None  # noqa: S101
        raise copy(answer.error)  # others raise it as well

    def _gather(self) -> _SharedRequest[V]:
        self._gathering = _SharedRequest(self._went_out)
        self._schedule()
        return self._gathering

    def _schedule(self) -> None:
        """Launch what gathers when its time has come: at the earliest at the loop's next turn.

        So tasks that are ready to ask as well share the request.
        """
        if self._gathering is None or self._queued or self._scheduled:
            return
        self._scheduled = True
        loop = asyncio.get_running_loop()
        loop.call_at(max(loop.time(), self._launched_at + _SPACING), self._due)

    def _due(self) -> None:
        self._scheduled = False
        if self._gathering is not None and not self._queued:
            self._launch(self._gathering)

    def _launch(self, group: _SharedRequest[V]) -> None:
        if self._gathering is group:
            self._gathering = None
        if not group.seats:  # all have left
            if self.idle:
                self._at_rest()
            return
        loop = asyncio.get_running_loop()
        self._launched_at = loop.time()
        self._queued.add(group)
        task = group.task = loop.create_task(group.run(self._call, self._executor))
        self._running.add(task)
        task.add_done_callback(lambda done: self._done(group, done))

    def _went_out(self, group: _SharedRequest[V]) -> None:
        self._queued.discard(group)
        self._schedule()

    def _done(self, group: _SharedRequest[V], task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # its waiters have it
        self._went_out(group)
        if self.idle:
            self._at_rest()

    def _left(self, group: _SharedRequest[V], key: Hashable) -> None:
        """A caller is gone: take back what nobody waits for."""
        if group.task is None:
            if not group.seats[key].waiting:
                del group.seats[key]
        elif not any(seat.waiting for seat in group.seats.values()):
            group.task.cancel()
