"""The books of one plan window (minute, hour or day), kept from what answers tell. Pure.

    room = left - in flight - answered without numbers

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
from .external_traffic import ExternalTraffic

__all__ = ["Mark", "PlanWindow"]


_SILENCE = 60.0
"""Seconds after which one request goes and sees what others have left; a tenth of a window that is shorter."""


@frozen
class Mark:
    """What was known of a window when a request was sent: its number, the least left told in it, answers so far."""

    epoch: int
    told: int | None
    answered: int


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
    foreign: ExternalTraffic = field(factory=ExternalTraffic, init=False)
    edges: int = field(default=0, init=False)
    _told: int | None = field(default=None, init=False)
    _told_at: float = field(default=-math.inf, init=False)  # when the request whose answer told it was sent
    _answered: int = field(default=0, init=False)
    _untold: list[float] = field(factory=list[float], init=False)  # when answers without numbers came
    _crowd: int = field(default=0, init=False)  # the most under way at once
    _narrowed: bool = field(default=False, init=False)  # the vendor told when the window ends

    def roll(self, now: float) -> None:
        """Begin a new window if the edge is surely past."""
        if now >= self.latest:
            self._begin(self.limit, now, earliest=self.earliest + self.length, latest=math.inf)

    def asks_again(self, now: float) -> float:
        """When there may be room again if no answer changes it."""
        look = self._told_at + self._silence
        sensible = self._told is not None and self._may_look(self._silence)
        return min(look, self.latest) if sensible and now < look else self.latest

    def renew(self, now: float) -> None:
        """A request went through although nothing was left: the window had begun anew."""
        self._begin(self.limit, now, earliest=now, latest=now + self.length)

    def _begin(self, left: int | None, now: float, *, earliest: float, latest: float) -> None:
        self.epoch += 1
        self.edges += 1
        self._answered = self._crowd = 0
        self._narrowed = False
        self._untold.clear()
        self.foreign.begin(now, known=True)
        self.left = left
        self._told = None
        self.earliest, self.latest = earliest, latest

    def room(self, now: float) -> float:
        """Requests that may still be sent in this window, others provided for; inf while nothing is known."""
        if self.left is None:
            return math.inf
        room = self.left - self.in_flight - len(self._untold)
        if room >= 1 and self.foreign.seen:
            age = self._age(now)
            room -= self.foreign.room(age)
            if room < 1 and age >= 0.99 * self._silence and not self.in_flight:
                # One request alone may go and see.
                return 1 if self._may_look(age) else room
        return room

    def kept(self, now: float) -> int:
        """Requests of those left that are kept for other programs of the account."""
        return min(self.left or 0, self.foreign.room(self._age(now)))

    @property
    def _silence(self) -> float:
        """Seconds without news after which the books are a guess."""
        return min(self.length / 10, _SILENCE)

    def _may_look(self, silence: float) -> bool:
        """Whether one request may go and see what others have left of what was left before a silence.

        In an hour or a day it always may: a refusal is free, and waiting for their end on a guess is not.
        """
        if not self.left:
            return False
        return self.length > 10 * _SILENCE or self.foreign.may_have_left(self.left, silence)

    def _age(self, now: float) -> float:
        """Seconds since the request was sent whose answer told what is left."""
        return now - self._told_at if self._told is not None else 0.0

    def reserved(self, share: float, now: float) -> int:
        """What bulk calls leave to others: `share` of the limit, less and less towards the edge."""
        if self.limit is None:
            return 0
        rest = 1.0 if math.isinf(self.latest) else (self.latest - now) / self.length
        return math.floor(share * self.limit * min(1.0, max(0.0, rest)))

    def unreserved_at(self, share: float, room: float) -> float:
        """When the reserve will have fallen so far that one of `room` requests is free of it."""
        return self.latest - self.length * math.floor(room) / (share * (self.limit or 1)) + 1e-6

    def mark(self) -> Mark:
        """To be kept with a request that is sent now."""
        return Mark(self.epoch, self._told, self._answered)

    def settle(self, mark: Mark, sent: float, now: float, reading: WindowReading | None) -> None:
        """The answer of a request came, or it is known that none will; `reading` is what it told, if anything."""
        self.in_flight -= 1
        limit, left = self._sane(reading)
        changed = limit is not None and self.limit is not None and limit != self.limit
        if limit is not None and limit != self.limit:
            self._change_plan(limit)
        if changed and left is not None:
            self._answered += 1
            self.left = self._told = left
            self._told_at = sent
            self.latest = min(self.latest, now + self.length)
        elif left is not None and mark.told is not None and left > mark.told:
            self._behind_edge(mark, left, sent, now)
        elif left is not None and mark.epoch == self.epoch:
            self._answered += 1
            self._lower(left, sent, now)
            self.earliest = max(self.earliest, sent)
            self.latest = now + self.length if self._edge_may_hide() else min(self.latest, now + self.length)
        else:  # not told, or perhaps of the window before: it may count in this one
            self._answered += 1
            self._count_untold(now)

    def _edge_may_hide(self) -> bool:
        """Whether an edge would not have shown: so little is used that a new window tells no more than this one.

        Until more is used than was ever under way at once, the window may thus have begun as late as now.
        """
        self._crowd = max(self._crowd, self.in_flight + 1)
        if self._narrowed or self.limit is None or self._told is None:
            return False
        return self._told >= self.limit - self._crowd - 1

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

    def _change_plan(self, limit: int) -> None:
        """Another limit: what is left moves with it, and what was told before says nothing any more."""
        if self.limit is not None:
            if self.left is not None:
                self.left = max(0, self.left + limit - self.limit)
            self._told = None
            self.epoch += 1
        self.limit = limit

    def _count_untold(self, now: float) -> None:
        """An answer without this window's numbers, or none at all: it counts all the same."""
        if self.left is not None:
            self._untold.append(now)
            self.latest = min(self.latest, now + self.length)

    def _behind_edge(self, mark: Mark, left: int, sent: float, now: float) -> None:
        """More is left than before the request was sent: a new window has begun, unless that is known already."""
        if mark.epoch == self.epoch:
            late = self._answered - mark.answered  # these may have arrived after this one: in the new window
            self._begin(left, now, earliest=self.earliest + self.length, latest=now + self.length)
            self._answered = late
            self._untold = [now] * late
        self._answered += 1
        self._lower(left, sent, now)

    def _lower(self, left: int, sent: float, now: float) -> None:
        self._untold = [at for at in self._untold if at > sent]  # what was answered before is counted in this
        self.left = left if self.left is None else min(self.left, left)
        if self._told is None or left <= self._told:
            self._told, self._told_at = left, sent
            if self.limit is not None:
                self.foreign.see(max(0, self.limit - left - self._answered - self.in_flight), now)

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
        self._narrowed = True
        if earliest > self.latest or latest < self.earliest:
            self.earliest, self.latest = earliest, latest
        else:
            self.earliest, self.latest = max(self.earliest, earliest), min(self.latest, latest)
