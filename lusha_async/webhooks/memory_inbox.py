"""An inbox in memory, for tests: nothing of it outlives the process."""

import time
from collections.abc import Callable, Sequence
from itertools import count, islice
from uuid import uuid4

from attrs import define, evolve, field

from .delivery import Arrival, Counts, Lease, State, Stored
from .errors import InboxClosedError, InboxFullError, LeaseLostError
from .inbox import Bell, Inbox, Policy

__all__ = ["MemoryInbox"]


@define
class _HeldEvent:
    number: int
    arrival: Arrival
    received_at: float
    due_at: float
    state: State = State.WAITING
    token: str = ""
    attempts: int = 0
    settled_at: float = 0.0
    error: str | None = field(default=None)


class MemoryInbox(Inbox):
    """Behaves as `SQLiteInbox`, but acknowledged events are lost with the process: for tests and for looking on.

    Holds at most `capacity` events. `clock` gives seconds since 1970. For one event loop.
    """

    def __init__(
        self, *, capacity: int = 10_000, policy: Policy | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.policy = policy or Policy()
        self._capacity = capacity
        self._clock = clock
        self._entries: dict[str, _HeldEvent] = {}
        self._numbers = count(1)
        self._bell = Bell()
        self._closed = False

    async def put(self, arrival: Arrival) -> bool:
        """See `Inbox.put`."""
        now = self._open()
        self._forget(now)
        if arrival.key in self._entries:
            return False
        if len(self._entries) >= self._capacity:
            raise InboxFullError(f"the inbox holds its {self._capacity} events")
        self._entries[arrival.key] = _HeldEvent(next(self._numbers), arrival, received_at=now, due_at=now)
        self._bell.ring()
        return True

    async def claim(self, *, most: int, lease: float) -> tuple[Sequence[Lease], float | None]:
        """See `Inbox.claim`."""
        now = self._open()
        leases: list[Lease] = []
        waiting = sorted(self._waiting(), key=lambda entry: (entry.due_at, entry.number))
        for entry in waiting:
            if entry.due_at > now or len(leases) == most:
                break
            if entry.attempts >= self.policy.max_attempts:
                entry.state, entry.error, entry.settled_at = State.DEAD, "its last lease ran out", now
                continue
            entry.attempts += 1
            entry.token, entry.due_at = uuid4().hex, now + lease
            leases.append(_lease(entry))
        due = min((entry.due_at for entry in self._waiting()), default=None)
        return leases, None if due is None else max(due - now, 0.0)

    async def finish(self, lease: Lease) -> None:
        """See `Inbox.finish`."""
        entry = self._held(lease)
        entry.state, entry.token, entry.settled_at = State.HANDLED, "", self._clock()

    async def retry(self, lease: Lease, *, delay: float | None, error: str) -> None:
        """See `Inbox.retry`."""
        entry, now = self._held(lease), self._clock()
        entry.token, entry.error = "", error
        if entry.attempts >= self.policy.max_attempts:
            entry.state, entry.settled_at = State.DEAD, now
        else:
            entry.due_at = now + (self.policy.delay(entry.attempts) if delay is None else delay)
        self._bell.ring()

    async def release(self, lease: Lease) -> None:
        """See `Inbox.release`."""
        try:
            entry = self._held(lease)
        except LeaseLostError:
            return
        entry.token, entry.due_at, entry.attempts = "", self._clock(), entry.attempts - 1
        self._bell.ring()

    async def extend(self, lease: Lease, seconds: float) -> Lease:
        """See `Inbox.extend`."""
        entry = self._held(lease)
        entry.due_at = self._clock() + seconds
        return evolve(lease, until=entry.due_at)

    async def stored(self, state: State | None = None, *, after: int = 0, most: int = 100) -> Sequence[Stored]:
        """See `Inbox.stored`."""
        wanted = (
            entry
            for entry in self._entries.values()
            if entry.number > after and (state is None or entry.state == state)
        )
        return [_stored(entry) for entry in islice(wanted, most)]

    async def requeue(self, key: str) -> bool:
        """See `Inbox.requeue`."""
        entry = self._entries.get(key)
        if entry is None or entry.state == State.WAITING:
            return False
        entry.state, entry.attempts, entry.due_at = State.WAITING, 0, self._clock()
        self._bell.ring()
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
        self._bell.ring()

    async def wait(self, seconds: float | None) -> None:
        """See `Inbox.wait`."""
        await self._bell.wait(seconds)

    def _open(self) -> float:
        if self._closed:
            raise InboxClosedError("the inbox was closed")
        return self._clock()

    def _waiting(self) -> list[_HeldEvent]:
        return [entry for entry in self._entries.values() if entry.state == State.WAITING]

    def _held(self, lease: Lease) -> _HeldEvent:
        entry = self._entries.get(lease.arrival.key)
        if entry is None or entry.state != State.WAITING or entry.token != lease.token:
            raise LeaseLostError(f"the lease of event {lease.number} ran out and somebody else has taken it")
        return entry

    def _forget(self, now: float) -> None:
        """Drop the oldest entries while they are handled and older than what is to be remembered."""
        while self._entries:
            key, entry = next(iter(self._entries.items()))
            if entry.state != State.HANDLED or entry.settled_at + self.policy.remember > now:
                return
            del self._entries[key]


def _lease(entry: _HeldEvent) -> Lease:
    return Lease(
        number=entry.number,
        token=entry.token,
        until=entry.due_at,
        attempt=entry.attempts,
        received_at=entry.received_at,
        arrival=entry.arrival,
    )


def _stored(entry: _HeldEvent) -> Stored:
    return Stored(
        number=entry.number,
        key=entry.arrival.key,
        state=entry.state,
        attempts=entry.attempts,
        received_at=entry.received_at,
        error=entry.error,
        body=entry.arrival.body,
        timestamp=entry.arrival.timestamp,
        signature=entry.arrival.signature,
        signed_at=entry.arrival.signed_at,
    )
