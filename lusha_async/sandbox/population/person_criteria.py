"""The criteria for people, as sets over the synthetic facts."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .columns import Column, tile
from .company_criteria import named
from .criteria import Asked, Criterion, at_place, bits, holds_any, in_country, lower
from .people import People
from .vocabulary import Place, Role

__all__ = ["PERSON_CRITERIA", "PERSON_MODIFIERS"]

T = TypeVar("T")

PERSON_MODIFIERS = frozenset({"existingDataPointsCondition"})
"""What only says how another criterion is meant."""

_POINTS: Mapping[str, frozenset[str]] = {
    "email": frozenset({"work_email", "private_email"}),
    "emails": frozenset({"work_email", "private_email"}),
    "phone": frozenset({"mobile", "direct", "work_phone"}),
    "phones": frozenset({"mobile", "direct", "work_phone"}),
    "mobile_phone": frozenset({"mobile"}),
    "direct_phone": frozenset({"direct"}),
}


def _fact(column: Callable[[People], Column[T]], holds: Callable[[T, Any], bool]) -> Criterion:
    """A criterion on one column: which of its values meet what was asked for."""

    def criterion(asked: Asked) -> int:
        people = asked.population.people
        return column(people).where(lambda fact: holds(fact, asked.value), len(people))

    return criterion


def _roles(people: People) -> Column[Role]:
    return people.roles


def _places(people: People) -> Column[Place]:
    return people.places


def _skills(people: People) -> Column[tuple[str, str]]:
    return people.skills


def _schools(people: People) -> Column[str]:
    return people.schools


def _scores(people: People) -> Column[int]:
    return people.scores


def _has_title(role: Role, value: Any) -> bool:
    return role.title.lower() in lower(value)


def _called(people: People, phrase: str) -> int:
    """The people of whose two names every word of the phrase begins one."""
    size, members = len(people), (1 << len(people)) - 1
    for word in phrase.lower().split():
        members &= people.first_names.where(_begins(word), size) | people.last_names.where(_begins(word), size)
    return members if phrase.strip() else 0


def _begins(start: str) -> Callable[[str], bool]:
    return lambda name: name.lower().startswith(start)


def _names(asked: Asked) -> int:
    members = 0
    for phrase in asked.value:
        members |= _called(asked.population.people, phrase)
    return members


def _search_text(asked: Asked) -> int:
    people, companies = asked.population.people, asked.population.companies
    staff = tile(named(companies, asked.value), len(companies), len(people))
    titles = people.roles.where(lambda role: holds_any(role.title, [asked.value]), len(people))
    return staff | titles | _called(people, asked.value)


def _existing(asked: Asked) -> int:
    judge = all if asked.criteria.get("existingDataPointsCondition") == "and" else any
    wanted = [_POINTS.get(point.lower(), frozenset({point.lower()})) for point in asked.value]
    people = asked.population.people
    return people.reaches.where(lambda held: judge(bool(held & points) for points in wanted), len(people))


def _emails(asked: Asked) -> int:
    people = asked.population.people
    found = ((people.by_email(text), text) for text in asked.value)
    return bits(index for index, text in found if index is not None and people.email(index) == text.lower())


def _linkedin_urls(asked: Asked) -> int:
    people = asked.population.people
    found = ((people.by_linkedin(url), url) for url in asked.value)
    return bits(index for index, url in found if index is not None and people.linkedin(index) == url.lower())


def _ids(asked: Asked) -> int:
    return bits(asked.population.person(text) for text in asked.value)


def _previous_titles(asked: Asked) -> int:
    people = asked.population.people
    pattern = 0
    for position in range(people.roles.period):
        pattern |= holds_any(people.previous_role(position).title, asked.value) << position
    return tile(pattern, people.roles.period, len(people))


PERSON_CRITERIA: Mapping[str, Criterion] = {
    "names": _names,
    "jobTitles": _fact(_roles, lambda role, value: holds_any(role.title, value)),
    "jobTitlesExactMatch": _fact(_roles, _has_title),
    "normalizedJobTitles": _fact(_roles, _has_title),
    "previousJobTitle": _previous_titles,
    "searchText": _search_text,
    "countries": _fact(_places, in_country),
    "locations": _fact(_places, at_place),
    "geographicDetails": _fact(
        _places, lambda place, value: in_country(place, [wanted.get("country", "") for wanted in value])
    ),
    "seniorityIds": _fact(_roles, lambda role, value: role.seniority in value),
    "departments": _fact(_roles, lambda role, value: role.department.lower() in lower(value)),
    "linkedinUrls": _linkedin_urls,
    "existingDataPoints": _existing,
    "emails": _emails,
    "skills": _fact(_skills, lambda held, value: bool(lower(held) & lower(value))),
    "ids": _ids,
    "education": _fact(_schools, lambda school, value: holds_any(school, value.get("schools", ()))),
    "score": _fact(_scores, lambda score, value: value.get("minScore", 0) <= score <= value.get("maxScore", 100)),
}
"""By the vendor's name of it. What is missing here matches nobody."""
