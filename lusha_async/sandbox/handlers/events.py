"""Makes things happen to subscribed entities, so that their webhooks are delivered."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..account.reveals import FIELDS, own_points
from ..account.state import State
from ..api.answers import Refused
from ..clock import iso
from ..population import Guest
from ..webhooks import Delivery, Subscription, wire_json
from .signals import event

__all__ = ["fire", "opt_out"]

_MOST = 10_000


def fire(state: State, told: Mapping[str, Any]) -> dict[str, Any]:
    """Let signals happen: `count` of them (1), to what is subscribed to.

    `entityType`, `entityId` and `type` narrow it down. `duplicates` sends each so many times more, `forged`
    signs wrongly, `skew` makes the timestamps so many seconds too old. Each is charged once, and none is sent
    for which there are no credits. Raises ValueError if nothing is subscribed to that.
    """
    count = int(told.get("count", 1))
    if not 1 <= count <= _MOST:
        raise ValueError(f"count must be 1 to {_MOST}")
    chosen = [(sub, name) for sub in state.hooks.subscriptions.values() for name in _types(state, sub, told)]
    if not chosen:
        raise ValueError("no active subscription is about that")
    made = 0
    for number in range(count):
        subscription, name = chosen[number % len(chosen)]
        payload_id = str(UUID(bytes=_digest(state), version=4))
        try:
            credits = state.books.charge(
                state.clock.now(),
                payload_id,
                "webhook",
                {f"showSignals{subscription.entity_type.capitalize()}": 1},
            )
        except Refused:
            break
        payload = _payload(state, subscription, name, number) | {
            "id": payload_id,
            "billing": {"creditsCharged": credits},
        }
        for _ in range(1 + int(told.get("duplicates", 0))):
            state.hooks.outbox.append(
                Delivery(
                    id=payload_id,
                    subscription=subscription,
                    body=wire_json(payload),
                    due=state.clock.now(),
                    skew=float(told.get("skew", 0)),
                    forged=bool(told.get("forged", False)),
                )
            )
        made += 1
    return {"fired": made, "outbox": len(state.hooks.outbox)}


def _types(state: State, subscription: Subscription, told: Mapping[str, Any]) -> list[str]:
    if not subscription.is_active or subscription.signal_types == ["optOut"]:
        return []
    if told.get("entityType", subscription.entity_type) != subscription.entity_type:
        return []
    if told.get("entityId", subscription.entity_id) != subscription.entity_id:
        return []
    names = state.signals.types(subscription.entity_type, subscription.signal_types)
    return [name for name in names if told.get("type", name) == name]


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
    """The entity of a subscription; some other one if its id is not of this population."""
    if subscription.entity_type == "contact":
        index = state.population.person(subscription.entity_id)
        return index if index is not None else sum(subscription.entity_id.encode()) % len(state.population.people)
    ref = state.population.company(subscription.entity_id)
    if isinstance(ref, Guest):
        return state.companies.get(ref).index
    return ref if ref is not None else sum(subscription.entity_id.encode()) % len(state.companies)


def opt_out(state: State, told: Mapping[str, Any]) -> dict[str, Any]:
    """Let the person with the `contactId` opt out: a bare payload, without envelope, id or charge."""
    index = state.population.person(str(told["contactId"]))
    if index is None:
        raise ValueError("contactId is no id of a contact")
    subscription = next(
        (sub for sub in state.hooks.subscriptions.values() if sub.signal_types == ["optOut"]), None
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
        "contactId": told["contactId"],
        "fullName": f"{first} {last}",
        "companyName": people.employer(index).name,
        "jobTitle": people.roles.at(index).title,
        "linkedinUrl": people.linkedin(index),
        "contactOptOutDate": stamp,
        "contactExposureDate": stamp,
        "datapoints": points,
        "partnerClientId": None,
    }
    state.hooks.outbox.append(
        Delivery(id="", subscription=subscription, body=wire_json(payload), due=now, billed=False)
    )
    return {"fired": 1, "outbox": len(state.hooks.outbox)}


def _digest(state: State) -> bytes:
    return hashlib.blake2b(state.hooks.new_id("payload").encode(), digest_size=16).digest()
