"""Website visits: the companies that visited domains that the account tracks.

Free, as in the vendor's example. A domain that is not tracked fails the call. Source: the vendor's reference.
"""

from collections.abc import Mapping
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, standard_error
from ..population.signals import day_number, day_text
from .common import COMPANIES
from .paging import page_window

__all__ = ["HANDLERS"]

_MAX_DAYS = 93
_VISITORS = 120  # companies for each domain
_RANGES = (
    "score",
    "totalSessions",
    "avgSessionMinutes",
    "uniqueVisitors",
    "daysVisited",
    "highIntentPageviews",
    "daysSinceLastVisit",
)


def website_visits(state: State, call: Call) -> Answer:
    """A page of visitors, by default highest score first."""
    start, end = day_number(call.body["startDate"]), day_number(call.body["endDate"])
    if end < start or end - start > _MAX_DAYS:
        raise standard_error(
            400, "Validation failed", ["the range from startDate to endDate must be within 3 months"]
        )
    for domain in call.body["domains"]:
        if domain.lower() not in state.settings.tracked_domains:
            raise standard_error(400, "Validation failed", [f"domain {domain} is not configured for tracking"])
    sort = call.body.get("sort", {})
    by = sort.get("by", "score")
    if by not in _RANGES:
        raise standard_error(
            400, "Validation failed", [f"sort.by must be one of the following values: {', '.join(_RANGES)}"]
        )
    filters = call.body.get("filters", {})
    visits = {index: _visit(index, end) for index in _visitors(state, call.body["domains"])}
    found = [(index, visit) for index, visit in visits.items() if end - visit["daysSinceLastVisit"] >= start]
    found = [(index, visit) for index, visit in found if _matches(visit, filters)]
    found.sort(key=lambda pair: (pair[1][by], pair[0]), reverse=sort.get("order", "desc") == "desc")
    number = int(call.body["pagination"]["page"])
    page = page_window(state, call, number, int(call.body["pagination"]["size"]))
    shown = [COMPANIES.preview(state, index) | visit for index, visit in page.of(found)]
    return Answer(
        payload={
            "requestId": call.request_id,
            "results": shown,
            "pagination": {"page": number, "size": page.size, "total": len(found)},
            "billing": {"creditsCharged": 0, "resultsReturned": len(shown)},
        }
    )


def _visitors(state: State, domains: list[str]) -> set[int]:
    size = len(state.companies)
    return {(sum(domain.encode()) * 101 + 311 * step) % size for domain in domains for step in range(_VISITORS)}


def _visit(index: int, end: int) -> dict[str, Any]:
    score, last = index * 31 % 101, index * 7 % 60
    return {
        "score": score,
        "scoreBand": "hot" if score >= 70 else "warm" if score >= 35 else "cold",
        "totalSessions": 1 + index % 40,
        "uniqueVisitors": 1 + index % 12,
        "avgSessionMinutes": round(0.5 + index % 90 / 10, 1),
        "daysVisited": 1 + index % 20,
        "highIntentPageviews": index % 9,
        "daysSinceLastVisit": last,
        "lastVisit": day_text(end - last),
        "visitorCountry": ("US", "GB", "DE", "IL")[index % 4],
    }


def _matches(visit: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    countries = filters.get("visitorCountries", {})
    if "scoreBands" in filters and visit["scoreBand"] not in filters["scoreBands"]:
        return False
    if countries.get("include") and visit["visitorCountry"] not in countries["include"]:
        return False
    if visit["visitorCountry"] in countries.get("exclude", ()):
        return False
    return all(
        filters[name].get("min", 0) <= visit[name] <= filters[name].get("max", float("inf"))
        for name in _RANGES
        if name in filters
    )


HANDLERS = {"getWebsiteVisits": website_visits}
