"""The inbox: where verified deliveries wait to be handled, and the loop of its consumers."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from types import TracebackType
from typing import Self

import anyio
from attrs import field, frozen, validators

from ._consumer import Handler, consume
from .delivery import Counts, Delivery, Lease, SignedMessage, State, StoredEvent
from .errors import InboxClosedError

__all__ = ["Inbox", "InboxPolicy", "Notifier"]


@frozen(kw_only=True)
class InboxPolicy:
    """Retries and retention. Times are seconds. Raises ValueError for a value out of range.

    - `max_attempts`: the number of attempts after which an event becomes a dead letter.
    - `retry_delay`, `max_retry_delay`: the delay after the first failed attempt; it doubles with each attempt, up to
      the maximum.
    - `body_retention`: how long the body of a handled event is kept, for inspection and replay.
    - `dead_retention`: how long the body of a dead letter is kept. It was paid for: requeue it before.
    - `key_retention`: how long the deduplication key of either is kept, so that a late retry or a replay is
      recognised. At least as long as its body.

    An event that waits is kept until it is handled or dead, whatever its age. Opt-outs are events like any other.
    """

    max_attempts: int = field(default=10, validator=validators.gt(0))
    retry_delay: float = field(default=1.0, validator=validators.gt(0.0))
    max_retry_delay: float = field(default=300.0, validator=validators.gt(0.0))
    body_retention: float = field(default=7 * 86_400.0, validator=validators.ge(0.0))
    dead_retention: float = field(default=30 * 86_400.0, validator=validators.ge(0.0))
    key_retention: float = field(default=30 * 86_400.0, validator=validators.gt(0.0))

    def delay(self, attempt: int) -> float:
        """The seconds to wait after the failed `attempt` (from 1)."""
        return min(self.retry_delay * 2.0 ** min(attempt - 1, 60), self.max_retry_delay)


class Inbox(ABC):
    """A queue of verified deliveries with at-least-once delivery to its consumers.

    An event is delivered again if its consumer fails, is killed, or holds it longer than its lease, so handling must
    be idempotent (use the event's `key`). `async for delivery in inbox` yields events oldest first; retries follow
    later. Any number of consumers may iterate at the same time, and each event is leased to one of them.

    To store events elsewhere, implement the abstract methods. Each must be atomic, and `put` durable on return.
    """

    policy: InboxPolicy

    @abstractmethod
    async def put(self, message: SignedMessage) -> bool:
        """Store a message durably; return False if its key is known already (it is then stored all the same).

        Raises `OverloadedError`, `InboxFullError` or `InboxClosedError` (all `InboxError`) if it was not stored. A
        cancelled call may have stored it.
        """

    @abstractmethod
    async def claim(self, *, max_events: int, lease: float) -> tuple[Sequence[Lease], float | None]:
        """Lease up to `max_events` due events for `lease` seconds.

        Returns the leases, and the seconds until the next event is due (None: unknown). A cancelled call leases none.
        """

    @abstractmethod
    async def ack(self, lease: Lease) -> None:
        """Mark the event as handled. Raises `LeaseLostError`."""

    @abstractmethod
    async def nack(self, lease: Lease, *, delay: float | None, error: str) -> None:
        """Make the event due after `delay` seconds, or dead after its last attempt. Raises `LeaseLostError`."""

    @abstractmethod
    async def release(self, lease: Lease) -> None:
        """Make the event due at once and do not count the attempt. Does nothing if the lease was lost."""

    @abstractmethod
    async def extend(self, lease: Lease, seconds: float) -> Lease:
        """The lease, to expire `seconds` from now. Raises `LeaseLostError`."""

    @abstractmethod
    async def list_events(
        self, state: State | None = None, *, after: int = 0, page_size: int = 100
    ) -> Sequence[StoredEvent]:
        """A page of the stored events in ascending order of `number`, starting after the number `after`."""

    @abstractmethod
    async def requeue(self, key: str) -> bool:
        """Make a dead or handled event wait again with 0 attempts; False if there is none that has a body."""

    @abstractmethod
    async def counts(self) -> Counts:
        """The number of events in each state."""

    @abstractmethod
    async def aclose(self) -> None:
        """Finish pending operations and refuse further ones. Safe to call twice."""

    @abstractmethod
    async def wait(self, seconds: float | None) -> None:
        """Return when an event is stored or made due, and after `seconds` at the latest (None: no limit)."""

    async def deliveries(self, *, lease: float = 60.0) -> AsyncGenerator[Delivery, None]:
        """Yield events as they become due, until the inbox is closed. Each is leased for `lease` seconds.

        Events are claimed one at a time, so none waits behind a busy consumer. Raises `InboxError` if the inbox
        fails.
        """
        while True:
            try:
                leases, pause = await self.claim(max_events=1, lease=lease)
            except InboxClosedError:
                return
            for claimed in leases:
                yield Delivery(self, claimed)
            if not leases:
                await self.wait(pause)

    def __aiter__(self) -> AsyncIterator[Delivery]:
        return self.deliveries()

    async def consume(
        self,
        handler: Handler,
        *,
        concurrency: int = 1,
        lease: float = 60.0,
    ) -> None:
        """Call `handler` with each event, up to `concurrency` at a time, until the inbox is closed.

        An async handler runs in the event loop and is cancelled shortly before its lease expires. A plain function
        runs in a worker thread, where it may block but cannot be cancelled: its thread is left behind, and when ten
        of those still run, no further event is handled until one ends. If the handler raises, the type of the
        exception is logged and the event is retried; a `CancelledError` counts as any other exception unless the call
        itself is being cancelled. If the inbox itself fails, the call logs it and tries again. Cancelling releases
        the events that are not handled yet.
        """
        await consume(lambda: self.deliveries(lease=lease), handler, concurrency=concurrency, lease=lease)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self.aclose()


class Notifier:
    """Wakes waiting consumers, whichever event loop each of them runs in."""

    def __init__(self) -> None:
        self._waiters: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def notify(self) -> None:
        """Wake all waiters."""
        for loop, event in tuple(self._waiters):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def wait(self, seconds: float | None) -> None:
        """Return when notified, or after `seconds`."""
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        self._waiters.add(waiter)
        try:
            with anyio.move_on_after(seconds):
                await waiter[1].wait()
        finally:
            self._waiters.discard(waiter)
