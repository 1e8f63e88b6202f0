"""How one value is compared with one list of the vendor's. Pure.

The shapes of the lists are in part known from recordings only, so a list that does not look as expected checks
nothing instead of calling everything unknown.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import inf
from typing import Any

from attrs import frozen

from .._json import as_list, as_object
from .nearest import NONE, Likeness, Proposals, nearest, ranked
from .sources import Source

__all__ = ["KNOWN", "UNCLEAR", "Codes", "Ids", "Located", "Rule", "Scale", "Spans", "Texts", "Verdict", "query"]


@frozen(kw_only=True)
class Verdict:
    """Whether a value is known; None where the list does not tell. `doubt`: why a known one may not do."""

    known: bool | None
    proposals: Proposals = NONE
    doubt: str | None = None


KNOWN = Verdict(known=True)
UNCLEAR = Verdict(known=None)


@frozen
class Texts:
    """A text of the list. Where its entries are objects, `canonical` names the member that is the value.

    The other texts of such an entry lead to it. Without `canonical` every text of the entry is a value.
    """

    source: Source
    canonical: str | None = None
    always: frozenset[str] = frozenset()
    """Values that the vendor knows beside those it lists."""

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Spelt exactly so, or else the nearest spellings."""
        spelt: dict[str, str] = {}
        for entry in listed:
            own = as_object(entry).get(self.canonical) if self.canonical else None
            for text in _texts(entry):
                spelt.setdefault(text, text if own is None else str(own))
        if value in self.always or spelt.get(str(value)) == str(value):
            return KNOWN
        if not spelt and not self.source.searched:
            return UNCLEAR
        return Verdict(known=False, proposals=nearest(str(value), spelt))


@frozen
class Codes:
    """A text of the list, where entries have a short `code` beside their name: the code is the surer one."""

    source: Source

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Code or name; of a name the code is told."""
        for entry in map(as_object, listed):
            if value == entry.get("name") and "code" in entry and value != entry["code"]:
                doubt = "the vendor's examples give codes"
                return Verdict(known=True, proposals=Proposals((entry["code"],)), doubt=doubt)
        return Texts(self.source, canonical="code").judge(value, listed)


@frozen
class Ids:
    """A number that entries have at `path`, a list in it standing for each of its items."""

    source: Source
    path: tuple[str, ...]

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Known or not: a number that is near another says nothing."""
        found = {text for entry in listed for part in _at(entry, self.path) for text in _texts(part)}
        return Verdict(known=str(value) in found) if found else UNCLEAR


@frozen
class Scale:
    """A number of a short list in which neighbours mean nearly the same."""

    source: Source

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Known or not, with the nearest number."""
        found = {
            int(text) for entry in listed for text in _texts(entry) if text.isdecimal() and len(text) <= _DIGITS
        }
        if not found or value in found:
            return KNOWN if found else UNCLEAR
        return Verdict(known=False, proposals=Proposals((min(found, key=lambda one: abs(one - value)),)))


@frozen
class Spans:
    """From `min` to `max`, where the list has buckets: other bounds than theirs are taken, but doubtful."""

    source: Source

    def covers(self, value: Mapping[str, Any]) -> Collection[str]:
        """Both bounds are judged together."""
        return value.keys()

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Whether its bounds are bounds of buckets; if not, the buckets from its first to its last."""
        buckets = [bucket for entry in listed if (bucket := _bounds(as_object(entry))) is not None]
        if not buckets:
            return UNCLEAR
        low, high = value.get("min", 0), value.get("max", inf)
        if low in {0, *(first for first, _ in buckets)} and high in {inf, *(last for _, last in buckets)}:
            return KNOWN
        met = [bucket for bucket in buckets if bucket[0] <= high and low <= bucket[1]]
        if not met:
            return Verdict(known=True, doubt=_OFF)
        ends = {"min": min(first for first, _ in met), "max": max(last for _, last in met)}
        around = {name: bound for name, bound in ends.items() if name in value and bound != inf}
        return Verdict(known=True, proposals=Proposals((around,)), doubt=_OFF)


_DIGITS = 9  # of a number on a scale
_OFF = "these are not bounds of the vendor's buckets, and how it takes others is not documented"
_PLACES = ("city", "state", "country", "continent")


@frozen
class Located:
    """A place of the list, which is searched by the narrowest part of the place."""

    source: Source

    def covers(self, value: Mapping[str, Any]) -> Collection[str]:
        """The members of a place that are judged together: all if there is one to search by."""
        return _PLACES if "city" in value or "state" in value else ()

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """All of its parts are those of one place of the list."""
        asked = {name: str(value[name]) for name in _PLACES if name in value}
        places = [place for place in map(as_object, listed) if not place.keys().isdisjoint(_PLACES)]
        if listed and not places:
            return UNCLEAR
        if any(all(place.get(name) == text for name, text in asked.items()) for place in places):
            return KNOWN
        like = {name: Likeness(text) for name, text in asked.items()}
        scored = [
            (_alike(place, like), {name: place[name] for name in asked if place.get(name)}) for place in places
        ]
        telling = all(one.telling for one in like.values())
        return Verdict(known=False, proposals=ranked(scored, telling=telling))


Rule = Texts | Codes | Ids | Scale | Spans | Located


def query(value: Any) -> str:
    """What a searched list is searched by: the text, or the city of a place, else its state."""
    place = as_object(value)
    return str(place.get("city", place.get("state")) if place else value).strip()


def _alike(place: Mapping[str, Any], like: Mapping[str, Likeness]) -> float:
    """How much a place is like the one asked for; its narrowest part counts twice."""
    narrowest, *wider = [one.of(str(place.get(name) or "")) for name, one in like.items()]
    return (2 * narrowest + sum(wider)) / (2 + len(wider))


def _bounds(bucket: Mapping[str, Any]) -> tuple[float, float] | None:
    """The first and last number of a bucket, which may be open on one side."""
    low, high = bucket.get("min"), bucket.get("max")
    if low is None and high is None:
        return None
    if any(isinstance(bound, bool) or not isinstance(bound, int | float | None) for bound in (low, high)):
        return None
    return 0 if low is None else low, inf if high is None else high


def _texts(entry: Any) -> Iterator[str]:
    """All texts and numbers of an entry, whatever its shape."""
    if isinstance(entry, str) or (isinstance(entry, int | float) and not isinstance(entry, bool)):
        yield str(entry)
    for part in (*as_object(entry).values(), *as_list(entry)):
        yield from _texts(part)


def _at(entry: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What an entry has at a path, for each item where it leads through a list."""
    if isinstance(entry, list):
        for item in as_list(entry):
            yield from _at(item, path)
    elif not path:
        yield entry
    elif path[0] in as_object(entry):
        yield from _at(as_object(entry)[path[0]], path[1:])
