"""Webhook management: subscriptions, secret, tests and audit logs. All free.

Source: the vendor's reference on webhooks.
"""

from collections.abc import Mapping
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, Try, standard
from ..api.signal_types import COMPANY_SIGNALS, CONTACT_SIGNALS
from ..clock import iso
from ..webhooks import Delivery, Subscription, is_allowed_url, wire_json

__all__ = ["HANDLERS"]

_KNOWN = {"contact": {"allSignals", *CONTACT_SIGNALS}, "company": {"allSignals", *COMPANY_SIGNALS}}


def create(state: State, call: Call) -> Answer:
    """New subscriptions, each for itself: some may fail."""
    defaults = call.body["defaults"]
    if not is_allowed_url(defaults["url"]):
        raise standard(400, "URL validation failed", ["defaults.url must be an https URL"])
    room = state.settings.most_subscriptions - len(state.hooks.subscriptions)
    if room <= 0:
        raise standard(403, "Maximum subscriptions limit reached for your account")
    results: list[dict[str, Any]] = []
    for index, item in enumerate(call.body["subscriptions"]):
        wanted = {"name": call.body.get("name", ""), **defaults, **item}
        problem = _problem(state, wanted)
        if problem is None and room <= 0:
            problem = ("FORBIDDEN", "Maximum subscriptions limit reached for your account")
        if problem is not None:
            error = {"code": problem[0], "message": problem[1]}
            results.append({"index": index, "success": False, "error": error})
            continue
        room -= 1
        made = _subscribe(state, call, wanted)
        results.append({"index": index, "success": True, "subscription": made.report()})
    return _batch(results, status=201)


def _problem(state: State, wanted: Mapping[str, Any]) -> tuple[str, str] | None:
    kind = wanted.get("entityType")
    if kind is None:
        return "VALIDATION_ERROR", "entityType is required"
    types = wanted.get("signalTypes", ())
    unknown = [name for name in types if name not in _KNOWN[kind]]
    if unknown or not types:
        return "VALIDATION_ERROR", f"signalTypes must be signal types of a {kind}"
    for other in state.hooks.subscriptions.values():
        if (other.entity_type, other.entity_id, other.url) == (kind, wanted["entityId"], wanted["url"]):
            return "DUPLICATE_SUBSCRIPTION", "A subscription for this entity and URL already exists"
    return None


def _subscribe(state: State, call: Call, wanted: Mapping[str, Any]) -> Subscription:
    made = Subscription(
        id=state.hooks.new_id("subscription"),
        entity_type=wanted["entityType"],
        entity_id=wanted["entityId"],
        signal_types=list(wanted["signalTypes"]),
        url=wanted["url"],
        name=wanted.get("name", ""),
        created=call.now,
        updated=call.now,
    )
    state.hooks.subscriptions[made.id] = made
    return made


def list_subscriptions(state: State, call: Call) -> Answer:
    """A page of subscriptions, newest first."""
    found = [subscription.report() for subscription in reversed(state.hooks.subscriptions.values())]
    return _slice(found, call, default=10)


def get(state: State, call: Call) -> Answer:
    """One subscription."""
    return Answer(payload=_subscription(state, call).report())


def update(state: State, call: Call) -> Answer:
    """Change a subscription; switching it on clears what had blocked it."""
    subscription = _subscription(state, call)
    body = call.body
    if "url" in body and not is_allowed_url(body["url"]):
        raise standard(400, "URL validation failed", ["url must be an https URL"])
    unknown = [name for name in body.get("signalTypes", ()) if name not in _KNOWN[subscription.entity_type]]
    if unknown:
        raise standard(400, "Validation failed", [f"signalTypes must be types of a {subscription.entity_type}"])
    subscription.signal_types = list(body.get("signalTypes", subscription.signal_types))
    subscription.url, subscription.name = body.get("url", subscription.url), body.get("name", subscription.name)
    if body.get("isActive") is True:
        subscription.unblock()
    elif body.get("isActive") is False:
        subscription.is_active = False
    subscription.updated = call.now
    told = subscription.report()
    if body.get("regenerateSecret"):
        told["secret"] = state.hooks.regenerate_secret()
    return Answer(payload=told)


def delete(state: State, call: Call) -> Answer:
    """Delete subscriptions, each for itself; a repeated id counts once."""
    results: list[dict[str, Any]] = []
    for index, text in enumerate(dict.fromkeys(call.body["ids"])):
        gone = state.hooks.subscriptions.pop(text, None)
        if gone is None:
            error = {"code": "NOT_FOUND", "message": "Subscription not found"}
            results.append({"index": index, "success": False, "error": error})
            continue
        told = {"id": gone.id, "entityType": gone.entity_type, "entityId": gone.entity_id, "name": gone.name}
        results.append({"index": index, "success": True, "subscription": told})
    return _batch(results)


