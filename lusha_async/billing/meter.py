"""What calls pay: authorized before a request is sent, captured or voided when the call has ended."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import frozen

from .._json import as_count, as_object
from .._wire.response import ParsedResponse
from ..errors import BudgetExceededError, PriceUnknownError
from ..operations import BY_NAME, Operation
from .budget import CreditBudget, Reservation
from .costs import cost
from .ledger import Ledger, kinds, results
from .prices import PriceList

__all__ = ["Authorization", "CreditMeter"]

_PRICES_SECONDS = 3600.0
_JOBS = 10_000
_ENRICH, _ENRICH_JOB, _USAGE = (
    BY_NAME[name] for name in ("enrichContacts", "getContactsEnrichJob", "getAccountUsage")
)


@frozen
class _WaterfallJob:
    """A waterfall job: the credits that it was reported to cost so far, and what they are charged to.

    `uncertain`: what the enrichment itself cost is unknown, so its reservation is not voided when the job ends.
    """

    credits: int
    tag: str | None
    reservation: Reservation | None
    uncertain: bool = False
    ended: bool = False


class CreditMeter:
    """The money of one client: its ledger, its price list, and the waterfall jobs that may still be charged."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._prices: PriceList | None = None
        self._prices_at = 0.0
        self._fetching = asyncio.Lock()
        self._jobs: OrderedDict[str, _WaterfallJob] = OrderedDict()

    async def prices(self, usage: Callable[[], Awaitable[Any]]) -> PriceList:
        """The account's prices, at most an hour old; one task at a time fetches account usage with `usage`."""
        async with self._fetching:
            now = asyncio.get_running_loop().time()
            if self._prices is None or now - self._prices_at > _PRICES_SECONDS:
                self._prices = PriceList.read(await usage())
                self._prices_at = now
            return self._prices

    async def authorize(
        self,
        operation: Operation,
        body: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
        *,
        budget: CreditBudget | None,
        tag: str | None,
        usage: Callable[[], Awaitable[Any]],
        wait_for_budget: bool,
    ) -> "Authorization":
        """Authorize one call: reserve the maximum that it may cost in `budget`, if it is paid and has one.

        Raises `BudgetExceededError` if the budget does not cover it (with `wait_for_budget` only when no answer in
        flight can release credits any more), and `PriceUnknownError` if the price list does not price it.
        """
        if budget is None or not operation.paid:
            maximum = self._known_maximum(operation, body, query)
            return Authorization(self, operation, tag=tag, budget=budget, reservation=None, maximum=maximum)
        prices = (await self.prices(usage)).with_own(budget.prices)
        estimate = cost(operation, body or {}, query or {}, prices)
        if estimate.unknown:
            raise PriceUnknownError(operation, estimate.unknown)
        maximum = estimate.maximum
        while True:
            try:
                reservation = budget.reserve(maximum)
            except BudgetExceededError as error:
                if not wait_for_budget or not budget.in_flight:
                    raise error.with_facts(operation=operation) from error.__cause__
                await budget.changed()
            else:
                return Authorization(
                    self, operation, tag=tag, budget=budget, reservation=reservation, maximum=maximum
                )

    def _known_maximum(
        self, operation: Operation, body: Mapping[str, Any] | None, query: Mapping[str, Any] | None
    ) -> int:
        if self._prices is None or not operation.paid:
            return 0
        return cost(operation, body or {}, query or {}, self._prices).maximum

    def update_prices(self, payload: Any) -> None:
        """Take the prices of an answer of account usage."""
        self._prices = PriceList.read(payload)
        self._prices_at = asyncio.get_running_loop().time()

    def job_started(
        self, payload: Any, tag: str | None, reservation: Reservation | None, *, uncertain: bool
    ) -> bool:
        """Remember the job of an enrich answer, if it has one that is not over; the job then owns the reservation."""
        job = as_object(as_object(payload).get("job"))
        name = job.get("id")
        if not isinstance(name, str) or _is_over(job.get("status")):
            return False
        if reservation is not None:
            reservation.mark_uncertain()
        self._remember(name, _WaterfallJob(0, tag, reservation, uncertain))
        return True

    def _remember(self, name: str, job: _WaterfallJob) -> None:
        self._jobs[name] = job
        if len(self._jobs) > _JOBS:
            self._jobs.popitem(last=False)

    @property
    def running_jobs(self) -> tuple[str, ...]:
        """The ids of the jobs that were not reported to be over, the oldest first."""
        return tuple(name for name, job in self._jobs.items() if not job.ended)

    def job_polled(self, payload: Any, tag: str | None, budget: CreditBudget | None) -> None:
        """Capture what a job has cost since it was last polled."""
        report = as_object(payload)
        name = report.get("jobId")
        if not isinstance(name, str):
            return
        job = self._jobs.pop(name, None) or _WaterfallJob(0, tag, None)
        total = as_count(report.get("creditsCharged")) or 0
        more = max(0, total - job.credits)
        entry = self.ledger.entry(_ENRICH, job.tag)
        entry.credits += more
        entry.kinds.update({"other": more} if more else {})
        if job.reservation is not None:
            job.reservation.capture(more)
        elif budget is not None:
            budget.charge(more)
        ended = _is_over(report.get("status"))
        if ended and job.reservation is not None and not job.uncertain:
            job.reservation.void()
        # A job that is over is kept too, without its reservation: polled again, it costs nothing more.
        reservation = None if ended else job.reservation
        self._remember(name, _WaterfallJob(max(total, job.credits), job.tag, reservation, job.uncertain, ended))


