"""Webhook subscriptions, their outbox and audit log. Pure: `now` is an argument, nothing is sent from here.

A delivery is a POST whose raw bytes are signed; the receiver has ten seconds to answer 2xx and name the
payload. A failed delivery is retried three times with growing delays, then the subscription is blocked. The
delays are not published; here they are 1, 4 and 16 seconds. Source: the vendor's webhook pages.
"""

import hashlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, field, frozen

from ..clock import iso
from .wire import signature

__all__ = ["RETRY_DELAYS", "TIMEOUT", "Attempt", "Deliver", "Delivery", "DeliveryLog", "Subscription", "Webhooks"]

RETRY_DELAYS = (1.0, 4.0, 16.0)
"""Seconds before each retry."""
TIMEOUT = 10.0
"""Seconds that a receiver has to respond."""
_KEEP_SUCCESS, _KEEP_FAILURE = 90 * 86_400.0, 180 * 86_400.0  # seconds
_MAX_LOGS = 10_000
_BLOCKED = "Max retries exceeded"


@define(kw_only=True)
class Subscription:
    """A subscription to the events of one entity, or to all opt-outs."""

    id: str
    entity_type: str
    entity_id: str
    signal_types: list[str]
    url: str
    name: str
    created: float
    updated: float
    is_active: bool = True
    block_reason: str | None = None
    blocked_at: float | None = None

    def block(self, now: float) -> None:
        """Deactivate it after the last retry failed."""
        self.is_active, self.block_reason, self.blocked_at = False, _BLOCKED, now

    def unblock(self) -> None:
        """Activate it again."""
        self.is_active, self.block_reason, self.blocked_at = True, None, None

    def report(self) -> dict[str, Any]:
        """The subscription as JSON, without the secret."""
        return {
            "id": self.id,
            "entityType": self.entity_type,
            "entityId": self.entity_id,
            "signalTypes": list(self.signal_types),
            "url": self.url,
            "name": self.name,
            "isActive": self.is_active,
            "blockReason": self.block_reason,
            "blockedAt": None if self.blocked_at is None else iso(self.blocked_at),
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
        }


@define(kw_only=True)
class Delivery:
    """A payload to deliver; every attempt sends the same bytes."""

    id: str
    """The payload's id; empty for an opt-out, which has none."""
    subscription: Subscription
    body: bytes = field(repr=False)
    due: float
    attempts: int = 0
    skew: float = 0.0
    """Seconds by which the timestamp is too old."""
    forged: bool = False
    """Whether the signature is wrong."""


@frozen(kw_only=True)
class DeliveryLog:
    """An entry of the audit log: one attempt."""

    id: str
    subscription_id: str
    payload_id: str
    status: str
    status_code: int | None
    url: str
    at: float
    duration_ms: int
    error: str | None

    def report(self) -> dict[str, Any]:
        """The entry as JSON."""
        entry: dict[str, Any] = {
            "id": self.id,
            "subscriptionId": self.subscription_id,
            "payloadId": self.payload_id,
            "status": self.status,
            "url": self.url,
            "deliveredAt": iso(self.at),
            "durationMs": self.duration_ms,
            "error": self.error,
        }
        return entry if self.status_code is None else entry | {"statusCode": self.status_code}


@frozen(kw_only=True)
class Attempt:
    """The outcome of one attempt; `error` is None if the receiver acknowledged it."""

    status: int | None
    duration_ms: int
    error: str | None


Deliver = Callable[[Delivery], Awaitable[Attempt]]
"""Sends a delivery once and returns the outcome."""


class Webhooks:
    """The account's subscriptions, secret, audit log and outbox."""

    def __init__(self, seed: int, delays: tuple[float, ...] = RETRY_DELAYS) -> None:
        self._seed = seed
        self._delays = delays
        self._ids = 0
        self.subscriptions: dict[str, Subscription] = {}
        self.secret: str | None = None
        self.outbox: list[Delivery] = []
        self._logs: deque[DeliveryLog] = deque(maxlen=_MAX_LOGS)

    def new_id(self, kind: str) -> str:
        """A new id; the same seed and order give the same ids."""
        self._ids += 1
        return hashlib.blake2b(f"{self._seed}:{kind}:{self._ids}".encode(), digest_size=12).hexdigest()

    def regenerate_secret(self) -> str:
        """Replace the secret; the old one is invalid at once."""
        digest = hashlib.blake2b(f"{self._seed}:secret:{self.new_id('secret')}".encode(), digest_size=24)
        self.secret = f"whsec_{digest.hexdigest()}"
        return self.secret

    def due(self, now: float) -> list[Delivery]:
        """Remove the deliveries that are due from the outbox and return them."""
        ready = [delivery for delivery in self.outbox if delivery.due <= now]
        self.outbox = [delivery for delivery in self.outbox if delivery.due > now]
        return ready

    def record(self, delivery: Delivery, now: float, attempt: Attempt) -> None:
        """Log an attempt; schedule a retry if it failed, or block the subscription after the last one."""
        delivery.attempts += 1
        is_last = delivery.attempts > len(self._delays)
        status = "success" if attempt.error is None else "permanent_failure" if is_last else "failed"
        self._logs.append(
            DeliveryLog(
                id=self.new_id("log"),
                subscription_id=delivery.subscription.id,
                payload_id=delivery.id,
                status=status,
                status_code=attempt.status,
                url=delivery.subscription.url,
                at=now,
                duration_ms=attempt.duration_ms,
                error=attempt.error,
            )
        )
        if status == "failed":
            delivery.due = now + self._delays[delivery.attempts - 1]
            self.outbox.append(delivery)
        elif status == "permanent_failure":
            delivery.subscription.block(now)

    def logs(self, now: float, *, subscription: str | None = None, status: str | None = None) -> list[DeliveryLog]:
        """The audit log, newest first: successes of 90 days, failures of 180 days."""
        return [
            log
            for log in reversed(self._logs)
            if subscription in {None, log.subscription_id}
            and status in {None, log.status}
            and now - log.at <= (_KEEP_SUCCESS if log.status == "success" else _KEEP_FAILURE)
        ]

    def headers(self, delivery: Delivery, now: float) -> dict[str, str]:
        """The headers of an attempt. The timestamp is in whole seconds; the vendor publishes no unit."""
        timestamp = str(int(now - delivery.skew))
        secret = "whsec_forged" if delivery.forged else self.secret or ""
        return {
            "content-type": "application/json",
            "user-agent": "Lusha-Webhooks/1.0",
            "x-lusha-timestamp": timestamp,
            "x-lusha-signature": signature(secret, timestamp, delivery.body),
        }
