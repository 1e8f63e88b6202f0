"""What happens to the synthetic people and companies, and when: functions of the seed, the index and the day.

Each entity has an event of each type every so many days, at a phase of its own, so that "which events since
March" and "who had one" need no list of events; time may go on for ever. Days are counted from 1970.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ..api.signal_types import COMPANY_SIGNALS, CONTACT_SIGNALS
from .columns import Column, dealt, tile
from .companies import Companies
from .people import People

__all__ = ["DEFAULT_DAYS", "INTENT_DAYS", "Signals", "day_number", "day_text"]

DEFAULT_DAYS = 180
"""How far back is looked when no start date is given; the vendor does not publish its own choice."""
INTENT_DAYS = 90
"""How far back `linkedinActivityIntent` goes at most, whatever was asked for."""
_INTENT = "linkedinActivityIntent"
_PERIODS = (107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199)


class Signals:
    """All events of a seed. An interval of days between two events is longer than the default look back."""

    def __init__(self, companies: Companies, people: People) -> None:
        self._companies = companies
        self._people = people
        self._company = {
            name: _phases(companies.seed, name, position) for position, name in enumerate(COMPANY_SIGNALS)
        }
        self._contact = {
            name: _phases(people.seed, name, position) for position, name in enumerate(CONTACT_SIGNALS)
        }

    def days(self, kind: str, index: int, name: str, start: int, end: int, *, most: int = 100) -> list[int]:
        """The days from `start` to `end` (both within) of the events of one type, newest first."""
        phases, every = self._table(kind)[name], self.interval(name)
        if name == _INTENT:
            start, most = max(start, end - INTENT_DAYS + 1), min(most, 50)
        newest = end - (end - phases.at(index)) % every
        return list(range(newest, start - 1, -every))[:most]

    @staticmethod
    def interval(name: str) -> int:
        """Days between two events of a type at one entity."""
        return 60 if name == _INTENT else 400

    def active(self, kind: str, index: int, names: Sequence[str], start: int, end: int) -> list[str]:
        """The types of which the entity had an event in these days."""
        return [name for name in names if self.days(kind, index, name, start, end, most=1)]

    def types(self, kind: str, names: Sequence[str]) -> tuple[str, ...]:
        """`names`, with `allSignals` spelt out."""
        every = tuple(self._table(kind))
        return every if "allSignals" in names else tuple(dict.fromkeys(names))

    def companies(self, wanted: Mapping[str, Any], today: int) -> int:
        """The companies that had one of the wanted signals."""
        return self._who("company", wanted, today, len(self._companies))

    def people(self, wanted: Mapping[str, Any], today: int) -> int:
        """The people who had one of the wanted signals."""
        return self._who("contact", wanted, today, len(self._people))

    def _who(self, kind: str, wanted: Mapping[str, Any], today: int, size: int) -> int:
        start = day_number(wanted["startDate"]) if "startDate" in wanted else today - DEFAULT_DAYS
        members = 0
        for name in self.types(kind, wanted.get("types", ("allSignals",))):
            phases = self._table(kind)[name]
            pattern = sum(
                1 << position
                for position in range(phases.period)
                if self.days(kind, position, name, start, today, most=1)
            )
            members |= tile(pattern, phases.period, size)
        return members

    def _table(self, kind: str) -> Mapping[str, Column[int]]:
        return self._company if kind == "company" else self._contact


def _phases(seed: int, name: str, position: int) -> Column[int]:
    period = _PERIODS[position % len(_PERIODS)]
    every = Signals.interval(name)
    return dealt(seed, f"signal {name}", period, [(day, 1) for day in range(0, every, max(1, every // period))])


def day_number(text: str) -> int:
    """The number of the day that is written `YYYY-MM-DD`."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def day_text(day: int) -> str:
    """The day as `YYYY-MM-DD`."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()
