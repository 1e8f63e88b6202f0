"""Webhook management: subscriptions, secret, tests and audit log. Free.

Source: the vendor's reference on webhooks.
"""

from collections.abc import Mapping
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, standard_error
from ..api.common import COMPANY_SIGNALS, CONTACT_SIGNALS
from ..clock import iso
from ..webhooks.store import Deliver, Delivery, Subscription
from ..webhooks.wire import is_allowed_url, wire_json
from .paging import page_at, page_size

__all__ = ["HANDLERS"]

_SIGNAL_TYPES = {"contact": {"allSignals", *CONTACT_SIGNALS}, "company": {"allSignals", *COMPANY_SIGNALS}}


def create(state: State, call: Call) -> Answer:
    """Create subscriptions; each succeeds or fails on its own."""
    defaults = call.body["defaults"]
    if not is_allowed_url(defaults["url"]):
        raise standard_error(400, "URL validation failed", ["defaults.url must be an https URL"])
    room = state.settings.max_subscriptions - len(state.webhooks.subscriptions)
    if room <= 0:
        raise standard_error(403, "Maximum subscriptions limit reached for your account")
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
        created = _subscribe(state, call, wanted)
        results.append({"index": index, "success": True, "subscription": created.report()})
    return _batch(results, status=201)


def _problem(state: State, wanted: Mapping[str, Any]) -> tuple[str, str] | None:
    kind = wanted.get("entityType")
    if kind is None:
        return "VALIDATION_ERROR", "entityType is required"
    types = wanted.get("signalTypes", ())
    unknown = [name for name in types if name not in _SIGNAL_TYPES[kind]]
    if unknown or not types:
        return "VALIDATION_ERROR", f"signalTypes must be signal types of a {kind}"
    for other in state.webhooks.subscriptions.values():
        if (other.entity_type, other.entity_id, other.url) == (kind, wanted["entityId"], wanted["url"]):
            return "DUPLICATE_SUBSCRIPTION", "A subscription for this entity and URL already exists"
    return None


def _subscribe(state: State, call: Call, wanted: Mapping[str, Any]) -> Subscription:
    created = Subscription(
        id=state.webhooks.new_id("subscription"),
        entity_type=wanted["entityType"],
        entity_id=wanted["entityId"],
        signal_types=list(wanted["signalTypes"]),
        url=wanted["url"],
        name=wanted.get("name", ""),
        created=call.now,
        updated=call.now,
    )
    state.webhooks.subscriptions[created.id] = created
    return created


def list_subscriptions(state: State, call: Call) -> Answer:
    """A page of subscriptions, newest first."""
    found = [subscription.report() for subscription in reversed(state.webhooks.subscriptions.values())]
    return _slice(state, found, call, default=10)


def get(state: State, call: Call) -> Answer:
    """One subscription."""
    return Answer(payload=_subscription(state, call).report())


def update(state: State, call: Call) -> Answer:
    """Change a subscription; activating it clears a block."""
    subscription = _subscription(state, call)
    body = call.body
    if "url" in body and not is_allowed_url(body["url"]):
        raise standard_error(400, "URL validation failed", ["url must be an https URL"])
    unknown = [name for name in body.get("signalTypes", ()) if name not in _SIGNAL_TYPES[subscription.entity_type]]
    if unknown:
        raise standard_error(
            400, "Validation failed", [f"signalTypes must be types of a {subscription.entity_type}"]
        )
    subscription.signal_types = list(body.get("signalTypes", subscription.signal_types))
    subscription.url, subscription.name = body.get("url", subscription.url), body.get("name", subscription.name)
    if body.get("isActive") is True:
        subscription.unblock()
    elif body.get("isActive") is False:
        subscription.is_active = False
    subscription.updated = call.now
    report = subscription.report()
    if body.get("regenerateSecret"):
        report["secret"] = state.webhooks.regenerate_secret()
    return Answer(payload=report)


