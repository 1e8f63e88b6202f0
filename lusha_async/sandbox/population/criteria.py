"""What the criteria of people and of companies have in common."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .vocabulary import Place

if TYPE_CHECKING:
    from . import Population

__all__ = ["Asked", "Criteria", "Criterion", "at_place", "bits", "holds_any", "in_country", "lower", "within"]

Criteria = Mapping[str, Any]


@frozen(kw_only=True)
class Asked:
    """The value of one criterion, among the others of its side of the filter."""

    population: "Population"
    value: Any
    criteria: Criteria


Criterion = Callable[[Asked], int | None]
"""The set that a criterion means; None if it selects nothing by itself."""


def bits(indexes: Iterable[int | None]) -> int:
    """The set of some entities."""
    found = 0
    for index in indexes:
        if index is not None:
            found |= 1 << index
    return found


def lower(values: Iterable[Any]) -> set[str]:
    """The values in lower case."""
    return {str(value).lower() for value in values}


def holds_any(text: str, phrases: Iterable[str]) -> bool:
    """Whether the text holds every word of one of the phrases."""
    text = text.lower()
    return any(all(word in text for word in phrase.lower().split()) for phrase in phrases)


def within(ranges: Iterable[Mapping[str, float]], low: float, high: float) -> bool:
    """Whether the span from `low` to `high` meets one of the ranges."""
    return any(low <= wanted.get("max", float("inf")) and high >= wanted.get("min", 0) for wanted in ranges)


def at_place(place: Place, wanted: Iterable[Mapping[str, str]]) -> bool:
    """Whether the place is what one of the locations describes."""
    told = {
        "city": place.city,
        "state": place.state or "",
        "country": place.country,
        "continent": place.continent,
        "countryIso2": place.iso2,
        "countryGrouping": "eu" if place.eu else "",
        "region": place.state or "",
    }
    return any(all(told[name].lower() == text.lower() for name, text in one.items()) for one in wanted)


def in_country(place: Place, names: Iterable[str]) -> bool:
    """Whether the place's country is among the names or codes."""
    return bool(lower(names) & {place.country.lower(), place.iso2.lower()})
