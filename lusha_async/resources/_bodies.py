"""The bodies of requests that people and companies have in common. Pure: for single calls, batches and streams."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

import attrs

from .._json import as_list
from .._params import checks, encode
from ..errors import InvalidRequestError
from ..filters.members import REFINEMENTS
from ..models.filters import CompanyCriteria, ContactCriteria, ProspectingFilters
from ..models.lookalikes import CompanySeeds, ContactSeeds
from ..models.model import RequestModel, wire_name
from ..models.recommendations import RecommendationFilters, Sort
from ..models.signals import SignalOptions

__all__ = [
    "Filters",
    "criteria_of",
    "lookalikes_body",
    "options",
    "profiles",
    "prospecting_filters",
    "recommendations_body",
    "refuse_unfit",
    "signal_options",
    "signal_types",
    "signals_body",
]

Filters = ProspectingFilters | Mapping[str, Any]

_SEEDS = (5, 100)
_SORTS = ("leadScore", "signalScore", "icpFitScore", "targetIcp")
_NOT_FOR_CONTACTS = ("searchText", "signals")
_NOT_FOR_COMPANIES = ("industriesLabels", "funding")
_PEOPLE_OF_COMPANIES = {"jobTitles", "departments", "seniorityIds", "skills", "locations", "existingDataPoints"}
_ALONE = ("searchText", "signals", "intent", "technologies")


def lookalikes_body(
    kind: type[ContactSeeds] | type[CompanySeeds],
    seeds: RequestModel | Mapping[str, Any],
    *,
    exclude: RequestModel | Mapping[str, Any] | None = None,
    limit: int = 25,
    dedupe_session_id: str | None = None,
    table_id: str | None = None,
) -> dict[str, Any]:
    """5-100 seeds in all; fewer are taken when a session goes on."""
    given = _seeds(kind, seeds, "seeds")
    count = sum(len(as_list(members)) for members in given.values())
    least, most = 1 if dedupe_session_id else _SEEDS[0], _SEEDS[1]
    if not least <= count <= most:
        raise InvalidRequestError("seeds", f"{count} given in all; give {least} to {most}")
    return {
        "seeds": given,
        "exclude": None if exclude is None else _seeds(kind, exclude, "exclude") or None,
        "limit": checks.integer(limit, "limit", minimum=1, maximum=100),
        "dedupeSessionId": checks.optional_id(dedupe_session_id, "dedupe_session_id"),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def _seeds(kind: type[RequestModel], value: RequestModel | Mapping[str, Any], path: str) -> dict[str, Any]:
    given = encode.model(kind, value, path)
    for place, one in enumerate(given.get("contacts", ())):
        if not one.keys() & {"companyDomain", "companyName"}:
            raise InvalidRequestError(f"{path}.contacts[{place}]", "give company_name or company_domain")
    return given


def options(partial_profiles: bool | None) -> dict[str, Any] | None:
    """The options of a search."""
    return checks.drop_none(
        {"includePartialProfiles": checks.optional_boolean(partial_profiles, "partial_profiles")}
    )


def signal_options(value: SignalOptions | Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The signals that a search is to show."""
    return None if value is None else encode.model(SignalOptions, value, "signals")


def signal_types(given: Iterable[str]) -> dict[str, Any]:
    """The member of a body that names signal types."""
    return {"signalTypes": checks.strings(given, "signal_types")}


def profiles(target_profile_ids: Iterable[str]) -> list[str]:
    """1-3 profiles to score by."""
    return checks.strings(target_profile_ids, "target_profile_ids", maximum=3)


def signals_body(
    ids: Sequence[Any],
    types: Iterable[str],
    *,
    start_date: str | date | None = None,
    max_results_per_signal: int | None = None,
    table_id: str | None = None,
) -> dict[str, Any]:
    """Which signals of which ids."""
    return {
        "ids": checks.ids(ids, "ids"),
        **signal_types(types),
        "startDate": checks.optional_date(start_date, "start_date"),
        "maxResultsPerSignal": checks.optional_integer(max_results_per_signal, "max_results_per_signal", 1, 100),
        "tableId": checks.optional_id(table_id, "table_id"),
    }


