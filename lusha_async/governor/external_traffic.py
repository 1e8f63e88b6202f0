"""What other programs send on the same account, inferred from usage that is not ours. Pure.

The growth of a window's usage beyond our own requests gives a rate. Between the last answer and our next request
others may have sent more; as many requests are kept for them as they send in that time with high probability (mean
plus three standard deviations).

A rate is only as good as the time over which it was observed: twelve requests within a moment are a burst, which need
not continue. So after a silence no more is expected than was observed before it. Counts are requests, times are
seconds, rates are requests per second.
"""

import math

from attrs import define

from .config import Instant

__all__ = ["ExternalTraffic"]

_NEGLIGIBLE = 0.005
"""Expected external requests below which none are kept."""
_STALE = 10
"""An observation says nothing about a silence that is this many times longer than itself."""


@define
class ExternalTraffic:
    """External traffic as one plan window shows it. Each new window halves the weight of the past ones."""

    _since: Instant = math.nan
    _first: int = 0
    _count: int = 0
    _past_count: float = 0.0
    _past_seconds: float = 0.0
    _now: Instant = 0.0

    def start_window(self, now: float, *, known: bool) -> None:
        """A new window has begun; `known`: exactly now, with nothing used."""
        if not math.isnan(self._since):
            self._past_count = (self._past_count + self._count - self._first) / 2
            self._past_seconds = (self._past_seconds + self._now - self._since) / 2
        self._since = now if known else math.nan
        self._first = self._count = 0
        self._now = now

    def observe(self, used: int, now: float) -> None:
        """At least `used` requests of this window were not ours."""
        self._now = now
        if math.isnan(self._since):
            self._since, self._first, self._count = now, used, used
        self._count = max(self._count, used)

    @property
    def observed(self) -> bool:
        """Whether any external request was observed."""
        return self._count > self._first or self._past_count > 0

    @property
    def rate(self) -> float:
        """Requests per second over the time of observation; 0 before a difference was observed."""
        count, seconds = self._observation()
        return count / seconds if seconds > 0 else 0.0

    def _observation(self) -> tuple[float, float]:
        """External requests, and the seconds in which they were sent."""
        count, seconds = self._past_count, self._past_seconds
        if not math.isnan(self._since):
            count += self._count - self._first
            seconds += self._now - self._since
        return count, seconds

    def expected(self, age: float) -> float:
        """The mean number of external requests since the last report, which is `age` seconds old."""
        count, seconds = self._observation()
        return count if age >= seconds else count * age / seconds

    def allowance(self, age: float) -> int:
        """Requests to keep for others when the last report is `age` seconds old."""
        expected = self.expected(age)
        return math.ceil(expected + 3 * math.sqrt(expected)) if expected > _NEGLIGIBLE else 0

    def may_have_left(self, left: int, age: float) -> bool:
        """Whether some of `left` are probably still there, or the observation is too short to decide."""
        _, seconds = self._observation()
        return self.expected(age) < left / 2 or seconds < age / _STALE
