"""What other programs of the same account send, told by usage that is not ours. Pure.

The growth of a window's usage beyond our own requests gives a rate. Between one answer and the next request others
may have sent more; so much room is kept as they send in that time with good odds (mean and three deviations).
Counts are requests, times and rates are per second.
"""

import math

from attrs import define

__all__ = ["Foreign"]

_NEGLIGIBLE = 0.005
"""Expected requests of others below which no room is kept."""


@define
class Foreign:
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
    def rate(self) -> float:
        """Requests a second, 0 until a difference was seen."""
        seconds, seen = self._past_seconds, self._past_seen
        if not math.isnan(self._since):
            seconds += self._now - self._since
            seen += self._seen - self._base
        return seen / seconds if seconds > 0 else 0.0

    def room(self, since_told: float) -> int:
        """Requests to leave to others, when the last news is `since_told` seconds old."""
        expected = self.rate * since_told
        return math.ceil(expected + 3 * math.sqrt(expected)) if expected > _NEGLIGIBLE else 0
