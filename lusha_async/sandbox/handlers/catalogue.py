"""The values that filters take, and the types of signals. Free. Source: the vendor's reference, recordings."""

from collections.abc import Callable, Mapping
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, standard_error
from ..api.common import COMPANY_SIGNALS, CONTACT_SIGNALS
from ..population.people import DATA_POINTS
from ..population.vocabulary import (
    DEPARTMENTS,
    INDUSTRIES,
    INTENT_TOPICS,
    PLACES,
    SENIORITIES,
    SIZES,
    TECHNOLOGIES,
    Place,
)
from .signals import INTENT_CATEGORIES, NEWS_EVENTS

__all__ = ["HANDLERS"]

Values = Callable[[State, str], list[Any]]
_MAX_NAMES = 100


def _location(place: Place) -> dict[str, str]:
    location = {"continent": place.continent, "country": place.country, "state": place.state, "city": place.city}
    return {name: value for name, value in location.items() if value}


def _locations(_: State, query: str) -> list[Any]:
    return [_location(place) for place in PLACES if query in f"{place.city} {place.state} {place.country}".lower()]


def _industries(_: State, query: str) -> list[Any]:
    mains: dict[int, dict[str, Any]] = {}
    for industry in INDUSTRIES:
        main = mains.setdefault(
            industry.main_id,
            {"main_industry": industry.main, "main_industry_id": industry.main_id, "sub_industries": []},
        )
        main["sub_industries"].append({"value": industry.sub, "id": industry.sub_id})
    return list(mains.values())


def _countries(_: State, query: str) -> list[Any]:
    return [
        {"name": name, "code": code} for name, code in sorted({(place.country, place.iso2) for place in PLACES})
    ]


def _company_names(state: State, query: str) -> list[Any]:
    members = state.filters.companies({"names": [query]}, {}, state.today())
    return [state.companies.get(index).name for index in range(len(state.companies)) if members >> index & 1][
        :_MAX_NAMES
    ]


def _containing(values: tuple[str, ...]) -> Values:
    return lambda _, query: [value for value in values if query in value.lower()]


_CONTACTS: Mapping[str, tuple[bool, Values]] = {
    "departments": (False, lambda _, __: list(DEPARTMENTS)),
    "seniority": (False, lambda _, __: [{"id": rank, "value": label} for rank, label in SENIORITIES.items()]),
    "existingDataPoints": (False, lambda _, __: list(DATA_POINTS)),
    "countries": (False, _countries),
    "locations": (True, _locations),
}
_COMPANIES: Mapping[str, tuple[bool, Values]] = {
    "names": (True, _company_names),
    "sizes": (
        False,
        lambda _, __: [{"min": s.low} if s.high is None else {"min": s.low, "max": s.high} for s, _ in SIZES],
    ),
    "revenues": (False, lambda _, __: [{"min": size.revenue_low, "max": size.revenue_high} for size, _ in SIZES]),
    "locations": (True, _locations),
    "sics": (False, lambda _, __: sorted({str(industry.sic[0]) for industry in INDUSTRIES})),
    "naics": (False, lambda _, __: sorted({str(industry.naics[0]) for industry in INDUSTRIES})),
    "industriesLabels": (False, _industries),
    "intentTopics": (False, _containing(INTENT_TOPICS)),
    "technologies": (True, _containing(TECHNOLOGIES)),
}
_SIGNALS: Mapping[str, tuple[bool, Values]] = {
    "newsEventTypes": (
        False,
        lambda _, __: [{"signal": name, "events": list(kinds)} for name, kinds in NEWS_EVENTS.items()],
    ),
    "hiringByDepartments": (False, lambda _, __: list(DEPARTMENTS)),
    "hiringByLocations": (True, _locations),
    "intentCategories": (False, lambda _, __: list(INTENT_CATEGORIES)),
}


def _types(filters: Mapping[str, tuple[bool, Values]]) -> Callable[[State, Call], Answer]:
    def answer(_: State, call: Call) -> Answer:
        types = [{"filterType": name, "requiresQuery": needs} for name, (needs, _) in filters.items()]
        return Answer(payload={"availableFilters": types})

    return answer


def _values(filters: Mapping[str, tuple[bool, Values]]) -> Callable[[State, Call], Answer]:
    def answer(state: State, call: Call) -> Answer:
        name = call.params["filterType"]
        if name not in filters:
            known = ", ".join(filters)
            raise standard_error(
                400, "Validation failed", [f"filterType must be one of the following values: {known}"]
            )
        needs_query, values = filters[name]
        query = call.query.get("query", "")
        if needs_query and not query:
            raise standard_error(400, "Validation failed", [f"query is required for {name}"])
        if name == "intentCategories" and "query" in call.query:
            raise standard_error(400, "Validation failed", ["query is not supported for intentCategories"])
        return Answer(payload={"values": values(state, query.lower())})

    return answer


def _signal_types(names: tuple[str, ...]) -> Callable[[State, Call], Answer]:
    def answer(_: State, __: Call) -> Answer:
        return Answer(payload={"signalTypes": ["allSignals", *names]})

    return answer


HANDLERS = {
    "getContactFilterTypes": _types(_CONTACTS),
    "getContactFilterValues": _values(_CONTACTS),
    "getCompanyFilterTypes": _types(_COMPANIES),
    "getCompanyFilterValues": _values(_COMPANIES),
    "getCompanySignalFilters": _types(_SIGNALS),
    "getCompanySignalFilterValues": _values(_SIGNALS),
    "getContactSignalTypes": _signal_types(CONTACT_SIGNALS),
    "getCompanySignalTypes": _signal_types(COMPANY_SIGNALS),
}
