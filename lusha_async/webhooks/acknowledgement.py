"""The answer that the vendor wants to a delivery. Source: the vendor's "Client Response Format"."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from attrs import frozen

from .events import Event

__all__ = ["Acknowledgement", "acknowledge", "acknowledge_id"]


@frozen(kw_only=True)
class Acknowledgement:
    """An HTTP answer: `status`, `headers` by name, and the JSON `body`."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def acknowledge(event: Event, *, now: datetime | None = None) -> Acknowledgement:
    """The answer that tells the vendor that `event` has arrived: 201 and `{"received", "timestamp", "webhookId"}`.

    Send it within ten seconds, and only when the event is safe: what is acknowledged is never sent again. A bare
    opt-out has no id, and what to echo for it is undocumented: its contact's id is, or nothing if it has none.
    """
    return acknowledge_id(event.webhook_id, now=now)


def acknowledge_id(webhook_id: str | None, *, now: datetime | None = None) -> Acknowledgement:
    """The same for an id alone; None leaves `webhookId` out."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    told: dict[str, object] = {
        "received": True,
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if webhook_id is not None:
        told["webhookId"] = webhook_id
    body = json.dumps(told, separators=(",", ":")).encode()
    return Acknowledgement(
        status=201,
        headers={"content-type": "application/json", "content-length": str(len(body))},
        body=body,
    )
