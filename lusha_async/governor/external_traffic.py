"""What other programs of the same account send, told by usage that is not ours. Pure.

The growth of a window's usage beyond our own requests gives a rate. Between one answer and the next request others
may have sent more; so much room is kept as they send in that time with good odds (mean and three deviations).

A rate is worth what it was seen for: twelve requests within a moment are a burst, and nothing tells that it goes on.
So no more is expected of a silence than was seen before it. Counts are requests, times are seconds, rates requests a
second.
"""

import math

from attrs import define

__all__ = ["ExternalTraffic"]

_NEGLIGIBLE = 0.005
"""Expected requests of others below which no room is kept."""
_MOMENT = 10
"""Times that a silence has to be longer than they were watched, so that what was seen tells nothing of it."""


@define
class ExternalTraffic:
    """The others' traffic as one plan window shows it. Past windows count half as much with each new one."""

    _since: float = math.nan
    _base: int = 0
    _seen: int = 0
    _past_seen: float = 0.0
    _past_seconds: float = 0.0
    _now: float = 0.0

    def begin(self, now: float, *, known: bool) -> None:
        """A new window begins; `known`: at this moment, with nothing used."""
        if not math.isnan(self._since):
            self._past_seen = (self._past_seen + self._seen - self._base) / 2
            self._past_seconds = (self._past_seconds + self._now - self._since) / 2
        self._since = now if known else math.nan
        self._base = self._seen = 0
        self._now = now

    def see(self, used: int, now: float) -> None:
        """At least `used` requests of this window were not ours."""
        self._now = now
        if math.isnan(self._since):
            self._since, self._base, self._seen = now, used, used
        self._seen = max(self._seen, used)

    @property
    def seen(self) -> bool:
        """Whether there are any."""
        return self._seen > self._base or self._past_seen > 0

    @property
    def rate(self) -> float:
        """Requests a second while they were watched, 0 until a difference was seen."""
        seen, seconds = self._watched()
        return seen / seconds if seconds > 0 else 0.0

    def _watched(self) -> tuple[float, float]:
        """How many they sent in how many seconds."""
        seen, seconds = self._past_seen, self._past_seconds
        if not math.isnan(self._since):
            seen += self._seen - self._base
            seconds += self._now - self._since
        return seen, seconds

    def expected(self, since_told: float) -> float:
        """What others have sent, on average, since the last news, which is `since_told` seconds old."""
        seen, seconds = self._watched()
        return seen if since_told >= seconds else seen * since_told / seconds

    def room(self, since_told: float) -> int:
        """Requests to leave to others, when the last news is `since_told` seconds old."""
        expected = self.expected(since_told)
        return math.ceil(expected + 3 * math.sqrt(expected)) if expected > _NEGLIGIBLE else 0

    def may_have_left(self, left: int, since_told: float) -> bool:
        """Whether some of `left` are probably there still, or nobody can tell: others were seen for a moment only."""
        _, seconds = self._watched()
        return self.expected(since_told) < left / 2 or seconds < since_told / _MOMENT
