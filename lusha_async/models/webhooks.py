"""Webhook subscriptions, their deliveries and their secret. Source: the vendor's webhooks reference.

Secrets are in no repr; nor are URLs, which often carry one.
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
    """What to be told of: `signal_types` of one person or company. What is None is as the call says for all."""

    entity_id: str = field(metadata={"length": 255})
    entity_type: str | None = field(default=None, metadata={"among": ("contact", "company")})
    signal_types: Sequence[str] | None = None
    name: str | None = field(default=None, metadata={"length": 100})


@frozen(kw_only=True)
class Subscription(BaseResponse):
    """A subscription. The vendor switches it off (`is_active`) after failed deliveries, and says why and when.

    `secret` is there only in the answer to an update that regenerated it.
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
    """What became of item `index` of a call: a subscription (after deletion, the rest of one), or an error."""

    index: int | None = None
    success: bool | None = None
    subscription: Subscription | None = None
    error: ItemFault | None = None


@frozen(kw_only=True)
class SubscriptionResults(Results[SubscriptionResult]):
    """What became of each item of a call. The call succeeds even if all of them fail."""

    total: int | None = None
    successful: int | None = None
    failed: int | None = None


@frozen(kw_only=True)
class FlowCheck(Model):
    """How the endpoint answered a test; no `status_code` when it did not."""

    success: bool | None = None
    status_code: int | None = None
    duration_ms: int | None = None


@frozen(kw_only=True)
class MockPayload(Model):
    """What a test delivered: made-up data."""

    entity_type: str | None = None
    signal_type: str | None = None
    data: Any = field(default=None, repr=False)


@frozen(kw_only=True)
class SubscriptionTest(BaseResponse):
    """How a test delivery went. `is_success` sums it up."""

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
    """One try to deliver. `status` is success, failed or permanent_failure (given up: the subscription is off)."""

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
    """How deliveries went in all. `success_rate` is a text like `95.00%`."""

    total: int | None = None
    success: int | None = None
    failed: int | None = None
    success_rate: str | None = None


@frozen(kw_only=True)
class AccountSecret(BaseResponse):
    """The secret that signs all deliveries of the account, as `lusha_async.webhooks.verify` takes it."""

    secret: str | None = field(default=None, repr=False)
