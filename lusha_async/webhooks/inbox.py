"""Where verified deliveries wait to be handled: what every inbox can do, and what consumers do with it."""

import asyncio
import inspect
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.to_thread
from attrs import field, frozen, validators

from .delivery import Arrival, Counts, Delivery, Lease, State, Stored
from .errors import InboxClosedError, InboxError, LeaseLostError
from .events import Event

__all__ = ["Bell", "Inbox", "Policy"]

_log = logging.getLogger("lusha_async.webhooks")


@frozen(kw_only=True)
class Policy:
    """How an inbox treats its events. Times are seconds.

    - `max_attempts`: given to consumers so often, then dead.
    - `retry_delay`, `longest_delay`: the wait after the first failed attempt; it doubles, up to the longest.
    - `keep`: how long the body of a handled event is kept, to look at or to replay.
    - `remember`: how long its key is kept, so that a retry or a replay of it is known. At least `keep`.
    """

    max_attempts: int = field(default=10, validator=validators.gt(0))
    retry_delay: float = field(default=1.0, validator=validators.gt(0.0))
    longest_delay: float = field(default=300.0, validator=validators.gt(0.0))
    keep: float = field(default=7 * 86_400.0, validator=validators.ge(0.0))
    remember: float = field(default=30 * 86_400.0, validator=validators.gt(0.0))

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the failed `attempt` (from 1)."""
        return min(self.retry_delay * 2.0 ** min(attempt - 1, 60), self.longest_delay)


class Inbox(ABC):
    """Verified deliveries, each kept until a consumer has handled it: at least once, not exactly once.

    An event comes again if its consumer fails, is killed, or holds it longer than its lease; so handle it in a
    way that a second time does no harm (its `key` tells). `async for delivery in inbox` gives them oldest first
    to as many consumers as there are; a retried one comes later.

    To keep events elsewhere, write the abstract methods; each must be atomic, and `put` durable when it returns.
    """

    policy: Policy

    @abstractmethod
    async def put(self, arrival: Arrival) -> bool:
        """Store it durably; False if its key is known already (it is safe all the same).

        Raises `OverloadedError`, `InboxFullError` or `InboxClosedError` (all `InboxError`): then it is not
        stored. A cancelled call may have stored it.
        """

    @abstractmethod
    async def claim(self, *, most: int, lease: float) -> tuple[Sequence[Lease], float | None]:
        """Up to `most` events that are due, for `lease` seconds, and seconds until the next is (None: unknown).

        A cancelled call claims none.
        """

    @abstractmethod
    async def finish(self, lease: Lease) -> None:
        """The event is handled. Raises `LeaseLostError`."""

    @abstractmethod
    async def retry(self, lease: Lease, *, delay: float | None, error: str) -> None:
        """Give the event again after `delay`, or make it dead after its last attempt. Raises `LeaseLostError`."""

    @abstractmethod
    async def release(self, lease: Lease) -> None:
        """Give the event again at once, the attempt not counted. Of a lost lease nothing happens."""

    @abstractmethod
    async def extend(self, lease: Lease, seconds: float) -> Lease:
        """The lease, to end `seconds` from now. Raises `LeaseLostError`."""

    @abstractmethod
    async def stored(self, state: State | None = None, *, after: int = 0, most: int = 100) -> Sequence[Stored]:
        """Events to look at, by number, those after `after`."""

    @abstractmethod
    async def requeue(self, key: str) -> bool:
        """Make a dead or handled event wait again, its attempts at 0; False if there is none with a body."""

    @abstractmethod
    async def counts(self) -> Counts:
        """How many there are."""

    @abstractmethod
    async def aclose(self) -> None:
        """Finish what was begun, refuse what comes. Safe to call twice."""

    @abstractmethod
    async def wait(self, seconds: float | None) -> None:
        """Return when something may be due: at the latest after `seconds`, sooner when an event is stored."""

    async def deliveries(self, *, lease: float = 60.0) -> AsyncGenerator[Delivery, None]:
        """Events as they come, for ever, each leased for `lease` seconds from when it is given out.

        Claims one at a time, so that none waits in a busy consumer. Ends when the inbox is closed; raises
        `InboxError` if it fails.
        """
        while True:
            try:
                leases, pause = await self.claim(most=1, lease=lease)
            except InboxClosedError:
                return
            for one in leases:
                yield Delivery(self, one)
            if not leases:
                await self.wait(pause)

    def __aiter__(self) -> AsyncIterator[Delivery]:
        return self.deliveries()

    async def consume(
        self,
        handler: Callable[[Event], Awaitable[Any]] | Callable[[Event], Any],
        *,
        concurrency: int = 1,
        lease: float = 60.0,
    ) -> None:
        """Give each event to `handler`, up to `concurrency` at once, until cancelled or closed.

        An async handler runs as a task and is cancelled shortly before its lease ends; a plain function runs in a
        thread, where it may block but cannot be stopped. What it raises is logged by its type, and the event
        comes again. Cancelling gives unfinished events back at once.
        """
        is_async = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(
            getattr(handler, "__call__", None)  # noqa: B004
        )

        async def call(event: Event) -> None:
            if is_async:
                await handler(event)
            else:
                await anyio.to_thread.run_sync(handler, event, abandon_on_cancel=True)

        async with anyio.create_task_group() as group:
            for _ in range(concurrency):
                group.start_soon(self._work, call, lease)

    async def _work(self, call: Callable[[Event], Awaitable[None]], lease: float) -> None:
        while True:
            try:
                async with aclosing(self.deliveries(lease=lease)) as deliveries:
                    async for delivery in deliveries:
                        await _handle(delivery, call, 0.9 * lease)
                return
            except InboxError as error:  # a full disk, a locked file: it may pass
                _log.warning("the inbox failed (%s); trying again", error)
                await anyio.sleep(1.0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self.aclose()


async def _handle(delivery: Delivery, call: Callable[[Event], Awaitable[None]], seconds: float) -> None:
    try:
        async with delivery:
            with anyio.fail_after(seconds):
                await call(delivery.event)
    except LeaseLostError:
        _log.warning("%r took longer than its lease: somebody else has it", delivery)
    except InboxError:
        raise
    except Exception as error:
        _log.warning("%r failed (%s); it comes again", delivery, type(error).__name__)


class Bell:
    """Wakes the consumers that wait, in whichever event loop they run."""

    def __init__(self) -> None:
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def ring(self) -> None:
        """Wake all that wait."""
        for loop, event in tuple(self._waiting):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def wait(self, seconds: float | None) -> None:
        """Return when it rings, or after `seconds`."""
        waiting = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(waiting)
        try:
            with anyio.move_on_after(seconds):
                await waiting[1].wait()
        finally:
            self._waiting.discard(waiting)