_FINAL = frozenset({"complete", "completed", "expired", "failed"})


def _is_over(status: Any) -> bool:
    return isinstance(status, str) and status in _FINAL


class Authorization:
    """The right of one call to spend credits, over all its attempts. No method waits or raises.

    The call ends with `close`; the last of its requests may end later, in a task of its own. Whichever comes last
    settles the reservation: what was not captured is voided, or marked uncertain if an answer was lost.
    """

    def __init__(
        self,
        meter: CreditMeter,
        operation: Operation,
        *,
        tag: str | None,
        budget: CreditBudget | None,
        reservation: Reservation | None,
        maximum: int,
    ) -> None:
        self._meter = meter
        self._operation = operation
        self._entry = meter.ledger.entry(operation, tag)
        self._tag = tag
        self._budget = budget
        self._reservation = reservation
        self._maximum = maximum
        self._in_flight = 0
        self._closed = False
        self._lost = False
        self._captured = 0
        self._handed_to_job = False

    def request_sent(self) -> None:
        """A request of the call is sent."""
        self._in_flight += 1
        self._entry.requests += 1

    def request_ended(self, response: ParsedResponse) -> None:
        """It ended, with an answer or without."""
        self._in_flight -= 1
        error = response.error
        if error is None:
            self._capture(response)
        elif error.charged is None and self._operation.paid:
            self._lost = True
            self._entry.lost += 1
        self._settle()

    def _capture(self, response: ParsedResponse) -> None:
        entry, meter, payload = self._entry, self._meter, response.payload
        entry.answers += 1
        entry.results += results(payload)
        if self._operation is _USAGE:
            meter.update_prices(payload)
        elif self._operation is _ENRICH_JOB:
            meter.job_polled(payload, self._tag, self._budget)
        if not self._operation.paid:
            return
        credits = response.credits
        if credits is None:  # a paid answer that does not say what it cost
            self._lost = True
        else:
            entry.credits += credits
            entry.kinds.update(kinds(self._operation, payload, credits))
            self._captured += credits
            if self._reservation is not None:
                self._reservation.capture(credits)
        if self._operation is _ENRICH:
            self._handed_to_job = meter.job_started(payload, self._tag, self._reservation, uncertain=self._lost)

    def close(self) -> None:
        """The call sends no further request."""
        self._closed = True
        self._settle()

    def _settle(self) -> None:
        if not self._closed or self._in_flight:
            return
        if self._lost:
            self._entry.uncertain += max(0, self._maximum - self._captured)
        if self._reservation is not None and not self._handed_to_job:
            if self._lost:
                self._reservation.mark_uncertain()
            else:
                self._reservation.void()
        self._reservation = None
