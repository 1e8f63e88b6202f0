"""When a number of requests will have been sent, if nothing else happens, and the errors of calls refused. Pure.

The plan windows are simulated as a fluid: requests flow at the pace of the second until a window is used up, then
nothing flows until that window resets. Times are seconds, counts are requests.
"""

import math
from collections.abc import Sequence

from attrs import define

from ..errors import DailyQuotaExhaustedError, LushaError, QuotaWaitTooLongError, TrialLimitError
from ..operations import Operation, Scope
from ..quota import Window
from .limiter_state import Hold, HoldReason, LimiterState
from .plan_window import PlanWindow
from .snapshot import seconds_to

__all__ = ["FluidWindow", "final_error", "fluid_windows", "simulate", "wait", "wait_error"]


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
    windows = fluid_windows(state.windows, now)
    seconds = simulate(windows, requests, now=now, start=start, rate=state.pace.rate)
    group = state.groups.get(scope)
    return seconds if group is None else max(seconds, group.nth_free(requests) - now)


def final_error(state: LimiterState, hold: Hold, operation: Operation, now: float) -> LushaError:
    """The error for a used-up day or an ended trial.

    Its `retry_after` is the reset of the day if a 429 named it, else the time of the next probe.
    """
    day = state.windows[-1]
    until, known = hold.until, "known from an earlier answer; nothing was sent"
    if hold.reason is HoldReason.TRIAL_ENDED:
        kind: type[TrialLimitError | DailyQuotaExhaustedError] = TrialLimitError
    else:
        kind = DailyQuotaExhaustedError
        if day.reset_known:
            until = max(until, day.latest)
        else:
            known += "; when the day resets is not known: one request tries again after this time"
    return kind(
        status=429,
        message=known,
        retry_after=seconds_to(until, now),
        window=hold.window,
        operation=operation,
    )


def wait_error(
    state: LimiterState,
    hold: Hold | None,
    *,
    operation: Operation,
    wait: float,
    max_wait: float,
    position: int,
    now: float,
) -> QuotaWaitTooLongError:
    """The error for a wait of `wait` seconds; `hold` is what holds the first of the queue now."""
    count = position + 1
    group = state.groups.get(operation.scope)
    if group is not None and group.nth_free(count) - now >= wait:  # the group's own limit binds
        name, rate, plan = Window.MINUTE, group.limit, None
    else:
        name, rate = _binding(state, hold, count, now), state.config.rate
        plan = next((window for window in state.windows if window.window is name), None)
    return QuotaWaitTooLongError(
        window=name,
        limit=plan.limit if plan else rate,
        left=plan.left if plan else 0,
        kept=plan.kept(now) if plan else 0,
        resets_in=seconds_to(plan.latest if plan else hold.until if hold else now, now),
        wait=wait,
        max_wait=max_wait,
        position=position,
        operation=operation,
    )


_OF_THE_SECOND = {HoldReason.PACE, HoldReason.COLD}
"""Holds of a moment: behind them a plan window may bind."""


def _binding(state: LimiterState, hold: Hold | None, requests: int, now: float) -> Window:
    """The window for whose reset the last of `requests` waits."""
    if hold is not None and hold.reason not in _OF_THE_SECOND:
        return hold.window
    short = [window for window in state.windows if window.available(now) < requests]
    return max(short, key=lambda window: window.latest).window if short else Window.SECOND
