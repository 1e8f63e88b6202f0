"""Jobs that run ahead of their one consumer: enough of them to use the whole rate, none that nobody reads.

A job starts only while fewer than `_QUEUED` wait for their turn at the governor. Those already sent are as many
as rate x latency makes them, without anybody setting a number. Results that the consumer does not fetch hold
new jobs back, so memory is bounded. Every step that decides is synchronous: cancellation cannot cut it in half.
"""

import abc
import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from .errors import StreamClosedError

__all__ = ["ClosableIterator", "PrefetchTask", "Prefetcher", "QueueTurn"]

R = TypeVar("R")

_QUEUED = 3  # one to go next, one behind it, one being made ready
_READY = 3  # finished jobs that the consumer has not fetched
MOST_JOBS = 256
"""Jobs begun and not yet fetched, at most; bounds what a job that is slow to answer lets pile up behind it."""


class QueueTurn:
    """Whether a job waits for its turn at the governor.

    It knows nothing of the job: what told of the turn may outlive it, and a circle of references would keep every
    answer in memory until the garbage collector walks through all of them.
    """

    def __init__(self) -> None:
        self._next: Callable[[], None] | None = None

    def begin(self, next_one: Callable[[], None]) -> None:
        """The job queues; `next_one` is called when another one may."""
        self._next = next_one

    def sent(self) -> None:
        """To be called when the job's request goes out."""
        next_one = self._next
        if self.left() and next_one is not None:
            next_one()

    def left(self) -> bool:
        """The job queues no longer. Whether it did."""
        queued, self._next = self._next is not None, None
        return queued


class PrefetchTask(abc.ABC, Generic[R]):
    """One piece of work, mostly one request."""

    def __init__(self) -> None:
        self.turn = QueueTurn()

    @abc.abstractmethod
    async def run(self) -> R:
        """Do it. What it raises is raised to the consumer and ends everything."""

    @abc.abstractmethod
    def abandon(self) -> None:
        """Nobody will fetch the result (the job may have been cut short): what was paid for goes to unclaimed."""


class _Begun(Generic[R]):
    def __init__(self, job: PrefetchTask[R], task: "asyncio.Task[R]") -> None:
        self.job = job
        self.task = task
        self.dropped = False


class Prefetcher(Generic[R]):
    """Hands out the results of jobs, in the order they were begun or (`ordered` False) as they come.

    `begin` gives the next job, or None when there is none now; call `pump` when there may be one again.
    `ended` tells that none will come any more. Both are synchronous.
    """

    def __init__(
        self,
        begin: Callable[[], PrefetchTask[R] | None],
        ended: Callable[[], bool],
        *,
        ordered: bool = True,
        most: int | None = None,
    ) -> None:
        self._begin = begin
        self._ended = ended
        self._ordered = ordered
        self._most = min(most or MOST_JOBS, MOST_JOBS)
        self._line: deque[_Begun[R]] = deque()
        self._queued = 0
        self._consumer: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[R]] = set()
        self._cut = False
        self.closed = False
        self.loop: asyncio.AbstractEventLoop | None = None

    def pump(self) -> None:
        """Begin what may begin now."""
        while not self.closed and self._queued < _QUEUED and len(self._line) < self._most and not self._full():
            job = self._begin()
            if job is None:
                break
            self._start(job)
        self.wake()

    def again(self, job: PrefetchTask[R]) -> None:
        """Begin `job` as the one whose result is handed out next."""
        self._start(job, first=True)

    def wake(self) -> None:
        """Let the consumer look again."""
        if self._consumer is not None and not self._consumer.done():
            self._consumer.set_result(None)

    def _full(self) -> bool:
        ready = 0
        for running in self._line:
            if running.task.done():
                ready += 1
                if ready >= _READY:
                    return True
            elif self._ordered:
                break
        return False

    def _start(self, job: PrefetchTask[R], *, first: bool = False) -> None:
        loop = self.loop = asyncio.get_running_loop()
        running = _Begun(job, loop.create_task(job.run()))
        job.turn.begin(self._went_out)
        self._queued += 1
        if first:
            self._line.appendleft(running)
        else:
            self._line.append(running)
        self._tasks.add(running.task)
        running.task.add_done_callback(lambda _: self._done(running))

    def _went_out(self) -> None:
        self._queued -= 1
        self.pump()

    def _done(self, running: _Begun[R]) -> None:
        self._tasks.discard(running.task)
        if not running.task.cancelled():
            running.task.exception()  # has been looked at, whoever fetches it
        self._queued -= running.job.turn.left()
        if running.dropped:
            running.job.abandon()
        if not self.closed:
            self.pump()

    @property
    def awaited(self) -> bool:
        """Whether a consumer waits for the next result."""
        return self._consumer is not None

    async def next(self) -> R:
        """The next result. `StopAsyncIteration` at the end; what a job raised, when its turn comes.

        Being cancelled here closes everything: `StreamClosedError` from then on.
        """
        if self.awaited:
            raise RuntimeError("this stream is already being read by another task")
        while True:
            if self.closed:
                if self._cut:
                    raise StreamClosedError("the stream was closed while it was read; go on from its cursor")
                raise StopAsyncIteration
            self.pump()
            running = self._fetchable()
            if running is not None:
                self._line.remove(running)
                self.pump()
                return self._result(running)
            if not self._line and self._ended():
                self.closed = True
                continue
            self._consumer = asyncio.get_running_loop().create_future()
            try:
                await self._consumer
            except asyncio.CancelledError:
                self.close()
                raise
            finally:
                self._consumer = None

    def _fetchable(self) -> _Begun[R] | None:
        for running in self._line:
            if running.task.done():
                return running
            if self._ordered:
                break
        return None

    def _result(self, running: _Begun[R]) -> R:
        try:
            return running.task.result()
        except BaseException:
            running.job.abandon()
            self.close()
            raise

    def drop(self) -> None:
        """Take back what was not sent yet; the answers of what was go to unclaimed."""
        while self._line:
            running = self._line.popleft()
            running.dropped = True
            self._queued -= running.job.turn.left()
            if running.task.done():
                running.job.abandon()
            else:
                running.task.cancel()

    def close(self) -> None:
        """`drop`, and begin nothing more. Safe to call twice. A consumer that waits hears that this is no end."""
        self._cut = self._cut or (self.awaited and not self.closed)
        self.closed = True
        self._begin = _nothing  # so that whoever runs the jobs is freed at once
        self._ended = _over
        self.drop()
        self.wake()

    async def aclose(self) -> None:
        """`close`, and wait until no task is left."""
        self.close()
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    def finalize(self, close: Callable[[], None]) -> None:
        """`close` from a finalizer, which may run in any thread and after the loop has ended."""
        if self.loop is None or self.loop.is_closed():
            return
        with contextlib.suppress(RuntimeError):  # closed in this very moment
            self.loop.call_soon_threadsafe(close)


def _nothing() -> None:
    """No further job."""


def _over() -> bool:
    return True


T = TypeVar("T")


class ClosableIterator(AsyncIterator[T], Generic[T]):
    """An async iterator that is also an `async with` block, whose end closes it."""

    @abc.abstractmethod
    async def aclose(self) -> None:
        """Leave. Safe to call twice."""

    def __aiter__(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
