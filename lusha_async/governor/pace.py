"""Paces requests by their arrival at the server, inferred from when their answers arrive. Pure.

A server that counts a sliding second sees arrivals; a client knows when it sent. The delay on the way varies, and a
limiter that counts sends alone either leaves a wide margin or is refused. Here each of the limit's N slots is used
again only when its last request must have left the server's second:

    free again = sent + period + hold
    hold       = lateness               where lateness > far
               = min(lateness, cap)     otherwise; without an answer, as late as the latest of recent ones
    lateness   = round trip - shortest round trip of that operation

For if request p arrived at a(p) and its answer at r(p), then a(p) <= r(p) - shortest way back, and its successor
arrives no sooner than it is sent + shortest way out. Both shortest ways together are the shortest round trip, so
`lateness` bounds the error, and a request that was not late costs nothing. Consecutive arrivals of a slot are then
at least a period apart, hence no period holds more than N, however it is counted: sliding, fixed or as a bucket.

Lateness is also how long the vendor works for an answer, which is harmless. So a budget in milliseconds a request
bounds what is spent on it: `cap` spends it on all requests, `far` as much again on the few that were much later than
most. The budget grows with each refusal and shrinks with each answer. What it cannot cure is the `capacity`'s.

A refused request took no work: it says nothing of its operation's shortest round trip, and had arrived when its
answer did. It keeps its slot like any other: whether the server counted it is not known.

All times and durations are seconds.
"""

import math
from collections import deque

from attrs import define, field

from .capacity import Capacity
from .config import Instant

__all__ = ["Pace", "cap_for", "far_for"]

_SAMPLES = 200
"""Answers whose lateness is remembered."""
_TRUSTED = 25
"""Answers of an operation before its shortest round trip is used: the first ones open connections."""
_EVERY = 20
"""Answers between two computations of `cap` and `far`."""
_FIRST_BUDGET, _MIN_BUDGET, _MAX_BUDGET = 0.04, 0.002, 0.07
"""Seconds a request."""
_STEP = 0.01
"""Seconds that a refusal adds to the budget."""
_DESCENT, _DECAY = 0.01, 0.0004
"""The share by which each answer shrinks the budget: before the first refusal, and after it."""
_SPENT = 0.9
"""The share of the largest budget from which more of it is no cure."""
_FENCE = 0.03
"""Seconds by which an answer must be later than three quarters of the others to be `far`."""
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


