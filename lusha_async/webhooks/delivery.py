"""What an inbox stores, and what a consumer gets from it."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from functools import cached_property
from types import TracebackType
from typing import Protocol, Self

import anyio
from attrs import field, frozen

from .._repr import half_made
from .events import Event, identify, read_event

__all__ = ["Counts", "Delivery", "Lease", "LeaseStore", "SignedMessage", "State", "StoredEvent", "is_cancelled"]


@frozen(kw_only=True)
class SignedMessage:
    """A verified delivery. `body` holds the bytes that were signed; `signed_at` is in seconds since 1970.

    `timestamp` and `signature` are the values of the headers, so that a forwarded message can be verified again.
    """

    body: bytes = field(repr=False)
    timestamp: str
    signature: str = field(repr=False)
    signed_at: float

    @property
    def key(self) -> str:
        """The deduplication key: equal for all deliveries of the same event."""
        return self._identity[0]

    @property
    def webhook_id(self) -> str | None:
        """The id that the acknowledgement returns; None if there is none."""
        return self._identity[1]

    @cached_property
    def _identity(self) -> tuple[str, str | None]:
        return identify(self.body)


class State(StrEnum):
    """The state of an event: waiting to be handled (also while leased), handled, or a dead letter."""

    WAITING = "waiting"
    HANDLED = "handled"
    DEAD = "dead"


@frozen(kw_only=True)
class Lease:
    """A consumer's exclusive right to an event until `expires_at` (seconds since 1970). `attempt` counts from 1."""

    number: int
    token: str = field(repr=False)
    expires_at: float
    attempt: int
    received_at: float
    message: SignedMessage


@frozen(kw_only=True)
class StoredEvent:
    """An event as it stands in the inbox; `number` orders events by arrival.

    `body` is None once the body of a handled event has been deleted and only its key is kept.
    """

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
    """Events by state. `leased` counts the waiting ones that a consumer holds."""

    waiting: int
    leased: int
    handled: int
    dead: int


class LeaseStore(Protocol):
    """The operations of an inbox that a delivery uses; see `Inbox`."""

    async def ack(self, lease: Lease) -> None: ...  # noqa: D102

    async def nack(self, lease: Lease, *, delay: float | None, error: str) -> None: ...  # noqa: D102

    async def release(self, lease: Lease) -> None: ...  # noqa: D102

    async def extend(self, lease: Lease, seconds: float) -> Lease: ...  # noqa: D102


def is_cancelled(error: BaseException) -> bool:
    """Whether `error` ends this task because of what others ask of it, rather than because of what the task does.

    Awaiting a task that somebody else cancelled raises a `CancelledError` too.
    """
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return isinstance(error, GeneratorExit | KeyboardInterrupt)


class Delivery:
    """An event leased to a consumer.

    Use it with `async with`: it is acknowledged when the block ends, retried later when the block raises, and
    released at once when the block is cancelled (another task's `CancelledError` is a failure like any other). Or
    call `ack`, `nack` or `release` yourself. Without any of these it is delivered again when the lease expires.
    """

    def __init__(self, inbox: LeaseStore, lease: Lease) -> None:
        self._inbox = inbox
        self._lease = lease
        self._settled = False

    @property
    def event(self) -> Event:
        """The event. Raises `UnreadableEventError` if the body is not a JSON object."""
        return read_event(self._lease.message.body, signed_at=self._lease.message.signed_at)

    @property
    def message(self) -> SignedMessage:
        """The signed body and its headers, for forwarding."""
        return self._lease.message

    @property
    def key(self) -> str:
        """The deduplication key, equal for all deliveries of the event: store it with what handling writes."""
        return self._lease.message.key

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return self._lease.attempt

    @property
    def received_at(self) -> float:
        """When the event was stored, in seconds since 1970."""
        return self._lease.received_at

    @property
    def leased_until(self) -> float:
        """When the lease expires, in seconds since 1970."""
        return self._lease.expires_at

    async def ack(self) -> None:
        """Mark the event as handled. Cancelling does not undo it.

        Raises `LeaseLostError` if another consumer has taken the event.
        """
        await self._inbox.ack(self._lease)
        self._settled = True

    async def nack(self, *, delay: float | None = None, error: str = "") -> None:
        """Report a failed attempt: the event is delivered again after `delay` seconds.

        Without `delay`, the inbox's policy decides (the delay doubles with each attempt). After the policy's
        `max_attempts` the event becomes a dead letter. `error` is stored with it: do not put personal data there.
        Raises `LeaseLostError` if another consumer has taken the event.
        """
        await self._inbox.nack(self._lease, delay=delay, error=error)
        self._settled = True

    async def release(self) -> None:
        """Return the event unhandled: it is delivered again at once, and this attempt does not count.

        Does nothing if another consumer has taken the event.
        """
        await self._inbox.release(self._lease)
        self._settled = True

    async def extend(self, seconds: float) -> None:
        """Let the lease expire `seconds` from now. Raises `LeaseLostError` if another consumer has taken the event."""
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
            elif is_cancelled(error):
                await self.release()
            else:
                await self.nack(error=type(error).__name__)

    @half_made
    def __repr__(self) -> str:
        return f"<Delivery {self._lease.number}, attempt {self.attempt}>"
