"""Prospecting filters as sets of entities: all criteria of the vendor's reference.

The values of a criterion are alternatives; an entity must meet all criteria of `include` and none of `exclude`. A
set is an integer, bit `i` for entity `i`. Criteria without a fact in the population (certifications, awards, ...)
match no entity; criteria that the vendor accepts and ignores (investors, legacy funding types) match all.
"""

from collections.abc import Callable, Mapping

from . import Population
from .columns import tile
from .company_criteria import COMPANY_CRITERIA, COMPANY_MODIFIERS
from .criteria import Condition, Criteria, Criterion
from .person_criteria import PERSON_CRITERIA, PERSON_MODIFIERS
from .signals import Signals

__all__ = ["Filters"]

_JOB_CHANGED = {"jobChangedAfterDate", "jobChangedLastViewDate"}


class Filters:
    """Evaluates filters on a population. `today` is a day number, counted from 1970-01-01."""

    def __init__(self, population: Population, signals: Signals) -> None:
        self._population = population
        self._companies = population.companies
        self._people = population.people
        self._signals = signals

    def companies(self, include: Criteria, exclude: Criteria, today: int) -> int:
        """The companies that meet `include` and not `exclude`."""

        def evaluate(name: str, criteria: Criteria) -> int | None:
            if name == "signals":
                return self._signals.companies(criteria[name], today)
            return self._evaluate(name, criteria, COMPANY_CRITERIA, COMPANY_MODIFIERS)

        return _combine(include, exclude, evaluate, (1 << len(self._companies)) - 1)

    def people(self, include: Criteria, exclude: Criteria, today: int) -> int:
        """The people who meet `include` and not `exclude`."""

        def evaluate(name: str, criteria: Criteria) -> int | None:
            if name == "signals":
                return self._signals.people(criteria[name], today)
            if name in _JOB_CHANGED:
                return self._signals.people({"types": ["companyChange"], "startDate": criteria[name]}, today)
            return self._evaluate(name, criteria, PERSON_CRITERIA, PERSON_MODIFIERS)

        return _combine(include, exclude, evaluate, (1 << len(self._people)) - 1)

    def staff_of(self, companies: int) -> int:
        """The people who work at one of the companies."""
        return tile(companies, len(self._companies), len(self._people))

    def employers_of(self, people: int) -> int:
        """The companies at which one of the people works."""
        size, found = len(self._companies), 0
        mask = (1 << size) - 1
        for _ in range(self._people.staff):
            found |= people & mask
            people >>= size
        return found

    def limit_per_company(self, people: int, limit: int) -> int:
        """The first `limit` of the people at each company."""
        size = len(self._companies)
        mask, chosen = (1 << size) - 1, 0
        taken = [0] * limit  # taken[n]: the companies with more than n people chosen so far
        for row in range(self._people.staff):
            here = (people >> (row * size)) & mask & ~taken[-1]
            chosen |= here << (row * size)
            for count in range(limit - 1, 0, -1):
                taken[count] |= taken[count - 1] & here
            taken[0] |= here
        return chosen

    def without_do_not_call(self, people: int) -> int:
        """The people without a do-not-call mark."""
        return people & ~self._people.do_not_call.where(bool, len(self._people))

    def without_partial(self, people: int) -> int:
        """The people whose profile is not partial."""
        return people & ~self._people.partial.where(bool, len(self._people))

    def _evaluate(
        self, name: str, criteria: Criteria, known: Mapping[str, Criterion], modifiers: frozenset[str]
    ) -> int | None:
        """The entities that meet one criterion; None if it selects nothing by itself."""
        value = criteria[name]
        if name in modifiers or value in ([], {}, ""):
            return None
        criterion = known.get(name)
        if criterion is None:
            return 0
        return criterion(Condition(population=self._population, value=value, criteria=criteria))


def _combine(
    include: Criteria, exclude: Criteria, evaluate: Callable[[str, Criteria], int | None], members: int
) -> int:
    """The members that meet all of `include` and none of `exclude`."""
    for name in include:
        found = evaluate(name, include)
        members = members if found is None else members & found
    for name in exclude:
        members &= ~(evaluate(name, exclude) or 0)
    return members
