"""How one value is compared with one list of the vendor's. Pure.

The shapes of the lists are in part known from recordings only, so a list that does not look as expected checks
nothing instead of calling everything unknown.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

from attrs import frozen

from ..loose import items, members
from .nearest import NONE, Likeness, Proposals, nearest, ranked
from .sources import Source

__all__ = ["KNOWN", "UNCLEAR", "Codes", "Ids", "Located", "Rule", "Scale", "Spans", "Texts", "Verdict"]


@frozen(kw_only=True)
class Verdict:
    """Whether a value is known; None where the list does not tell. `doubt`: why a known one may not do."""

    known: bool | None
    proposals: Proposals = NONE
    doubt: str | None = None


KNOWN = Verdict(known=True)
UNCLEAR = Verdict(known=None)


class Rule(Protocol):
    """A way to compare with the list of `source`."""

    @property
    def source(self) -> Source:
        """Where the list comes from."""
        ...

    def query(self, value: Any) -> str | None:
        """What to search the list by, if it is searched."""
        ...

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Whether `value` is among those listed."""
        ...


@frozen
class Texts:
    """A text of the list. Where its entries are objects, `canonical` names the member that is the value.

    The other texts of such an entry lead to it. Without `canonical` every text of the entry is a value.
    """

    source: Source
    canonical: str | None = None
    always: frozenset[str] = frozenset()
    """Values that the vendor knows beside those it lists."""

    def query(self, value: Any) -> str | None:
        """The text itself."""
        return str(value) if self.source.searched else None

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Spelt exactly so, or else the nearest spellings."""
        spelt: dict[str, str] = {}
        for entry in listed:
            own = members(entry).get(self.canonical) if self.canonical else None
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

    def query(self, value: Any) -> str | None:
        """The whole list is asked for."""
        return None

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Code or name; of a name the code is told."""
        for entry in map(members, listed):
            if value == entry.get("name") and "code" in entry and value != entry["code"]:
                doubt = "the vendor's examples give codes"
                return Verdict(known=True, proposals=Proposals((entry["code"],)), doubt=doubt)
        return Texts(self.source, canonical="code").judge(value, listed)


@frozen
class Ids:
    """A number that entries have at `path`, a list in it standing for each of its items."""

    source: Source
    path: tuple[str, ...]

    def query(self, value: Any) -> str | None:
        """The whole list is asked for."""
        return None

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Known or not: a number that is near another says nothing."""
        found = {number for entry in listed for number in _at(entry, self.path)}
        return UNCLEAR if not found else Verdict(known=value in found)


@frozen
class Scale:
    """A number of the list, which has few, so that all the nearest can be told."""

    source: Source

    def query(self, value: Any) -> str | None:
        """The whole list is asked for."""
        return None

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Known or not, with the nearest number."""
        found = {int(text) for entry in listed for text in _texts(entry) if text.isdecimal()}
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

    def query(self, value: Any) -> str | None:
        """The whole list is asked for."""
        return None

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """Whether its bounds are bounds of buckets; if not, the buckets from its first to its last."""
        buckets = [one for one in map(members, listed) if "min" in one or "max" in one]
        if not buckets:
            return UNCLEAR
        low, high = value.get("min"), value.get("max")
        starts, ends = {one.get("min") for one in buckets}, {one.get("max") for one in buckets}
        if (low is None or low in starts) and (high is None or high in ends):
            return KNOWN
        met = [
            one
            for one in buckets
            if (high is None or one.get("min", 0) <= high) and (low is None or low <= one.get("max", low))
        ]
        around = {**({"min": met[0]["min"]} if "min" in met[0] else {}), **_end(met[-1])} if met else None
        doubt = "these are not bounds of the vendor's buckets, and how it takes others is not documented"
        return Verdict(known=True, proposals=Proposals((around,) if around else ()), doubt=doubt)


_PLACES = ("city", "state", "country", "continent")


@frozen
class Located:
    """A place of the list, which is searched by the narrowest part of the place."""

    source: Source

    def covers(self, value: Mapping[str, Any]) -> Collection[str]:
        """The members of a place that are judged together: all if there is one to search by."""
        return () if self.query(value) is None else _PLACES

    def query(self, value: Any) -> str | None:
        """The city, else the state."""
        place: Mapping[str, str] = value
        return place.get("city", place.get("state"))

    def judge(self, value: Any, listed: Sequence[Any]) -> Verdict:
        """All of its parts are those of one place of the list."""
        asked = {name: str(value[name]) for name in _PLACES if name in value}
        places = [place for place in map(members, listed) if not place.keys().isdisjoint(_PLACES)]
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


def _alike(place: Mapping[str, Any], like: Mapping[str, Likeness]) -> float:
    """How much a place is like the one asked for; its narrowest part counts twice."""
    narrowest, *wider = [one.of(str(place.get(name) or "")) for name, one in like.items()]
    return (2 * narrowest + sum(wider)) / (2 + len(wider))


def _end(bucket: Mapping[str, Any]) -> dict[str, Any]:
    return {"max": bucket["max"]} if "max" in bucket else {}


def _texts(entry: Any) -> Iterator[str]:
    """All texts and numbers of an entry, whatever its shape."""
    if isinstance(entry, str) or (isinstance(entry, int | float) and not isinstance(entry, bool)):
        yield str(entry)
    for part in (*members(entry).values(), *items(entry)):
        yield from _texts(part)


def _at(entry: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What an entry has at a path, for each item where it leads through a list."""
    if isinstance(entry, list):
        for item in items(entry):
            yield from _at(item, path)
    elif not path:
        yield entry
    elif path[0] in members(entry):
        yield from _at(members(entry)[path[0]], path[1:])
