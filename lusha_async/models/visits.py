"""Companies that visited the account's websites. Source: the vendor's website visits reference."""

from collections.abc import Sequence

from attrs import frozen

from .common import Envelope, Pagination
from .companies import CompanyPreview
from .filters import Span
from .model import Question, known

__all__ = ["Countries", "Minutes", "Visit", "VisitFilters", "Visits"]


@frozen(kw_only=True)
class Countries(Question):
    """Visitors' countries wanted and not wanted."""

    include: Sequence[str] | None = None
    exclude: Sequence[str] | None = None


@frozen(kw_only=True)
class Minutes(Question):
    """From `min` to `max` minutes, both included; None where it is open."""

    min: float | None = None
    max: float | None = None


@frozen(kw_only=True)
class VisitFilters(Question):
    """Which visits."""

    score_bands: Sequence[str] | None = None
    visitor_countries: Countries | None = None
    score: Span | None = None
    total_sessions: Span | None = None
    avg_session_minutes: Minutes | None = None
    unique_visitors: Span | None = None
    days_visited: Span | None = None
    high_intent_pageviews: Span | None = None
    days_since_last_visit: Span | None = None


@frozen(kw_only=True)
class Visit(CompanyPreview):
    """A company and how it visited."""

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


@frozen(kw_only=True)
class Visits(Envelope):
    """One page of visitors."""

    results: tuple[Visit, ...] = ()
    pagination: Pagination | None = None
