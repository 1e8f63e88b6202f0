"""The bodies of requests about people. Pure: for single calls, batches and streams."""

from collections.abc import Iterable, Mapping
from typing import Any

from .._params import checks, encode
from ..models.companies import CompanyIdentity, CompanyQuery
from ..models.contacts import ContactQuery
from ..models.signals import SignalOptions
from ..operations import BY_NAME
from . import _bodies
from ._bodies import Filters

__all__ = [
    "Company",
    "PERSONAS",
    "Query",
    "REVEALS",
    "buying_group_body",
    "enrich_body",
    "named_companies",
    "prospect_body",
    "search_and_enrich_body",
    "search_body",
]

REVEALS = ("emails", "phones")
PERSONAS = ("decision_maker", "potential_champion", "end_user")

Query = ContactQuery | Mapping[str, Any]
Company = CompanyQuery | CompanyIdentity | Mapping[str, Any]


def search_body(
    contacts: list[dict[str, Any]],
    *,
    partial_profiles: bool | None = None,
    signals: SignalOptions | Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a search for people."""
    return {
        "contacts": contacts,
        "options": _bodies.options(partial_profiles),
        "signals": _bodies.signal_options(signals),
    }


def enrich_body(
    ids: list[str],
    *,
    reveal: Iterable[str] | None = None,
    waterfall_enabled: bool = False,
    table_id: str | None = None,
) -> dict[str, Any]:
    """The body of an enrichment by id."""
    return {
        "ids": ids,
        "reveal": checks.optional_enums(reveal, "reveal", REVEALS),
        "waterfallEnabled": checks.optional_boolean(waterfall_enabled, "waterfall_enabled"),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def search_and_enrich_body(
    contacts: list[dict[str, Any]], *, reveal: Iterable[str] | None = None, partial_profiles: bool | None = None
) -> dict[str, Any]:
    """The body of a search with enrichment."""
    return {
        "contacts": contacts,
        "reveal": checks.optional_enums(reveal, "reveal", REVEALS),
        "options": _bodies.options(partial_profiles),
    }


def prospect_body(
    filters: Filters,
    *,
    page: int,
    size: int,
    partial_profiles: bool | None = None,
    exclude_dnc: bool | None = None,
    max_contacts_per_company: int | None = None,
    table_id: str | None = None,
) -> dict[str, Any]:
    """The body of one page of prospecting."""
    options = {
        "includePartialProfiles": checks.optional_boolean(partial_profiles, "partial_profiles"),
        "excludeDnc": checks.optional_boolean(exclude_dnc, "exclude_dnc"),
        "maxContactsPerCompany": checks.optional_integer(
            max_contacts_per_company, "max_contacts_per_company", 1, 20
        ),
    }
    return {
        "pagination": checks.page(page, size),
        "filters": _bodies.prospecting_filters(filters, kind="contacts"),
        "options": checks.drop_none(options),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def buying_group_body(
    companies: list[dict[str, Any]],
    *,
    contacts_limit: int,
    personas: Iterable[str] | None = None,
    page: int | None = None,
    size: int | None = None,
) -> dict[str, Any]:
    """The body of a search for those who decide; `contacts_limit` for each company."""
    pagination = {
        "page": checks.optional_integer(page, "page", 0, None),
        "size": checks.optional_integer(size, "size", 10, 100),
    }
    return {
        "companies": companies,
        "personas": checks.optional_enums(personas, "personas", PERSONAS),
        "contactsLimit": checks.integer(contacts_limit, "contacts_limit", minimum=1),
        "pagination": checks.drop_none(pagination),
    }


def named_companies(companies: Iterable[Company]) -> list[dict[str, Any]]:
    """1-25 companies, each by exactly one of `domain` and `id`."""
    listed = checks.batch(BY_NAME["getContactsBuyingGroup"], companies)
    return [
        encode.company_identity(one, f"companies[{place}]", ("domain", "id")) for place, one in enumerate(listed)
    ]
