"""Companies that visited the account's websites.

Source: the vendor's website visits reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from .companies import CompanyPreview
from .filters import Span
from .model import RequestModel, known

__all__ = ["Countries", "Minutes", "Visit", "VisitFilters"]


@frozen(kw_only=True)
class Countries(RequestModel):
    """Countries of visitors to include and to exclude."""

    include: Sequence[str] | None = None
    exclude: Sequence[str] | None = None


@frozen(kw_only=True)
class Minutes(RequestModel):
    """From `min` to `max` minutes, both included, from 0. None is an open end."""

    min: float | None = field(default=None, metadata={"range": (0, None)})
    max: float | None = field(default=None, metadata={"range": (0, None), "above": "min"})


@frozen(kw_only=True)
class VisitFilters(RequestModel):
    """Filters for visits. A mapping of the members is accepted in place of each class."""

    score_bands: Sequence[str] | None = field(default=None, metadata={"among": ("cold", "warm", "hot")})
    visitor_countries: Countries | Mapping[str, Any] | None = None
    score: Span | Mapping[str, Any] | None = None
    total_sessions: Span | Mapping[str, Any] | None = None
    avg_session_minutes: Minutes | Mapping[str, Any] | None = None
    unique_visitors: Span | Mapping[str, Any] | None = None
    days_visited: Span | Mapping[str, Any] | None = None
    high_intent_pageviews: Span | Mapping[str, Any] | None = None
    days_since_last_visit: Span | Mapping[str, Any] | None = None


@frozen(kw_only=True)
class Visit(CompanyPreview):
    """A company, and its visits."""

    score: float | None = None
    score_band: str | None = known("cold", "warm", "hot")
    total_sessions: float | None = None
    unique_visitors: float | None = None
    avg_session_minutes: float | None = None
    days_visited: float | None = None
    high_intent_pageviews: float | None = None
    days_since_last_visit: float | None = None
    last_visit: str | None = None
    visitor_country: str | None = None
