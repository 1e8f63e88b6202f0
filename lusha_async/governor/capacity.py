"""How many requests a period are ours: the limit may be lower than documented, or another program uses a part. Pure.

A refusal has one of two causes: requests arrived closer together than they left, which a wider margin cures, or
fewer are admitted than the limit says, which only fewer slots cure. Two things tell them apart:

- No delay on the way explains a refusal when fewer than `limit` requests were admitted within `_LATEST` seconds more
  than a period. So many slots as were admitted are used from then on.
- Refusals that go on although the pace's budget for delays is spent.

One slot more is tried after a while, and again after ever longer ones while that is refused. A trial without a refusal
for two periods of demand is kept, and doubles the next, so that what another program left is soon used.

All times are seconds.
"""

import math
from collections import deque

from attrs import define, field

from .config import Instant

__all__ = ["Capacity"]

_LATEST = 0.25
"""A request that arrives later than others by more than this is not expected."""
_SAME = 1e-6
"""Seconds by which a time changes at most when a board converts it between clocks and back."""
_STANDS = 2
"""A trial is kept when so many requests for each slot were answered."""
_SOON, _SELDOM, _PER_TRIAL = 2.0, 12.0, 150
"""Periods between trials: at first, at last, and at last for few slots: so many requests for each trial."""
_VOLLEYS, _VOLLEY, _STORM = 3, 0.2, 5.0
"""So many volleys of refusals, each of at most so many periods, within so many periods are not an accident."""


@define
class Capacity:
    """`slots` of `limit` are used."""

    limit: int
    period: float
    slots: int = field(init=False)
    _proven: int = field(init=False)  # slots that were used without a refusal
    _step: int = field(default=1, init=False)
    _answers: int = field(default=0, init=False)  # since the last trial began, of requests sent after that
    _changed_at: Instant = field(default=-math.inf, init=False)
    _deaf_until: Instant = field(
        default=-math.inf, init=False
    )  # refusals until then are of a volley that was heard
    _pause: float = field(init=False)  # between trials
    _try_at: Instant = field(default=math.inf, init=False)
    _admitted: deque[Instant] = field(init=False)  # when the last requests were sent, but for those refused
    _volleys: deque[Instant] = field(factory=lambda: deque[float](maxlen=_VOLLEYS), init=False)

    def __attrs_post_init__(self) -> None:
        self.slots = self._proven = self.limit
        self._pause = _SOON * self.period
        self._admitted = deque(maxlen=2 * self.limit)

    def sent(self, now: float) -> None:
        """A request was sent; it counts as admitted until it is refused."""
        self._admitted.append(now)

    def withdraw(self, sent: float) -> None:
        """The request sent at `sent` was not admitted, or leaves later than that."""
        for at in reversed(self._admitted):
            if abs(at - sent) < _SAME:
                self._admitted.remove(at)
                return

    def answered(self, sent: float, now: float) -> None:
        """A request was admitted while no slot was free and fewer than `limit` are in use."""
        if sent < self._changed_at:
            return
        self._answers += 1
        if self.slots > self._proven:
            if self._answers < _STANDS * self.slots:
                return
            self._proven = self.slots
            self._step *= 2
            self._pause = max(_SOON * self.period, self._pause / 2)
        elif now >= self._try_at:
            self._step = 1
        else:
            return
        self.slots = min(self.limit, self.slots + self._step)
        self._changed_at, self._answers = now, 0

    def refused(self, sent: float, now: float, *, margin: float, spent: bool) -> bool:
        """Whether the refusal of a request sent at `sent` is accounted for here, not by a wider margin.

        `margin`: seconds for which the pace keeps a slot beyond its period, `spent`: it may not be wider.
        """
        self.withdraw(sent)
        if now < self._deaf_until:
            return True
        full = self.slots == self.limit
        late = _LATEST if full else margin
        admitted = max(1, sum(at > now - self.period - late for at in self._admitted))
        if self.slots > self._proven and sent >= self._changed_at:
            self._pause = min(max(_SELDOM, _PER_TRIAL / self._proven) * self.period, self._pause * 2)
            self._lower(self._proven, now)
        elif admitted < self.slots:
            self._lower(admitted, now)
        elif full and spent and self._storm(now):
            self._lower(self.slots - 1, now)
            self._deaf_until = now + _VOLLEY * self.period
        else:
            return sent <= self._changed_at
        return True

    def _lower(self, slots: int, now: float) -> None:
        self.slots = self._proven = slots
        self._changed_at, self._try_at = now, now + self._pause

    def _storm(self, now: float) -> bool:
        if not self._volleys or now > self._volleys[-1] + _VOLLEY * self.period:
            self._volleys.append(now)
        return len(self._volleys) == _VOLLEYS and now < self._volleys[0] + _STORM * self.period
