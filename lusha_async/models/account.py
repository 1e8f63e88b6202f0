"""Credits, plan, rate limits and prices of the account.

Source: the vendor's account usage reference.
"""

from collections.abc import Mapping

from attrs import frozen

from .common import BaseResponse
from .model import Model

__all__ = ["Credits", "Limit", "Limits", "PlanInfo", "PriceEntry", "Usage"]


@frozen(kw_only=True)
class Credits(Model):
    """The credits of the account. `remaining` lags behind charges by some seconds."""

    total: float | None = None
    used: float | None = None
    remaining: float | None = None


@frozen(kw_only=True)
class Limit(Model):
    """One rate limit, in requests. `resets_at` is an ISO 8601 time."""

    limit: int | None = None
    used: int | None = None
    remaining: int | None = None
    resets_at: str | None = None


@frozen(kw_only=True)
class Limits(Model):
    """The rate limits of the plan. `hourly` is None for plans without one."""

    daily: Limit | None = None
    hourly: Limit | None = None
    minute: Limit | None = None


@frozen(kw_only=True)
class PlanInfo(Model):
    """The plan and its dates."""

    category: str | None = None
    renewal_type: str | None = None
    start_date: str | None = None
    end_date: str | None = None


@frozen(kw_only=True)
class PriceEntry(Model):
    """A price: `credits` for each started block of `per_quantity`."""

    credits: float | None = None
    per_quantity: float | None = None


@frozen(kw_only=True)
class Usage(BaseResponse):
    """The account's credits, rate limits, plan and prices. `pricing` is keyed by the vendor's price keys, which differ
    between accounts.
    """

    credits: Credits | None = None
    rate_limits: Limits | None = None
    plan: PlanInfo | None = None
    pricing: Mapping[str, PriceEntry] | None = None
