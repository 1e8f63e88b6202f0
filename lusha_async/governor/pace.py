"""Paces requests by their arrival at the server, inferred from when their answers arrive. Pure.

A server that counts a sliding second sees arrivals; a client knows when it sent. The delay on the way varies, and a
limiter that counts sends alone either leaves a wide margin or is refused. Here each of the limit's N slots is used
again only when its last request must have left the server's second:

    free again = sent + period + min(lateness, cap) + floor
    lateness   = round trip - shortest round trip of that operation

For if request p arrived at a(p) and its answer at r(p), then a(p) <= r(p) - shortest way back, and its successor
arrives no sooner than it is sent + shortest way out. Both shortest ways together are the shortest round trip, so
`lateness` bounds the error, and a request that was not late costs nothing. Consecutive arrivals of a slot are then
at least a period apart, hence no period holds more than N, however it is counted: sliding, fixed or as a bucket.

Lateness may also be the vendor's own processing time, which is harmless. So `cap` bounds what is spent on it: the
mean of min(lateness, cap) stays within a budget of milliseconds. The budget starts small, grows with each refusal
by the second and shrinks slowly without one. A refusal that capped lateness does not explain raises `floor` instead.
A refused request keeps its slot like any other: whether the server counted it is not known.

All times and durations are seconds.
"""

import math
from collections import deque

from attrs import define, field

__all__ = ["Pace", "cap_for"]

_SAMPLES = 100
"""Answers whose lateness and mean round trip are remembered."""
_TRUSTED = 25
"""Answers of an operation before its shortest round trip is used: the first ones open connections."""
_FIRST_BUDGET = 0.04
"""The initial budget in seconds per request; it shrinks quickly until the first refusal."""
_TRIP_SECONDS = 300.0
"""Seconds after which a shortest round trip is measured again: routes change."""


def cap_for(budget: float, lateness: list[float]) -> float:
    """The largest cap at which the mean of min(lateness, cap) stays within `budget`; inf if all fit."""
    remaining = budget * len(lateness)
    for number, late in enumerate(sorted(lateness)):
        others = len(lateness) - number
        if late * others > remaining:
            return remaining / others
        remaining -= late
    return math.inf


@define
class _Shortest:
    """The shortest round trip of the current and the previous `_TRIP_SECONDS` seconds."""

    since: float
    count: int = 0
    mean: float = 0.0
    current: float = math.inf
    previous: float = math.inf

    def observe(self, at: float, trip: float) -> None:
        if at - self.since > _TRIP_SECONDS:
            self.since, self.previous, self.current = at, self.current, math.inf
        self.count += 1
        self.mean += (trip - self.mean) / min(self.count, _SAMPLES)
        self.current = min(self.current, trip)

    @property
    def trip(self) -> float:
        """A lower bound: the shortest of n samples is about mean / n too long; five times that is subtracted."""
        shortest = min(self.current, self.previous)
        if self.count <= _TRUSTED:
            return 0.0
        return max(0.0, shortest - 5 * (self.mean - shortest) / self.count)


@define
class Pace:
    """`limit` slots, each free again a period after its last request arrived.

    `min_budget` and `max_budget` bound the budget for lateness, in seconds per request.
    """

    limit: int
    period: float
    min_budget: float = 0.005
    max_budget: float = 0.25
    budget: float = field(init=False)
    cap: float = field(init=False)
    _pending: float = field(init=False)  # the lateness assumed for a request without an answer
    floor: float = field(default=0.0, init=False)
    free_at: list[float] = field(init=False)
    _sent_at: list[float] = field(init=False)  # when each slot's last request was sent
    _lateness: deque[float] = field(factory=lambda: deque[float](maxlen=_SAMPLES), init=False)
    _shortest: dict[str, _Shortest] = field(factory=dict[str, _Shortest], init=False)
    _answers: int = field(default=0, init=False)
    _refused_at: float = field(default=-math.inf, init=False)
    _decay: float = field(default=0.01, init=False)  # the share by which each answer shrinks the budget

    def __attrs_post_init__(self) -> None:
        self.budget = max(self.min_budget, _FIRST_BUDGET)
        self.cap = self._pending = self.period
        self.free_at = [-math.inf] * self.limit
        self._sent_at = [-math.inf] * self.limit

    def next_free(self) -> float:
        """When a slot is free; inf if all are taken by requests not yet sent."""
        return min(self.free_at)

    def nth_free(self, number: int) -> float:
        """About when the `number`-th request from now has a slot."""
        rounds, slot = divmod(number - 1, self.limit)
        return sorted(self.free_at)[slot] + rounds * self.period

    @property
    def margin(self) -> float:
        """Seconds for which a slot is idle beyond its period, on average."""
        spent = [min(late, self.cap) for late in self._lateness]
        return (sum(spent) / len(spent) if spent else 0.0) + self.floor

    def take(self) -> tuple[int, float]:
        """Take the slot that has been free longest: its index, and what `release` needs."""
        was = min(self.free_at)
        slot = self.free_at.index(was)
        self.free_at[slot] = math.inf
        return slot, was

    def release(self, slot: int, was: float) -> None:
        """The request was not sent."""
        self.free_at[slot] = was

    def sent(self, slot: int, now: float) -> None:
        """The request is sent now; until it is answered, it is assumed as late as the latest of recent answers."""
        self._sent_at[slot] = now
        self.free_at[slot] = now + self.period + self._pending + self.floor

    def holds(self, slot: int, sent: float) -> bool:
        """Whether the request sent at `sent` is still the last one of the slot."""
        return self._sent_at[slot] == sent

    def answered(self, slot: int, sent: float, now: float, operation: str) -> None:
        """The answer of `operation` arrived."""
        trip = now - sent
        shortest = self._shortest.get(operation)
        if shortest is None:
            shortest = self._shortest[operation] = _Shortest(now)
        shortest.observe(now, trip)
        late = trip - shortest.trip
        free = sent + self.period + min(late, self.cap) + self.floor
        if self._sent_at[slot] == sent and self.free_at[slot] < math.inf:  # else a later request has the slot
            self.free_at[slot] = free
        if shortest.count > _TRUSTED:
            self._lateness.append(late)
        self._adapt()

    def _adapt(self) -> None:
        self._answers += 1
        self.budget = max(self.min_budget, self.budget * (1 - self._decay))
        self.floor *= 1 - 1 / 3000
        if self._answers % 20 == 0 and self._lateness:
            self._set_cap()

    def _set_cap(self) -> None:
        self.cap = min(self.period, cap_for(self.budget, list(self._lateness)))
        # Answers that take longer than a period must not hold their slots: the vendor processes them that long.
        self._pending = min(self.cap, max(self._lateness) + self.budget)

    def exhausted(self, until: float) -> None:
        """A refusal reported that no slot is free until `until`."""
        self.free_at = [max(until, at) for at in self.free_at]

    def refused(self, now: float) -> None:
        """A request was refused for the second: widen the margin. Refusals within a fifth of a period count once."""
        if now - self._refused_at < self.period / 5:
            return
        self._refused_at = now
        self._decay = 1 / 3000
        if self.budget >= self.max_budget or (self.cap >= self.period and self._answers > _TRUSTED):
            self.floor = min(self.period * 9, max(0.01, self.floor * 2))
        self.budget = min(self.max_budget, max(self.budget * 2, 0.04))
        if self._lateness:
            self._set_cap()
