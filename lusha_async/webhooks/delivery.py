"""What an inbox keeps, and what a consumer gets of it."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from types import TracebackType
from typing import Protocol, Self

import anyio
from attrs import field, frozen

from .events import Event, identify, read_event

__all__ = ["Arrival", "Counts", "Delivery", "Lease", "State", "Stored"]


@frozen(kw_only=True)
class Arrival:
    """A verified delivery on its way into an inbox. `body` holds the bytes that were signed.

    `timestamp` and `signature` are the headers as sent, so that it can be passed on and verified again.
    """

    body: bytes = field(repr=False)
    timestamp: str
    signature: str = field(repr=False)
    signed_at: float

    @property
    def key(self) -> str:
        """What tells two deliveries of the same event."""
        return self._identity[0]

    @property
    def webhook_id(self) -> str | None:
        """What the acknowledgement echoes; None if there is nothing to."""
        return self._identity[1]

    @cached_property
    def _identity(self) -> tuple[str, str | None]:
        return identify(self.body)


class State(StrEnum):
    """Where an event is: to be handled (now, later, or in somebody's hands), handled, or given up."""

    WAITING = "waiting"
    HANDLED = "handled"
    DEAD = "dead"


@frozen(kw_only=True)
class Lease:
    """A consumer's right to an event until `until` (seconds since 1970). `attempt` counts from 1."""

    number: int
    token: str = field(repr=False)
    until: float
    attempt: int
    received_at: float
    arrival: Arrival


@frozen(kw_only=True)
class Stored:
    """An event in the inbox, to look at. `body` is None once only the key of a handled one is kept."""

    number: int
    key: str
    state: State
    attempts: int
    received_at: float
    error: str | None
    body: bytes | None = field(repr=False)
    timestamp: str
    signature: str = field(repr=False)
    signed_at: float


@frozen(kw_only=True)
class Counts:
    """Events by state; `leased` of the waiting ones are in a consumer's hands."""

    waiting: int
    leased: int
    handled: int
    dead: int


class Keeper(Protocol):
    """What a delivery needs of the inbox that it came from; see `Inbox`."""

    async def finish(self, lease: Lease) -> None:
        """It is handled."""
        ...

    async def retry(self, lease: Lease, *, delay: float | None, error: str) -> None:
        """It could not be handled."""
        ...

    async def release(self, lease: Lease) -> None:
        """It was not tried."""
        ...

    async def extend(self, lease: Lease, seconds: float) -> Lease:
        """It takes longer."""
        ...


class Delivery:
    """An event in a consumer's hands, until its lease ends.

    Use it with `async with`: handled when the block ends, again later when it raises, at once for somebody else
    when it is cancelled. Or call `ack` or `nack`. If neither is done, it comes again after the lease.
    """

    def __init__(self, inbox: Keeper, lease: Lease) -> None:
        self._inbox = inbox
        self._lease = lease
        self._settled = False

    @property
    def event(self) -> Event:
        """What the vendor delivered. Raises `UnreadableEventError` if it is no JSON object."""
        return read_event(self._lease.arrival.body, signed_at=self._lease.arrival.signed_at)

    @property
    def arrival(self) -> Arrival:
        """The bytes and headers, to pass on."""
        return self._lease.arrival

    @property
    def key(self) -> str:
        """What tells two deliveries of the same event: keep it beside what handling it writes."""
        return self._lease.arrival.key

    @property
    def attempt(self) -> int:
        """How often it was given to a consumer, this time included."""
        return self._lease.attempt

    @property
    def received_at(self) -> float:
        """When it was stored, in seconds since 1970."""
        return self._lease.received_at

    @property
    def leased_until(self) -> float:
        """When it will be given to somebody else, in seconds since 1970."""
        return self._lease.until

    async def ack(self) -> None:
        """It is handled, for good. Raises `LeaseLostError` if somebody else has it by now.

        Cancelling does not undo it.
        """
        await self._inbox.finish(self._lease)
        self._settled = True

    async def nack(self, *, delay: float | None = None, error: str = "") -> None:
        """It could not be handled: give it again after `delay` seconds (default: twice as long each time).

        After the inbox's `max_attempts` it is dead. `error` is kept beside it: name no people in it. Raises
        `LeaseLostError` as `ack` does.
        """
        await self._inbox.retry(self._lease, delay=delay, error=error)
        self._settled = True

    async def release(self) -> None:
        """Give it back untouched: it comes again at once, and this attempt does not count."""
        await self._inbox.release(self._lease)
        self._settled = True

    async def extend(self, seconds: float) -> None:
        """Keep it for `seconds` from now. Raises `LeaseLostError` if somebody else has it by now."""
        self._lease = await self._inbox.extend(self._lease, seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._settled:
            return
        with anyio.CancelScope(shield=True):
            if error is None:
                await self.ack()
            elif isinstance(error, Exception):
                await self.nack(error=type(error).__name__)
            else:
                await self.release()

    def __repr__(self) -> str:
        return f"<Delivery {self._lease.number}, attempt {self.attempt}>"
