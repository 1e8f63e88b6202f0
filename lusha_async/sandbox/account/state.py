"""Everything the sandbox's account has and has done; a request is judged and carried out against it."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define, field

from ...operations import Operation
from ..clock import Clock
from ..limits.limiter import Limiter
from ..limits.plans import PRICES, UNLISTED_PRICES
from ..population import Companies, Guest, Population
from ..population.columns import Selection
from ..population.companies import Company
from ..population.filters import Filters
from ..population.signals import DEFAULT_DAYS, Signals, day_number
from ..settings import Settings
from ..webhooks import Hooks
from .billing import Books
from .jobs import Job
from .sessions import Session
from .tables import Table

__all__ = ["Call", "State", "keep"]

T = TypeVar("T")

_KEPT_VALUES = 10_000
_KEPT_SELECTIONS = 32  # of filters; each is an eighth of a byte for each person


def keep(memory: dict[str, T], key: str, value: T) -> None:
    """Remember a value, and forget the oldest ones beyond some thousands, so that memory stays flat."""
    memory[key] = value
    if len(memory) > _KEPT_VALUES:
        del memory[next(iter(memory))]


@define(kw_only=True)
class Call:
    """One request that passed the door: its operation, the path's parameters, the query and the checked body."""

    operation: Operation
    request_id: str
    now: float
    key: str = field(default="", repr=False)
    params: Mapping[str, str] = field(factory=dict[str, str])
    query: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    shift: int = 0
    """Results by which a page begins too early: a fault."""


class State:
    """The account, and the world it asks about."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.population = Population(seed=settings.seed, companies=settings.companies, staff=settings.staff)
        self.signals = Signals(self.population.companies, self.population.people)
        self.filters = Filters(self.population, self.signals)
        self.born = clock.now()
        self._selections: dict[tuple[str, ...], Selection] = {}
        self.reset()

    def reset(self) -> None:
        """Forget everything that happened: limits, money, reveals."""
        settings = self.settings
        self.limiter = Limiter(
            settings.terms,
            rule=settings.limit_rule if settings.limits else "off",
            foreign=settings.foreign,
            windows=settings.limits,
            count_refused=settings.count_refused,
        )
        self.books = Books(credits=settings.credits, prices={**PRICES, **UNLISTED_PRICES, **settings.prices})
        self.revealed = bytearray(len(self.population.people))
        self.tables: dict[str, Table] = {}
        self.sessions: dict[str, Session] = {}
        self.jobs: dict[str, Job] = {}
        self.hooks = Hooks(settings.seed, settings.webhook_delays)
        self._ids = 0

    def selection(self, key: tuple[str, ...], make: Callable[[], Selection]) -> Selection:
        """The set that the filters of `key` describe today, made at most once while it is in use."""
        key = (*key, str(self.today()))
        selection = self._selections.pop(key, None)
        if selection is None:
            selection = make()
        self._selections[key] = selection  # now the newest
        if len(self._selections) > _KEPT_SELECTIONS:
            del self._selections[next(iter(self._selections))]
        return selection

    @property
    def companies(self) -> Companies:
        """The companies of the population."""
        return self.population.companies

    def new_id(self, kind: str = "request") -> str:
        """A UUID, the same for the same seed and order of requests."""
        self._ids += 1
        raw = hashlib.blake2b(f"{self.settings.seed}:{kind}:{self._ids}".encode(), digest_size=16).digest()
        return str(UUID(bytes=raw, version=4))

    def span(self, wanted: Mapping[str, Any]) -> tuple[int, int]:
        """The days that a request for signals means: from its `startDate`, or half a year back, until today."""
        today = self.today()
        return day_number(wanted["startDate"]) if "startDate" in wanted else today - DEFAULT_DAYS, today

    def today(self) -> int:
        """The number of the day, counted from 1970 (UTC)."""
        return int(self.clock.now() // 86_400)

    def company_token(self, company: Company) -> str:
        """The id of a company."""
        if isinstance(company.token_key, str):
            return self.population.ids.guest_token(company.token_key)
        return self.population.ids.token("company", company.token_key)

    def person_token(self, index: int) -> str:
        """The id of a person."""
        return self.population.ids.token("contact", index)

    def find_company(self, item: Mapping[str, Any]) -> int | Guest | None:
        """The company that an id, a domain or a name identifies; the first of these that is given decides."""
        if "id" in item:
            return self.population.company(item["id"])
        if "domain" in item:
            return self.companies.by_domain(item["domain"])
        return self.companies.by_name(item.get("name", ""))

    def find_person(self, item: Mapping[str, Any]) -> int | None:
        """The person that an id, a profile, an address or a name with a company identifies."""
        people = self.population.people
        if "id" in item:
            return self.population.person(item["id"])
        if "linkedinUrl" in item:
            return people.by_linkedin(item["linkedinUrl"])
        if "email" in item:
            return people.by_email(item["email"])
        employer = (
            self.companies.by_domain(item["companyDomain"])
            if item.get("companyDomain")
            else self.companies.by_name(item.get("companyName", ""))
        )
        first, last = item.get("firstName", ""), item.get("lastName", "")
        return people.by_name(first, last, employer if isinstance(employer, int) else None)
