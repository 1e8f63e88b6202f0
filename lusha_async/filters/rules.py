"""How one value is checked against one list of the vendor's. Pure.

The shapes of some lists are known from recordings only: a list of an unexpected shape leaves its values unchecked,
rather than unknown.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import inf
from typing import Any

from attrs import frozen

from .._json import as_list, as_object
from .nearest import NO_SUGGESTIONS, Similarity, Suggestions, nearest, ranked
from .sources import Source

__all__ = [
    "CodeRule",
    "IdRule",
    "PlaceRule",
    "RangeRule",
    "Rule",
    "RuleResult",
    "ScaleRule",
    "TextRule",
    "search_text",
]

_MAX_DIGITS = 9  # of a number on a scale
_PLACE = ("city", "state", "country", "continent")
_OTHER_BOUNDS = (
    "its bounds are not those of the vendor's ranges, and how the vendor applies others is not documented"
)


@frozen(kw_only=True)
class RuleResult:
    """Whether a value is `known`, None if that is unclear. `warning`: why a known value may not be applied."""

    known: bool | None
    suggestions: Suggestions = NO_SUGGESTIONS
    warning: str | None = None


_KNOWN = RuleResult(known=True)
_UNCHECKED = RuleResult(known=None)


@frozen
class TextRule:
    """A text of the list. In a list of objects, the member `canonical` is the value, and the others suggest it.

    Without `canonical`, every text of an object is a value.
    """

    source: Source
    canonical: str | None = None
    unlisted: frozenset[str] = frozenset()
    """Values that the vendor accepts and does not list."""

    def check(self, value: Any, entries: Sequence[Any]) -> RuleResult:
        """Known if spelt exactly as in the list."""
        values: dict[str, str] = {}
        for entry in entries:
            own = as_object(entry).get(self.canonical) if self.canonical else None
            for text in _texts(entry):
                values.setdefault(text, text if own is None else str(own))
        if value in self.unlisted or values.get(str(value)) == str(value):
            return _KNOWN
        if not values and not self.source.searched:
            return _UNCHECKED
        return RuleResult(known=False, suggestions=nearest(str(value), values))


@frozen
class CodeRule:
    """A code or a name of the list; for a name, its code is suggested."""

    source: Source

    def check(self, value: Any, entries: Sequence[Any]) -> RuleResult:
        """Known if it is a code, or a name."""
        for entry in map(as_object, entries):
            if value == entry.get("name") and "code" in entry and value != entry["code"]:
                warning = "the vendor's examples have codes"
                return RuleResult(known=True, suggestions=Suggestions((entry["code"],)), warning=warning)
        return TextRule(self.source, canonical="code").check(value, entries)


@frozen
class IdRule:
    """A number that entries have at `path`; a list on the path stands for each of its items."""

    source: Source
    path: tuple[str, ...]

    def check(self, value: Any, entries: Sequence[Any]) -> RuleResult:
        """Known or unknown, without suggestions: a similar number means something else."""
        known = {text for entry in entries for part in _at(entry, self.path) for text in _texts(part)}
        return RuleResult(known=str(value) in known) if known else _UNCHECKED


@frozen
class ScaleRule:
    """A number of a scale, on which neighbours have similar meanings."""

    source: Source

    def check(self, value: Any, entries: Sequence[Any]) -> RuleResult:
        """Known or unknown, with the nearest number as suggestion."""
        texts = (text for entry in entries for text in _texts(entry))
        known = {int(text) for text in texts if text.isdecimal() and len(text) <= _MAX_DIGITS}
        if not known or value in known:
            return _KNOWN if known else _UNCHECKED
        return RuleResult(known=False, suggestions=Suggestions((min(known, key=lambda one: abs(one - value)),)))


@frozen
class RangeRule:
    """A range from `min` to `max`, where the vendor lists ranges. Other bounds are accepted, with a warning."""

    source: Source

    def covers(self, value: Mapping[str, Any]) -> Collection[str]:
        """The members of a range that are checked together: both bounds."""
        return value.keys()

    def check(self, value: Mapping[str, Any], entries: Sequence[Any]) -> RuleResult:
        """Known; unless both bounds are listed, with a warning and the listed bounds around it as suggestion."""
        ranges = [bounds for entry in entries if (bounds := _bounds(as_object(entry))) is not None]
        if not ranges:
            return _UNCHECKED
        low, high = value.get("min", 0), value.get("max", inf)
        if low in {0, *(first for first, _ in ranges)} and high in {inf, *(last for _, last in ranges)}:
            return _KNOWN
        overlapping = [bounds for bounds in ranges if bounds[0] <= high and low <= bounds[1]]
        if not overlapping:
            return RuleResult(known=True, warning=_OTHER_BOUNDS)
        ends = {"min": min(first for first, _ in overlapping), "max": max(last for _, last in overlapping)}
        around = {name: bound for name, bound in ends.items() if name in value and bound != inf}
        return RuleResult(known=True, suggestions=Suggestions((around,)), warning=_OTHER_BOUNDS)


@frozen
class PlaceRule:
    """A place of the list, which is searched by the place's narrowest member."""

    source: Source

    def covers(self, value: Mapping[str, Any]) -> Collection[str]:
        """The members of a place that are checked together: all of them if it can be searched."""
        return _PLACE if "city" in value or "state" in value else ()

    def check(self, value: Mapping[str, Any], entries: Sequence[Any]) -> RuleResult:
        """Known if all its members are those of one listed place."""
        wanted = {name: str(value[name]) for name in _PLACE if name in value}
        places = [place for place in map(as_object, entries) if not place.keys().isdisjoint(_PLACE)]
        if entries and not places:
            return _UNCHECKED
        if any(all(place.get(name) == text for name, text in wanted.items()) for place in places):
            return _KNOWN
        similarities = {name: Similarity(text) for name, text in wanted.items()}
        scored = [
            (_similarity(place, similarities), {name: place[name] for name in wanted if place.get(name)})
            for place in places
        ]
        distinctive = all(one.distinctive for one in similarities.values())
        return RuleResult(known=False, suggestions=ranked(scored, distinctive=distinctive))


