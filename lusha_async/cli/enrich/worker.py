"""Looks up the companies of a plan, records each result as soon as it arrives, and stops early without losing one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import anyio
from attrs import define, field

from ..._bulk.outcome import Outcome, Status
from ..._tasks import start
from ...client import LushaClient
from ...errors import LushaError
from ...models._codec.structure import unstructure
from ...models.companies import Company
from .columns import CompanyLookup
from .journal import JournalEntry, RunJournal

__all__ = ["EnrichWorker"]


@define(kw_only=True)
class EnrichWorker:
    """One run over the companies of a plan. Its cost is in the client's ledger and in the journal."""

    client: LushaClient
    journal: RunJournal
    reveal: Sequence[str] | None

    completed: int = 0
    """Lookups that have a result in the journal."""
    stop_reason: str | None = None
    """Why the run stopped before its last company; None if it did not."""
    _recorded_credits: int = field(default=0, init=False)
    _in_flight: dict[CompanyLookup, None] = field(factory=dict[CompanyLookup, None], init=False)
    """Passed to the client, without a result so far."""
    _scope: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)

    def stop(self, reason: str) -> None:
        """Withdraw what was not sent, and stop. Requests that were sent run to their end inside the client."""
        if self.stop_reason is None:
            self.stop_reason = reason
        self._scope.cancel()

    async def run(self, lookups: Sequence[CompanyLookup]) -> None:
        """Do all `lookups`, or as many as account, budget, disk and user allow; `stop_reason` says why not all."""
        outcomes = self.client.companies.search_and_enrich_many(
            self._queries(lookups),
            reveal=self.reveal,
            ordered=False,
            dedupe=False,  # the lookups are distinct
            on_progress=lambda _: self._record_charges(),
        )
        with self._scope:
            try:
                async with outcomes:
                    async for outcome in outcomes:
                        self._record_outcome(lookups[outcome.index], outcome)
            except LushaError as error:
                self.stop(str(error))
        if self.stop_reason is not None:
            await self._drain()

    def _record_outcome(self, lookup: CompanyLookup, outcome: Outcome[Any, Company]) -> None:
        if outcome.status is Status.SKIPPED:  # so would be all further ones
            self.stop(str(outcome.error))
            return
        self._record(lookup, _entry(outcome))

    async def _drain(self) -> None:
        """Close the client and record the responses that it was still waiting for.

        A lookup that has no response even then was never sent, and the journal says so.
        """
        await start(self.client.aclose())  # a task: a hard stop cancels it, though closing is shielded
        self._record_charges()
        for unclaimed in self.client.take_unclaimed():
            for outcome in await self.client.outcomes(unclaimed):
                ((name, value),) = outcome.input.items()
                lookup = CompanyLookup(name, value)
                if lookup in self._in_flight:
                    self._record(lookup, _entry(outcome))
        with suppress(OSError):  # a lookup not withdrawn counts as sent, which is the safe assumption
            for lookup in self._in_flight:
                self.journal.withdraw(lookup)

    # --- the journal; if the disk fails, the run stops

    def _queries(self, lookups: Sequence[CompanyLookup]) -> Iterator[Mapping[str, str]]:
        for lookup in lookups:
            if self.stop_reason is not None:
                return
            try:
                self.journal.begin(lookup)
            except OSError as error:
                self._disk_failed(error)
                return
            self._in_flight[lookup] = None
            yield lookup.query

    def _record(self, lookup: CompanyLookup, entry: JournalEntry) -> None:
        del self._in_flight[lookup]
        try:
            self.journal.record(lookup, entry)
        except OSError as error:
            self._disk_failed(error)
            return
        self.completed += 1

    def _record_charges(self) -> None:
        credits = self.client.ledger.credits
        try:
            self.journal.add_charge(credits - self._recorded_credits)
        except OSError as error:
            self._disk_failed(error)
        self._recorded_credits = credits

    def _disk_failed(self, error: OSError) -> None:
        self.stop(f'"{self.journal.path}" cannot be written: {error.strerror or error}')


def _entry(outcome: Outcome[Any, Company]) -> JournalEntry:
    company = None if outcome.value is None else unstructure(outcome.value)
    reason = None if outcome.error is None else str(outcome.error)
    return JournalEntry(status=outcome.status, reason=reason, credits=outcome.credits, company=company)
