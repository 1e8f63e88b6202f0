"""Recommended contacts and companies.

Source: the vendor's recommendations reference.
"""

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from .common import BaseResponse
from .companies import CompanyPreview
from .contacts import ContactPreview
from .model import Model, RequestModel

__all__ = [
    "Recommendation",
    "RecommendationFiltersResponse",
    "RecommendationFilters",
    "RecommendedCompany",
    "RecommendedContact",
    "Sort",
]


@frozen(kw_only=True)
class RecommendationFilters(RequestModel):
    """Recommendations for any of the profiles, with any of the signals."""

    target_icp: Sequence[str] | None = None
    signals: Sequence[str] | None = None


@frozen(kw_only=True)
class Sort(RequestModel):
    """A member to sort by. `order` is asc or desc."""

    by: str
    order: str | None = field(default=None, metadata={"among": ("asc", "desc")})


@frozen(kw_only=True)
class Recommendation(Model):
    """Why a record is recommended. Scores are from 0 to 1."""

    lead_score: float | None = None
    icp_fit_score: float | None = None
    signal_score: float | None = None
    target_icp: tuple[Any, ...] | None = None
    intent_topics: tuple[Any, ...] | None = None


@frozen(kw_only=True)
class RecommendedContact(ContactPreview):
    """A recommended contact."""

    recommendation: Recommendation | None = None


@frozen(kw_only=True)
class RecommendedCompany(CompanyPreview):
    """A recommended company."""

    recommendation: Recommendation | None = None


@frozen(kw_only=True)
class RecommendationFiltersResponse(BaseResponse):
    """The profiles and signals that recommendations can be filtered by."""

    target_icp: tuple[Any, ...] | None = None
    signals: tuple[Any, ...] | None = None