def recommendations_body(
    *,
    filters: RecommendationFilters | Mapping[str, Any] | None = None,
    sort: Iterable[Sort | Mapping[str, Any]] | None = None,
    page: int = 0,
    size: int = 25,
) -> dict[str, Any]:
    """At most four sorts, all in one order: the vendor refuses mixed ones."""
    sorts: list[dict[str, Any]] = []
    for place, one in enumerate(checks.as_list(sort or [], "sort")):
        told = encode.model(Sort, one, f"sort[{place}]")
        checks.optional_enum(told["by"], f"sort[{place}].by", _SORTS)
        sorts.append(told)
    if len(sorts) > len(_SORTS):
        raise InvalidRequestError("sort", f"at most {len(_SORTS)}")
    if len({told.get("order") for told in sorts}) > 1:
        raise InvalidRequestError("sort", "give all the same order")
    return {
        "filters": None if filters is None else encode.model(RecommendationFilters, filters, "filters") or None,
        "sort": sorts or None,
        "pagination": checks.page(page, size),
    }


def prospecting_filters(value: Filters, *, kind: str) -> dict[str, Any]:
    """Filters to prospect `contacts` or `companies` by; a member that only the other takes is refused."""
    given = encode.model(ProspectingFilters, value, "filters")
    refuse_unfit(given, kind=kind)
    return given


def criteria_of(given: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """The criteria in encoded filters: of contacts and companies, to include and to exclude, those that are given."""
    return [
        (name, side, given[name][side])
        for name in ("contacts", "companies")
        for side in ("include", "exclude")
        if side in given.get(name, {})
    ]


def refuse_unfit(given: Mapping[str, Any], *, kind: str) -> None:
    """Refuse what the vendor would not take in encoded filters to prospect `kind`."""
    needs = ("contacts", "companies") if kind == "contacts" else ("companies",)
    if not any(_narrows(given.get(name)) for name in needs):
        raise InvalidRequestError("filters", f"narrow something in {' or '.join(needs)}: the vendor refuses none")
    criteria = criteria_of(given)
    for name, side, members in criteria:
        foreign = _foreign(kind, name)
        refused = [foreign[member] for member in members if member in foreign]
        if refused:
            path = f"filters.{name}.{side}.{refused[0]}"
            raise InvalidRequestError(path, f"the vendor does not take it to prospect {kind}")
    if kind == "companies":
        _refuse_combinations(given)
    elif {member for _, _, members in criteria for member in members} <= REFINEMENTS:
        raise InvalidRequestError(
            "filters.contacts", "these only refine others: give another criterion, such as job_titles, beside them"
        )


def _foreign(kind: str, name: str) -> dict[str, str]:
    """The criteria of `name` that are not for prospecting `kind`: ours by the vendor's names of them."""
    cls = ContactCriteria if name == "contacts" else CompanyCriteria
    fields = {wire_name(field): field for field in attrs.fields_dict(cls) if field != "extra"}
    names: Iterable[str] = ()
    if name == "companies":
        names = _NOT_FOR_CONTACTS if kind == "contacts" else _NOT_FOR_COMPANIES
    elif kind == "companies":
        names = fields.keys() - _PEOPLE_OF_COMPANIES
    return {member: fields[member] for member in names}


def _refuse_combinations(given: Mapping[str, Any]) -> None:
    companies = given["companies"]
    if not _narrows(companies.get("include")):
        raise InvalidRequestError("filters.companies.include", "give at least one criterion")
    alone = [
        member
        for name, _, members in criteria_of(given)
        for member in members
        if name == "companies" and member.startswith(_ALONE)
    ]
    if _narrows(given.get("contacts")) and alone:
        raise InvalidRequestError("filters.contacts", f"cannot be combined with the companies' {alone[0]}")


def _narrows(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_narrows(member) for member in cast(Mapping[str, Any], value).values())
    return value is not None and value != []
