"""How many repeats all calls of a client may send together, so that a sick server gets no storm. Pure.

A bound for each call alone lets a thousand calls send four thousand requests to a server that is down. So repeats
are paid from one account that only successes, and slowly the time, fill again: as in gRPC's retry throttling and
the AWS SDKs. First attempts are never held back by it, and 429s are the governor's and cost nothing here.
"""

from typing import Self

from attrs import evolve, field, frozen

from .bounds import number

__all__ = ["Repeats", "RetryBudget"]


@frozen(kw_only=True)
class RetryBudget:
    """Repeats that a client and all its views may send beside first attempts: `most` at once, to begin with.

    Each answered call earns `earned` of a repeat and each second `per_second`, up to `most`. When none is left, a
    failure is raised at once, with a note that says so. `most=math.inf` lifts the bound. Raises `ConfigurationError`.
    """

    most: float = field(default=50.0, validator=number(least=0))
    earned: float = field(default=0.1, validator=number(least=0))
    per_second: float = field(default=0.2, validator=number(least=0))


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
