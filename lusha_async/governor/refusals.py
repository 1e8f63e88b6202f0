"""The errors for calls that will not get their turn. Pure."""

from ..errors import DailyQuotaExhaustedError, LushaError, QuotaWaitTooLongError, TrialLimitError
from ..operations import Operation
from ..quota import Window
from .limiter_state import Hold, HoldReason, LimiterState
from .snapshot import seconds_to

__all__ = ["final_error", "wait_error"]


def final_error(hold: Hold, operation: Operation, now: float) -> LushaError:
    """For a day that is used up, or a trial that has ended."""
    kind = TrialLimitError if hold.reason is HoldReason.TRIAL_ENDED else DailyQuotaExhaustedError
    return kind(
        status=429,
        message="known from an earlier answer; nothing was sent",
        retry_after=seconds_to(hold.until, now),
        window=hold.window,
        operation=operation,
    )


def wait_error(
    ledger: LimiterState,
    hold: Hold | None,
    *,
    operation: Operation | None = None,
    wait: float,
    max_wait: float,
    position: int,
    now: float,
    requests: int | None = None,
) -> QuotaWaitTooLongError:
    """For a turn that would come after `wait` seconds; `hold` is what keeps the first of `requests` now."""
    count = position + 1 if requests is None else requests
    group = None if operation is None else ledger.groups.get(operation.scope)
    if group is not None and group.nth_free(count) - now >= wait:  # slower than all that it shares with others
        name, rate, book = Window.MINUTE, group.limit, None
    else:
        name, rate = _binding(ledger, hold, count, now), ledger.config.rate
        book = next((window for window in ledger.windows if window.window is name), None)
    return QuotaWaitTooLongError(
        window=name,
        limit=book.limit if book else rate,
        left=book.left if book else 0,
        kept=book.kept(now) if book else 0,
        resets_in=seconds_to(book.latest if book else hold.until if hold else now, now),
        wait=wait,
        max_wait=max_wait,
        position=position,
        operation=operation,
    )


_OF_THE_SECOND = {HoldReason.PACE, HoldReason.COLD, HoldReason.SPENDING}
"""They keep a request for a moment; it may be a plan window that keeps it long."""


def _binding(ledger: LimiterState, hold: Hold | None, requests: int, now: float) -> Window:
    """The window for whose end the last of `requests` waits."""
    if hold is not None and hold.reason not in _OF_THE_SECOND:
        return hold.window
    short = [window for window in ledger.windows if window.room(now) < requests]
    return max(short, key=lambda window: window.latest).window if short else Window.SECOND
