"""The premium facts of a company: revealed only when requested, and charged unless null."""

from collections.abc import Callable, Mapping
from typing import Any

from .companies import Companies, Company
from .vocabulary import DEPARTMENTS, SENIORITIES

__all__ = ["TokenOf", "premium_fact"]

TokenOf = Callable[[Company], str]
"""Returns the id of a company."""


def premium_fact(companies: Companies, company: Company, fact: str, token_of: TokenOf) -> Any:
    """The value of a premium fact; None where the company has none."""
    return _FACTS[fact](companies, company.index, token_of)


def _parent(companies: Companies, index: int, generation: int, token_of: TokenOf) -> dict[str, Any] | None:
    if companies.parents.at(index) == 0:
        return None
    top = (index * 31 + 7) % len(companies)
    ref = top if generation == 2 or companies.parents.at(index) == 1 else (index * 17 + 3) % len(companies)
    parent = companies.get(ref)
    country = companies.places.at(ref).country
    return {"lushaCompanyId": token_of(parent), "name": parent.name, "domain": parent.domain, "hqCountry": country}


def _departments(companies: Companies, index: int, token_of: TokenOf) -> list[dict[str, Any]]:
    total = companies.employees(index)
    return [
        {"department": name, "count": max(1, total // (position + 2))}
        for position, name in enumerate(DEPARTMENTS[:8])
    ]


def _locations(companies: Companies, index: int, token_of: TokenOf) -> list[dict[str, Any]]:
    total = companies.employees(index)
    places = (companies.places.at(index + step) for step in range(3))
    return [
        {"country": place.country, "state": place.state, "count": max(1, total // (step + 2))}
        for step, place in enumerate(places)
    ]


def _seniorities(companies: Companies, index: int, token_of: TokenOf) -> list[dict[str, Any]]:
    total = companies.employees(index)
    return [{"seniority": label, "count": max(1, total // (rank + 1))} for rank, label in SENIORITIES.items()]


def _competitors(companies: Companies, index: int, token_of: TokenOf) -> list[dict[str, Any]]:
    rivals = (companies.get((index + step * companies.industries.period) % len(companies)) for step in (1, 2, 3))
    return [{"id": token_of(rival), "name": rival.name, "domain": rival.domain} for rival in rivals]


def _intent(companies: Companies, index: int, token_of: TokenOf) -> dict[str, Any] | None:
    topics = companies.intents.at(index)
    if not topics:
        return None
    score = companies.intent_scores.at(index)
    return {"topics": [{"topicName": topic, "metadata": {"topicScore": score}} for topic in topics]}


def _it_spend(companies: Companies, index: int, token_of: TokenOf) -> dict[str, Any]:
    value = 900 * companies.employees(index)
    return {"value": value, "currency": "USD", "valueUsd": value}


def _traffic(companies: Companies, index: int, token_of: TokenOf) -> dict[str, Any]:
    visits = 120 * companies.employees(index)
    return {"visits": visits, "momChangePercent": companies.growth.at(index), "month": "2026-08"}


_FACTS: Mapping[str, Callable[[Companies, int, TokenOf], Any]] = {
    "employeesByDepartment": _departments,
    "employeesByLocation": _locations,
    "employeesBySeniority": _seniorities,
    "competitors": _competitors,
    "intent": _intent,
    "estimatedAnnualItSpend": _it_spend,
    "monthlyWebsiteTraffic": _traffic,
    "openJobsTotal": lambda companies, index, _: companies.employees(index) // 20,
    "directParent": lambda companies, index, token_of: _parent(companies, index, 1, token_of),
    "ultimateParent": lambda companies, index, token_of: _parent(companies, index, 2, token_of),
}
