"""Webhook subscriptions as the items of requests, checked, and the result of each. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from .._bulk.outcome import ItemResult
from .._params import checks, encode
from ..errors import InvalidRequestError
from ..models.webhooks import NewSubscription, Subscription, SubscriptionResult, SubscriptionResults

__all__ = [
    "EntityType",
    "SubscriptionInput",
    "create_body",
    "delivery_url",
    "item_results",
    "new_subscription",
    "optional_name",
]

EntityType: TypeAlias = Literal["contact", "company"]
SubscriptionInput: TypeAlias = NewSubscription | Mapping[str, Any]

_MAX_URL = 2048
_MAX_NAME = 100
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def create_body(
    *, url: str, entity_type: EntityType | None, signal_types: Iterable[str] | None, name: str | None
) -> dict[str, Any]:
    """The body that creates subscriptions, without the subscriptions."""
    defaults = {
        "url": delivery_url(url),
        "entityType": checks.optional_enum(entity_type, "entity_type", ("contact", "company")),
        "signalTypes": checks.optional_enums(signal_types, "signal_types"),
    }
    return {"defaults": defaults, "name": optional_name(name)}


def new_subscription(value: SubscriptionInput, path: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A subscription to create; `defaults` are those of `create_body`."""
    item = encode.model(NewSubscription, value, path)
    if defaults["entityType"] is None and "entityType" not in item:
        raise InvalidRequestError(path, "must have entity_type, unless it is set for all subscriptions")
    if defaults["signalTypes"] is None and "signalTypes" not in item:
        raise InvalidRequestError(
            path, "must have signal_types, unless they are set for all: each delivery costs credits"
        )
    return item


def delivery_url(url: Any, path: str = "url") -> str:
    """A URL that the vendor delivers to: https, or http on this machine, for the sandbox."""
    text: str = checks.string(url, path, maximum=_MAX_URL)
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not (host and secure) or any(sign.isspace() for sign in text):
        raise InvalidRequestError(path, "must be an https URL (http for a sandbox on this machine only)")
    return text


def optional_name(name: str | None) -> str | None:
    """The name of a subscription; None stays None."""
    return None if name is None else checks.string(name, "name", maximum=_MAX_NAME)


def item_results(batch: SubscriptionResults, count: int) -> list[ItemResult[Subscription]]:
    """The result of each of the `count` items of a request, in order."""
    by_index = {result.index: result for result in batch.results}
    return [_item_result(by_index.get(index)) for index in range(count)]


def _item_result(result: SubscriptionResult | None) -> ItemResult[Subscription]:
    if result is None:
        return ItemResult[Subscription].of(None, code=None)
    if result.error is not None or result.success is False:
        fault = result.error
        code, message = (fault.code, fault.message) if fault is not None else (None, None)
        return ItemResult[Subscription].of(None, code=code or "FAILED", message=message or "")
    return ItemResult[Subscription].of(result.subscription or Subscription(), code=None)
