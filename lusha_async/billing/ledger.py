"""What was spent, by operation, kind and tag, for comparison with account usage."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen, mutable

from .._json import as_count, as_list, as_object
from ..operations import Operation

__all__ = ["LedgerEntry", "Ledger", "Spent"]


@frozen(kw_only=True)
class Spent:
    """Totals of some calls.

    - `requests`: requests sent; `answers`: those that succeeded; `results`: the rows in their answers.
    - `credits`: what the answers say they cost; `kinds`: the same by price key (`other` where they do not say).
    - `lost`: requests that may have been charged without an answer that says so; `uncertain`: the credits that
      these cost at most, as far as prices were known.
    """

    requests: int = 0
    answers: int = 0
    results: int = 0
    credits: int = 0
    kinds: Mapping[str, int] = field(factory=dict[str, int])
    lost: int = 0
    uncertain: int = 0


@mutable(kw_only=True)
class LedgerEntry:
    """The running totals of one operation under one tag. See `Spent`."""

    requests: int = 0
    answers: int = 0
    results: int = 0
    credits: int = 0
    kinds: Counter[str] = field(factory=Counter[str])
    lost: int = 0
    uncertain: int = 0


class Ledger:
    """What one client and all its views have spent. Updated when an answer arrives, also if its caller was cancelled.

    `credits` reconciles with the `used` of `account.usage()`, which lags by some seconds and includes other
    programs of the account.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[Operation, str | None], LedgerEntry] = {}

    def __str__(self) -> str:
        """A table: one line for each operation, and the sum."""
        columns = ("requests", "results", "credits", "lost", "uncertain")
        rows = [*self.by_operation().items(), ("all", self.spent())]
        lines: list[tuple[str, ...]] = [("", *columns)]
        lines += [(name, *(f"{getattr(spent, column):,}" for column in columns)) for name, spent in rows]
        first, *others = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join([name.ljust(first), *map(str.rjust, cells, others)]).rstrip() for name, *cells in lines
        )

    def entry(self, operation: Operation, tag: str | None) -> LedgerEntry:
        """The running totals of `operation` under `tag`."""
        key = (operation, tag)
        if key not in self._entries:
            self._entries[key] = LedgerEntry()
        return self._entries[key]

    def spent(self, *, operation: str | None = None, tag: str | None = None) -> Spent:
        """The totals of all calls, or those of one operation (for instance `contacts.enrich`), of one tag, or both."""
        chosen = [
            entry
            for (one, tagged), entry in self._entries.items()
            if (operation is None or operation in {one.call, one.name}) and (tag is None or tag == tagged)
        ]
        kinds: Counter[str] = Counter()
        for entry in chosen:
            kinds.update(entry.kinds)
        return Spent(
            requests=sum(entry.requests for entry in chosen),
            answers=sum(entry.answers for entry in chosen),
            results=sum(entry.results for entry in chosen),
            credits=sum(entry.credits for entry in chosen),
            kinds=dict(kinds),
            lost=sum(entry.lost for entry in chosen),
            uncertain=sum(entry.uncertain for entry in chosen),
        )

    @property
    def credits(self) -> int:
        """What all answers together say they cost, in credits."""
        return sum(entry.credits for entry in self._entries.values())

    def by_operation(self) -> Mapping[str, Spent]:
        """The totals by operation, for instance `contacts.enrich`."""
        return {name: self.spent(operation=name) for name in sorted({one.call for one, _ in self._entries})}

    def by_tag(self) -> Mapping[str, Spent]:
        """The totals by tag, without calls that have none."""
        tags = sorted({tag for _, tag in self._entries if tag is not None})
        return {tag: self.spent(tag=tag) for tag in tags}


def kinds(operation: Operation, payload: Any, credits: int) -> Counter[str]:
    """`credits` by price key: from the data points that state theirs, else under the operation's only key."""
    found: Counter[str] = Counter()
    if credits == 0:
        return found
    if len(operation.prices) == 1:
        found[operation.prices[0]] = credits
        return found
    for member, key in (("emails", "revealEmail"), ("phones", "revealPhone")):
        if key in operation.prices:
            found[key] = _stated(payload, member)
    rest = credits - found.total()
    if rest < 0:  # the data points state more than the whole
        return Counter(other=credits)
    others = [key for key in operation.prices if key not in found]
    if rest:
        found[others[0] if len(others) == 1 else "other"] += rest
    return +found


def _rows(payload: Any) -> Sequence[Any]:
    return as_list(as_object(payload).get("results"))


def _stated(payload: Any, member: str) -> int:
    """What the data points of all rows state they cost."""
    total = 0
    for row in _rows(payload):
        for point in as_list(as_object(row).get(member)):
            total += as_count(as_object(point).get("credits")) or 0
    return total


def results(payload: Any) -> int:
    """The number of rows in an answer."""
    return len(_rows(payload))
