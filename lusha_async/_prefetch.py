"""Prefetching: tasks start before their one consumer awaits the results, as many as the rate limit can use.

A task starts only while fewer than `_MAX_QUEUED` wait in the governor's queue. The number already sent follows
from rate x latency and needs no setting. Results that the consumer has not fetched hold new tasks back, which bounds
memory. Every step that decides is synchronous, so that a cancellation cannot cut it in half.
"""

import abc
import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Generic, NoReturn, Self, TypeVar

from ._tasks import ended, start
from .errors import StreamClosedError

__all__ = ["ClosableIterator", "PrefetchTask", "Prefetcher", "QueueStatus"]

R = TypeVar("R")
T = TypeVar("T")

_MAX_QUEUED = 3  # one that is sent next, one behind it, one being built
_MAX_READY = 3  # finished tasks that the consumer has not fetched
_CLOSE_SECONDS = 5.0  # that cancelled tasks may take to end
_YIELD_SECONDS = 0.02  # of ready results, after which the event loop gets a turn
_MAX_TASKS = 256  # tasks started and not fetched: what can pile up behind one slow answer


class ClosableIterator(AsyncIterator[T], Generic[T]):
    """An async iterator that is also an async context manager: leaving the block closes it."""

    @abc.abstractmethod
    async def aclose(self) -> None:
        """Close the iterator. Closing it again does nothing."""

    _ended = False  # read to its end

    def __aiter__(self) -> Self:
        if self._ended:
            raise StreamClosedError(
                "it was read to its end: keep its rows, or call the method again and pay again"
            )
        return self

    def __await__(self) -> NoReturn:
        raise TypeError("bulk methods and streams are read with `async for`; `await` is for single calls")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class QueueStatus:
    """Whether a task waits in the governor's queue.

    Holds no reference to the task: a call tracker keeps `sent` and may outlive it, and a reference cycle would keep
    every answer in memory until the next run of the garbage collector.
    """

    def __init__(self) -> None:
        self._on_sent: Callable[[], None] | None = None

    def enter(self, on_sent: Callable[[], None]) -> None:
        """The task queues; `on_sent` is called once, when its request is sent."""
        self._on_sent = on_sent

    def sent(self) -> None:
        """The task's request is sent. Further calls do nothing."""
        on_sent = self._on_sent
        if self.leave() and on_sent is not None:
            on_sent()

    def leave(self) -> bool:
        """The task no longer queues. Returns whether it did."""
        queued, self._on_sent = self._on_sent is not None, None
        return queued


class PrefetchTask(abc.ABC, Generic[R]):
    """One piece of work, usually one request."""

    def __init__(self) -> None:
        self.queue_status = QueueStatus()

    @abc.abstractmethod
    async def run(self) -> R:
        """Do the work. An error is raised to the consumer and closes the prefetcher."""

    @abc.abstractmethod
    def abandon(self) -> None:
        """The result will not be fetched (`run` may have been cancelled): keep paid answers as unclaimed."""


class _Entry(Generic[R]):
    """A started task and the asyncio task that runs it."""

    def __init__(self, task: PrefetchTask[R], future: "asyncio.Task[R]") -> None:
        self.task = task
        self.future = future
        self.discarded = False


