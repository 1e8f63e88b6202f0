"""Where each call pays: reserves before it is sent, settles when its answer comes, whoever waits for it."""

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
from .costs import Cost, cost
from .ledger import Ledger, kinds, results
from .prices import PriceList
from .unclaimed import credits_of

__all__ = ["Authorization", "CreditMeter"]

_PRICES_SECONDS = 3600.0
_JOBS = 10_000
_ENRICH, _ENRICH_JOB, _USAGE = (
    BY_NAME[name] for name in ("enrichContacts", "getContactsEnrichJob", "getAccountUsage")
)


@frozen
class _WaterfallJob:
    """A waterfall job that may still be charged: what it was told to have cost so far, and who pays.

    `in_doubt`: what the enrichment itself cost is not known, so that its reserve outlives the job.
    """

    told: int
    tag: str | None
    reservation: Reservation | None
    in_doubt: bool = False
    over: bool = False


class CreditMeter:
    """The money of one client: its ledger, the price list, and the waterfall jobs that are not settled."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._prices: PriceList | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()
        self._jobs: OrderedDict[str, _WaterfallJob] = OrderedDict()

    async def prices(self, usage: Callable[[], Awaitable[Any]]) -> PriceList:
        """The account's prices, at most an hour old; one task reads account usage with `usage`."""
        async with self._reading:
            now = asyncio.get_running_loop().time()
            if self._prices is None or now - self._read_at > _PRICES_SECONDS:
                self._prices = PriceList.read(await usage())
                self._read_at = now
            return self._prices

    async def open(
        self,
        operation: Operation,
        body: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
        *,
        budget: CreditBudget | None,
        tag: str | None,
        usage: Callable[[], Awaitable[Any]],
        patient: bool,
    ) -> "Authorization":
        """A authorization for one call. `BudgetExceededError` and `PriceUnknownError` before anything is sent.

        A `patient` call waits as long as answers under way may free credits.
        """
        if budget is None or not operation.paid:
            worst = self._known_cost(operation, body, query)
            return Authorization(self, operation, tag=tag, budget=budget, reservation=None, worst=worst)
        prices = (await self.prices(usage)).with_own(budget.prices)
        most = cost(operation, body or {}, query or {}, prices)
        if most.unknown:
            raise PriceUnknownError(operation, most.unknown)
        while True:
            try:
                reservation = budget.reserve(most.maximum)
            except BudgetExceededError as error:
                error.operation = operation
                if not patient or not budget.in_flight:
                    raise
                await budget.changed()
            else:
                return Authorization(
                    self, operation, tag=tag, budget=budget, reservation=reservation, worst=most.maximum
                )

    def _known_cost(
        self, operation: Operation, body: Mapping[str, Any] | None, query: Mapping[str, Any] | None
    ) -> int:
        if self._prices is None or not operation.paid:
            return 0
        most: Cost = cost(operation, body or {}, query or {}, self._prices)
        return most.maximum

    def told_prices(self, payload: Any) -> None:
        """Account usage was read: its prices are news."""
        self._prices = PriceList.read(payload)
        self._read_at = asyncio.get_running_loop().time()

    def job_began(self, payload: Any, tag: str | None, reservation: Reservation | None, *, in_doubt: bool) -> bool:
        """Remember the job of an enrich answer, if there is one at work; the reservation is then its."""
        job = as_object(as_object(payload).get("job"))
        name = job.get("id")
        if not isinstance(name, str) or job.get("status") in _FINAL:
            return False
        if reservation is not None:
            reservation.doubt()
        self._remember(name, _WaterfallJob(0, tag, reservation, in_doubt))
        return True

    def _remember(self, name: str, job: _WaterfallJob) -> None:
        self._jobs[name] = job
        if len(self._jobs) > _JOBS:
            self._jobs.popitem(last=False)

    @property
    def jobs_at_work(self) -> tuple[str, ...]:
        """The ids of jobs that were not told to be over, oldest first."""
        return tuple(name for name, job in self._jobs.items() if not job.over)

    def job_told(self, payload: Any, tag: str | None, budget: CreditBudget | None) -> None:
        """A job was polled: count what it has cost since it was polled last."""
        told = as_object(payload)
        name = told.get("jobId")
        if not isinstance(name, str):
            return
        job = self._jobs.pop(name, None) or _WaterfallJob(0, tag, None)
        total = as_count(told.get("creditsCharged")) or 0
        more = max(0, total - job.told)
        entry = self.ledger.entry(_ENRICH, job.tag)
        entry.credits += more
        entry.kinds.update({"other": more} if more else {})
        if job.reservation is not None:
            job.reservation.spend(more)
        elif budget is not None:
            budget.charge(more)
        status = told.get("status")
        final = isinstance(status, str) and status in _FINAL
        if final and job.reservation is not None and not job.in_doubt:
            job.reservation.free()
        # A final job is kept too, without its reservation: polled again, it costs nothing more.
        reservation = None if final else job.reservation
        self._remember(name, _WaterfallJob(max(total, job.told), job.tag, reservation, job.in_doubt, final))


_FINAL = frozenset({"complete", "completed", "expired", "failed"})


class Authorization:
    """One call's way past the meter, over all its attempts. Every method is synchronous and raises nothing.

    The call itself ends with `close`; the last of its attempts may end later, in its owner task. Whichever
    comes last settles.
    """

    def __init__(
        self,
        meter: CreditMeter,
        operation: Operation,
        *,
        tag: str | None,
        budget: CreditBudget | None,
        reservation: Reservation | None,
        worst: int,
    ) -> None:
        self._meter = meter
        self._operation = operation
        self._entry = meter.ledger.entry(operation, tag)
        self._tag = tag
        self._budget = budget
        self._reservation = reservation
        self._worst = worst
        self._under_way = 0
        self._closed = False
        self._lost = False
        self._spent = 0
        self._handed_to_job = False

    def sent(self) -> None:
        """A request goes out."""
        self._under_way += 1
        self._entry.requests += 1

    def answered(self, reading: ParsedResponse) -> None:
        """It ended, with an answer or without."""
        self._under_way -= 1
        error = reading.error
        if error is None:
            self._paid(reading.payload)
        elif error.charged is None and self._operation.paid:
            self._lost = True
            self._entry.lost += 1
        self._settle()

    def _paid(self, payload: Any) -> None:
        entry, meter = self._entry, self._meter
        entry.answers += 1
        entry.results += results(payload)
        if self._operation is _USAGE:
            meter.told_prices(payload)
        elif self._operation is _ENRICH_JOB:
            meter.job_told(payload, self._tag, self._budget)
        if not self._operation.paid:
            return
        credits = credits_of(payload)
        if credits is None:  # a paid answer that does not tell its cost
            self._lost = True
        else:
            entry.credits += credits
            entry.kinds.update(kinds(self._operation, payload, credits))
            self._spent += credits
            if self._reservation is not None:
                self._reservation.spend(credits)
        if self._operation is _ENRICH:
            self._handed_to_job = meter.job_began(payload, self._tag, self._reservation, in_doubt=self._lost)

    def close(self) -> None:
        """The call sends no further request."""
        self._closed = True
        self._settle()

    def _settle(self) -> None:
        if not self._closed or self._under_way:
            return
        if self._lost:
            self._entry.uncertain += max(0, self._worst - self._spent)
        if self._reservation is not None and not self._handed_to_job:
            if self._lost:
                self._reservation.doubt()
            else:
                self._reservation.free()
        self._reservation = None
