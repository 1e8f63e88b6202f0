"""The gate that a 429 closes for everyone: until an edge, then one probe, then a ramp. Pure.

    open -> closed (until) -> probing (one under way) -> ramp (2, 4, 8, ... under way) -> open

A 429 of a plan window closes it until that window's edge. A single 429 of the second is met by the pace alone; the
gate closes for it when several of one second are refused or the vendor asks to wait, then for twice as long with
each probe that is refused again. Times are seconds of the governor's clock.
"""

import enum
import math

from attrs import define, field

from ..quota import Window

__all__ = ["CircuitBreaker", "BreakerState"]

_VOLLEY = 8
_LONGEST = 60.0


class BreakerState(enum.StrEnum):
    """Whether requests pass."""

    OPEN = "open"
    CLOSED = "closed"
    PROBING = "probing"
    RAMP = "ramp"


@define
class CircuitBreaker:
    """`width` requests under way are as good as open; `period` is the shortest time it closes for, in seconds."""

    width: int
    period: float
    state: BreakerState = field(default=BreakerState.OPEN, init=False)
    window: Window | None = field(default=None, init=False)
    until: float = field(default=-math.inf, init=False)
    under_way: int = field(default=0, init=False)
    _closed_at: float = field(default=-math.inf, init=False)
    _allowed: int = field(default=0, init=False)
    _hold: float = field(default=0.0, init=False)
    _volley: list[float] = field(factory=list[float], init=False)

    def waits_until(self, now: float) -> float:
        """`now` or earlier: a request may pass. Later: closed until then; inf: until an answer comes."""
        if self.state is BreakerState.OPEN:
            return now
        if self.state is BreakerState.CLOSED:
            if now < self.until:
                return self.until
            self.state, self._allowed = BreakerState.PROBING, 1
        return now if self.under_way < self._allowed else math.inf

    def take(self) -> bool:
        """A request passes; whether it is one of the probe or the ramp, to be given to `passed` or `returned`."""
        if self.state is BreakerState.OPEN:
            return False
        self.under_way += 1
        return True

    def returned(self) -> None:
        """A request of the probe or the ramp was not sent, or its answer was lost: another may go."""
        self.under_way -= 1

    def passed(self) -> None:
        """A request of the probe or the ramp was answered other than by 429."""
        self.under_way -= 1
        if self.state in {BreakerState.PROBING, BreakerState.RAMP}:
            self.state = BreakerState.RAMP
            self._allowed *= 2
            if self._allowed >= self.width:
                self.state, self.window, self._hold = BreakerState.OPEN, None, 0.0

    def close(self, window: Window, now: float, until: float) -> None:
        """A 429 named a plan window whose edge is at `until`."""
        if self.state is BreakerState.CLOSED and self.window is not Window.SECOND and until < self.until:
            return  # a longer window holds it already
        self._shut(window, now, until)

    def refuse(self, sent: float, now: float, retry_after: float | None) -> None:
        """A 429 of the second, of a request sent at `sent`."""
        if sent <= self._closed_at:
            return  # of the volley that closed it
        self._volley = [at for at in self._volley if at > now - self.period]
        self._volley.append(now)
        if self.state is BreakerState.OPEN and len(self._volley) < _VOLLEY and retry_after is None:
            return
        self._hold = min(_LONGEST, max(self.period, self._hold * 2))
        self._shut(Window.SECOND, now, now + max(self._hold, retry_after or 0.0))

    def _shut(self, window: Window, now: float, until: float) -> None:
        self.state, self.window, self.until, self._closed_at = BreakerState.CLOSED, window, until, now
        self._volley.clear()