def far_for(budget: float, lateness: list[float]) -> float:
    """The least lateness above which all, spread over everybody, stays within `budget`; never below the fence."""
    order = sorted(lateness)
    fence = order[3 * len(order) // 4] + _FENCE
    remaining = budget * len(order)
    for late in reversed(order):
        remaining -= late
        if late <= fence or remaining < 0:
            return max(late, fence)
    return fence


@define
class _Shortest:
    """The shortest round trip of the current and the previous `_TRIP_SECONDS` seconds."""

    since: Instant
    count: int = 0
    current: float = math.inf
    previous: float = math.inf

    def observe(self, at: float, trip: float) -> None:
        if at - self.since > _TRIP_SECONDS:
            self.since, self.previous, self.current = at, self.current, math.inf
        self.count += 1
        self.current = min(self.current, trip)


@define
class Pace:
    """`limit` slots, each free again a period after its last request arrived; `capacity.slots` of them are used.

    `min_budget` and `max_budget` bound the budget for lateness, in seconds per request. `margin`: the seconds for
    which a slot is idle beyond its period, on average.
    """

    limit: int
    period: float
    min_budget: float = _MIN_BUDGET
    max_budget: float = _MAX_BUDGET
    budget: float = field(init=False)
    cap: float = field(init=False)
    far: float = field(default=math.inf, init=False)
    margin: float = field(default=0.0, init=False)
    capacity: Capacity = field(init=False)
    free_at: list[Instant] = field(init=False)
    _pending: float = field(init=False)  # the lateness assumed while there is no answer
    _numbers: list[int] = field(init=False)  # of the last request of each slot
    _lateness: deque[float] = field(factory=lambda: deque[float](maxlen=_SAMPLES), init=False)
    _shortest: dict[str, _Shortest] = field(factory=dict[str, _Shortest], init=False)
    _answers: int = field(default=0, init=False)
    _decay: float = field(default=_DESCENT, init=False)

    def __attrs_post_init__(self) -> None:
        self.capacity = Capacity(self.limit, self.period)
        self.budget = max(self.min_budget, _FIRST_BUDGET)
        self.cap = self._pending = self.period
        self.free_at = [-math.inf] * self.limit
        self._numbers = list(range(self.limit))

    def next_free(self) -> float:
        """When a slot is free; inf if all are taken by requests not yet sent."""
        idle = self.limit - self.capacity.slots
        return sorted(self.free_at)[idle] if idle else min(self.free_at)

    def nth_free(self, number: int) -> float:
        """About when the `number`-th request from now has a slot."""
        rounds, place = divmod(number - 1, self.capacity.slots)
        return sorted(self.free_at)[self.limit - self.capacity.slots + place] + rounds * self.period

    @property
    def rate(self) -> float:
        """Requests a second in the long run."""
        return self.capacity.slots / (self.period + self.margin)

    def take(self, ahead: int = 0, latest: float = math.inf) -> tuple[int, float]:
        """Take the slot that has been free longest but for `ahead` others: its number, and what `release` needs.

        The number is the slot's own plus a multiple of `limit`, another one each time. Without a word of its request
        the slot is given away as if that was sent at `latest`.
        """
        was = sorted(self.free_at)[self.limit - self.capacity.slots + ahead] if ahead else min(self.free_at)
        slot = self.free_at.index(was)
        self.free_at[slot] = latest + self.period + self._pending
        self._numbers[slot] += self.limit
        return self._numbers[slot], was

    def release(self, number: int, was: float) -> None:
        """The request was not sent."""
        slot = number % self.limit
        if self._numbers[slot] == number:
            self.free_at[slot] = was

    def sent(self, number: int, now: float) -> None:
        """The request is sent now; until it is answered, it is assumed as late as the latest of recent answers."""
        self.capacity.sent(now)
        slot = number % self.limit
        if self._numbers[slot] != number:  # it was given away: this request is in the place of the next one
            slot = self.free_at.index(min(self.free_at))
        self.free_at[slot] = now + self.period + self._pending

    def leaves(self, number: int, sent: float, now: float) -> bool:
        """The request sent at `sent` leaves only now. False if the slot is another request's by now."""
        if self._numbers[number % self.limit] != number:
            return False
        self.capacity.withdraw(sent)
        self.sent(number, now)
        return True

    def answered(self, number: int, sent: float, now: float, operation: str | None) -> None:
        """The answer of `operation` arrived, or a refusal: None."""
        hold = now - sent
        if operation is not None:
            late = self._late(now, hold, operation)
            hold = late if late > self.far else min(late, self.cap)
        slot = number % self.limit
        if self._numbers[slot] == number:  # else a later request has the slot
            self.free_at[slot] = sent + self.period + hold
        self.budget = max(self.min_budget, self.budget * (1 - self._decay))
        self._answers += 1
        if self._answers % _EVERY == 0:
            self._tune()
        if self.capacity.slots < self.limit and operation is not None and self.next_free() > now:
            self.capacity.answered(sent, now)

    def _late(self, now: float, trip: float, operation: str) -> float:
        shortest = self._shortest.get(operation)
        if shortest is None:
            shortest = self._shortest[operation] = _Shortest(now)
        shortest.observe(now, trip)
        if shortest.count <= _TRUSTED:
            return trip
        late = trip - min(shortest.current, shortest.previous)
        self._lateness.append(late)
        return late

    def _tune(self) -> None:
        lateness = list(self._lateness)
        if not lateness:
            return
        # Answers that take longer than a period must not hold their slots: the vendor processes them that long.
        self.cap = min(self.period, cap_for(self.budget, lateness))
        self._pending = min(self.cap, max(lateness) + self.budget)
        self.far = far_for(self.budget, lateness)
        self.margin = sum(late if late > self.far else min(late, self.cap) for late in lateness) / len(lateness)

    def part(self, index: int, of: int, now: float) -> "Pace":
        """The `index`-th of `of` parts, for as long as nothing is known of the others; none is free for a period."""
        slots = self.capacity.slots // of + (index < self.capacity.slots % of)
        period = self.period if slots else self.period * of / self.capacity.slots
        part = Pace(max(1, slots), period, self.min_budget, self.max_budget)
        part.budget, part.cap, part.far, part.margin = self.budget, self.cap, self.far, self.margin
        part._pending, part._lateness, part._shortest = self._pending, self._lateness, self._shortest
        part.free_at = [now + period * (1 + number / part.limit) for number in range(part.limit)]
        return part

    def exhausted(self, until: float) -> None:
        """A refusal reported that no slot is free until `until`."""
        self.free_at = [max(until, at) for at in self.free_at]

    def refused(self, sent: float, now: float) -> None:
        """A request was refused for the second: use fewer slots, or widen the margin."""
        spent = self.budget > _SPENT * self.max_budget
        if self.capacity.refused(sent, now, margin=self.margin, spent=spent):
            return
        self._decay = _DECAY
        self.budget = min(self.max_budget, self.budget + _STEP)
        self._tune()
