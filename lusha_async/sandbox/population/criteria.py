"""What the criteria for people and for companies share."""

from collections.abc import Callable, Iterable, Mapping, Sized
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import frozen

from .columns import Column
from .vocabulary import Place

if TYPE_CHECKING:
    from . import Population

__all__ = [
    "Condition",
    "Criteria",
    "Criterion",
    "at_place",
    "by_fact",
    "contains_any",
    "bits",
    "in_countries",
    "in_country",
    "lower",
    "unite",
    "within",
]

T = TypeVar("T")
E = TypeVar("E", bound=Sized)

Criteria = Mapping[str, Any]


@frozen(kw_only=True)
class Condition:
    """A criterion's value in a request, with the other criteria of its side of the filter."""

    population: "Population"
    value: Any
    criteria: Criteria


Criterion = Callable[[Condition], int | None]
"""Computes the set of entities that meet a condition; None if it selects nothing by itself."""


def by_fact(
    entities: Callable[["Population"], E], column: Callable[[E], Column[T]], meets: Callable[[T, Any], bool]
) -> Criterion:
    """A criterion on one column: the entities whose fact `meets` the value."""

    def criterion(condition: Condition) -> int:
        chosen = entities(condition.population)
        return column(chosen).where(lambda fact: meets(fact, condition.value), len(chosen))

    return criterion


def unite(found: Callable[["Population", str], int]) -> Criterion:
    """A criterion whose values are alternatives, each with the set that `found` returns."""

    def criterion(condition: Condition) -> int:
        members = 0
        for value in condition.value:
            members |= found(condition.population, value)
        return members

    return criterion


def bits(indexes: Iterable[int | None]) -> int:
    """The set of the entities with these indexes."""
    members = 0
    for index in indexes:
        if index is not None:
            members |= 1 << index
    return members


def lower(values: Iterable[Any]) -> set[str]:
    """The values in lower case."""
    return {str(value).lower() for value in values}


def contains_any(text: str, phrases: Iterable[str]) -> bool:
    """Whether the text contains every word of one of the phrases."""
    text = text.lower()
    return any(all(word in text for word in phrase.lower().split()) for phrase in phrases)


def within(ranges: Iterable[Mapping[str, float]], low: float, high: float) -> bool:
    """Whether the range from `low` to `high` overlaps one of the ranges."""
    return any(low <= wanted.get("max", float("inf")) and high >= wanted.get("min", 0) for wanted in ranges)


def at_place(place: Place, wanted: Iterable[Mapping[str, str]]) -> bool:
    """Whether one of the locations describes the place."""
    facts = {
        "city": place.city,
        "state": place.state or "",
        "country": place.country,
        "continent": place.continent,
        "countryIso2": place.iso2,
        "countryGrouping": "eu" if place.eu else "",
        "region": place.state or "",
    }
    return any(all(facts[name].lower() == text.lower() for name, text in location.items()) for location in wanted)


def in_country(place: Place, names: Iterable[str]) -> bool:
    """Whether the place's country is among the names or codes."""
    return bool(lower(names) & {place.country.lower(), place.iso2.lower()})


def in_countries(place: Place, nearby: Iterable[Mapping[str, str]]) -> bool:
    """Whether the place's country is one of those of `geographicDetails`; distances are ignored."""
    return in_country(place, [entry.get("country", "") for entry in nearby])