def test(state: State, call: Call) -> Answer:
    """Send mock data to the endpoint, and tell how it went. Free; the delivery is signed like a real one."""
    subscription = _subscription(state, call)
    mode = call.query.get("mode", "full")
    data = {"test": True, "signalDate": iso(call.now)[:10]}
    payload = {
        "id": state.new_id("payload"),
        "type": subscription.signal_types[0],
        "entityType": subscription.entity_type,
        "entityId": subscription.entity_id,
        "subscriptionId": subscription.id,
        "data": data,
        "timestamp": iso(call.now),
        "billing": {"creditsCharged": 0},
    }
    told: dict[str, Any] = {
        "subscriptionId": subscription.id,
        "subscriptionName": subscription.name,
        "url": subscription.url,
        "mode": mode,
        "testPayload": {"entityType": subscription.entity_type, "signalType": payload["type"], "data": data},
        "isSuccess": True,
        "timestamp": iso(call.now),
    }
    if mode == "kafka":
        return Answer(payload=told)
    delivery = Delivery(
        id=str(payload["id"]), subscription=subscription, body=wire_json(payload), due=call.now, billed=False
    )

    async def finish(deliver: Try) -> Answer:
        attempt = await deliver(delivery)
        check = {"success": attempt.error is None, "durationMs": attempt.milliseconds}
        if attempt.status is not None:
            check["statusCode"] = attempt.status
        return Answer(payload=told | {"flowCheck": check, "isSuccess": attempt.error is None})

    return Answer(payload=told, finish=finish)


def opt_out(state: State, call: Call) -> Answer:
    """The account's one subscription to people who opt out."""
    if not is_allowed_url(call.body["url"]):
        raise standard(400, "URL validation failed", ["url must be an https URL"])
    if any(subscription.signal_types == ["optOut"] for subscription in state.hooks.subscriptions.values()):
        raise standard(403, "An opt-out subscription already exists for this account")
    wanted = {"entityType": "contact", "entityId": "100001", "signalTypes": ["optOut"], **call.body}
    told = _subscribe(state, call, wanted).report()
    return Answer(
        status=201, payload={name: told[name] for name in told if name not in {"blockReason", "blockedAt"}}
    )


def audit_logs(state: State, call: Call) -> Answer:
    """A page of tries, newest first."""
    found = state.hooks.logs(
        call.now, subscription=call.query.get("subscriptionId"), status=call.query.get("status")
    )
    return _slice([log.report() for log in found], call, default=50)


def audit_stats(state: State, call: Call) -> Answer:
    """How many tries went well."""
    found = state.hooks.logs(call.now, subscription=call.query.get("subscriptionId"))
    success = sum(log.status == "success" for log in found)
    rate = 100 * success / len(found) if found else 0.0
    told = {"total": len(found), "success": success, "failed": len(found) - success, "successRate": f"{rate:.2f}%"}
    return Answer(payload=told)


def secret(state: State, call: Call) -> Answer:
    """The account's secret."""
    if state.hooks.secret is None:
        raise standard(404, "Account secret not found. Please generate one first.")
    return Answer(payload={"secret": state.hooks.secret})


def regenerate_secret(state: State, call: Call) -> Answer:
    """A new secret, for all subscriptions at once."""
    return Answer(payload={"secret": state.hooks.regenerate_secret()})


def _subscription(state: State, call: Call) -> Subscription:
    found = state.hooks.subscriptions.get(call.params["id"])
    if found is None:
        raise standard(404, "Resource not found")
    return found


def _slice(found: list[dict[str, Any]], call: Call, *, default: int) -> Answer:
    limit, offset = int(call.query.get("limit", default)), int(call.query.get("offset", 0))
    told = {"total": len(found), "limit": limit, "offset": offset, "hasMore": offset + limit < len(found)}
    return Answer(payload={"data": found[offset : offset + limit], "pagination": told})


def _batch(results: list[dict[str, Any]], *, status: int = 200) -> Answer:
    successful = sum(result["success"] for result in results)
    told = {"total": len(results), "successful": successful, "failed": len(results) - successful}
    return Answer(status=status, payload={**told, "results": results})


HANDLERS = {
    "createSubscription": create,
    "listSubscriptions": list_subscriptions,
    "getSubscriptionById": get,
    "updateSubscription": update,
    "deleteSubscriptions": delete,
    "testSubscription": test,
    "createOptOutSubscription": opt_out,
    "getAuditLogs": audit_logs,
    "getAuditLogStats": audit_stats,
    "getAccountSecret": secret,
    "regenerateAccountSecret": regenerate_secret,
}
