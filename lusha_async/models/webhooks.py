"""Webhook subscriptions, their deliveries and their secret. No repr shows a secret, or a URL, which may contain one.

Source: the vendor's webhooks reference.
"""

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from .common import BaseResponse, ItemFault, Results
from .model import Model, RequestModel

__all__ = [
    "AccountSecret",
    "AuditLog",
    "AuditLogStats",
    "FlowCheck",
    "MockPayload",
    "NewSubscription",
    "Subscription",
    "SubscriptionResult",
    "SubscriptionResults",
    "SubscriptionTest",
]


@frozen(kw_only=True)
class NewSubscription(RequestModel):
    """A subscription to create, to signals of one contact or company.

    A member that is None takes the value that the call sets for all.
    """

    entity_id: str = field(metadata={"length": 255})
    entity_type: str | None = field(default=None, metadata={"among": ("contact", "company")})
    signal_types: Sequence[str] | None = None
    name: str | None = field(default=None, metadata={"length": 100})


@frozen(kw_only=True)
class Subscription(BaseResponse):
    """A subscription. The vendor deactivates it after failed deliveries and sets `block_reason` and `blocked_at`.

    `secret` is set only in the response to an update that regenerated it.
    """

    id: str | None = None
    entity_type: str | None = None
    entity_id: str | None = None
    signal_types: tuple[str, ...] | None = None
    url: str | None = field(default=None, repr=False)
    name: str | None = None
    is_active: bool | None = None
    block_reason: str | None = None
    blocked_at: str | None = None
    secret: str | None = field(default=None, repr=False)
    created_at: str | None = None
    updated_at: str | None = None


@frozen(kw_only=True)
class SubscriptionResult(Model):
    """The outcome of item `index` of a call: a subscription (only partly set after a deletion), or an error."""

    index: int | None = None
    success: bool | None = None
    subscription: Subscription | None = None
    error: ItemFault | None = None


@frozen(kw_only=True)
class SubscriptionResults(Results[SubscriptionResult]):
    """The outcome of each item of a call. The call succeeds even if all of them fail."""

    total: int | None = None
    successful: int | None = None
    failed: int | None = None


@frozen(kw_only=True)
class FlowCheck(Model):
    """The endpoint's response to a test. `status_code` is None if there was none."""

    success: bool | None = None
    status_code: int | None = None
    duration_ms: int | None = None


@frozen(kw_only=True)
class MockPayload(Model):
    """The made-up payload that a test delivered."""

    entity_type: str | None = None
    signal_type: str | None = None
    data: Any = field(default=None, repr=False)


@frozen(kw_only=True)
class SubscriptionTest(BaseResponse):
    """The outcome of a test delivery. `is_success` sums it up."""

    subscription_id: str | None = None
    subscription_name: str | None = None
    url: str | None = field(default=None, repr=False)
    mode: str | None = None
    flow_check: FlowCheck | None = None
    test_payload: MockPayload | None = None
    is_success: bool | None = None
    timestamp: str | None = None


@frozen(kw_only=True)
class AuditLog(Model):
    """One attempt to deliver. `status` is success, failed or permanent_failure, which deactivates the subscription."""

    id: str | None = None
    subscription_id: str | None = None
    payload_id: str | None = None
    status: str | None = None
    status_code: int | None = None
    url: str | None = field(default=None, repr=False)
    delivered_at: str | None = None
    duration_ms: int | None = None
    error: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class AuditLogStats(BaseResponse):
    """The number of deliveries by outcome. `success_rate` is a text such as `95.00%`."""

    total: int | None = None
    success: int | None = None
    failed: int | None = None
    success_rate: str | None = None


@frozen(kw_only=True)
class AccountSecret(BaseResponse):
    """The secret that signs all deliveries of the account, as `lusha_async.webhooks.verify` accepts it."""

    secret: str | None = field(default=None, repr=False)
