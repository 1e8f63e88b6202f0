"""The events of the synthetic people and companies: functions of the seed, the index and the day.

Each entity has an event of each type at a fixed interval, with a phase of its own, so that neither "which events
since March" nor "which entities had one" needs a list of events. Days are counted from 1970-01-01.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ..api.common import COMPANY_SIGNALS, CONTACT_SIGNALS
from .columns import Column, shuffled, tile
from .companies import Companies
from .people import People

__all__ = ["DEFAULT_DAYS", "INTENT_DAYS", "Signals", "day_number", "day_text"]

DEFAULT_DAYS = 180
"""The days covered without a start date; the vendor publishes no number."""
INTENT_DAYS = 90
"""The maximum days that `linkedinActivityIntent` covers."""
_INTENT = "linkedinActivityIntent"
_PERIODS = (107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199)


class Signals:
    """The events of a seed. The interval between two events is longer than `DEFAULT_DAYS`."""

    def __init__(self, companies: Companies, people: People) -> None:
        self._companies = companies
        self._people = people
        self._company = {
            name: _phases(companies.seed, name, position) for position, name in enumerate(COMPANY_SIGNALS)
        }
        self._contact = {
            name: _phases(people.seed, name, position) for position, name in enumerate(CONTACT_SIGNALS)
        }

    def days(self, kind: str, index: int, name: str, start: int, end: int, *, limit: int = 100) -> list[int]:
        """The days of the events of one type from `start` to `end` (inclusive), newest first, at most `limit`."""
        phases, every = self._table(kind)[name], self.interval(name)
        if name == _INTENT:
            start, limit = max(start, end - INTENT_DAYS + 1), min(limit, 50)
        newest = end - (end - phases.at(index)) % every
        return list(range(newest, start - 1, -every))[:limit]

    @staticmethod
    def interval(name: str) -> int:
        """The days between two events of a type at one entity."""
        return 60 if name == _INTENT else 400

    def active(self, kind: str, index: int, names: Sequence[str], start: int, end: int) -> list[str]:
        """The types with an event at the entity in these days."""
        return [name for name in names if self.days(kind, index, name, start, end, limit=1)]

    def types(self, kind: str, names: Sequence[str]) -> tuple[str, ...]:
        """The distinct `names`, with `allSignals` expanded."""
        every = tuple(self._table(kind))
        return every if "allSignals" in names else tuple(dict.fromkeys(names))

    def companies(self, wanted: Mapping[str, Any], today: int) -> int:
        """The companies with one of the wanted signals."""
        return self._members("company", wanted, today, len(self._companies))

    def people(self, wanted: Mapping[str, Any], today: int) -> int:
        """The people with one of the wanted signals."""
        return self._members("contact", wanted, today, len(self._people))

    def _members(self, kind: str, wanted: Mapping[str, Any], today: int, size: int) -> int:
        start = day_number(wanted["startDate"]) if "startDate" in wanted else today - DEFAULT_DAYS
        members = 0
        for name in self.types(kind, wanted.get("types", ("allSignals",))):
            phases = self._table(kind)[name]
            pattern = sum(
                1 << position
                for position in range(phases.period)
                if self.days(kind, position, name, start, today, limit=1)
            )
            members |= tile(pattern, phases.period, size)
        return members

    def _table(self, kind: str) -> Mapping[str, Column[int]]:
        return self._company if kind == "company" else self._contact


def _phases(seed: int, name: str, position: int) -> Column[int]:
    period = _PERIODS[position % len(_PERIODS)]
    every = Signals.interval(name)
    return shuffled(seed, f"signal {name}", period, [(day, 1) for day in range(0, every, max(1, every // period))])


def day_number(text: str) -> int:
    """The day `YYYY-MM-DD` as a number, counted from 1970-01-01."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def day_text(day: int) -> str:
    """A day number as `YYYY-MM-DD`."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()