class Prefetcher(Generic[R]):
    """Runs tasks and returns their results: in the order of their start, or with `ordered` False as they finish.

    `next_task` returns the next task, or None when there is none now; call `pump` when that may have changed.
    `exhausted` returns whether `next_task` will return None from now on, or raises why. Both are synchronous.
    `max_tasks` bounds the tasks started and not fetched.
    """

    def __init__(
        self,
        next_task: Callable[[], PrefetchTask[R] | None],
        exhausted: Callable[[], bool],
        *,
        ordered: bool = True,
        max_tasks: int | None = None,
    ) -> None:
        self._next_task = next_task
        self._exhausted = exhausted
        self._ordered = ordered
        self._max_tasks = min(max_tasks or _MAX_TASKS, _MAX_TASKS)
        self._entries: deque[_Entry[R]] = deque()
        self._queued = 0
        self._waiter: asyncio.Future[None] | None = None
        self._running: set[asyncio.Task[R]] = set()
        self._interrupted = False
        self.closed = False
        self.yield_at = 0.0  # at first, so that a consumer whose time is over starts nothing
        self.loop: asyncio.AbstractEventLoop | None = None

    @property
    def awaited(self) -> bool:
        """Whether a consumer waits in `next`."""
        return self._waiter is not None

    async def next(self) -> R:
        """The next result. Raises what its task raised, and `StopAsyncIteration` at the end.

        A consumer that is cancelled here closes the prefetcher. Raises `StreamClosedError` if it was closed while a
        consumer waited, and `RuntimeError` if another consumer waits.
        """
        if self.awaited:
            raise RuntimeError("another task is already reading this iterator")
        while True:
            if self.closed:
                if self._interrupted:
                    raise StreamClosedError(
                        "closed while it was being read; a page stream can be resumed from its cursor"
                    )
                raise StopAsyncIteration
            self.pump()
            entry = self._fetchable()
            if entry is not None:
                self._entries.remove(entry)
                self.pump()
                return self._result(entry)
            if not self._entries and self._exhausted():
                self.closed = True
                continue
            await self._wait()

    async def yield_to_loop(self) -> None:
        """Let the event loop read its sockets and run its timers. Call it before a ready result, when `yield_at` (of
        `time.monotonic`) has passed: a consumer that never has to wait would keep answers in flight from being read.

        Cancellation, closing and a second consumer: as in `next`.
        """
        if self.awaited:
            raise RuntimeError("another task is already reading this iterator")
        asyncio.get_running_loop().call_soon(self._wake)
        await self._wait()

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            self._waiter = None
            self.yield_at = time.monotonic() + _YIELD_SECONDS

    def _fetchable(self) -> _Entry[R] | None:
        for entry in self._entries:
            if entry.future.done():
                return entry
            if self._ordered:
                break
        return None

    def _result(self, entry: _Entry[R]) -> R:
        try:
            return entry.future.result()
        except BaseException:
            entry.task.abandon()
            self.close()
            raise

    def pump(self) -> None:
        """Start the tasks that may start now, and let the consumer look again."""
        while (
            not self.closed
            and self._queued < _MAX_QUEUED
            and len(self._entries) < self._max_tasks
            and not self._full()
        ):
            task = self._next_task()
            if task is None:
                break
            self._start(task)
        self._wake()

    def start_first(self, task: PrefetchTask[R]) -> None:
        """Start `task` as the one whose result is returned next."""
        self._start(task, first=True)

    def _full(self) -> bool:
        ready = 0
        for entry in self._entries:
            if entry.future.done():
                ready += 1
                if ready >= _MAX_READY:
                    return True
            elif self._ordered:
                break
        return False

    def _start(self, task: PrefetchTask[R], *, first: bool = False) -> None:
        self.loop = asyncio.get_running_loop()
        entry = _Entry(task, start(task.run()))
        task.queue_status.enter(self._on_sent)
        self._queued += 1
        if first:
            self._entries.appendleft(entry)
        else:
            self._entries.append(entry)
        self._running.add(entry.future)
        entry.future.add_done_callback(lambda _: self._done(entry))

    def _on_sent(self) -> None:
        self._queued -= 1
        self.pump()

    def _done(self, entry: _Entry[R]) -> None:
        self._running.discard(entry.future)
        if not entry.future.cancelled():
            entry.future.exception()  # retrieved: asyncio logs no error of a result that is never fetched
        self._queued -= entry.task.queue_status.leave()
        if entry.discarded:
            entry.task.abandon()
        if not self.closed:
            self.pump()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def discard(self) -> None:
        """Cancel what was not sent; the answers of what was sent become unclaimed."""
        while self._entries:
            entry = self._entries.popleft()
            entry.discarded = True
            self._queued -= entry.task.queue_status.leave()
            if entry.future.done():
                entry.task.abandon()
            else:
                entry.future.cancel()

    def close(self) -> None:
        """`discard`, and start nothing more. A waiting consumer gets `StreamClosedError`. Idempotent."""
        self._interrupted = self._interrupted or (self.awaited and not self.closed)
        self.closed = True
        self._next_task = _no_task  # frees the owner of the tasks at once
        self._exhausted = _always
        self.discard()
        self._wake()

    async def aclose(self) -> None:
        """`close`, and wait until no task runs."""
        self.close()
        await ended(set(self._running), _CLOSE_SECONDS)

    def finalize(self, close: Callable[[], None]) -> None:
        """Call `close` from a finalizer, which may run in any thread and after the loop has ended."""
        if self.loop is None or self.loop.is_closed():
            return
        with contextlib.suppress(RuntimeError):  # the loop closes in this very moment
            self.loop.call_soon_threadsafe(close)


def _no_task() -> None:
    """No further task."""


def _always() -> bool:
    return True
