"""Asks for the companies of a plan, keeps each answer the moment it comes, and ends early without losing one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import anyio
from attrs import define, field

from ..._bulk.align import align
from ..._bulk.outcome import ItemResult as Told
from ..._bulk.outcome import Outcome, Status
from ..._json import as_list, as_object
from ...billing.unclaimed import Unclaimed
from ...client import LushaClient
from ...errors import LushaError
from ...models._codec.structure import unstructure
from ...models.companies import Company
from .columns import CompanyLookup
from .journal import JournalEntry, RunJournal

__all__ = ["Asking"]

_REFERENCE = "clientReferenceId"


@define(kw_only=True)
class Asking:
    """One run over the companies of a plan. What it costs is in the client's ledger, and in the part file."""

    client: LushaClient
    part: RunJournal
    reveal: Sequence[str] | None

    answered: int = 0
    ended: str | None = None
    """Why the run ended before its last company."""
    _noted: int = field(default=0, init=False)
    """Credits of the ledger that the part file knows of."""
    _handed: dict[CompanyLookup, None] = field(factory=dict[CompanyLookup, None], init=False)
    """Given to the client and not answered yet."""
    _scope: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)

    def end(self, why: str) -> None:
        """Take back what was not sent, and stop. What was sent goes on to its end inside the client."""
        if self.ended is None:
            self.ended = why
        self._scope.cancel()

    async def ask(self, questions: Sequence[CompanyLookup]) -> None:
        """Ask for all `questions`, or as many as account, budget, disk and user allow; `ended` says why."""
        many = self.client.companies.search_and_enrich_many(
            self._hand_out(questions),
            reveal=self.reveal,
            ordered=False,
            dedupe=False,  # the questions are distinct
            on_progress=lambda _: self._note_charges(),
        )
        with self._scope:
            try:
                async with many:
                    async for outcome in many:
                        self._take(questions[outcome.index], outcome)
            except LushaError as error:
                self.end(str(error))
        if self.ended is not None:
            await self._settle()

    def _take(self, question: CompanyLookup, outcome: Outcome[Any, Company]) -> None:
        if outcome.status is Status.SKIPPED:  # the next company would meet the same
            self.end(str(outcome.error))
            return
        company = None if outcome.value is None else unstructure(outcome.value)
        reason = None if outcome.error is None else str(outcome.error)
        self._keep(
            question, JournalEntry(status=outcome.status, reason=reason, credits=outcome.credits, company=company)
        )

    async def _settle(self) -> None:
        """Close the client and keep the answers that it was still waiting for.

        What has no answer even then was never sent, and the part file is told.
        """
        await self.client.aclose()
        self._note_charges()
        for late in self.client.take_unclaimed():
            for question, answer in _late_answers(late):
                if question in self._handed:
                    self._keep(question, answer)
        with suppress(OSError):  # what is not noted is thought to have been sent: the safe side
            for question in self._handed:
                self.part.unsent(question)

    # --- the part file; when the disk refuses, the run ends

    def _hand_out(self, questions: Sequence[CompanyLookup]) -> Iterator[Mapping[str, str]]:
        for question in questions:
            if self.ended is not None:
                return
            try:
                self.part.asking(question)
            except OSError as error:
                self._disk_failed(error)
                return
            self._handed[question] = None
            yield question.query

    def _keep(self, question: CompanyLookup, answer: JournalEntry) -> None:
        del self._handed[question]
        try:
            self.part.add(question, answer)
        except OSError as error:
            self._disk_failed(error)
            return
        self.answered += 1

    def _note_charges(self) -> None:
        credits = self.client.ledger.credits
        try:
            self.part.charged(credits - self._noted)
        except OSError as error:
            self._disk_failed(error)
        self._noted = credits

    def _disk_failed(self, error: OSError) -> None:
        self.end(f'"{self.part.path}" cannot be written: {error.strerror or error}')


def _late_answers(late: Unclaimed) -> Iterator[tuple[CompanyLookup, JournalEntry]]:
    """The rows of an answer that nobody was given, by the companies that were asked for."""
    sent: list[dict[str, str]] = late.inputs["companies"]
    results = [as_object(row) for row in as_list(as_object(late.answer).get("results"))]
    answered = align(results, [item[_REFERENCE] for item in sent], echo=_REFERENCE)
    for place in range(len(sent)) if late.rows is None else late.rows:
        ((name, value),) = ((name, value) for name, value in sent[place].items() if name != _REFERENCE)
        yield CompanyLookup(name, value), _late_answer(answered[place])


def _late_answer(result: Mapping[str, Any] | None) -> JournalEntry:
    if result is None:
        return JournalEntry(status=Status.AMBIGUOUS, reason="the answer was lost", credits=None)
    if "error" not in result:
        company = {name: value for name, value in result.items() if name != _REFERENCE}
        return JournalEntry(status=Status.OK, credits=None, company=company)
    error = as_object(result["error"])
    told = Told[Any].of(None, code=str(error.get("code") or "FAILED"), message=str(error.get("message") or ""))
    return JournalEntry(status=told.status, reason=str(told.error), credits=told.credits)
