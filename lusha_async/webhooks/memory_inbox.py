"""An inbox in memory: its events are lost with the process."""

import time
from collections.abc import Callable, Sequence
from itertools import count, islice
from uuid import uuid4

from attrs import define, evolve, field

from .delivery import Counts, Lease, SignedMessage, State, StoredEvent
from .errors import InboxClosedError, InboxFullError, LeaseLostError
from .inbox import Inbox, InboxPolicy, Notifier

__all__ = ["MemoryInbox"]


@define
class _HeldEvent:
    number: int
    message: SignedMessage
    received_at: float
    due_at: float
    state: State = State.WAITING
    token: str = ""
    attempts: int = 0
    settled_at: float = 0.0
    error: str | None = field(default=None)


class MemoryInbox(Inbox):
    """Behaves as `SQLiteInbox`, but its events are lost with the process: for tests and for watching deliveries.

    Holds at most `capacity` events. `clock` returns seconds since 1970. Use it in one event loop.
    """

    def __init__(
        self, *, capacity: int = 10_000, policy: InboxPolicy | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.policy = policy or InboxPolicy()
        self._capacity = capacity
        self._clock = clock
        self._entries: dict[str, _HeldEvent] = {}
        self._numbers = count(1)
        self._notifier = Notifier()
        self._closed = False

    async def put(self, message: SignedMessage) -> bool:
        """See `Inbox.put`."""
        now = self._now()
        self._prune(now)
        if message.key in self._entries:
            return False
        if len(self._entries) >= self._capacity:
            raise InboxFullError(f"the inbox has reached its capacity of {self._capacity} events")
        self._entries[message.key] = _HeldEvent(next(self._numbers), message, received_at=now, due_at=now)
        self._notifier.notify()
        return True

    async def claim(self, *, max_events: int, lease: float) -> tuple[Sequence[Lease], float | None]:
        """See `Inbox.claim`."""
        now = self._now()
        leases: list[Lease] = []
        waiting = sorted(self._waiting(), key=lambda entry: (entry.due_at, entry.number))
        for entry in waiting:
            if entry.due_at > now or len(leases) == max_events:
                break
            if entry.attempts >= self.policy.max_attempts:
                entry.state, entry.error, entry.settled_at = (
                    State.DEAD,
                    "the lease of the last attempt expired",
                    now,
                )
                continue
            entry.attempts += 1
            entry.token, entry.due_at = uuid4().hex, now + lease
            leases.append(_lease(entry))
        due = min((entry.due_at for entry in self._waiting()), default=None)
        return leases, None if due is None else max(due - now, 0.0)

    async def ack(self, lease: Lease) -> None:
        """See `Inbox.ack`."""
        entry = self._leased(lease)
        entry.state, entry.token, entry.settled_at = State.HANDLED, "", self._clock()

    async def nack(self, lease: Lease, *, delay: float | None, error: str) -> None:
        """See `Inbox.nack`."""
        entry, now = self._leased(lease), self._clock()
        entry.token, entry.error = "", error
        if entry.attempts >= self.policy.max_attempts:
            entry.state, entry.settled_at = State.DEAD, now
        else:
            entry.due_at = now + (self.policy.delay(entry.attempts) if delay is None else delay)
        self._notifier.notify()

    async def release(self, lease: Lease) -> None:
        """See `Inbox.release`."""
        try:
            entry = self._leased(lease)
        except LeaseLostError:
            return
        entry.token, entry.due_at, entry.attempts = "", self._clock(), entry.attempts - 1
        self._notifier.notify()

    async def extend(self, lease: Lease, seconds: float) -> Lease:
        """See `Inbox.extend`."""
        entry = self._leased(lease)
        entry.due_at = self._clock() + seconds
        return evolve(lease, expires_at=entry.due_at)

    async def list_events(
        self, state: State | None = None, *, after: int = 0, page_size: int = 100
    ) -> Sequence[StoredEvent]:
        """See `Inbox.list_events`."""
        matching = (
            entry
            for entry in self._entries.values()
            if entry.number > after and (state is None or entry.state == state)
        )
        return [_stored_event(entry) for entry in islice(matching, page_size)]

    async def requeue(self, key: str) -> bool:
        """See `Inbox.requeue`."""
        entry = self._entries.get(key)
        if entry is None or entry.state == State.WAITING:
            return False
        entry.state, entry.attempts, entry.due_at = State.WAITING, 0, self._clock()
        self._notifier.notify()
        return True

    async def counts(self) -> Counts:
        """See `Inbox.counts`."""
        states = [entry.state for entry in self._entries.values()]
        now = self._clock()
        return Counts(
            waiting=states.count(State.WAITING),
            leased=sum(1 for entry in self._waiting() if entry.token and entry.due_at > now),
            handled=states.count(State.HANDLED),
            dead=states.count(State.DEAD),
        )

    async def aclose(self) -> None:
        """See `Inbox.aclose`."""
        self._closed = True
        self._notifier.notify()

    async def wait(self, seconds: float | None) -> None:
        """See `Inbox.wait`."""
        await self._notifier.wait(seconds)

    def _now(self) -> float:
        if self._closed:
            raise InboxClosedError("the inbox is closed")
        return self._clock()

    def _waiting(self) -> list[_HeldEvent]:
        return [entry for entry in self._entries.values() if entry.state == State.WAITING]

    def _leased(self, lease: Lease) -> _HeldEvent:
        entry = self._entries.get(lease.message.key)
        if entry is None or entry.state != State.WAITING or entry.token != lease.token:
            raise LeaseLostError
        return entry

    def _prune(self, now: float) -> None:
        """Drop the oldest entries while they are handled and past the key retention."""
        while self._entries:
            key, entry = next(iter(self._entries.items()))
            if entry.state != State.HANDLED or entry.settled_at + self.policy.key_retention > now:
                return
            del self._entries[key]


def _lease(entry: _HeldEvent) -> Lease:
    return Lease(
        number=entry.number,
        token=entry.token,
        expires_at=entry.due_at,
        attempt=entry.attempts,
        received_at=entry.received_at,
        message=entry.message,
    )


def _stored_event(entry: _HeldEvent) -> StoredEvent:
    return StoredEvent(
        number=entry.number,
        key=entry.message.key,
        state=entry.state,
        attempts=entry.attempts,
        received_at=entry.received_at,
        error=entry.error,
        body=entry.message.body,
        timestamp=entry.message.timestamp,
        signature=entry.message.signature,
        signed_at=entry.message.signed_at,
    )
