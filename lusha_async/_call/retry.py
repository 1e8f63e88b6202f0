"""Whether, and after how many seconds, a failed attempt is repeated. Pure.

There is no idempotency key: an attempt whose answer was lost may have been charged. It is repeated only
where a repeat is free (`Operation.repeatable`), where the vendor surely did not act (not sent, 429), and
never for an error that a repeat cannot mend. Source: the vendor's billing and error code pages.
"""

import enum
from math import inf
from typing import Self

from attrs import evolve, field, frozen

from .._validators import count, number
from ..errors import (
    AnswerLostError,
    LushaError,
    NotSentError,
    RateLimitedError,
    ServerError,
    ServerTimeoutError,
    UnreadableAnswerError,
)
from ..operations import Operation

__all__ = ["GiveUp", "NO_RETRY", "Repeats", "RetryBudget", "RetryPolicy", "decide"]


@frozen(kw_only=True)
class RetryPolicy:
    """How patient to be with one call.

    `attempts` bounds the requests sent for it, the first included; `refusals` how many 429s are waited out
    (they cost nothing; the governor makes the wait); `seconds` the time after which no repeat is begun.
    The wait before repeat n is drawn evenly from 0 to min(`cap`, `base` * 2**(n-1)) seconds (full jitter).
    The repeats of all calls of a client together are bounded by its `RetryBudget`. Raises `ConfigurationError`.
    """

    attempts: int = field(default=4, validator=count(1))
    refusals: int = field(default=10, validator=count(0))
    seconds: float = field(default=300.0, validator=number(min_=0))
    base: float = field(default=0.5, validator=number(above=0, below=inf))
    cap: float = field(default=30.0, validator=number(above=0, below=inf))


NO_RETRY = RetryPolicy(attempts=1, refusals=0)
"""Every failure is raised at once."""

_MENDS = (AnswerLostError, ServerTimeoutError, ServerError, UnreadableAnswerError)


class GiveUp(enum.Enum):
    """Why a failed attempt is not repeated."""

    FINAL = "a repeat cannot mend it, or could pay or act twice"
    PATIENCE = "the attempts or the seconds of the policy are used up"
    BUDGET = "the retry budget of the client is used up"


def decide(
    policy: RetryPolicy,
    operation: Operation,
    error: LushaError,
    *,
    failures: int,
    refusals: int,
    elapsed: float,
    draw: float,
    repeats: float,
) -> float | GiveUp:
    """Seconds to wait before the next attempt, or why there is none.

    `failures` counts the attempts that failed so far other than by 429, `refusals` the 429s, `elapsed` is
    seconds since the call began, `draw` a random number from [0, 1), `repeats` what is left of the client's
    budget: a repeat after a 429 needs nothing of it.
    """
    if isinstance(error, RateLimitedError):
        return 0.0 if refusals <= policy.refusals and elapsed < policy.seconds else GiveUp.PATIENCE
    if not isinstance(error, NotSentError) and not (operation.repeatable and isinstance(error, _MENDS)):
        return GiveUp.FINAL
    if isinstance(error, UnreadableAnswerError) and error.status is not None and 300 <= error.status < 400:
        return GiveUp.FINAL
    wait = draw * min(policy.cap, policy.base * 2.0 ** min(failures - 1, 30))
    asked: float | None = getattr(error, "retry_after", None)
    if asked is not None:
        wait = max(wait, min(asked, policy.cap))
    if failures >= policy.attempts or elapsed + wait > policy.seconds:
        return GiveUp.PATIENCE
    return wait if repeats >= 1.0 else GiveUp.BUDGET


@frozen(kw_only=True)
class RetryBudget:
    """Repeats that a client and all its views may send beside first attempts: `most` at once, to begin with.

    Each answered call earns `earned` of a repeat and each second `per_second`, up to `most`. When none is left, a
    failure is raised at once, with a note that says so. `most=math.inf` lifts the bound. Raises `ConfigurationError`.
    """

    most: float = field(default=50.0, validator=number(min_=0))
    earned: float = field(default=0.1, validator=number(min_=0))
    per_second: float = field(default=0.2, validator=number(min_=0))


@frozen
class Repeats:
    """How many repeats are `left` at the time `at` (seconds). Each change gives a new value."""

    budget: RetryBudget
    left: float
    at: float

    @classmethod
    def full(cls, budget: RetryBudget, now: float) -> Self:
        """The state of a new client."""
        return cls(budget, budget.most, now)

    def by(self, now: float) -> Self:
        """The same after the time until `now`; a clock that goes back changes nothing."""
        seconds = max(0.0, now - self.at)
        return evolve(self, left=min(self.budget.most, self.left + self.budget.per_second * seconds), at=now)

    def earned(self) -> Self:
        """After one more call was answered."""
        return evolve(self, left=min(self.budget.most, self.left + self.budget.earned))

    def spent(self) -> Self:
        """After one more repeat was decided on."""
        return evolve(self, left=max(0.0, self.left - 1.0))
