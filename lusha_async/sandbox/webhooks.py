"""Webhook subscriptions and what is delivered to them. Pure: `now` is given, nothing is sent from here.

A delivery is a POST whose raw bytes are signed; the receiver has ten seconds to answer 2xx and name the
payload. After the first try there are three more, further and further apart, then the subscription is
blocked. The delays are not published; here they are 1, 4 and 16 seconds. Source: the vendor's webhook pages.
"""

import hashlib
import hmac
import json
from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field, frozen

from .api.schema import as_object
from .clock import iso

__all__ = [
    "Attempt",
    "BACK_OFF",
    "PATIENCE",
    "Delivery",
    "Hooks",
    "Subscription",
    "acknowledged",
    "is_allowed_url",
    "signature",
    "wire_json",
]

BACK_OFF = (1.0, 4.0, 16.0)
"""Seconds before each further try."""
PATIENCE = 10.0
"""Seconds that a receiver has for its answer."""
_KEPT_SUCCESS, _KEPT_FAILURE = 90 * 86_400, 180 * 86_400
_KEPT_LOGS = 10_000
_BLOCKED = "Max retries exceeded"


@define(kw_only=True)
class Subscription:
    """One entity (or all opt-outs) and where its events go."""

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
        """Switch it off after the last try failed."""
        self.is_active, self.block_reason, self.blocked_at = False, _BLOCKED, now

    def unblock(self) -> None:
        """Switch it on again."""
        self.is_active, self.block_reason, self.blocked_at = True, None, None

    def report(self) -> dict[str, Any]:
        """It as JSON, without the secret."""
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
    """A payload on its way; the same bytes are sent in every try."""

    id: str
    """The payload's id, or what stands for it where there is none."""
    subscription: Subscription
    body: bytes = field(repr=False)
    due: float
    tries: int = 0
    skew: float = 0.0
    """Seconds by which its timestamp is too old."""
    forged: bool = False
    """Whether its signature is wrong."""
    billed: bool = True


@frozen(kw_only=True)
class Log:
    """One try, as the audit log keeps it."""

    id: str
    subscription_id: str
    payload_id: str
    status: str
    status_code: int | None
    url: str
    at: float
    milliseconds: int
    error: str | None

    def report(self) -> dict[str, Any]:
        """It as JSON."""
        told: dict[str, Any] = {
            "id": self.id,
            "subscriptionId": self.subscription_id,
            "payloadId": self.payload_id,
            "status": self.status,
            "url": self.url,
            "deliveredAt": iso(self.at),
            "durationMs": self.milliseconds,
            "error": self.error,
        }
        return told if self.status_code is None else told | {"statusCode": self.status_code}


@frozen(kw_only=True)
class Attempt:
    """How one try ended; `error` is None if the receiver acknowledged it."""

    status: int | None
    milliseconds: int
    error: str | None


class Hooks:
    """The account's subscriptions, secret, audit log and outbox."""

    def __init__(self, seed: int, delays: tuple[float, ...] = BACK_OFF) -> None:
        self._seed = seed
        self._delays = delays
        self._made = 0
        self.subscriptions: dict[str, Subscription] = {}
        self.secret: str | None = None
        self.outbox: list[Delivery] = []
        self._logs: deque[Log] = deque(maxlen=_KEPT_LOGS)

    def new_id(self, kind: str) -> str:
        """An id, the same for the same seed and order."""
        self._made += 1
        return hashlib.blake2b(f"{self._seed}:{kind}:{self._made}".encode(), digest_size=12).hexdigest()

    def regenerate_secret(self) -> str:
        """A new secret; the one before is dead at once."""
        digest = hashlib.blake2b(f"{self._seed}:secret:{self.new_id('secret')}".encode(), digest_size=24)
        self.secret = f"whsec_{digest.hexdigest()}"
        return self.secret

    def due(self, now: float) -> list[Delivery]:
        """Take the deliveries whose time has come out of the outbox."""
        ready = [delivery for delivery in self.outbox if delivery.due <= now]
        self.outbox = [delivery for delivery in self.outbox if delivery.due > now]
        return ready

    def settle(
        self, delivery: Delivery, now: float, milliseconds: int, status: int | None, error: str | None
    ) -> None:
        """Note how a try ended: done, to be tried again, or the end of the subscription."""
        delivery.tries += 1
        last = delivery.tries > len(self._delays)
        verdict = "success" if error is None else "permanent_failure" if last else "failed"
        self._logs.append(
            Log(
                id=self.new_id("log"),
                subscription_id=delivery.subscription.id,
                payload_id=delivery.id,
                status=verdict,
                status_code=status,
                url=delivery.subscription.url,
                at=now,
                milliseconds=milliseconds,
                error=error,
            )
        )
        if verdict == "failed":
            delivery.due = now + self._delays[delivery.tries - 1]
            self.outbox.append(delivery)
        elif verdict == "permanent_failure":
            delivery.subscription.block(now)

    def logs(self, now: float, *, subscription: str | None = None, status: str | None = None) -> list[Log]:
        """The audit log, newest first, as far back as the vendor keeps it."""
        return [
            log
            for log in reversed(self._logs)
            if subscription in {None, log.subscription_id}
            and status in {None, log.status}
            and now - log.at <= (_KEPT_SUCCESS if log.status == "success" else _KEPT_FAILURE)
        ]

    def headers(self, delivery: Delivery, now: float) -> dict[str, str]:
        """What a try is sent with; the timestamp is in whole seconds, a choice the vendor has not published."""
        timestamp = str(int(now - delivery.skew))
        secret = "whsec_forged" if delivery.forged else self.secret or ""
        return {
            "content-type": "application/json",
            "user-agent": "Lusha-Webhooks/1.0",
            "x-lusha-timestamp": timestamp,
            "x-lusha-signature": signature(secret, timestamp, delivery.body),
        }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The signature over the bytes that are sent."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def wire_json(payload: Mapping[str, Any]) -> bytes:
    """JSON as the vendor's side writes it: no spaces, nothing escaped that need not be."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def acknowledged(status: int, content: bytes, payload_id: str) -> str | None:
    """What is wrong with a receiver's answer; None if it acknowledges the payload.

    Whether the vendor tries again for a wrong body alone is not known; this does, as its pages say.
    """
    if not 200 <= status < 300:
        return f"answered {status}"
    try:
        told = as_object(json.loads(content))
    except ValueError:
        return "the acknowledgement is not JSON"
    if told is None or told.get("received") is not True or not told.get("timestamp"):
        return "the acknowledgement lacks received: true or timestamp"
    if payload_id and told.get("webhookId") != payload_id:
        return "the acknowledgement's webhookId is not the payload's id"
    return None


def is_allowed_url(url: str) -> bool:
    """https anywhere; http only on this machine, as a help for tests that the vendor does not give."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    )
