"""The state of the sandbox's account, which handlers read and change."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define, field

from ...operations import Operation
from ..clock import Clock
from ..limits.limiter import Limiter
from ..limits.plans import PRICES, UNLISTED_PRICES
from ..population import Companies, Population, StandIn
from ..population.columns import Selection
from ..population.companies import Company
from ..population.filters import Filters
from ..population.signals import DEFAULT_DAYS, Signals, day_number
from ..settings import Settings
from ..webhooks.store import Webhooks
from .billing import Billing
from .records import Job, Session
from .tables import Table

__all__ = ["Call", "State", "remember"]

T = TypeVar("T")

_MAX_VALUES = 10_000
_MAX_SELECTIONS = 32  # each of one bit per entity


def remember(memory: dict[str, T], key: str, value: T) -> None:
    """Store a value, and drop the oldest beyond 10,000."""
    memory[key] = value
    if len(memory) > _MAX_VALUES:
        del memory[next(iter(memory))]


@define(kw_only=True)
class Call:
    """An authenticated and validated request."""

    operation: Operation
    request_id: str
    now: float
    key: str = field(default="", repr=False)
    params: Mapping[str, str] = field(factory=dict[str, str])
    query: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    shift: int = 0
    """Results by which a page starts too early: the fault `shifted-page`."""
    paging_fault: str | None = None
    """The fault `page-ignored`, `pages-repeat` or `session-repeats`."""


class State:
    """The account and its population."""

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
        """Restore the initial state; the population stays."""
        settings = self.settings
        self.limiter = Limiter(
            settings.terms,
            rule=settings.limit_rule if settings.limits else "off",
            external_traffic=settings.external_traffic,
            windows=settings.limits,
            count_refused=settings.count_refused,
        )
        self.billing = Billing(credits=settings.credits, prices={**PRICES, **UNLISTED_PRICES, **settings.prices})
        self.revealed = bytearray(len(self.population.people))
        self.tables: dict[str, Table] = {}
        self.sessions: dict[str, Session] = {}
        self.jobs: dict[str, Job] = {}
        self.webhooks = Webhooks(settings.seed, settings.webhook_delays)
        self._ids = 0

    def selection(self, key: tuple[str, ...], make: Callable[[], Selection]) -> Selection:
        """The selection of the filters `key` today, from a cache of the last 32 or made by `make`."""
        key = (*key, str(self.today()))
        selection = self._selections.pop(key, None)
        if selection is None:
            selection = make()
        self._selections[key] = selection  # moves it to the end
        if len(self._selections) > _MAX_SELECTIONS:
            del self._selections[next(iter(self._selections))]
        return selection

    def charge(self, call: Call, quantities: Mapping[str, int]) -> int:
        """Charge a call for quantities by price key; see `Billing.charge`."""
        return self.billing.charge(call.now, call.request_id, call.operation.name, quantities)

    @property
    def companies(self) -> Companies:
        """The companies of the population."""
        return self.population.companies

    def new_id(self, kind: str = "request") -> str:
        """A new UUID; the same seed and order of requests give the same ids."""
        self._ids += 1
        raw = hashlib.blake2b(f"{self.settings.seed}:{kind}:{self._ids}".encode(), digest_size=16).digest()
        return str(UUID(bytes=raw, version=4))

    def date_range(self, options: Mapping[str, Any]) -> tuple[int, int]:
        """The first and last day of a request for signals: from its `startDate` or 180 days ago, until today."""
        today = self.today()
        return day_number(options["startDate"]) if "startDate" in options else today - DEFAULT_DAYS, today

    def today(self) -> int:
        """The current day (UTC), counted from 1970-01-01."""
        return int(self.clock.now() // 86_400)

    def company_token(self, company: Company) -> str:
        """The id of a company."""
        if isinstance(company.token_key, str):
            return self.population.ids.stand_in_token(company.token_key)
        return self.population.ids.token("company", company.token_key)

    def person_token(self, index: int) -> str:
        """The id of a person."""
        return self.population.ids.token("contact", index)

    def find_company(self, item: Mapping[str, Any]) -> int | StandIn | None:
        """The company of an id, else of a domain, else of a name; None if there is none."""
        if "id" in item:
            return self.population.company(item["id"])
        if "domain" in item:
            return self.companies.by_domain(item["domain"])
        return self.companies.by_name(item.get("name", ""))

    def find_person(self, item: Mapping[str, Any]) -> int | None:
        """The person of an id, else of a profile, an e-mail, or a name and company; None if there is none."""
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
