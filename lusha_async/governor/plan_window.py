"""The books of one plan window (minute, hour or day), kept from what answers tell. Pure.

    room = left - in flight

`left` is the least that any answer of this window told: answers come in any order, but the one with the least
left arrived last, and has counted every request that was answered. Those in flight may be counted in it or not,
so they are taken off once more until their answers come: never too much room, and no drift.

No header tells when a window ends. What is known of the next edge is an interval:

- it is later than the sending of any request that was counted before it;
- no window is longer than its length, so it is at most that much after the first answer of the window;
- an answer with more left than had been told *before its request was sent* lies behind an edge;
- a 429 may tell `Reset in N seconds`, and account usage `resetsAt`.

The window is taken for new only when its edge is surely past, or was seen. Times are seconds of the governor's
clock, counts are requests.
"""

import math

from attrs import define, field, frozen

from ..quota import Window, WindowReading

__all__ = ["Mark", "PlanWindow"]


@frozen
class Mark:
    """What was known of a window when a request was sent: the window's number, and the least left told in it."""

    epoch: int
    told: int | None


@define
class PlanWindow:
    """One window. `left` is None while nothing was told; `earliest` and `latest` bound the next edge."""

    window: Window
    length: float
    limit: int | None = None
    left: int | None = None
    in_flight: int = 0
    epoch: int = 0
    earliest: float = -math.inf
    latest: float = math.inf
    _told: int | None = field(default=None, init=False)

    def roll(self, now: float) -> None:
        """Begin a new window if the edge is surely past."""
        if now >= self.latest:
            self._begin(self.limit, earliest=self.earliest + self.length, latest=math.inf)

    def _begin(self, left: int | None, *, earliest: float, latest: float) -> None:
        self.epoch += 1
        self.left = left
        self._told = None
        self.earliest, self.latest = earliest, latest

    def room(self) -> float:
        """Requests that may surely still be sent in this window; inf while nothing is known of it."""
        return math.inf if self.left is None else self.left - self.in_flight

    def reserved(self, share: float, now: float) -> int:
        """What bulk calls leave to others: `share` of the limit, less and less towards the edge."""
        if self.limit is None:
            return 0
        rest = 1.0 if math.isinf(self.latest) else (self.latest - now) / self.length
        return math.floor(share * self.limit * min(1.0, max(0.0, rest)))

    def mark(self) -> Mark:
        """To be kept with a request that is sent now."""
        return Mark(self.epoch, self._told)

    def settle(self, mark: Mark, sent: float, now: float, reading: WindowReading | None) -> None:
        """The answer of a request came, or it is known that none will; `reading` is what it told, if anything."""
        self.in_flight -= 1
        limit, left = self._sane(reading)
        if limit is not None and limit != self.limit:
            self._change_plan(limit, left)
        if left is None:
            if mark.epoch == self.epoch:
                self._count_untold(now)
        elif mark.told is not None and left > mark.told:
            self._behind_edge(mark, left, now)
        elif mark.epoch == self.epoch:
            self._lower(left)
            self.earliest = max(self.earliest, sent)
            self.latest = min(self.latest, now + self.length)

    def _sane(self, reading: WindowReading | None) -> tuple[int | None, int | None]:
        """Limit and left of `reading`; None for what it does not tell or what cannot be."""
        if reading is None:
            return None, None
        limit = reading.limit if reading.limit is not None and reading.limit > 0 else None
        known = limit if limit is not None else self.limit
        left = reading.left
        if left is None and reading.used is not None and known is not None:
            left = known - reading.used
        if left is not None:
            left = max(0, left if known is None else min(left, known))
        return limit, left

    def _change_plan(self, limit: int, left: int | None) -> None:
        """Another limit: what is left moves with it, and what was told before says nothing any more."""
        if self.limit is not None:
            if self.left is not None:
                self.left = max(0, self.left + limit - self.limit)
            self._told = None
            self.epoch += left is not None
            self.left = left if left is not None else self.left
        self.limit = limit

    def _count_untold(self, now: float) -> None:
        """An answer without this window's numbers, or none at all: it counts all the same."""
        if self.left is not None:
            self.left = max(0, self.left - 1)
            self.latest = min(self.latest, now + self.length)

    def _behind_edge(self, mark: Mark, left: int, now: float) -> None:
        """More is left than before the request was sent: a new window has begun, unless that is known already."""
        if mark.epoch == self.epoch:
            self._begin(left, earliest=self.earliest + self.length, latest=now + self.length)
        self._lower(left)

    def _lower(self, left: int) -> None:
        self.left = left if self.left is None else min(self.left, left)
        self._told = left if self._told is None else min(self._told, left)

    def close(self, sent: float, now: float, resets_in: float | None) -> float:
        """A 429 named this window: nothing is left until its edge. Returns when that is surely past.

        `resets_in` is a whole number of seconds and may have been rounded either way.
        """
        self.left = 0
        if resets_in is not None:
            self.narrow(sent + resets_in - 1, now + resets_in + 1)
        elif math.isinf(self.latest):
            self.narrow(sent, now + self.length)
        return self.latest

    def narrow(self, earliest: float, latest: float) -> None:
        """The next edge lies in this interval too; a contradiction to what was known replaces it."""
        if earliest > self.latest or latest < self.earliest:
            self.earliest, self.latest = earliest, latest
        else:
            self.earliest, self.latest = max(self.earliest, earliest), min(self.latest, latest)