Rule = TextRule | CodeRule | IdRule | ScaleRule | RangeRule | PlaceRule


def search_text(value: Any) -> str:
    """The query for a value of a searched list: the text, or the city of a place, or its state."""
    place = as_object(value)
    return str(place.get("city", place.get("state")) if place else value).strip()


def _similarity(place: Mapping[str, Any], similarities: Mapping[str, Similarity]) -> float:
    """The mean similarity of the members of a place; the narrowest counts twice."""
    narrowest, *wider = [one.to(str(place.get(name) or "")) for name, one in similarities.items()]
    return (2 * narrowest + sum(wider)) / (2 + len(wider))


def _bounds(entry: Mapping[str, Any]) -> tuple[float, float] | None:
    """The bounds of a listed range, which may be open on one side; None if it has none."""
    low, high = entry.get("min"), entry.get("max")
    if low is None and high is None:
        return None
    if any(isinstance(bound, bool) or not isinstance(bound, int | float | None) for bound in (low, high)):
        return None
    return 0 if low is None else low, inf if high is None else high


def _texts(entry: Any) -> Iterator[str]:
    """All texts and numbers of an entry of any shape."""
    if isinstance(entry, str) or (isinstance(entry, int | float) and not isinstance(entry, bool)):
        yield str(entry)
    for part in (*as_object(entry).values(), *as_list(entry)):
        yield from _texts(part)


def _at(entry: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """The parts of an entry at a path: of each item if the path leads through a list."""
    if isinstance(entry, list):
        for item in as_list(entry):
            yield from _at(item, path)
    elif not path:
        yield entry
    elif path[0] in as_object(entry):
        yield from _at(as_object(entry)[path[0]], path[1:])