def delete(state: State, call: Call) -> Answer:
    """Delete subscriptions; each succeeds or fails on its own, and a repeated id counts once."""
    results: list[dict[str, Any]] = []
    for index, text in enumerate(dict.fromkeys(call.body["ids"])):
        deleted = state.webhooks.subscriptions.pop(text, None)
        if deleted is None:
            error = {"code": "NOT_FOUND", "message": "Subscription not found"}
            results.append({"index": index, "success": False, "error": error})
            continue
        report = deleted.report()
        subscription = {name: report[name] for name in ("id", "entityType", "entityId", "name")}
        results.append({"index": index, "success": True, "subscription": subscription})
    return _batch(results)


def test(state: State, call: Call) -> Answer:
    """Send mock data to the receiver and report the outcome; the delivery is signed like a real one."""
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
    report: dict[str, Any] = {
        "subscriptionId": subscription.id,
        "subscriptionName": subscription.name,
        "url": subscription.url,
        "mode": mode,
        "testPayload": {"entityType": subscription.entity_type, "signalType": payload["type"], "data": data},
        "isSuccess": True,
        "timestamp": iso(call.now),
    }
    if mode == "kafka":
        return Answer(payload=report)
    delivery = Delivery(id=str(payload["id"]), subscription=subscription, body=wire_json(payload), due=call.now)

    async def finish(deliver: Deliver) -> Answer:
        attempt = await deliver(delivery)
        check = {"success": attempt.error is None, "durationMs": attempt.duration_ms}
        if attempt.status is not None:
            check["statusCode"] = attempt.status
        return Answer(payload=report | {"flowCheck": check, "isSuccess": attempt.error is None})

    return Answer(payload=report, finish=finish)


def opt_out(state: State, call: Call) -> Answer:
    """Create the account's one opt-out subscription."""
    if not is_allowed_url(call.body["url"]):
        raise standard_error(400, "URL validation failed", ["url must be an https URL"])
    if any(subscription.signal_types == ["optOut"] for subscription in state.webhooks.subscriptions.values()):
        raise standard_error(403, "An opt-out subscription already exists for this account")
    wanted = {"entityType": "contact", "entityId": "100001", "signalTypes": ["optOut"], **call.body}
    report = _subscribe(state, call, wanted).report()
    return Answer(
        status=201, payload={name: report[name] for name in report if name not in {"blockReason", "blockedAt"}}
    )


def audit_logs(state: State, call: Call) -> Answer:
    """A page of attempts, newest first."""
    found = state.webhooks.logs(
        call.now, subscription=call.query.get("subscriptionId"), status=call.query.get("status")
    )
    return _slice(state, [log.report() for log in found], call, default=50)


def audit_stats(state: State, call: Call) -> Answer:
    """Counts of successful and failed attempts."""
    found = state.webhooks.logs(call.now, subscription=call.query.get("subscriptionId"))
    success = sum(log.status == "success" for log in found)
    rate = 100 * success / len(found) if found else 0.0
    return Answer(
        payload={
            "total": len(found),
            "success": success,
            "failed": len(found) - success,
            "successRate": f"{rate:.2f}%",
        }
    )


def secret(state: State, call: Call) -> Answer:
    """The account's secret."""
    if state.webhooks.secret is None:
        raise standard_error(404, "Account secret not found. Please generate one first.")
    return Answer(payload={"secret": state.webhooks.secret})


def regenerate_secret(state: State, call: Call) -> Answer:
    """Replace the secret of all subscriptions."""
    return Answer(payload={"secret": state.webhooks.regenerate_secret()})


def _subscription(state: State, call: Call) -> Subscription:
    found = state.webhooks.subscriptions.get(call.params["id"])
    if found is None:
        raise standard_error(404, "Resource not found")
    return found


def _slice(state: State, found: list[dict[str, Any]], call: Call, *, default: int) -> Answer:
    limit, offset = page_size(state, int(call.query.get("limit", default))), int(call.query.get("offset", 0))
    pagination = {"total": len(found), "limit": limit, "offset": offset, "hasMore": offset + limit < len(found)}
    return Answer(payload={"data": page_at(call, offset, limit).of(found), "pagination": pagination})


def _batch(results: list[dict[str, Any]], *, status: int = 200) -> Answer:
    successful = sum(result["success"] for result in results)
    counts = {"total": len(results), "successful": successful, "failed": len(results) - successful}
    return Answer(status=status, payload={**counts, "results": results})


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
