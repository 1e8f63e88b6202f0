"""How a governor stands, as values and in words, for logs, tests and support. Pure."""

import math

from attrs import frozen

from ..quota import Window
from .breaker import BreakerState
from .config import Lane
from .limiter_state import Hold, HoldReason, LimiterState
from .wait_queue import WaitQueue

__all__ = ["BreakerSnapshot", "PaceSnapshot", "Snapshot", "WindowSnapshot", "explain", "picture", "seconds_to"]


@frozen(kw_only=True)
class WindowSnapshot:
    """A plan window. Counts are requests, None where nothing was told; times are seconds from now.

    Its edge comes between `resets_after` and `resets_by`; None: not known. `foreign_rate` is what other programs
    of the account sent while they were watched, in requests a second; `kept` of those left are kept for them.
    """

    window: Window
    length: float
    limit: int | None
    left: int | None
    in_flight: int
    room: int | None
    resets_after: float | None
    resets_by: float | None
    foreign_rate: float = 0.0
    kept: int = 0


@frozen(kw_only=True)
class PaceSnapshot:
    """The pace of the second: `limit` requests in each `period` seconds plus `margin` seconds on average."""

    limit: int
    period: float
    margin: float
    budget: float
    floor: float


@frozen(kw_only=True)
class BreakerSnapshot:
    """The gate that a 429 closes. `window` is the one that closed it, `opens_in` seconds until its probe."""

    state: BreakerState
    window: Window | None
    opens_in: float | None


@frozen(kw_only=True)
class Snapshot:
    """All of it. `waiting` counts the calls that wait, by lane; `in_flight` the requests without an answer."""

    windows: tuple[WindowSnapshot, ...]
    pace: PaceSnapshot
    gate: BreakerSnapshot
    in_flight: int
    waiting_interactive: int
    waiting_bulk: int
    warmed: bool


def picture(ledger: LimiterState, room: WaitQueue, now: float) -> Snapshot:
    """Everything as it stands."""
    pace, gate = ledger.pace, ledger.gate
    return Snapshot(
        windows=tuple(
            WindowSnapshot(
                window=window.window,
                length=window.length,
                limit=window.limit,
                left=window.left,
                in_flight=window.in_flight,
                room=None if window.left is None else max(0, int(window.room(now))),
                resets_after=seconds_to(window.earliest, now),
                resets_by=seconds_to(window.latest, now),
                foreign_rate=window.foreign.rate,
                kept=window.kept(now),
            )
            for window in ledger.windows
        ),
        pace=PaceSnapshot(
            limit=pace.limit, period=pace.period, margin=pace.margin, budget=pace.budget, floor=pace.floor
        ),
        gate=BreakerSnapshot(
            state=gate.state,
            window=gate.window,
            opens_in=seconds_to(gate.until, now) if gate.state is BreakerState.CLOSED else None,
        ),
        in_flight=ledger.in_flight,
        waiting_interactive=room.waiting(Lane.INTERACTIVE),
        waiting_bulk=room.waiting(Lane.BULK),
        warmed=ledger.warmed,
    )


def explain(hold: Hold | None, seen: Snapshot, now: float) -> str:
    """What keeps the next request, until when, and what would help."""
    waiting = seen.waiting_interactive + seen.waiting_bulk
    queue = f" {waiting} calls wait." if waiting else ""
    if hold is None:
        return f"Nothing holds the next request.{queue}"
    window = next((one for one in seen.windows if one.window is hold.window), None)
    numbers = ""
    if window is not None and window.left is not None:
        kept = f", {window.kept} kept for other programs" if window.kept else ""
        numbers = f" ({window.left} of {window.limit or '?'} requests left, {window.in_flight} under way{kept})"
    until = "until an answer comes" if math.isinf(hold.until) else f"for {max(0.0, hold.until - now):.1f} s"
    return f"{_REASONS[hold.reason].format(window=hold.window)}{numbers}, {until}.{queue} {_ADVICE[hold.reason]}"


_REASONS = {
    HoldReason.PACE: "The pace of the {window} holds the next request",
    HoldReason.WINDOW: "The {window} has no room left",
    HoldReason.RESERVE: "What is left of the {window} is kept for interactive calls",
    HoldReason.GATE: "A 429 for the {window} closed the gate",
    HoldReason.COLD: "Nothing is known of the plan yet, and as many requests are under way as fit into a second",
    HoldReason.DAY_USED_UP: "The {window} is used up",
    HoldReason.TRIAL_ENDED: "The trial has ended",
}
_ADVICE = {
    HoldReason.PACE: "Larger batches get more out of each request.",
    HoldReason.WINDOW: "Larger batches get more out of each request; a larger plan has more of them.",
    HoldReason.RESERVE: "Interactive calls go on; a smaller reserve lets bulk calls have more.",
    HoldReason.GATE: "If it happens often, another program uses the account.",
    HoldReason.COLD: "It lasts one round trip.",
    HoldReason.DAY_USED_UP: "Continue after the day resets.",
    HoldReason.TRIAL_ENDED: "The vendor's support can upgrade the account.",
}


def seconds_to(at: float, now: float) -> float | None:
    """Seconds from `now`, at least 0; None if that is not known."""
    return None if math.isinf(at) else max(0.0, at - now)
