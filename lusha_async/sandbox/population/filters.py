"""Prospecting filters as sets of entities: every criterion of the vendor's reference, on the synthetic facts.

Values within a criterion are alternatives, criteria all have to hold, and whatever a side `exclude` names is
taken away. A set is an integer, bit `i` for entity `i`. Criteria for which the population holds no fact
(certifications, awards, ...) match nobody; those that the vendor accepts without applying them (investors,
legacy funding types) match everybody.
"""

from collections.abc import Callable, Mapping

from . import Population
from .columns import tile
from .company_criteria import COMPANY_CRITERIA, COMPANY_MODIFIERS
from .criteria import Asked, Criteria, Criterion
from .person_criteria import PERSON_CRITERIA, PERSON_MODIFIERS
from .signals import Signals

__all__ = ["Filters"]

_HAPPENED = {"jobChangedAfterDate", "jobChangedLastViewDate"}


class Filters:
    """Makes filters into sets, for one population. `today` is a day number, counted from 1970."""

    def __init__(self, population: Population, signals: Signals) -> None:
        self._population = population
        self._companies = population.companies
        self._people = population.people
        self._signals = signals

    def companies(self, include: Criteria, exclude: Criteria, today: int) -> int:
        """The companies that `include` describes but `exclude` does not."""

        def one(name: str, criteria: Criteria) -> int | None:
            if name == "signals":
                return self._signals.companies(criteria[name], today)
            return self._meet(name, criteria, COMPANY_CRITERIA, COMPANY_MODIFIERS)

        return _between(include, exclude, one, (1 << len(self._companies)) - 1)

    def people(self, include: Criteria, exclude: Criteria, today: int) -> int:
        """The people that `include` describes but `exclude` does not."""

        def one(name: str, criteria: Criteria) -> int | None:
            if name == "signals":
                return self._signals.people(criteria[name], today)
            if name in _HAPPENED:
                return self._signals.people({"types": ["companyChange"], "startDate": criteria[name]}, today)
            return self._meet(name, criteria, PERSON_CRITERIA, PERSON_MODIFIERS)

        return _between(include, exclude, one, (1 << len(self._people)) - 1)

    def staff_of(self, companies: int) -> int:
        """Everybody who works at one of the companies."""
        return tile(companies, len(self._companies), len(self._people))

    def employers_of(self, people: int) -> int:
        """The companies at which one of the people works."""
        size, found = len(self._companies), 0
        mask = (1 << size) - 1
        for _ in range(self._people.staff):
            found |= people & mask
            people >>= size
        return found

    def at_most(self, people: int, each: int) -> int:
        """Those of the people that are among the first `each` of their company."""
        size = len(self._companies)
        mask, kept = (1 << size) - 1, 0
        taken = [0] * each  # taken[n]: the companies of which more than n people are kept already
        for row in range(self._people.staff):
            here = (people >> (row * size)) & mask & ~taken[-1]
            kept |= here << (row * size)
            for count in range(each - 1, 0, -1):
                taken[count] |= taken[count - 1] & here
            taken[0] |= here
        return kept

    def without_do_not_call(self, people: int) -> int:
        """Those of the people who may be called."""
        return people & ~self._people.do_not_call.where(bool, len(self._people))

    def whole_profiles(self, people: int) -> int:
        """Those of the people whose profile is not partial."""
        return people & ~self._people.partial.where(bool, len(self._people))

    def _meet(
        self, name: str, criteria: Criteria, known: Mapping[str, Criterion], modifiers: frozenset[str]
    ) -> int | None:
        """Who meets one criterion; None if it selects nothing by itself."""
        value = criteria[name]
        if name in modifiers or value in ([], {}, ""):
            return None
        criterion = known.get(name)
        if criterion is None:
            return 0
        return criterion(Asked(population=self._population, value=value, criteria=criteria))


def _between(
    include: Criteria, exclude: Criteria, one: Callable[[str, Criteria], int | None], members: int
) -> int:
    """The members that meet all of `include` and none of `exclude`."""
    for name in include:
        found = one(name, include)
        members = members if found is None else members & found
    for name in exclude:
        members &= ~(one(name, exclude) or 0)
    return members
