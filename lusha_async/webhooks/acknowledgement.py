"""The HTTP response that acknowledges a delivery. Source: the vendor's "Client Response Format"."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from attrs import frozen

from .events import Event

__all__ = ["Acknowledgement", "acknowledge", "acknowledge_id"]


@frozen(kw_only=True)
class Acknowledgement:
    """An HTTP response: `status`, `headers` by name, and the JSON `body`."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def acknowledge(event: Event, *, now: datetime | None = None) -> Acknowledgement:
    """The response that acknowledges `event`: 201 and `{"received", "timestamp", "webhookId"}`.

    Send it within ten seconds, and only after the event is stored: the vendor does not send an acknowledged event
    again. An opt-out has no id of its own, and the vendor does not document what to return for it: `webhookId` is
    then the contact's id, or is left out if there is none. `now` defaults to the current time.
    """
    return acknowledge_id(event.webhook_id, now=now)


def acknowledge_id(webhook_id: str | None, *, now: datetime | None = None) -> Acknowledgement:
    """The same response, made from the id alone; None leaves `webhookId` out."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    content: dict[str, object] = {
        "received": True,
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if webhook_id is not None:
        content["webhookId"] = webhook_id
    body = json.dumps(content, separators=(",", ":")).encode()
    return Acknowledgement(
        status=201,
        headers={"content-type": "application/json", "content-length": str(len(body))},
        body=body,
    )
