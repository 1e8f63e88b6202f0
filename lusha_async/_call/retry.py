"""Whether, and after how many seconds, a failed attempt is repeated. Pure.

There is no idempotency key: an attempt whose answer was lost may have been charged. It is repeated only where a repeat
is free (`Operation.repeatable`) or the vendor did not carry it out (not sent, 429), and never after an error that a
repeat would get again. Source: the vendor's billing and error code pages.
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

__all__ = ["GiveUp", "NO_RETRY", "RetryBudget", "RetryPolicy", "RetryTokens", "decide"]


@frozen(kw_only=True)
class RetryPolicy:
    """How often, and after what waits, one call is repeated.

    - `attempts`: the maximum number of requests sent for it, the first included.
    - `refusals`: the maximum number of 429s after which the call waits and is repeated. They cost nothing, do not
      count in `attempts`, and the governor decides the wait.
    - `seconds`: no repeat begins later than this after the call began. A repeat that would have to wait longer for
      its turn ends the call at once, with the error of the attempt before.
    - `base`, `cap`: seconds; the wait before repeat n is drawn evenly from 0 to min(`cap`, `base` * 2**(n-1)) (full
      jitter). A wait that the answer names (503) is respected up to `cap`.

    All calls of a client together are bounded by its `RetryBudget`. Raises `ConfigurationError` for an invalid value.
    """

    attempts: int = field(default=4, validator=count(1))
    refusals: int = field(default=10, validator=count(0))
    seconds: float = field(default=300.0, validator=number(min_=0))
    base: float = field(default=0.5, validator=number(above=0, below=inf))
    cap: float = field(default=30.0, validator=number(above=0, below=inf))


NO_RETRY = RetryPolicy(attempts=1, refusals=0)
"""A policy that never repeats a call."""

_TRANSIENT = (AnswerLostError, ServerTimeoutError, ServerError, UnreadableAnswerError)


class GiveUp(enum.Enum):
    """Why a failed attempt is not repeated."""

    FINAL = "a repeat would fail as well, or could pay or act twice"
    EXHAUSTED = "the attempts or the seconds of the policy are used up"
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
    tokens: float,
) -> float | GiveUp:
    """Seconds to wait before the next attempt, or why there is none.

    `failures` counts the attempts so far that failed other than by a 429, `refusals` the 429s, `elapsed` is the
    seconds since the call began, `draw` a random number from [0, 1), `tokens` the repeats that the retry budget of
    the client allows. A repeat after a 429 takes none.
    """
    if isinstance(error, RateLimitedError):
        return 0.0 if refusals <= policy.refusals and elapsed < policy.seconds else GiveUp.EXHAUSTED
    if not isinstance(error, NotSentError) and not (operation.repeatable and isinstance(error, _TRANSIENT)):
        return GiveUp.FINAL
    if isinstance(error, UnreadableAnswerError) and error.status is not None and 300 <= error.status < 400:
        return GiveUp.FINAL
    wait = draw * min(policy.cap, policy.base * 2.0 ** min(failures - 1, 30))
    retry_after: float | None = getattr(error, "retry_after", None)
    if retry_after is not None:
        wait = max(wait, min(retry_after, policy.cap))
    if failures >= policy.attempts or elapsed + wait > policy.seconds:
        return GiveUp.EXHAUSTED
    return wait if tokens >= 1.0 else GiveUp.BUDGET


@frozen(kw_only=True)
class RetryBudget:
    """How many repeats a client and all its views may send, so that a failing server is not flooded with them.

    A token bucket: it starts with `max_retries` tokens and never holds more; each repeat takes one, each successful
    call adds `per_success`, and each second `per_second`. When it is empty, a failure is raised at once, with a note
    that says so. `max_retries=math.inf` removes the limit. Raises `ConfigurationError` for an invalid value.
    """

    max_retries: float = field(default=50.0, validator=number(min_=0))
    per_success: float = field(default=0.1, validator=number(min_=0, below=inf))
    per_second: float = field(default=0.2, validator=number(min_=0, below=inf))


@frozen
class RetryTokens:
    """The state of a `RetryBudget`: `left` tokens at the time `at` (seconds), after `successes` calls.

    Immutable: each change returns a new state.
    """

    budget: RetryBudget
    left: float
    at: float = 0.0
    successes: int = 0

    @classmethod
    def full(cls, budget: RetryBudget) -> Self:
        """The state of a new client."""
        return cls(budget, budget.max_retries)

    def refilled(self, now: float, successes: int) -> Self:
        """The state at the time `now`, after `successes`. A clock that goes back adds nothing."""
        budget = self.budget
        added = budget.per_second * max(0.0, now - self.at) + budget.per_success * (successes - self.successes)
        return evolve(self, left=min(budget.max_retries, self.left + added), at=now, successes=successes)

    def taken(self) -> Self:
        """The state after one more repeat."""
        return evolve(self, left=max(0.0, self.left - 1.0))
