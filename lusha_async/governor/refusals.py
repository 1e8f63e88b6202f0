"""The errors of calls that the governor refuses. Pure."""

from ..errors import DailyQuotaExhaustedError, LushaError, QuotaWaitTooLongError, TrialLimitError
from ..operations import Operation
from ..quota import Window
from .limiter_state import Hold, HoldReason, LimiterState
from .snapshot import seconds_to

__all__ = ["final_error", "wait_error"]


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
