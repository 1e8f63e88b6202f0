"""Coalesced calls: single awaits of many tasks, sent together as batch requests.

An idle client sends in the event loop's next iteration. Items that arrive within 40 ms of the last coalesced request,
or while one is in the governor's queue, are collected for the next one, up to the operation's largest batch. So the
requests of a busy client are spread over the second, and a thousand web handlers at once need ten requests.
"""

import asyncio
import json
import math
from collections.abc import Callable, Hashable
from copy import copy
from typing import Any, Generic, TypeVar

from .._call.call import Executor
from .._call.options import Options
from .._tasks import start
from .items import BatchCall, BatchFaults, BatchRequest, item_key
from .outcome import ItemResult, Status

__all__ = ["Coalescer", "Coalescers"]

V = TypeVar("V")

_SPACING = 0.04  # seconds between requests that are not full: the vendor's 25 a second


class _CoalescedItem(Generic[V]):
    """One distinct item of a request, and the callers that wait for it."""

    def __init__(self, item: Any) -> None:
        self.item = item
        self.waiters: set[asyncio.Future[ItemResult[V]]] = set()
        self.taken = False


class _CoalescedRequest(Generic[V]):
    """The items of one request, by their keys."""

    def __init__(self, on_sent: Callable[["_CoalescedRequest[V]"], None]) -> None:
        self.items: dict[Hashable, _CoalescedItem[V]] = {}
        self.task: asyncio.Task[None] | None = None
        self.callers = 0
        self._sent = False
        self._ended = False
        self._on_sent = on_sent
        self._abandon: Callable[[], None] | None = None

    def sent(self) -> None:
        """The request is sent. Further calls do nothing."""
        if not self._sent:
            self._sent = True
            self._on_sent(self)

    async def run(self, call: BatchCall[V], executor: Executor) -> None:
        """Send the request and resolve each caller's future."""
        items = list(self.items.values())
        request = BatchRequest(call, executor, [item.item for item in items], BatchFaults(), self.sent)
        self._abandon = lambda: request.abandon(executor.state.unclaimed, lambda index: not items[index].taken)
        try:
            await request.send()
        except BaseException as error:
            for item in items:
                for future in item.waiters:
                    if not future.done():
                        future.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for index, item in enumerate(items):
                for future in item.waiters:
                    if not future.done():
                        future.set_result(request.results[index])
        finally:
            self._ended = True
            self.settle()

    def settle(self) -> None:
        """Once the request has ended and no caller is left, keep the paid rows that were not taken as unclaimed.

        Not earlier: a caller may be cancelled between the moment its result is set and the moment it resumes.
        """
        if self._ended and not self.callers and self._abandon is not None:
            abandon, self._abandon = self._abandon, None
            abandon()


class Coalescers:
    """The coalescers of a client that are in use: one for each call with its options."""

    def __init__(self) -> None:
        self._in_use: dict[tuple[str, str, Options], Coalescer[Any]] = {}

    def __len__(self) -> int:
        return len(self._in_use)

    async def load(self, executor: Executor, call: BatchCall[V], item: Any) -> V:
        """The value for `item`, from a request shared by all callers with the same options."""
        options = json.dumps(call.options, sort_keys=True, default=str)
        key = (call.operation.name, options, executor.options)
        coalescer: Coalescer[V] | None = self._in_use.get(key)
        if coalescer is None:
            coalescer = Coalescer(call, executor, on_idle=lambda: self._in_use.pop(key, None))
            self._in_use[key] = coalescer
        return await coalescer.load(item_key(item), item)


class Coalescer(Generic[V]):
    """Coalesces one call with one set of options. Belongs to one event loop.

    `on_idle` is called when no caller waits and no request runs any more.
    """

    def __init__(self, call: BatchCall[V], executor: Executor, *, on_idle: Callable[[], object] = int) -> None:
        self._on_idle = on_idle
        self._call = call
        self._executor = executor
        self._collecting: _CoalescedRequest[V] | None = None
        self._queued: set[_CoalescedRequest[V]] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._dispatched_at = -math.inf

    @property
    def idle(self) -> bool:
        """Whether no caller waits and no request runs."""
        return self._collecting is None and not self._running

    async def load(self, key: Hashable, item: Any) -> V:
        """The value for `item`; items with the same `key` are sent once.

        Raises the error of the item's own row, or of the whole request. Cancelling a caller never affects the
        others: an item without callers is left out of a request that has not begun. A request without callers
        is cancelled if it was not sent; if it was, its paid answer becomes unclaimed, and it is neither repeated nor
        divided.
        """
        request = self._collecting
        if request is None or (key not in request.items and len(request.items) >= self._call.size):
            request = self._collect()
        entry = request.items.get(key)
        if entry is None:
            entry = request.items[key] = _CoalescedItem(item)
            if len(request.items) == self._call.size:
                self._dispatch(request)
        future: asyncio.Future[ItemResult[V]] = asyncio.get_running_loop().create_future()
        entry.waiters.add(future)
        request.callers += 1
        try:
            result = await future
            entry.taken = True
        except asyncio.CancelledError:
            entry.waiters.discard(future)
            self._caller_left(request, key)
            raise
        finally:
            request.callers -= 1
            request.settle()
        if result.status is Status.OK and result.value is not None:
            return result.value
        assert result.error is not None  # noqa: S101
        raise copy(result.error)  # other callers raise it as well

    def _collect(self) -> _CoalescedRequest[V]:
        self._collecting = _CoalescedRequest(self._sent)
        self._schedule()
        return self._collecting

    def _schedule(self) -> None:
        """Dispatch what is collected when it is due: in the loop's next iteration at the earliest.

        So tasks that are ready to run join the same request.
        """
        if self._collecting is None or self._queued or self._scheduled:
            return
        self._scheduled = True
        loop = asyncio.get_running_loop()
        loop.call_at(max(loop.time(), self._dispatched_at + _SPACING), self._due)

    def _due(self) -> None:
        self._scheduled = False
        if self._collecting is not None and not self._queued:
            self._dispatch(self._collecting)

    def _dispatch(self, request: _CoalescedRequest[V]) -> None:
        if self._collecting is request:
            self._collecting = None
        if not request.items:  # every caller was cancelled
            if self.idle:
                self._on_idle()
            return
        loop = asyncio.get_running_loop()
        self._dispatched_at = loop.time()
        self._queued.add(request)
        task = request.task = start(request.run(self._call, self._executor))
        self._running.add(task)
        task.add_done_callback(lambda done: self._done(request, done))

    def _sent(self, request: _CoalescedRequest[V]) -> None:
        self._queued.discard(request)
        self._schedule()

    def _done(self, request: _CoalescedRequest[V], task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved: the callers have it
        self._sent(request)
        if self.idle:
            self._on_idle()

    def _caller_left(self, request: _CoalescedRequest[V], key: Hashable) -> None:
        """Drop the item of a cancelled caller, or cancel the request, if no other caller waits for it."""
        if request.task is None:
            if not request.items[key].waiters:
                del request.items[key]
        elif not any(entry.waiters for entry in request.items.values()):
            request.task.cancel()
