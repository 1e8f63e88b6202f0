"""Webhook events printed as text or as JSON."""

import json
from typing import Any

from ...webhooks import Event, OptOut
from ..text import say, say_json

__all__ = ["describe", "print_event"]


def describe(event: Event) -> str:
    """The event in one line, without personal data."""
    if isinstance(event, OptOut):
        count = len(event.datapoints or ())
        return f"opt-out of contact {event.contact_id or '?'}: {count} data point{'' if count == 1 else 's'} to remove"
    credits = event.credits_charged
    cost = "" if credits is None else f", {credits} credit{'' if credits == 1 else 's'}"
    test = " [test]" if event.is_test else ""
    return f"{event.type or '?'} of {event.entity_type or '?'} {event.entity_id or '?'}{cost}{test}"


def print_event(event: Event, *, as_json: bool) -> bool:
    """Print the event as a line of text, in colour on a terminal, or as a line of JSON. False if it was not shown."""
    if as_json:
        payload: Any = json.loads(event.raw)
        return say_json({"key": event.key, "test": event.is_test, "payload": payload})
    colour = "red" if isinstance(event, OptOut) else "yellow" if event.is_test else "green"
    return say(f"{describe(event)}  {event.key}", colour=colour)
