"""Asks for the companies of a plan, keeps each answer the moment it comes, and ends early without losing one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import anyio
from attrs import define, field

from ..client import LushaClient
from ..errors import AccountError, ClientClosedError, LushaError, NotSentError, RateLimitedError
from ..models import converter
from ..outcome import Outcome
from .part import Answer, Part
from .plan import Price
from .questions import Question

__all__ = ["Asking"]

_ENDS_THE_RUN = (AccountError, NotSentError, RateLimitedError, ClientClosedError)
"""Failures that the next company would meet as well. None of them can have been charged."""

_GRACE_SECONDS = 60.0
"""How long a run that was asked to end waits for answers under way: as long as the client does for one."""


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
    """Called after each answer."""

    spent: int = 0
    at_risk: int = 0
    answered: int = 0
    unkept: int = 0
    """Answers that the disk refused."""
    ended: str | None = None
    """Why the run ended before its last company."""
    _scope: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)

    def end(self, why: str) -> None:
        """Hand nothing more to the client; wait for what is under way."""
        if self.ended is None:
            self.ended = why
            self._scope.deadline = anyio.current_time() + _GRACE_SECONDS

    def abandon(self) -> None:
        """End at once. Answers under way are lost, and the part file says of what."""
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
                    self.ended = f"the budget of {self.budget:,} credits is used up"
                    return
                await self._round(questions[place : place + count])
                place += count

    def _affordable(self) -> int:
        """How many companies the rest of the budget can pay at the worst price."""
        if self.budget is None or self.price is None or self.price.each == 0:
            return 1 << 62
        return max(self.budget - self.spent - self.at_risk, 0) // self.price.each

    async def _round(self, questions: Sequence[Question]) -> None:
        handed: list[Question] = []

        def inputs() -> Iterator[Mapping[str, str]]:
            for question in questions:
                if self.ended is not None or not self._note(question):
                    return
                handed.append(question)
                yield question.query

        try:
            async for outcome in self.client.companies.search_and_enrich_many(
                inputs(), reveal=self.reveal, ordered=False
            ):
                self._take(handed[outcome.index], outcome)
        except LushaError as error:
            self.end(str(error))

    def _note(self, question: Question) -> bool:
        try:
            self.part.asking(question)
        except OSError as error:
            self._disk_failed(error)
            return False
        return True

    def _take(self, question: Question, outcome: Outcome[Any, Any]) -> None:
        try:
            if isinstance(outcome.error, _ENDS_THE_RUN):
                self.part.unsent(question)
                self.end(str(outcome.error))
                return
            self._count(outcome)
            self.part.add(question, _answer(outcome))
        except OSError as error:
            self.unkept += 1
            self._disk_failed(error)
        self.answered += 1
        self.tell(self)

    def _count(self, outcome: Outcome[Any, Any]) -> None:
        if outcome.credits is not None:
            self.spent += outcome.credits
        elif self.price is not None:
            self.at_risk += self.price.each

    def _disk_failed(self, error: OSError) -> None:
        self.end(f'"{self.part.path}" cannot be written: {error.strerror or error}')


def _answer(outcome: Outcome[Any, Any]) -> Answer:
    return Answer(
        status=str(outcome.status),
        reason=None if outcome.error is None else str(outcome.error),
        credits=outcome.credits,
        company=None if outcome.value is None else converter.unstructure(outcome.value),
    )
