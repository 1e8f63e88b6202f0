"""The bodies of requests without their items and their page: for single calls, bulk methods and streams. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeAlias

from .._json import as_list
from .._params import checks, encode
from ..errors import InvalidRequestError
from ..models.companies import CompanyIdentity, CompanyQuery
from ..models.contacts import ContactQuery
from ..models.lookalikes import CompanySeeds, ContactSeeds
from ..models.model import RequestModel
from ..models.recommendations import RecommendationFilters, Sort
from ..models.signals import SignalOptions
from ..models.visits import VisitFilters
from ..operations import COMPANY_REVEALS, CONTACT_REVEALS

__all__ = [
    "CompanyIdentityInput",
    "CompanyInput",
    "ContactInput",
    "buying_group",
    "enrich_companies",
    "enrich_contacts",
    "icp_fit_scores",
    "lookalikes",
    "recommendations",
    "search",
    "search_and_enrich",
    "search_options",
    "signal_types",
    "signals",
    "website_visits",
]

ContactInput: TypeAlias = ContactQuery | Mapping[str, Any]
"""A contact to search for: a `ContactQuery`, or a mapping of its members under either spelling."""
CompanyInput: TypeAlias = CompanyQuery | Mapping[str, Any]
"""A company to search for: a `CompanyQuery`, or a mapping of its members under either spelling."""
CompanyIdentityInput: TypeAlias = CompanyIdentity | CompanyQuery | Mapping[str, Any]
"""A company identified by exactly one member: a model, or a mapping of its members under either spelling."""


_PERSONAS = ("decision_maker", "potential_champion", "end_user")
_MIN_SEEDS, _MAX_SEEDS = 5, 100
_SORTS = ("leadScore", "signalScore", "icpFitScore", "targetIcp")


def search(*, partial_profiles: bool | None, signals: SignalOptions | Mapping[str, Any] | None) -> dict[str, Any]:
    """The body of `search`."""
    return {
        "options": search_options(partial_profiles),
        "signals": None if signals is None else encode.model(SignalOptions, signals, "signals"),
    }


def search_and_enrich(
    known: Iterable[str], *, reveal: Iterable[str] | None, partial_profiles: bool | None
) -> dict[str, Any]:
    """The body of `search_and_enrich`; `reveal` takes the values in `known`."""
    return {
        "reveal": checks.optional_enums(reveal, "reveal", known),
        "options": search_options(partial_profiles),
    }


def enrich_contacts(
    *, reveal: Iterable[str] | None, waterfall_enabled: bool, table_id: str | None = None
) -> dict[str, Any]:
    """The body of `contacts.enrich`."""
    return {
        "reveal": checks.optional_enums(reveal, "reveal", CONTACT_REVEALS),
        "waterfallEnabled": checks.optional_boolean(waterfall_enabled, "waterfall_enabled"),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def enrich_companies(*, reveal: Iterable[str] | None, table_id: str | None = None) -> dict[str, Any]:
    """The body of `companies.enrich`."""
    return {
        "reveal": checks.optional_enums(reveal, "reveal", COMPANY_REVEALS),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def signals(
    types: Iterable[str],
    *,
    start_date: str | date | None,
    max_results_per_signal: int | None,
    table_id: str | None,
    intent_categories: Iterable[str] | None = None,
) -> dict[str, Any]:
    """The body of `signals`; `intent_categories` are for companies only."""
    categories = checks.optional_strings(intent_categories, "intent_categories")
    return {
        **signal_types(types),
        "startDate": checks.optional_date(start_date, "start_date"),
        "maxResultsPerSignal": checks.optional_integer(max_results_per_signal, "max_results_per_signal", 1, 100),
        "tableId": checks.optional_id(table_id, "table_id"),
        "filters": None if categories is None else {"include": {"intentCategories": categories}},
    }


def signal_types(types: Iterable[str]) -> dict[str, Any]:
    """The member that names signal types."""
    return {"signalTypes": checks.strings(types, "signal_types")}


def icp_fit_scores(target_profile_ids: Iterable[str]) -> dict[str, Any]:
    """The body of `icp_fit_scores`."""
    return {"targetProfileIds": checks.strings(target_profile_ids, "target_profile_ids", maximum=3)}


def buying_group(
    *, contacts_limit: int, personas: Iterable[str] | None, max_contacts: int | None = None
) -> dict[str, Any]:
    """The body of `buying_group`; `contacts_limit` is from 1 to `max_contacts`."""
    return {
        "personas": checks.optional_enums(personas, "personas", _PERSONAS),
        "contactsLimit": checks.integer(contacts_limit, "contacts_limit", minimum=1, maximum=max_contacts),
    }


def lookalikes(
    kind: type[ContactSeeds] | type[CompanySeeds],
    seeds: RequestModel | Mapping[str, Any],
    *,
    exclude: RequestModel | Mapping[str, Any] | None,
    dedupe_session_id: str | None = None,
    table_id: str | None,
) -> dict[str, Any]:
    """The body of `lookalikes`: 5-100 seeds in all, or fewer to continue a session."""
    encoded = _seeds(kind, seeds, "seeds")
    count = sum(len(as_list(members)) for members in encoded.values())
    min_seeds = 1 if dedupe_session_id else _MIN_SEEDS
    if not min_seeds <= count <= _MAX_SEEDS:
        raise InvalidRequestError("seeds", f"must have {min_seeds} to {_MAX_SEEDS} entries in all, not {count}")
    return {
        "seeds": encoded,
        "exclude": None if exclude is None else _seeds(kind, exclude, "exclude") or None,
        "dedupeSessionId": checks.optional_id(dedupe_session_id, "dedupe_session_id"),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def _seeds(kind: type[RequestModel], value: RequestModel | Mapping[str, Any], path: str) -> dict[str, Any]:
    encoded = encode.model(kind, value, path)
    for index, contact in enumerate(encoded.get("contacts", ())):
        if not contact.keys() & {"companyDomain", "companyName"}:
            raise InvalidRequestError(f"{path}.contacts[{index}]", "must have company_name or company_domain")
    return encoded


def recommendations(
    *, filters: RecommendationFilters | Mapping[str, Any] | None, sort: Iterable[Sort | Mapping[str, Any]] | None
) -> dict[str, Any]:
    """The body of `recommendations`; at most four sorts, all in the same order."""
    sorts: list[dict[str, Any]] = []
    for index, value in enumerate(checks.as_list(sort or [], "sort")):
        encoded = encode.model(Sort, value, f"sort[{index}]")
        checks.optional_enum(encoded["by"], f"sort[{index}].by", _SORTS)
        sorts.append(encoded)
    if len(sorts) > len(_SORTS):
        raise InvalidRequestError("sort", f"must have at most {len(_SORTS)} entries")
    if len({encoded.get("order") for encoded in sorts}) > 1:
        raise InvalidRequestError("sort", "must have the same order in all entries")
    return {
        "filters": None if filters is None else encode.model(RecommendationFilters, filters, "filters") or None,
        "sort": sorts or None,
    }


def website_visits(
    domains: Iterable[str],
    *,
    start_date: str | date,
    end_date: str | date,
    sort: Sort | Mapping[str, Any] | None,
    filters: VisitFilters | Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The body of `website_visits`; at most three months."""
    first, last = checks.date_range(start_date, end_date, months=3)
    return {
        "domains": checks.strings(domains, "domains"),
        "startDate": first,
        "endDate": last,
        "sort": None if sort is None else encode.model(Sort, sort, "sort"),
        "filters": None if filters is None else encode.model(VisitFilters, filters, "filters"),
    }


def search_options(partial_profiles: bool | None) -> dict[str, Any] | None:
    """The options of searching and prospecting."""
    return checks.drop_none(
        {"includePartialProfiles": checks.optional_boolean(partial_profiles, "partial_profiles")}
    )
