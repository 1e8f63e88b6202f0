"""Prospecting filters as sets of entities: every criterion of the vendor's reference, on the synthetic facts.

Values within a criterion are alternatives, criteria all have to hold, and whatever a side `exclude` names is
taken away. A set is an integer, bit `i` for entity `i`. Criteria for which the population holds no fact
(certifications, awards, ...) match nobody; those that the vendor accepts without applying them (investors,
legacy funding types) match everybody.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import Population
from .columns import tile
from .companies import Companies, normal_name
from .people import People
from .signals import Signals
from .vocabulary import (
    COMPANY_KINDS,
    COMPANY_NOUNS,
    COMPANY_QUALITIES,
    Place,
    Role,
)

__all__ = ["Criteria", "Filters"]

Criteria = Mapping[str, Any]
_Criterion = Callable[[str, Any, Criteria, int], int | None]


class Filters:
    """Makes filters into sets, for one population."""

    def __init__(self, population: Population, signals: Signals) -> None:
        self._population = population
        self._companies: Companies = population.companies
        self._people: People = population.people
        self._signals = signals

    def companies(self, include: Criteria, exclude: Criteria, today: int) -> int:
        """The companies that `include` describes but `exclude` does not. `today` is a day number."""
        size = len(self._companies)
        members = self._all_of(include, self._company, today, (1 << size) - 1)
        return members & ~self._any_of(exclude, self._company, today)

    def people(self, include: Criteria, exclude: Criteria, today: int) -> int:
        """The people that `include` describes but `exclude` does not."""
        size = len(self._people)
        members = self._all_of(include, self._person, today, (1 << size) - 1)
        return members & ~self._any_of(exclude, self._person, today)

    def staff_of(self, companies: int) -> int:
        """Everybody who works at one of the companies."""
        return tile(companies, len(self._companies), len(self._people))

    def employers_of(self, people: int) -> int:
        """The companies at which one of the people works."""
        size, found = len(self._companies), 0
        mask = (1 << size) - 1
        for _ in range(self._people.staff):
            found |= people & mask
            people >>= size
        return found

    def at_most(self, people: int, each: int) -> int:
        """Those of the people that are among the first `each` of their company."""
        size = len(self._companies)
        mask, kept = (1 << size) - 1, 0
        taken = [0] * each  # taken[n]: the companies of which more than n people are kept already
        for row in range(self._people.staff):
            here = (people >> (row * size)) & mask & ~taken[-1]
            kept |= here << (row * size)
            for count in range(each - 1, 0, -1):
                taken[count] |= taken[count - 1] & here
            taken[0] |= here
        return kept

    def without_do_not_call(self, people: int) -> int:
        """Those of the people who may be called."""
        return people & ~self._people.do_not_call.where(bool, len(self._people))

    def whole_profiles(self, people: int) -> int:
        """Those of the people whose profile is not partial."""
        return people & ~self._people.partial.where(bool, len(self._people))

    def _all_of(self, criteria: Criteria, one: _Criterion, today: int, members: int) -> int:
        for name, value in criteria.items():
            found = one(name, value, criteria, today)
            if found is not None:
                members &= found
        return members

    def _any_of(self, criteria: Criteria, one: _Criterion, today: int) -> int:
        members = 0
        for name, value in criteria.items():
            found = one(name, value, criteria, today)
            members |= found or 0
        return members

    def _company(self, name: str, value: Any, criteria: Criteria, today: int) -> int | None:
        """The companies that meet one criterion; None if it selects nothing by itself."""
        if name in _COMPANY_MODIFIERS or value in ([], {}, ""):
            return None
        if name == "signals":
            return self._signals.companies(value, today)
        criterion = _COMPANY_CRITERIA.get(name)
        return 0 if criterion is None else criterion(self._companies, value, criteria, self._population)

    def _person(self, name: str, value: Any, criteria: Criteria, today: int) -> int | None:
        if name in _PERSON_MODIFIERS or value in ([], {}, ""):
            return None
        if name in {"signals", "jobChangedAfterDate", "jobChangedLastViewDate"}:
            wanted = value if name == "signals" else {"types": ["companyChange"], "startDate": value}
            return self._signals.people(wanted, today)
        criterion = _PERSON_CRITERIA.get(name)
        return 0 if criterion is None else criterion(self._people, value, criteria, self._population)


_COMPANY_MODIFIERS = {
    "technologiesCondition",
    "intentTopicsCondition",
    "intentTopicsOperator",
    "intentMinScore",
    "intentMaxScore",
    "keywordsSearchFields",
}
_PERSON_MODIFIERS = {"existingDataPointsCondition"}


def _bits(indexes: Iterable[int | None]) -> int:
    found = 0
    for index in indexes:
        if index is not None:
            found |= 1 << index
    return found


def _own(refs: Iterable[Any]) -> int:
    return _bits(ref for ref in refs if isinstance(ref, int))


def _holds_any(text: str, wanted: Iterable[str]) -> bool:
    text = text.lower()
    return any(all(word in text for word in phrase.lower().split()) for phrase in wanted)


def _lower(values: Iterable[Any]) -> set[str]:
    return {str(value).lower() for value in values}


def _company_words(companies: Companies, phrase: str) -> int:
    """The companies in whose name every word of the phrase begins a word."""
    size, members = len(companies), (1 << len(companies)) - 1
    for word in normal_name(phrase).split():
        members &= (
            _words(COMPANY_QUALITIES, word, size)
            | _words(COMPANY_NOUNS, word, size)
            | _words(COMPANY_KINDS, word, size)
        )
    return members if phrase.strip() else 0


def _words(words: tuple[str, ...], start: str, size: int) -> int:
    pattern = sum(1 << place for place, word in enumerate(words) if word.lower().startswith(start))
    return tile(pattern, len(words), size)


def _at(place: Place, wanted: Mapping[str, str]) -> bool:
    told = {
        "city": place.city,
        "state": place.state or "",
        "country": place.country,
        "continent": place.continent,
        "countryIso2": place.iso2,
        "countryGrouping": "eu" if place.eu else "",
        "region": place.state or "",
    }
    return all(told[name].lower() == text.lower() for name, text in wanted.items())


def _company_place(companies: Companies, holds: Callable[[Place], bool]) -> int:
    return companies.places.where(holds, len(companies))


def _within(ranges: Iterable[Mapping[str, int]], low: float, high: float) -> bool:
    """Whether a bucket from `low` to `high` meets one of the ranges."""
    return any(low <= wanted.get("max", float("inf")) and high >= wanted.get("min", 0) for wanted in ranges)


def _technologies(companies: Companies, value: list[str], criteria: Criteria, _: Population) -> int:
    wanted, judge = _lower(value), all if criteria.get("technologiesCondition") == "and" else any
    return companies.technologies.where(
        lambda held: judge(name in _lower(held) for name in wanted), len(companies)
    )


def _intent_topics(companies: Companies, value: list[str], criteria: Criteria, _: Population) -> int:
    operator = criteria.get("intentTopicsOperator", criteria.get("intentTopicsCondition", "or"))
    wanted, judge = _lower(value), all if operator in {"and", "all"} else any
    size = len(companies)
    members = companies.intents.where(lambda held: judge(name in _lower(held) for name in wanted), size)
    low, high = criteria.get("intentMinScore", 1), criteria.get("intentMaxScore", 100)
    return members & companies.intent_scores.where(lambda score: low <= score <= high, size)


def _keywords(companies: Companies, value: list[str], criteria: Criteria, _: Population) -> int:
    wanted, size = _lower(value), len(companies)
    return companies.technologies.where(
        lambda held: any(_holds_any(name, wanted) for name in held), size
    ) | companies.industries.where(lambda industry: _holds_any(industry.sub, wanted), size)


def _specialities(companies: Companies, value: list[str], criteria: Criteria, _: Population) -> int:
    size = len(companies)
    return companies.intents.where(
        lambda held: any(_holds_any(name, value) for name in held), size
    ) | companies.industries.where(lambda industry: _holds_any(industry.sub, value), size)


def _company_text(companies: Companies, value: str, criteria: Criteria, population: Population) -> int:
    size = len(companies)
    return _company_words(companies, value) | companies.industries.where(
        lambda industry: _holds_any(f"{industry.main} {industry.sub}", [value]), size
    )


def _funding(companies: Companies, value: Mapping[str, Any], criteria: Criteria, _: Population) -> int | None:
    size = len(companies)
    members: int | None = None
    if value.get("rounds"):
        wanted = {entry.get("round") for entry in value["rounds"]}
        last_only = any(entry.get("coverage") in {"last_funding", "last_round"} for entry in value["rounds"])
        rounds = [companies.funding_rounds(position) for position in range(companies.funding.period)]
        pattern = sum(
            1 << position for position, held in enumerate(rounds) if wanted & set(held[-1:] if last_only else held)
        )
        members = tile(pattern, companies.funding.period, size)
    if "isIpo" in value:
        public = companies.types.where(lambda kind: (kind == "Public Company") is value["isIpo"], size)
        members = public if members is None else members & public
    if value.get("ranges"):
        totals = companies.funding.where(
            lambda count: _within(value["ranges"], *[sum(500_000 * 4**step for step in range(count))] * 2), size
        )
        members = totals if members is None else members & totals
    return members


_COMPANY_CRITERIA: dict[str, Callable[..., int | None]] = {
    "names": lambda c, value, *_: _union(_company_words(c, name) for name in value),
    "domains": lambda c, value, *_: _own(c.by_domain(domain) for domain in value),
    "ids": lambda c, value, _, population: _own(population.company(text) for text in value),
    "searchText": _company_text,
    "locations": lambda c, value, *_: _company_place(c, lambda place: any(_at(place, wanted) for wanted in value)),
    "sizes": lambda c, value, *_: c.sizes.where(
        lambda size: _within(value, size.low, size.high or float("inf")), len(c)
    ),
    "revenues": lambda c, value, *_: c.sizes.where(
        lambda size: _within(value, size.revenue_low, size.revenue_high), len(c)
    ),
    "technologies": _technologies,
    "industriesLabels": lambda c, value, *_: c.industries.where(
        lambda industry: bool({industry.main.lower(), industry.sub.lower()} & _lower(value)), len(c)
    ),
    "mainIndustriesIds": lambda c, value, *_: c.industries.where(
        lambda industry: industry.main_id in value, len(c)
    ),
    "subIndustriesIds": lambda c, value, *_: c.industries.where(lambda industry: industry.sub_id in value, len(c)),
    "intentTopics": _intent_topics,
    "topicCountThreshold": lambda c, value, *_: c.intents.where(
        lambda held: _within(value, len(held), len(held)), len(c)
    ),
    "sicCodes": lambda c, value, *_: c.industries.where(
        lambda industry: str(industry.sic[0]) in {code.lstrip("0") for code in value}, len(c)
    ),
    "naicsCodes": lambda c, value, *_: c.industries.where(
        lambda industry: str(industry.naics[0]) in value, len(c)
    ),
    "funding": _funding,
    "foundedYear": lambda c, value, *_: c.founded.where(lambda year: _within(value, year, year), len(c)),
    "businessModel": lambda c, value, *_: c.models.where(lambda held: bool(set(held) & set(value)), len(c)),
    "companyType": lambda c, value, *_: c.types.where(lambda kind: kind in value, len(c)),
    "linkedinUrls": lambda c, value, *_: _own(
        c.by_name(url.rstrip("/").rsplit("/", 1)[-1].replace("-", " ")) for url in value
    ),
    "keywords": _keywords,
    "exactKeywords": _keywords,
    "specialities": _specialities,
    "exactSpecialities": _specialities,
    "geographicDetails": lambda c, value, *_: _company_place(
        c,
        lambda place: (
            _lower(wanted.get("country", "") for wanted in value) & _lower((place.country, place.iso2)) != set()
        ),
    ),
    "locationsZipcodes": lambda c, value, *_: _company_place(
        c, lambda place: any(place.zip_code == wanted.get("zipcode") for wanted in value)
    ),
    "headquarterZipcodes": lambda c, value, *_: _company_place(
        c, lambda place: any(place.zip_code == wanted.get("zipcode") for wanted in value)
    ),
}


def _union(sets: Iterable[int]) -> int:
    members = 0
    for found in sets:
        members |= found
    return members


def _person_names(people: People, value: list[str], *_: Any) -> int:
    size, members = len(people), 0
    for phrase in value:
        found = (1 << size) - 1
        for word in phrase.lower().split():
            firsts = people.first_names.where(lambda name, word=word: name.lower().startswith(word), size)  # type: ignore[misc]
            found &= firsts | people.last_names.where(
                lambda name, word=word: name.lower().startswith(word),  # type: ignore[misc]
                size,
            )
        members |= found if phrase.strip() else 0
    return members


def _roles(people: People, holds: Callable[[Role], bool]) -> int:
    return people.roles.where(holds, len(people))


def _reach(people: People, value: list[str], criteria: Criteria, _: Population) -> int:
    judge = all if criteria.get("existingDataPointsCondition") == "and" else any
    wanted = [_REACH_NAMES.get(point.lower(), {point.lower()}) for point in value]
    return people.reaches.where(lambda held: judge(bool(held & point) for point in wanted), len(people))


_REACH_NAMES: dict[str, set[str]] = {
    "email": {"work_email", "private_email"},
    "emails": {"work_email", "private_email"},
    "phone": {"mobile", "direct", "work_phone"},
    "phones": {"mobile", "direct", "work_phone"},
    "mobile_phone": {"mobile"},
    "direct_phone": {"direct"},
}


def _person_text(people: People, value: str, criteria: Criteria, population: Population) -> int:
    staff = tile(_company_words(population.companies, value), len(population.companies), len(people))
    return staff | _person_names(people, [value]) | _roles(people, lambda role: _holds_any(role.title, [value]))


_PERSON_CRITERIA: dict[str, Callable[..., int | None]] = {
    "names": _person_names,
    "jobTitles": lambda p, value, *_: _roles(p, lambda role: _holds_any(role.title, value)),
    "jobTitlesExactMatch": lambda p, value, *_: _roles(p, lambda role: role.title.lower() in _lower(value)),
    "normalizedJobTitles": lambda p, value, *_: _roles(p, lambda role: role.title.lower() in _lower(value)),
    "searchText": _person_text,
    "countries": lambda p, value, *_: p.places.where(
        lambda place: bool(_lower(value) & {place.country.lower(), place.iso2.lower()}), len(p)
    ),
    "locations": lambda p, value, *_: p.places.where(
        lambda place: any(_at(place, wanted) for wanted in value), len(p)
    ),
    "geographicDetails": lambda p, value, *_: p.places.where(
        lambda place: bool(
            _lower(wanted.get("country", "") for wanted in value) & {place.country.lower(), place.iso2.lower()}
        ),
        len(p),
    ),
    "seniorityIds": lambda p, value, *_: _roles(p, lambda role: role.seniority in value),
    "departments": lambda p, value, *_: _roles(p, lambda role: role.department.lower() in _lower(value)),
    "linkedinUrls": lambda p, value, *_: _bits(
        index for url in value if (index := p.by_linkedin(url)) is not None and p.linkedin(index) == url.lower()
    ),
    "existingDataPoints": _reach,
    "emails": lambda p, value, *_: _bits(
        index for text in value if (index := p.by_email(text)) is not None and p.email(index) == text.lower()
    ),
    "previousJobTitle": lambda p, value, *_: _previous_roles(p, value),
    "skills": lambda p, value, *_: p.skills.where(lambda held: bool(_lower(held) & _lower(value)), len(p)),
    "ids": lambda p, value, _, population: _bits(population.person(text) for text in value),
    "education": lambda p, value, *_: p.schools.where(
        lambda school: _holds_any(school, value["schools"]) if value.get("schools") else False, len(p)
    ),
    "score": lambda p, value, *_: p.scores.where(
        lambda score: value.get("minScore", 0) <= score <= value.get("maxScore", 100), len(p)
    ),
}


def _previous_roles(people: People, value: list[str]) -> int:
    period = people.roles.period
    pattern = sum(
        1 << position for position in range(period) if _holds_any(people.previous_role(position).title, value)
    )
    return tile(pattern, period, len(people))
