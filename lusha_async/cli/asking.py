"""Asks for the companies of a plan, keeps each answer the moment it comes, and ends early without losing one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import anyio
from attrs import define, field

from ..client import LushaClient
from ..errors import LushaError, NotSentError, RateLimitedError
from ..models import converter
from .. import outcome as outcomes
from ..outcome import Outcome, Progress, Status
from ..unclaimed import Unclaimed
from .part import Answer, Part
from .plan import Price
from .questions import Question

__all__ = ["Asking"]

_ENDS_THE_RUN = (NotSentError, RateLimitedError)
"""Failures that the next company would meet as well, after all retries. None of them was charged."""


@define(kw_only=True)
class Asking:
    """One run over the companies of a plan.

    `spent` is credits surely charged by this run, `at_risk` the most that answers without a bill may have cost
    beside. With a `budget` (credits) and a `price`, companies are handed to the client only while all of them at
    their worst price stay within it.
    """

    client: LushaClient
    part: Part
    reveal: Sequence[str] | None
    price: Price | None
    budget: int | None
    tell: Callable[["Asking"], None]
    """Called when something has changed."""

    spent: int = 0
    at_risk: int = 0
    answered: int = 0
    requests: int = 0
    ended: str | None = None
    """Why the run ended before its last company."""
    _handed: dict[Question, None] = field(factory=dict[Question, None], init=False)
    """Given to the client and not answered yet."""
    _scope: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)

    def end(self, why: str) -> None:
        """Take back what was not sent, and stop. What was sent goes on to its end inside the client."""
        if self.ended is None:
            self.ended = why
        self._scope.cancel()

    async def ask(self, questions: Sequence[Question]) -> None:
        """Ask for all `questions`, or as many as the budget, the account and the user allow; `ended` says why.

        In rounds: each hands out what the rest of the budget can pay at the worst price. Most companies cost
        less than that, and the next round has the difference.
        """
        place = 0
        with self._scope:
            while place < len(questions) and self.ended is None:
                count = min(len(questions) - place, self._affordable())
                if count == 0:
                    return self.end(f"the budget of {self.budget:,} credits is used up")
                await self._round(questions[place : place + count])
                place += count

    def _affordable(self) -> int:
        """How many companies the rest of the budget can pay at the worst price."""
        if self.budget is None or self.price is None or self.price.each == 0:
            return 1 << 62
        return max(self.budget - self.spent - self.at_risk, 0) // self.price.each

    async def _round(self, questions: Sequence[Question]) -> None:
        order: list[Question] = []
        earlier = self.requests

        def inputs() -> Iterator[Mapping[str, str]]:
            for question in questions:
                if self.ended is not None or not self._hand_out(question):
                    return
                order.append(question)
                yield question.query

        charged = 0

        def count(progress: Progress) -> None:
            nonlocal charged
            self.requests = earlier + progress.requests
            self._charged(progress.credits - charged)
            charged = progress.credits

        outcomes = self.client.companies.search_and_enrich_many(
            inputs(), reveal=self.reveal, ordered=False, dedupe=False, on_progress=count
        )
        try:
            async with outcomes:
                async for outcome in outcomes:
                    self._take(order[outcome.index], outcome)
        except LushaError as error:
            self.end(str(error))

    def _take(self, question: Question, outcome: Outcome[Any, Any]) -> None:
        if outcome.status is Status.SKIPPED or isinstance(outcome.error, _ENDS_THE_RUN):
            self.end(str(outcome.error))
            return
        company = None if outcome.value is None else converter.unstructure(outcome.value)
        reason = None if outcome.error is None else str(outcome.error)
        answer = Answer(status=str(outcome.status), reason=reason, credits=outcome.credits, company=company)
        self._keep(question, answer)

    async def settle(self) -> None:
        """After an early end: close the client, and keep the answers that it was still waiting for.

        What has no answer even then was never sent, and the part file is told.
        """
        await self.client.aclose()
        for late in self.client.unclaimed():
            self._charged(late.credits or 0)
            for question, answer in _late_answers(late):
                if question in self._handed:
                    self._keep(question, answer)
        with suppress(OSError):  # what is not noted is thought to have been sent: the safe side
            for question in self._handed:
                self.part.unsent(question)

    # --- the part file; when the disk refuses, the run ends

    def _hand_out(self, question: Question) -> bool:
        try:
            self.part.asking(question)
        except OSError as error:
            self._disk_failed(error)
            return False
        self._handed[question] = None
        return True

    def _keep(self, question: Question, answer: Answer) -> None:
        del self._handed[question]
        if answer.status == Status.AMBIGUOUS and self.price is not None:
            self.at_risk += self.price.each
        try:
            self.part.add(question, answer)
        except OSError as error:
            self._disk_failed(error)
            return
        self.answered += 1
        self.tell(self)

    def _charged(self, credits: int) -> None:
        self.spent += credits
        try:
            self.part.charged(credits)
        except OSError as error:
            self._disk_failed(error)

    def _disk_failed(self, error: OSError) -> None:
        self.end(f'"{self.part.path}" cannot be written: {error.strerror or error}')


def _late_answers(late: Unclaimed) -> Iterator[tuple[Question, Answer]]:
    """The rows of an answer that nobody was given, by the companies that were asked for."""
    asked = late.inputs["companies"]
    results: Sequence[Any] = (late.answer or {}).get("results", ())
    for place in range(len(asked)) if late.rows is None else late.rows:
        ((field_name, value),) = asked[place].items()
        yield Question(field_name, value), _late_answer(results[place] if len(results) == len(asked) else None)


def _late_answer(result: Any) -> Answer:
    if result is None:
        return Answer(status=str(Status.AMBIGUOUS), reason="the answer was lost", credits=None)
    error = result.get("error")
    told = outcome.Answer.of(result, code=error and error.get("code"), message=error and error.get("message"))
    return Answer(
        status=str(told.status),
        reason=error and str(told.error),
        credits=told.credits,
        company=None if error else result,
    )
