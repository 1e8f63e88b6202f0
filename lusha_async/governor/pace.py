"""How many requests may *arrive* in any second, when only their answers tell when they arrived. Pure.

A server that counts a sliding second sees arrivals; a client knows when it sent. The delay on the way varies,
and every limiter that counts sends alone pays for that: it either leaves a wide margin or is refused. Here each
of the limit's N places is used again only when its last request must have left the server's second:

    free again = sent + period + min(lateness, cap) + floor
    lateness   = round trip - shortest round trip of that operation

For if p arrived at a(p) and its answer came at r(p), then a(p) <= r(p) - shortest way back, and its successor
arrives no sooner than its sending + shortest way out. Both shortest ways together are the shortest round trip, so
`lateness` is all that can go wrong between them, and what was not late costs nothing. Consecutive arrivals in a
place are then at least a period apart, hence no period holds more than N, however it is counted: sliding, fixed
or as a bucket.

Lateness may also be the vendor's own working time, which is no danger. So `cap` bounds what is spent on it: the
mean of min(lateness, cap) stays within a budget of milliseconds. The budget begins small, grows with each refusal
by the second and shrinks slowly without one. A refusal that no capped lateness explains raises `floor` instead.
A refused request keeps its place like any other: whether it was counted is not known.

All times and durations are seconds.
"""

import math
from collections import deque

from attrs import define, field

__all__ = ["Pace", "cap_for"]

_SAMPLES = 100
"""Answers whose lateness is remembered, and the most after which the cap is computed anew."""
_TRUSTED = 25
"""Answers of an operation before its shortest round trip is believed: the first ones open connections."""
_FIRST_BUDGET = 0.04
"""Seconds for each request to begin with, given up quickly unless a refusal comes."""
_FORGET = 300.0
"""Seconds after which a shortest round trip is measured afresh: routes change."""


def cap_for(budget: float, lateness: list[float]) -> float:
    """The largest cap at which the mean of min(lateness, cap) stays within `budget`; inf if all fit."""
    rest = budget * len(lateness)
    for number, late in enumerate(sorted(lateness)):
        others = len(lateness) - number
        if late * others > rest:
            return rest / others
        rest -= late
    return math.inf


@define
class _Shortest:
    """The shortest round trip of the present and the previous `_FORGET` seconds."""

    since: float
    count: int = 0
    mean: float = 0.0
    now: float = math.inf
    before: float = math.inf

    def see(self, at: float, trip: float) -> None:
        if at - self.since > _FORGET:
            self.since, self.before, self.now = at, self.now, math.inf
        self.count += 1
        self.mean += (trip - self.mean) / min(self.count, _SAMPLES)
        self.now = min(self.now, trip)

    @property
    def trip(self) -> float:
        """The least of n samples is about mean / n above the least possible: five times that is taken off."""
        least = min(self.now, self.before)
        if self.count <= _TRUSTED:
            return 0.0
        return max(0.0, least - 5 * (self.mean - least) / self.count)


@define
class Pace:
    """`limit` places, each free again a period after its request arrived.

    `least` and `most` bound the budget for lateness, in seconds for each request.
    """

    limit: int
    period: float
    least: float = 0.005
    most: float = 0.25
    budget: float = field(init=False)
    cap: float = field(init=False)
    _latest: float = field(init=False)  # what is kept for a request that has no answer yet
    floor: float = field(default=0.0, init=False)
    free_at: list[float] = field(init=False)
    _left_at: list[float] = field(init=False)  # when each place's last request was sent
    _lateness: deque[float] = field(factory=lambda: deque[float](maxlen=_SAMPLES), init=False)
    _shortest: dict[str, _Shortest] = field(factory=dict[str, _Shortest], init=False)
    _answers: int = field(default=0, init=False)
    _refused_at: float = field(default=-math.inf, init=False)
    _calms: float = field(default=0.01, init=False)  # the budget's share given up with each answer

    def __attrs_post_init__(self) -> None:
        self.budget = max(self.least, _FIRST_BUDGET)
        self.cap = self._latest = self.period
        self.free_at = [-math.inf] * self.limit
        self._left_at = [-math.inf] * self.limit

    def next_free(self) -> float:
        """When a place is free; inf when all are taken by requests not yet sent."""
        return min(self.free_at)

    def nth_free(self, number: int) -> float:
        """About when the `number`-th request from now has a place."""
        rounds, place = divmod(number - 1, self.limit)
        return sorted(self.free_at)[place] + rounds * self.period

    @property
    def margin(self) -> float:
        """Seconds that a place lies idle beyond its period, on average."""
        spent = [min(late, self.cap) for late in self._lateness]
        return (sum(spent) / len(spent) if spent else 0.0) + self.floor

    def take(self) -> tuple[int, float]:
        """Take the place that has been free longest: its number, and what `give_back` needs."""
        was = min(self.free_at)
        place = self.free_at.index(was)
        self.free_at[place] = math.inf
        return place, was

    def give_back(self, place: int, was: float) -> None:
        """The request was never sent."""
        self.free_at[place] = was

    def sent(self, place: int, now: float) -> None:
        """The request leaves now; until its answer comes it may be as late as the latest have been of late."""
        self._left_at[place] = now
        self.free_at[place] = now + self.period + self._latest + self.floor

    def holds(self, place: int, sent: float) -> bool:
        """Whether the request that left at `sent` is still the last one that had the place."""
        return self._left_at[place] == sent

    def answered(self, place: int, sent: float, now: float, kind: str) -> None:
        """The answer came; `kind` is the operation, whose shortest round trip it may be."""
        trip = now - sent
        shortest = self._shortest.get(kind)
        if shortest is None:
            shortest = self._shortest[kind] = _Shortest(now)
        shortest.see(now, trip)
        late = trip - shortest.trip
        free = sent + self.period + min(late, self.cap) + self.floor
        if self._left_at[place] == sent and self.free_at[place] < math.inf:  # else a later request has the place
            self.free_at[place] = free
        if shortest.count > _TRUSTED:
            self._lateness.append(late)
        self._adapt()

    def _adapt(self) -> None:
        self._answers += 1
        self.budget = max(self.least, self.budget * (1 - self._calms))
        self.floor *= 1 - 1 / 3000
        if self._answers % 20 == 0 and self._lateness:
            self._set_cap()

    def _set_cap(self) -> None:
        self.cap = min(self.period, cap_for(self.budget, list(self._lateness)))
        # Answers that take longer than a period must not hold their places: the vendor works that long on them.
        self._latest = min(self.cap, max(self._lateness) + self.budget)

    def exhausted(self, until: float) -> None:
        """A refusal told that all places are taken until then."""
        self.free_at = [max(until, at) for at in self.free_at]

    def refused(self, now: float) -> None:
        """A request was refused for the second: leave more room. One volley counts once."""
        if now - self._refused_at < self.period / 5:
            return
        self._refused_at = now
        self._calms = 1 / 3000
        if self.budget >= self.most or (self.cap >= self.period and self._answers > _TRUSTED):
            self.floor = min(self.period * 9, max(0.01, self.floor * 2))
        self.budget = min(self.most, max(self.budget * 2, 0.04))
        if self._lateness:
            self._set_cap()
