"""An inbox in memory: its events are lost with the process."""

import time
from collections.abc import Callable, Sequence
from itertools import count, islice
from uuid import uuid4

from attrs import define, evolve, field

from ._steady_clock import SteadyClock
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

    Holds at most `capacity` events: a new one takes the place of the oldest handled one, whose key is then forgotten.
    If none is handled, `put` raises `InboxFullError`. Retention is applied when an event is put. `clock` returns
    seconds since 1970. Use it in one event loop.
    """

    def __init__(
        self, *, capacity: int = 10_000, policy: InboxPolicy | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.policy = policy or InboxPolicy()
        self._capacity = capacity
        self._clock = SteadyClock(clock)
        self._entries: dict[str, _HeldEvent] = {}
        self._waiting: dict[str, _HeldEvent] = {}
        self._settled: dict[State, dict[str, _HeldEvent]] = {State.HANDLED: {}, State.DEAD: {}}
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
            if not self._settled[State.HANDLED]:
                raise InboxFullError(f"the inbox has reached its capacity of {self._capacity} events")
            self._drop(State.HANDLED)
        entry = _HeldEvent(next(self._numbers), message, received_at=now, due_at=now)
        self._entries[message.key] = self._waiting[message.key] = entry
        self._notifier.notify()
        return True

    async def claim(self, *, max_events: int, lease: float) -> tuple[Sequence[Lease], float | None]:
        """See `Inbox.claim`."""
        now = self._now()
        leases: list[Lease] = []
        waiting = sorted(self._waiting.values(), key=lambda entry: (entry.due_at, entry.number))
        for entry in waiting:
            if entry.due_at > now or len(leases) == max_events:
                break
            if entry.attempts >= self.policy.max_attempts:
                entry.error = "the lease of the last attempt expired"
                self._settle(entry, State.DEAD)
                continue
            entry.attempts += 1
            entry.token, entry.due_at = uuid4().hex, now + lease
            leases.append(_lease(entry))
        due = min((entry.due_at for entry in self._waiting.values()), default=None)
        return leases, None if due is None else max(due - now, 0.0)

    async def ack(self, lease: Lease) -> None:
        """See `Inbox.ack`."""
        self._settle(self._leased(lease), State.HANDLED)

    async def nack(self, lease: Lease, *, delay: float | None, error: str) -> None:
        """See `Inbox.nack`."""
        entry = self._leased(lease)
        entry.token, entry.error = "", error
        if entry.attempts >= self.policy.max_attempts:
            self._settle(entry, State.DEAD)
        else:
            entry.due_at = self._clock() + (self.policy.delay(entry.attempts) if delay is None else delay)
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
        del self._settled[entry.state][key]
        self._waiting[key] = entry
        entry.state, entry.attempts, entry.due_at = State.WAITING, 0, self._clock()
        self._notifier.notify()
        return True

    async def counts(self) -> Counts:
        """See `Inbox.counts`."""
        now = self._clock()
        return Counts(
            waiting=len(self._waiting),
            leased=sum(1 for entry in self._waiting.values() if entry.token and entry.due_at > now),
            handled=len(self._settled[State.HANDLED]),
            dead=len(self._settled[State.DEAD]),
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

    def _settle(self, entry: _HeldEvent, state: State) -> None:
        key = entry.message.key
        del self._waiting[key]
        self._settled[state][key] = entry
        entry.state, entry.token, entry.settled_at = state, "", self._clock()

    def _drop(self, state: State) -> None:
        """Drop the event that was settled first."""
        key = next(iter(self._settled[state]))
        del self._settled[state][key], self._entries[key]

    def _leased(self, lease: Lease) -> _HeldEvent:
        entry = self._entries.get(lease.message.key)
        if entry is None or entry.state != State.WAITING or entry.token != lease.token:
            raise LeaseLostError
        return entry

    def _prune(self, now: float) -> None:
        """Drop what was settled too long ago. Bodies are dropped with their keys: the capacity bounds both."""
        policy = self.policy
        for state, kept in ((State.HANDLED, policy.body_retention), (State.DEAD, policy.dead_retention)):
            settled = self._settled[state]
            before = now - max(policy.key_retention, kept)
            while settled and next(iter(settled.values())).settled_at < before:
                self._drop(state)


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
