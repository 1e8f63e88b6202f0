"""The bodies of requests that people and companies have in common. Pure: for single calls, batches and streams."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from .. import arguments
from ..errors import InvalidRequestError
from ..models.filters import ProspectingFilters
from ..models.lookalikes import CompanySeeds, ContactSeeds
from ..models.model import Question
from ..models.recommendations import RecommendationFilters, Sort
from ..models.signals import SignalOptions

__all__ = [
    "Filters",
    "lookalikes_body",
    "options",
    "prospecting_filters",
    "recommendations_body",
    "signal_options",
    "signals_body",
]

Filters = ProspectingFilters | Mapping[str, Any]

_SEEDS = (5, 100)
_SORTS = ("leadScore", "signalScore", "icpFitScore", "targetIcp")
_NOT_FOR_CONTACTS = ("searchText", "signals")
_NOT_FOR_COMPANIES = ("industriesLabels", "funding")
_PEOPLE_OF_COMPANIES = ("jobTitles", "departments", "seniorityIds", "skills", "locations", "existingDataPoints")
_ALONE = ("searchText", "signals", "intentTopics", "technologies")


def lookalikes_body(
    kind: type[ContactSeeds] | type[CompanySeeds],
    seeds: Question | Mapping[str, Any],
    *,
    exclude: Question | Mapping[str, Any] | None = None,
    limit: int = 25,
    dedupe_session_id: str | None = None,
    table_id: str | None = None,
) -> dict[str, Any]:
    """5-100 seeds in all; fewer are taken when a session goes on."""
    given = arguments.encode(kind, seeds, "seeds")
    count = sum(len(members) for members in given.values())
    least, most = 1 if dedupe_session_id else _SEEDS[0], _SEEDS[1]
    if not least <= count <= most:
        raise InvalidRequestError("seeds", f"{count} given in all; give {least} to {most}")
    return {
        "seeds": given,
        "exclude": None if exclude is None else arguments.encode(kind, exclude, "exclude") or None,
        "limit": arguments.within(limit, "limit", 1, 100),
        "dedupeSessionId": arguments.one_of(dedupe_session_id, "dedupe_session_id", None),
        "tableId": arguments.one_of(table_id, "table_id", None),
    }


def options(partial_profiles: bool | None) -> dict[str, Any] | None:
    """The options of a search."""
    return arguments.given({"includePartialProfiles": arguments.flag(partial_profiles, "partial_profiles")})


def signal_options(value: SignalOptions | Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The signals that a search is to show."""
    return None if value is None else arguments.encode(SignalOptions, value, "signals")


def signals_body(
    ids: Sequence[Any],
    signal_types: Iterable[str],
    *,
    start_date: str | date | None = None,
    max_results_per_signal: int | None = None,
    table_id: str | None = None,
) -> dict[str, Any]:
    """Which signals of which ids."""
    return {
        "ids": arguments.ids(ids, "ids"),
        "signalTypes": arguments.texts(signal_types, "signal_types"),
        "startDate": arguments.day(start_date, "start_date"),
        "maxResultsPerSignal": arguments.within(max_results_per_signal, "max_results_per_signal", 1, 100),
        "tableId": arguments.one_of(table_id, "table_id", None),
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
    for place, one in enumerate(arguments.listed(sort or [], "sort")):
        told = arguments.encode(Sort, one, f"sort[{place}]")
        arguments.one_of(told["by"], f"sort[{place}].by", _SORTS)
        arguments.one_of(told.get("order"), f"sort[{place}].order", ("asc", "desc"))
        sorts.append(told)
    if len(sorts) > len(_SORTS):
        raise InvalidRequestError("sort", f"at most {len(_SORTS)}")
    if len({told.get("order") for told in sorts}) > 1:
        raise InvalidRequestError("sort", "give all the same order")
    return {
        "filters": None
        if filters is None
        else arguments.encode(RecommendationFilters, filters, "filters") or None,
        "sort": sorts or None,
        "pagination": arguments.page(page, size),
    }


def prospecting_filters(value: Filters, *, kind: str) -> dict[str, Any]:
    """Filters to prospect `contacts` or `companies` by; a member that only the other takes is refused."""
    given = arguments.encode(ProspectingFilters, value, "filters")
    needs = ("contacts", "companies") if kind == "contacts" else ("companies",)
    if not any(_narrows(given.get(name)) for name in needs):
        raise InvalidRequestError("filters", f"narrow something in {' or '.join(needs)}: the vendor refuses none")
    criteria = [
        (name, side, given[name][side])
        for name in ("contacts", "companies")
        for side in ("include", "exclude")
        if side in given.get(name, {})
    ]
    for name, side, members in criteria:
        for member in members:
            _refuse_foreign(kind, name, f"filters.{name}.{side}", member)
    if kind == "companies":
        _refuse_combinations(given)
    return given


def _refuse_foreign(kind: str, name: str, path: str, member: str) -> None:
    if kind == "contacts":
        foreign = name == "companies" and member in _NOT_FOR_CONTACTS
    elif name == "companies":
        foreign = member in _NOT_FOR_COMPANIES
    else:
        foreign = member not in _PEOPLE_OF_COMPANIES
    if foreign:
        raise InvalidRequestError(f"{path}.{member}", f"the vendor does not take it to prospect {kind}")


def _refuse_combinations(given: Mapping[str, Any]) -> None:
    companies = given["companies"]
    if not _narrows(companies.get("include")):
        raise InvalidRequestError("filters.companies.include", "give at least one criterion")
    alone = [name for name in _ALONE for side in companies.values() if name in side]
    if _narrows(given.get("contacts")) and alone:
        raise InvalidRequestError("filters.contacts", f"cannot be combined with the companies' {alone[0]}")


def _narrows(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_narrows(member) for member in cast(Mapping[str, Any], value).values())
    return value is not None and value != []
