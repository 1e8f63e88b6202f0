"""Triggers events of subscribed entities, so that webhooks are delivered."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..account.reveals import FIELDS, own_points
from ..account.state import State
from ..api.answers import ErrorAnswer
from ..clock import iso
from ..handlers.signals import event
from ..population import StandIn
from .store import Delivery, Subscription
from .wire import wire_json

__all__ = ["trigger_opt_out", "trigger_signals"]

_MAX_EVENTS = 10_000


def trigger_signals(state: State, options: Mapping[str, Any]) -> dict[str, Any]:
    """Trigger `count` signals (default 1) of subscribed entities, and queue their deliveries.

    `entityType`, `entityId` and `type` select subscriptions. `duplicates` is the number of extra copies of each
    delivery, `forged` signs them wrongly, `skew` makes their timestamps that many seconds too old. Each signal is
    charged once; triggering stops when the credits are used up. Raises ValueError if `count` is not 1 to 10,000
    or no active subscription matches.
    """
    count = int(options.get("count", 1))
    if not 1 <= count <= _MAX_EVENTS:
        raise ValueError(f"count must be between 1 and {_MAX_EVENTS}")
    chosen = [(sub, name) for sub in state.webhooks.subscriptions.values() for name in _types(state, sub, options)]
    if not chosen:
        raise ValueError("no active subscription matches")
    triggered = 0
    for number in range(count):
        subscription, name = chosen[number % len(chosen)]
        payload_id = str(UUID(bytes=_digest(state), version=4))
        try:
            credits = state.billing.charge(
                state.clock.now(),
                payload_id,
                "webhook",
                {f"showSignals{subscription.entity_type.capitalize()}": 1},
            )
        except ErrorAnswer:
            break
        payload = _payload(state, subscription, name, number) | {
            "id": payload_id,
            "billing": {"creditsCharged": credits},
        }
        for _ in range(1 + int(options.get("duplicates", 0))):
            state.webhooks.outbox.append(
                Delivery(
                    id=payload_id,
                    subscription=subscription,
                    body=wire_json(payload),
                    due=state.clock.now(),
                    skew=float(options.get("skew", 0)),
                    forged=bool(options.get("forged", False)),
                )
            )
        triggered += 1
    return {"fired": triggered, "outbox": len(state.webhooks.outbox)}


def _types(state: State, subscription: Subscription, options: Mapping[str, Any]) -> list[str]:
    if not subscription.is_active or subscription.signal_types == ["optOut"]:
        return []
    if options.get("entityType", subscription.entity_type) != subscription.entity_type:
        return []
    if options.get("entityId", subscription.entity_id) != subscription.entity_id:
        return []
    names = state.signals.types(subscription.entity_type, subscription.signal_types)
    return [name for name in names if options.get("type", name) == name]


def _payload(state: State, subscription: Subscription, name: str, number: int) -> dict[str, Any]:
    index = _index(state, subscription)
    data = event(state, subscription.entity_type, index, name, state.today() - number % 3)
    if subscription.entity_type == "contact":
        data = {"personId": index, "currentCompanyId": index % len(state.companies)} | data
    else:
        company = state.companies.get(index)
        data = {"companyId": str(index), "companyName": company.name, "domain": company.domain} | data
    return {
        "id": "",
        "type": name,
        "entityType": subscription.entity_type,
        "entityId": subscription.entity_id,
        "subscriptionId": subscription.id,
        "data": data,
        "timestamp": iso(state.clock.now()),
    }


def _index(state: State, subscription: Subscription) -> int:
    """The index of a subscription's entity; another entity stands in for an id of no known entity."""
    if subscription.entity_type == "contact":
        index = state.population.person(subscription.entity_id)
        return index if index is not None else sum(subscription.entity_id.encode()) % len(state.population.people)
    ref = state.population.company(subscription.entity_id)
    if isinstance(ref, StandIn):
        return state.companies.get(ref).index
    return ref if ref is not None else sum(subscription.entity_id.encode()) % len(state.companies)


def trigger_opt_out(state: State, options: Mapping[str, Any]) -> dict[str, Any]:
    """Queue the opt-out of the person `contactId`: a bare payload, without envelope, id or charge.

    Raises ValueError if the id is unknown or there is no active opt-out subscription.
    """
    index = state.population.person(str(options["contactId"]))
    if index is None:
        raise ValueError("contactId is not the id of a contact")
    subscription = next(
        (sub for sub in state.webhooks.subscriptions.values() if sub.signal_types == ["optOut"]), None
    )
    if subscription is None or not subscription.is_active:
        raise ValueError("the account has no active opt-out subscription")
    people, now = state.population.people, state.clock.now()
    first, last = people.name(index)
    stamp = iso(now).replace("T", " ").rstrip("Z")
    points = [
        {"datapointId": point.get("email") or point.get("number"), "datapointType": what.point}
        for what in FIELDS.values()
        for point in own_points(state, index, what)
    ]
    payload = {
        "contactId": options["contactId"],
        "fullName": f"{first} {last}",
        "companyName": people.employer(index).name,
        "jobTitle": people.roles.at(index).title,
        "linkedinUrl": people.linkedin(index),
        "contactOptOutDate": stamp,
        "contactExposureDate": stamp,
        "datapoints": points,
        "partnerClientId": None,
    }
    state.webhooks.outbox.append(Delivery(id="", subscription=subscription, body=wire_json(payload), due=now))
    return {"fired": 1, "outbox": len(state.webhooks.outbox)}


def _digest(state: State) -> bytes:
    return hashlib.blake2b(state.webhooks.new_id("payload").encode(), digest_size=16).digest()
