"""The bodies of requests about companies. Pure: for single calls, batches and streams."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from .._params import checks, encode
from ..models.companies import CompanyIdentity, CompanyQuery
from ..models.recommendations import Sort
from ..models.signals import SignalOptions
from ..models.visits import VisitFilters
from . import _bodies
from ._bodies import Filters

__all__ = [
    "IDENTITY",
    "Identity",
    "Query",
    "REVEALS",
    "enrich_body",
    "prospect_body",
    "search_and_enrich_body",
    "search_body",
    "signals_body",
    "website_visits_body",
]

REVEALS = (
    "employeesByDepartment",
    "employeesByLocation",
    "employeesBySeniority",
    "competitors",
    "intent",
    "estimatedAnnualItSpend",
    "monthlyWebsiteTraffic",
    "openJobsTotal",
    "directParent",
    "ultimateParent",
)
IDENTITY = ("id", "domain", "name", "email")

Query = CompanyQuery | Mapping[str, Any]
Identity = CompanyIdentity | CompanyQuery | Mapping[str, Any]


def search_body(
    companies: list[dict[str, Any]],
    *,
    partial_profiles: bool | None = None,
    signals: SignalOptions | Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a search for companies."""
    return {
        "companies": companies,
        "options": _bodies.options(partial_profiles),
        "signals": _bodies.signal_options(signals),
    }


def enrich_body(
    ids: list[str], *, reveal: Iterable[str] | None = None, table_id: str | None = None
) -> dict[str, Any]:
    """The body of an enrichment by id."""
    return {
        "ids": ids,
        "reveal": checks.optional_enums(reveal, "reveal", REVEALS),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def search_and_enrich_body(
    companies: list[dict[str, Any]], *, reveal: Iterable[str] | None = None, partial_profiles: bool | None = None
) -> dict[str, Any]:
    """The body of a search with enrichment."""
    return {
        "companies": companies,
        "options": _bodies.options(partial_profiles),
        "reveal": checks.optional_enums(reveal, "reveal", REVEALS),
    }


def signals_body(
    ids: list[Any],
    signal_types: Iterable[str],
    *,
    start_date: str | date | None = None,
    max_results_per_signal: int | None = None,
    table_id: str | None = None,
    intent_categories: Iterable[str] | None = None,
) -> dict[str, Any]:
    """The body of a question for signals."""
    body = _bodies.signals_body(
        ids,
        signal_types,
        start_date=start_date,
        max_results_per_signal=max_results_per_signal,
        table_id=table_id,
    )
    categories = checks.optional_strings(intent_categories, "intent_categories")
    body["filters"] = None if categories is None else {"include": {"intentCategories": categories}}
    return body


def prospect_body(
    filters: Filters,
    *,
    page: int,
    size: int,
    partial_profiles: bool | None = None,
    table_id: str | None = None,
) -> dict[str, Any]:
    """The body of one page of prospecting."""
    return {
        "pagination": checks.page(page, size),
        "filters": _bodies.prospecting_filters(filters, kind="companies"),
        "options": _bodies.options(partial_profiles),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def website_visits_body(
    domains: Iterable[str],
    *,
    start_date: str | date,
    end_date: str | date,
    page: int,
    size: int,
    sort: Sort | Mapping[str, Any] | None = None,
    filters: VisitFilters | Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of one page of website visits; at most three months."""
    first, last = checks.date_range(start_date, end_date, months=3)
    return {
        "domains": checks.strings(domains, "domains"),
        "startDate": first,
        "endDate": last,
        "pagination": checks.page(page, size, minimum=1, maximum=150, last=None),
        "sort": None if sort is None else encode.model(Sort, sort, "sort"),
        "filters": None if filters is None else encode.model(VisitFilters, filters, "filters"),
    }
