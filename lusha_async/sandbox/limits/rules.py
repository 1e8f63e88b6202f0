"""Ways to count so many requests in a period. Pure: `now` is given, in seconds.

The vendor tells a number and not how it is counted, so a client should keep the strictest.
"""

import math
from collections import deque
from collections.abc import Callable
from typing import Protocol

from attrs import define, field

__all__ = ["RULES", "Rule", "rule_for"]


class Rule(Protocol):
    """A way to count so many requests in a period."""

    def admits(self, now: float) -> bool:
        """Whether one more request may come now."""
        ...

    def count(self, now: float) -> None:
        """Take note of a request."""
        ...

    def opens_in(self, now: float) -> float:
        """Seconds until a request may come."""
        ...


@define
class Sliding:
    """No period, wherever it begins, ever holds more than the limit: the strictest reading."""

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

    def opens_in(self, now: float) -> float:
        """See `Rule.opens_in`."""
        return 0.0 if self.admits(now) else self._times[0] + self.period - now


@define
class Fixed:
    """Periods follow one another, each beginning with the first request after the one before."""

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

    def opens_in(self, now: float) -> float:
        """See `Rule.opens_in`."""
        return 0.0 if self.admits(now) else self._start + self.period - now


@define
class Bucket:
    """A bucket of the limit's size that refills evenly: lets a full burst and then the even rate through."""

    limit: int
    period: float
    _level: float = field(default=0.0, init=False)
    _seen: float = field(default=-math.inf, init=False)

    def admits(self, now: float) -> bool:
        """See `Rule.admits`."""
        if now > self._seen:
            drained = 0.0 if math.isinf(self._seen) else self._level
            drained -= 0.0 if math.isinf(self._seen) else (now - self._seen) * self.limit / self.period
            self._level, self._seen = max(0.0, drained), now
        return self._level + 1 <= self.limit + 1e-9

    def count(self, now: float) -> None:
        """See `Rule.count`."""
        self.admits(now)
        self._level += 1

    def opens_in(self, now: float) -> float:
        """See `Rule.opens_in`."""
        return 0.0 if self.admits(now) else (self._level + 1 - self.limit) * self.period / self.limit


@define
class Unlimited:
    """Lets everything through."""

    def admits(self, now: float) -> bool:
        """See `Rule.admits`."""
        return True

    def count(self, now: float) -> None:
        """See `Rule.count`."""

    def opens_in(self, now: float) -> float:
        """See `Rule.opens_in`."""
        return 0.0


RULES = ("sliding", "fixed", "bucket", "off")
"""How the requests of a second may be counted."""


def rule_for(name: str, limit: int, period: float) -> Rule:
    """The rule of that name (one of `RULES`)."""
    if name == "off":
        return Unlimited()
    kinds: dict[str, Callable[[int, float], Rule]] = {"sliding": Sliding, "fixed": Fixed, "bucket": Bucket}
    return kinds[name](limit, period)
