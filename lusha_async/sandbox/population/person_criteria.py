"""The criteria for people, as sets of people."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .columns import Column, tile
from .company_criteria import named
from .criteria import (
    Condition,
    Criterion,
    at_place,
    bits,
    by_fact,
    contains_any,
    in_countries,
    in_country,
    lower,
    unite,
)
from .people import EMAIL_POINTS, PHONE_POINTS, People
from .vocabulary import Role

__all__ = ["PERSON_CRITERIA", "PERSON_MODIFIERS"]

T = TypeVar("T")

PERSON_MODIFIERS = frozenset({"existingDataPointsCondition"})
"""Criteria that only modify another one."""

_POINTS: Mapping[str, frozenset[str]] = {
    "email": EMAIL_POINTS,
    "emails": EMAIL_POINTS,
    "phone": PHONE_POINTS,
    "phones": PHONE_POINTS,
    "mobile_phone": frozenset({"mobile"}),
    "direct_phone": frozenset({"direct"}),
}


def _fact(column: Callable[[People], Column[T]], meets: Callable[[T, Any], bool]) -> Criterion:
    return by_fact(lambda population: population.people, column, meets)


def _has_title(role: Role, value: Any) -> bool:
    return role.title.lower() in lower(value)


def _called(people: People, phrase: str) -> int:
    """The people whose first or last name starts with each word of the phrase."""
    size, members = len(people), (1 << len(people)) - 1
    for word in phrase.lower().split():
        members &= people.first_names.where(_starts_with(word), size) | people.last_names.where(
            _starts_with(word), size
        )
    return members if phrase.strip() else 0


def _starts_with(prefix: str) -> Callable[[str], bool]:
    return lambda name: name.lower().startswith(prefix)


def _search_text(condition: Condition) -> int:
    people, companies = condition.population.people, condition.population.companies
    staff = tile(named(companies, condition.value), len(companies), len(people))
    titles = people.roles.where(lambda role: contains_any(role.title, [condition.value]), len(people))
    return staff | titles | _called(people, condition.value)


def _existing(condition: Condition) -> int:
    combine = all if condition.criteria.get("existingDataPointsCondition") == "and" else any
    wanted = [_POINTS.get(point.lower(), frozenset({point.lower()})) for point in condition.value]
    people = condition.population.people
    return people.reaches.where(lambda held: combine(bool(held & points) for points in wanted), len(people))


def _emails(condition: Condition) -> int:
    people = condition.population.people
    found = ((people.by_email(text), text) for text in condition.value)
    return bits(index for index, text in found if index is not None and people.email(index) == text.lower())


def _linkedin_urls(condition: Condition) -> int:
    people = condition.population.people
    found = ((people.by_linkedin(url), url) for url in condition.value)
    return bits(index for index, url in found if index is not None and people.linkedin(index) == url.lower())


def _ids(condition: Condition) -> int:
    return bits(condition.population.person(text) for text in condition.value)


def _previous_titles(condition: Condition) -> int:
    people = condition.population.people
    pattern = 0
    for position in range(people.roles.period):
        pattern |= contains_any(people.previous_role(position).title, condition.value) << position
    return tile(pattern, people.roles.period, len(people))


PERSON_CRITERIA: Mapping[str, Criterion] = {
    "names": unite(lambda population, name: _called(population.people, name)),
    "jobTitles": _fact(lambda p: p.roles, lambda role, value: contains_any(role.title, value)),
    "jobTitlesExactMatch": _fact(lambda p: p.roles, _has_title),
    "normalizedJobTitles": _fact(lambda p: p.roles, _has_title),
    "previousJobTitle": _previous_titles,
    "searchText": _search_text,
    "countries": _fact(lambda p: p.places, in_country),
    "locations": _fact(lambda p: p.places, at_place),
    "geographicDetails": _fact(lambda p: p.places, in_countries),
    "seniorityIds": _fact(lambda p: p.roles, lambda role, value: role.seniority in value),
    "departments": _fact(lambda p: p.roles, lambda role, value: role.department.lower() in lower(value)),
    "linkedinUrls": _linkedin_urls,
    "existingDataPoints": _existing,
    "emails": _emails,
    "skills": _fact(lambda p: p.skills, lambda held, value: bool(lower(held) & lower(value))),
    "ids": _ids,
    "education": _fact(lambda p: p.schools, lambda school, value: contains_any(school, value.get("schools", ()))),
    "score": _fact(
        lambda p: p.scores, lambda score, value: value.get("minScore", 0) <= score <= value.get("maxScore", 100)
    ),
}
"""The criteria by the vendor's name. Criteria not listed match no person."""
