"""When a number of requests will have been sent, if nothing else happens. Pure.

The plan windows are simulated as a fluid: requests flow at the pace of the second until a window is used up, then
nothing flows until that window resets. Times are seconds, counts are requests.
"""

import math
from collections.abc import Sequence

from attrs import define

from ..operations import Scope
from .limiter_state import Hold, HoldReason, LimiterState
from .plan_window import PlanWindow

__all__ = ["FluidWindow", "fluid_windows", "simulate", "wait"]


@define
class FluidWindow:
    """A plan window in the simulation: `available` requests until `reset`, then `limit` per `length` seconds."""

    available: float
    reset: float
    limit: float
    length: float

    def advance(self, now: float) -> None:
        """Apply every reset up to `now`."""
        while self.reset <= now:
            self.reset += self.length
            self.available = self.limit


def fluid_windows(windows: Sequence[PlanWindow], now: float) -> list[FluidWindow]:
    """The windows about which something is known."""
    known: list[FluidWindow] = []
    for window in windows:
        if window.left is None:
            continue
        reset = now + window.length if math.isinf(window.latest) else window.latest
        limit = window.limit if window.limit else max(1, window.left)
        known.append(FluidWindow(max(0.0, window.available(now)), reset, limit, window.length))
    return known


def simulate(windows: list[FluidWindow], requests: int, *, now: float, start: float, rate: float) -> float:
    """Seconds from `now` until `requests` are sent, none before `start`, at most `rate` per second."""
    at, remaining = max(now, start), float(requests)
    while True:
        for window in windows:
            window.advance(at)
        available = min((window.available for window in windows), default=math.inf)
        if remaining <= available:
            return at + max(0.0, remaining - 1) / rate - now
        if available >= 1:
            # Send until the first window is used up or resets, whichever is sooner.
            reset = min(window.reset for window in windows)
            sent = min(available, max(1.0, (reset - at) * rate))
            remaining -= sent
            at += sent / rate
            for window in windows:
                window.available -= sent
        else:
            at = max(window.reset for window in windows if window.available < 1)


def wait(state: LimiterState, hold: Hold | None, requests: int, scope: Scope, now: float) -> float:
    """Seconds until `requests` of `scope` are sent; `hold` is what holds the first of them now."""
    start = now
    if hold is not None:
        if hold.final:
            return hold.until - now
        if not math.isinf(hold.until) and hold.reason is not HoldReason.RESERVE:
            start = hold.until
    rate = state.config.rate / (state.config.second + state.pace.margin)
    seconds = simulate(fluid_windows(state.windows, now), requests, now=now, start=start, rate=rate)
    group = state.groups.get(scope)
    return seconds if group is None else max(seconds, group.nth_free(requests) - now)
