"""The criteria for companies, as sets of companies."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .columns import Column, tile
from .companies import Companies, normal_name
from .criteria import (
    Condition,
    Criterion,
    at_place,
    bits,
    by_fact,
    contains_any,
    in_countries,
    lower,
    unite,
    within,
)
from .vocabulary import COMPANY_KINDS, COMPANY_NOUNS, COMPANY_QUALITIES, Place

__all__ = ["COMPANY_CRITERIA", "COMPANY_MODIFIERS", "named"]

T = TypeVar("T")

COMPANY_MODIFIERS = frozenset(
    (
        "technologiesCondition",
        "intentTopicsCondition",
        "intentTopicsOperator",
        "intentMinScore",
        "intentMaxScore",
        "keywordsSearchFields",
    )
)
"""Criteria that only modify another one."""


def _fact(column: Callable[[Companies], Column[T]], meets: Callable[[T, Any], bool]) -> Criterion:
    return by_fact(lambda population: population.companies, column, meets)


def named(companies: Companies, phrase: str) -> int:
    """The companies whose name has, for every word of the phrase, a word that starts with it."""
    size, members = len(companies), (1 << len(companies)) - 1
    for word in normal_name(phrase).split():
        members &= (
            _starting(COMPANY_QUALITIES, word, size)
            | _starting(COMPANY_NOUNS, word, size)
            | _starting(COMPANY_KINDS, word, size)
        )
    return members if phrase.strip() else 0


def _starting(words: tuple[str, ...], prefix: str, size: int) -> int:
    pattern = sum(1 << index for index, word in enumerate(words) if word.lower().startswith(prefix))
    return tile(pattern, len(words), size)


def _own(refs: Iterable[object]) -> int:
    """The companies of the population among the refs."""
    return bits(ref for ref in refs if isinstance(ref, int))


def _domains(condition: Condition) -> int:
    return _own(condition.population.companies.by_domain(domain) for domain in condition.value)


def _ids(condition: Condition) -> int:
    return _own(condition.population.company(text) for text in condition.value)


def _linkedin_urls(condition: Condition) -> int:
    slugs = (url.rstrip("/").rpartition("/")[2] for url in condition.value)
    return _own(condition.population.companies.by_name(slug.replace("-", " ")) for slug in slugs)


def _search_text(condition: Condition) -> int:
    companies = condition.population.companies
    return named(companies, condition.value) | companies.industries.where(
        lambda industry: contains_any(f"{industry.main} {industry.sub}", [condition.value]), len(companies)
    )


def _technologies(condition: Condition) -> int:
    companies, wanted = condition.population.companies, lower(condition.value)
    combine = all if condition.criteria.get("technologiesCondition") == "and" else any
    return companies.technologies.where(
        lambda held: combine(name in lower(held) for name in wanted), len(companies)
    )


def _intent_topics(condition: Condition) -> int:
    companies, wanted, criteria = condition.population.companies, lower(condition.value), condition.criteria
    operator = criteria.get("intentTopicsOperator", criteria.get("intentTopicsCondition", "or"))
    combine = all if operator in {"and", "all"} else any
    low, high = criteria.get("intentMinScore", 1), criteria.get("intentMaxScore", 100)
    size = len(companies)
    members = companies.intents.where(lambda held: combine(name in lower(held) for name in wanted), size)
    return members & companies.intent_scores.where(lambda score: low <= score <= high, size)


def _words(column: Callable[[Companies], Column[tuple[str, ...]]]) -> Criterion:
    """The companies with one of the phrases in a column of words, or in their sub-industry."""
    words = _fact(column, lambda held, value: any(contains_any(word, value) for word in held))
    industries = _fact(lambda c: c.industries, lambda industry, value: contains_any(industry.sub, value))
    return lambda condition: (words(condition) or 0) | (industries(condition) or 0)


_keywords = _words(lambda c: c.technologies)
_specialities = _words(lambda c: c.intents)


def _funding(condition: Condition) -> int | None:
    """Rounds, amounts and IPO; investors and legacy types are accepted and ignored."""
    companies, value = condition.population.companies, condition.value
    size = len(companies)
    sets: list[int] = []
    if value.get("rounds"):
        sets.append(_rounds(companies, value["rounds"]))
    if "isIpo" in value:
        sets.append(companies.types.where(lambda kind: (kind == "Public Company") is value["isIpo"], size))
    if value.get("ranges"):
        totals = [sum(500_000 * 4**step for step in range(count)) for count in range(companies.funding.period)]
        sets.append(
            companies.funding.where(lambda count: within(value["ranges"], totals[count], totals[count]), size)
        )
    if not sets:
        return None
    members = sets[0]
    for found in sets[1:]:
        members &= found
    return members


def _rounds(companies: Companies, wanted: Iterable[Mapping[str, str]]) -> int:
    wanted = tuple(wanted)
    names = {entry.get("round") for entry in wanted}
    last_only = any(entry.get("coverage") in {"last_funding", "last_round"} for entry in wanted)
    pattern = 0
    for position in range(companies.funding.period):
        held = companies.funding_rounds(position)
        pattern |= bool(names & set(held[-1:] if last_only else held)) << position
    return tile(pattern, companies.funding.period, len(companies))


def _has_zip_code(place: Place, value: Any) -> bool:
    return any(place.zip_code == wanted.get("zipcode") for wanted in value)


COMPANY_CRITERIA: Mapping[str, Criterion] = {
    "names": unite(lambda population, name: named(population.companies, name)),
    "domains": _domains,
    "ids": _ids,
    "linkedinUrls": _linkedin_urls,
    "searchText": _search_text,
    "locations": _fact(lambda c: c.places, at_place),
    "geographicDetails": _fact(lambda c: c.places, in_countries),
    "locationsZipcodes": _fact(lambda c: c.places, _has_zip_code),
    "headquarterZipcodes": _fact(lambda c: c.places, _has_zip_code),
    "sizes": _fact(lambda c: c.sizes, lambda size, value: within(value, size.low, size.high or float("inf"))),
    "revenues": _fact(lambda c: c.sizes, lambda size, value: within(value, size.revenue_low, size.revenue_high)),
    "technologies": _technologies,
    "industriesLabels": _fact(
        lambda c: c.industries,
        lambda industry, value: bool({industry.main.lower(), industry.sub.lower()} & lower(value)),
    ),
    "mainIndustriesIds": _fact(lambda c: c.industries, lambda industry, value: industry.main_id in value),
    "subIndustriesIds": _fact(lambda c: c.industries, lambda industry, value: industry.sub_id in value),
    "sicCodes": _fact(
        lambda c: c.industries,
        lambda industry, value: industry.sic[0] in {int(code) for code in value if code.isdigit()},
    ),
    "naicsCodes": _fact(lambda c: c.industries, lambda industry, value: str(industry.naics[0]) in value),
    "intentTopics": _intent_topics,
    "topicCountThreshold": _fact(lambda c: c.intents, lambda held, value: within(value, len(held), len(held))),
    "funding": _funding,
    "foundedYear": _fact(lambda c: c.founded, lambda year, value: within(value, year, year)),
    "businessModel": _fact(lambda c: c.models, lambda held, value: bool(set(held) & set(value))),
    "companyType": _fact(lambda c: c.types, lambda kind, value: kind in value),
    "keywords": _keywords,
    "exactKeywords": _keywords,
    "specialities": _specialities,
    "exactSpecialities": _specialities,
}
"""The criteria by the vendor's name. Criteria not listed match no company."""
