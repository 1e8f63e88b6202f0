"""The criteria for companies, as sets over the synthetic facts."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .columns import Column, tile
from .companies import Companies, normal_name
from .criteria import Asked, Criterion, at_place, bits, holds_any, in_country, lower, within
from .vocabulary import COMPANY_KINDS, COMPANY_NOUNS, COMPANY_QUALITIES, Industry, Place, Size

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
"""What only says how another criterion is meant."""


def _fact(column: Callable[[Companies], Column[T]], holds: Callable[[T, Any], bool]) -> Criterion:
    """A criterion on one column: which of its values meet what was asked for."""

    def criterion(asked: Asked) -> int:
        companies = asked.population.companies
        return column(companies).where(lambda fact: holds(fact, asked.value), len(companies))

    return criterion


def _industries(companies: Companies) -> Column[Industry]:
    return companies.industries


def _places(companies: Companies) -> Column[Place]:
    return companies.places


def _sizes(companies: Companies) -> Column[Size]:
    return companies.sizes


def _types(companies: Companies) -> Column[str]:
    return companies.types


def _founded(companies: Companies) -> Column[int]:
    return companies.founded


def _models(companies: Companies) -> Column[tuple[str, ...]]:
    return companies.models


def _intents(companies: Companies) -> Column[tuple[str, ...]]:
    return companies.intents


def named(companies: Companies, phrase: str) -> int:
    """The companies in whose name every word of the phrase begins a word."""
    size, members = len(companies), (1 << len(companies)) - 1
    for word in normal_name(phrase).split():
        members &= (
            _beginning(COMPANY_QUALITIES, word, size)
            | _beginning(COMPANY_NOUNS, word, size)
            | _beginning(COMPANY_KINDS, word, size)
        )
    return members if phrase.strip() else 0


def _beginning(words: tuple[str, ...], start: str, size: int) -> int:
    pattern = sum(1 << place for place, word in enumerate(words) if word.lower().startswith(start))
    return tile(pattern, len(words), size)


def _names(asked: Asked) -> int:
    members = 0
    for name in asked.value:
        members |= named(asked.population.companies, name)
    return members


def _own(refs: Iterable[object]) -> int:
    """The companies of the population among those found."""
    return bits(ref for ref in refs if isinstance(ref, int))


def _domains(asked: Asked) -> int:
    return _own(asked.population.companies.by_domain(domain) for domain in asked.value)


def _ids(asked: Asked) -> int:
    return _own(asked.population.company(text) for text in asked.value)


def _linkedin_urls(asked: Asked) -> int:
    slugs = (url.rstrip("/").rpartition("/")[2] for url in asked.value)
    return _own(asked.population.companies.by_name(slug.replace("-", " ")) for slug in slugs)


def _search_text(asked: Asked) -> int:
    companies = asked.population.companies
    return named(companies, asked.value) | companies.industries.where(
        lambda industry: holds_any(f"{industry.main} {industry.sub}", [asked.value]), len(companies)
    )


def _technologies(asked: Asked) -> int:
    companies, wanted = asked.population.companies, lower(asked.value)
    judge = all if asked.criteria.get("technologiesCondition") == "and" else any
    return companies.technologies.where(lambda held: judge(name in lower(held) for name in wanted), len(companies))


def _intent_topics(asked: Asked) -> int:
    companies, wanted, criteria = asked.population.companies, lower(asked.value), asked.criteria
    operator = criteria.get("intentTopicsOperator", criteria.get("intentTopicsCondition", "or"))
    judge = all if operator in {"and", "all"} else any
    low, high = criteria.get("intentMinScore", 1), criteria.get("intentMaxScore", 100)
    size = len(companies)
    members = companies.intents.where(lambda held: judge(name in lower(held) for name in wanted), size)
    return members & companies.intent_scores.where(lambda score: low <= score <= high, size)


def _keywords(asked: Asked) -> int:
    companies, size = asked.population.companies, len(asked.population.companies)
    return companies.technologies.where(
        lambda held: any(holds_any(name, asked.value) for name in held), size
    ) | companies.industries.where(lambda industry: holds_any(industry.sub, asked.value), size)


def _specialities(asked: Asked) -> int:
    companies, size = asked.population.companies, len(asked.population.companies)
    return companies.intents.where(
        lambda held: any(holds_any(name, asked.value) for name in held), size
    ) | companies.industries.where(lambda industry: holds_any(industry.sub, asked.value), size)


def _funding(asked: Asked) -> int | None:
    """Rounds, sums and being public; what names investors or legacy types is accepted and not applied."""
    companies, value = asked.population.companies, asked.value
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
    "names": _names,
    "domains": _domains,
    "ids": _ids,
    "linkedinUrls": _linkedin_urls,
    "searchText": _search_text,
    "locations": _fact(_places, at_place),
    "geographicDetails": _fact(
        _places, lambda place, value: in_country(place, [wanted.get("country", "") for wanted in value])
    ),
    "locationsZipcodes": _fact(_places, _has_zip_code),
    "headquarterZipcodes": _fact(_places, _has_zip_code),
    "sizes": _fact(_sizes, lambda size, value: within(value, size.low, size.high or float("inf"))),
    "revenues": _fact(_sizes, lambda size, value: within(value, size.revenue_low, size.revenue_high)),
    "technologies": _technologies,
    "industriesLabels": _fact(
        _industries, lambda industry, value: bool({industry.main.lower(), industry.sub.lower()} & lower(value))
    ),
    "mainIndustriesIds": _fact(_industries, lambda industry, value: industry.main_id in value),
    "subIndustriesIds": _fact(_industries, lambda industry, value: industry.sub_id in value),
    "sicCodes": _fact(
        _industries, lambda industry, value: industry.sic[0] in {int(code) for code in value if code.isdigit()}
    ),
    "naicsCodes": _fact(_industries, lambda industry, value: str(industry.naics[0]) in value),
    "intentTopics": _intent_topics,
    "topicCountThreshold": _fact(_intents, lambda held, value: within(value, len(held), len(held))),
    "funding": _funding,
    "foundedYear": _fact(_founded, lambda year, value: within(value, year, year)),
    "businessModel": _fact(_models, lambda held, value: bool(set(held) & set(value))),
    "companyType": _fact(_types, lambda kind, value: kind in value),
    "keywords": _keywords,
    "exactKeywords": _keywords,
    "specialities": _specialities,
    "exactSpecialities": _specialities,
}
"""By the vendor's name of it. What is missing here matches nobody."""
