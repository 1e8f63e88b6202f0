"""The circuit breaker that a 429 trips for the whole account. Pure.

    closed -> open (until `retry_time`) -> half-open (one probe) -> ramp (2, 4, 8, ... in flight) -> closed

A 429 of a plan window opens it until that window resets. A single 429 of the second only slows the pace; the breaker
opens for the second when several requests of one second are refused or the vendor names a time to wait: for the
named time, else for a second, again with each probe that is refused. Times are seconds of the governor's clock.
"""

import enum
import math

from attrs import define, field

from ..quota import Window
from .config import Instant

__all__ = ["CircuitBreaker", "BreakerState"]

_REFUSALS_TO_OPEN = 8
"""429s within one second that open the breaker."""


class BreakerState(enum.StrEnum):
    """The state of the circuit breaker."""

    CLOSED = "closed"
    """Requests pass."""
    OPEN = "open"
    """No request passes until a stated time."""
    HALF_OPEN = "half-open"
    """One request passes as a probe; the others wait for its answer."""
    RAMP = "ramp"
    """The probe was answered; the number of requests in flight doubles with each further answer."""


@define
class CircuitBreaker:
    """The ramp ends at `width` requests in flight; `period` is the shortest time that 429s keep it open, in seconds."""

    width: int
    period: float
    state: BreakerState = field(default=BreakerState.CLOSED, init=False)
    window: Window | None = field(default=None, init=False)
    retry_time: Instant = field(default=-math.inf, init=False)
    in_flight: int = field(default=0, init=False)
    _opened_at: Instant = field(default=-math.inf, init=False)
    _allowed: int = field(default=0, init=False)
    _refusals: list[Instant] = field(factory=list[float], init=False)

    def retry_at(self, now: float) -> float:
        """When a request may pass: `now` for at once, inf for not before an answer."""
        if self.state is BreakerState.CLOSED:
            return now
        if self.state is BreakerState.OPEN:
            if now < self.retry_time:
                return self.retry_time
            self.state, self._allowed = BreakerState.HALF_OPEN, 1
        return now if self.in_flight < self._allowed else math.inf

    def take(self) -> bool:
        """Let a request pass. True if it is a probe, which ends with `succeeded` or `released`."""
        if self.state is BreakerState.CLOSED:
            return False
        self.in_flight += 1
        return True

    def released(self) -> None:
        """A probe was not sent, was refused, or its answer was lost: another one may be sent."""
        self.in_flight -= 1

    def succeeded(self) -> None:
        """A probe was answered other than by 429."""
        self.in_flight -= 1
        if self.state in {BreakerState.HALF_OPEN, BreakerState.RAMP}:
            self.state = BreakerState.RAMP
            self._allowed *= 2
            if self._allowed >= self.width:
                self.state, self.window = BreakerState.CLOSED, None

    def trip(self, window: Window, now: float, until: float) -> None:
        """Open until `until`, the reset of a plan window that a 429 named."""
        if self.state is BreakerState.OPEN and self.window is not Window.SECOND and until < self.retry_time:
            return  # a longer window keeps it open already
        self._open(window, now, until)

    def refused(self, sent: float, now: float, retry_after: float | None) -> None:
        """A request sent at `sent` got a 429 of the second."""
        if sent <= self._opened_at:
            return  # sent before the breaker opened: already accounted for
        self._refusals = [at for at in self._refusals if at > now - self.period]
        self._refusals.append(now)
        if self.state is BreakerState.CLOSED and len(self._refusals) < _REFUSALS_TO_OPEN and retry_after is None:
            return
        self._open(Window.SECOND, now, now + max(self.period, retry_after or 0.0))

    def _open(self, window: Window, now: float, until: float) -> None:
        self.state, self.window, self.retry_time, self._opened_at = BreakerState.OPEN, window, until, now
        self._refusals.clear()
