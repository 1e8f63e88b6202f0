"""Rules that limit the requests in a period. Pure: `now` is an argument, in seconds.

The vendor publishes a number and not how it counts, so a client should keep the strictest rule.
"""

import math
from collections import deque
from collections.abc import Callable
from typing import Protocol

from attrs import define, field

__all__ = ["RULES", "Rule", "rule_for"]


class Rule(Protocol):
    """A limit of requests in a period."""

    def admits(self, now: float) -> bool:
        """Whether a request is within the limit now."""
        ...

    def count(self, now: float) -> None:
        """Count a request."""
        ...


@define
class Sliding:
    """A sliding window: no period, whenever it starts, holds more than the limit. The strictest rule."""

    limit: int
    period: float
    _times: deque[float] = field(factory=deque[float], init=False)

    def admits(self, now: float) -> bool:
        """See `Rule.admits`."""
        while self._times and self._times[0] <= now - self.period:
            self._times.popleft()
        return len(self._times) < self.limit

    def count(self, now: float) -> None:
        """See `Rule.count`."""
        self._times.append(now)


@define
class Fixed:
    """Fixed windows, each starting with the first request after the previous one."""

    limit: int
    period: float
    _start: float = field(default=-math.inf, init=False)
    _used: int = field(default=0, init=False)

    def admits(self, now: float) -> bool:
        """See `Rule.admits`."""
        if now - self._start >= self.period:
            self._start, self._used = -math.inf, 0
        return self._used < self.limit

    def count(self, now: float) -> None:
        """See `Rule.count`."""
        if self.admits(now) and self._used == 0:
            self._start = now
        self._used += 1


@define
class Bucket:
    """A token bucket of the limit's size: admits a full burst, then the average rate."""

    limit: int
    period: float
    _level: float = field(default=0.0, init=False)
    _updated: float = field(default=-math.inf, init=False)

    def admits(self, now: float) -> bool:
        """See `Rule.admits`."""
        if now > self._updated:
            drained = 0.0 if math.isinf(self._updated) else self._level
            drained -= 0.0 if math.isinf(self._updated) else (now - self._updated) * self.limit / self.period
            self._level, self._updated = max(0.0, drained), now
        return self._level + 1 <= self.limit + 1e-9

    def count(self, now: float) -> None:
        """See `Rule.count`."""
        self.admits(now)
        self._level += 1


@define
class Unlimited:
    """No limit."""

    def admits(self, now: float) -> bool:
        """See `Rule.admits`."""
        return True

    def count(self, now: float) -> None:
        """See `Rule.count`."""


RULES = ("sliding", "fixed", "bucket", "off")
"""The rules for the requests of a second."""


def rule_for(name: str, limit: int, period: float) -> Rule:
    """A rule by its name in `RULES`."""
    if name == "off":
        return Unlimited()
    kinds: dict[str, Callable[[int, float], Rule]] = {"sliding": Sliding, "fixed": Fixed, "bucket": Bucket}
    return kinds[name](limit, period)
