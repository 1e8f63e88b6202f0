"""The state of a governor as values and in words, for logs, tests and support. Pure."""

import enum
import math

from attrs import frozen

from ..quota import Window
from .breaker import BreakerState
from .config import GovernorConfig, Lane
from .limiter_state import Hold, HoldReason, LimiterState
from .wait_queue import WaitQueue

__all__ = [
    "BoardSnapshot",
    "BreakerSnapshot",
    "Connection",
    "PaceSnapshot",
    "PeerSnapshot",
    "Snapshot",
    "WindowSnapshot",
    "explain",
    "seconds_to",
    "snapshot_of",
]


@frozen(kw_only=True)
class WindowSnapshot:
    """A plan window. Counts are requests, None before an answer reported them; times are seconds from now.

    `limit` and `left` are as reported; `in_flight` requests have no answer yet; `available` is what the window still
    allows: `left` less those in flight and those kept for others. It resets between `resets_after` and `resets_by`,
    None: not known. `external_rate` is the traffic of other programs of the account in requests per second, while it
    was observed; `kept` of the requests left are kept for it.
    """

    window: Window
    length: float
    limit: int | None
    left: int | None
    in_flight: int
    available: int | None
    resets_after: float | None
    resets_by: float | None
    external_rate: float = 0.0
    kept: int = 0


@frozen(kw_only=True)
class PaceSnapshot:
    """The pace: `capacity` requests in each `period` plus `margin` seconds, on average.

    `capacity` is how many of the `limit` the vendor admits, as 429s show: fewer where the account's own limit is lower,
    or another program uses a part. `budget` bounds the mean allowance for late arrivals, in seconds per request.
    """

    limit: int
    capacity: int
    period: float
    margin: float
    budget: float


@frozen(kw_only=True)
class BreakerSnapshot:
    """The circuit breaker. `window` is the one whose 429 opened it, None while it is closed.

    `probe_in`: seconds until the probe, None unless the breaker is open.
    """

    state: BreakerState
    window: Window | None
    probe_in: float | None


class Connection(enum.StrEnum):
    """How a process keeps the limits together with other processes of the account."""

    PROCESS = "process"
    """It does not: what others send counts as external traffic."""
    ALONE = "alone"
    """There is no other on this machine; it looks for one while it sends."""
    SHARED = "shared"
    """They share one board, and all limits on it."""
    LOST = "lost"
    """The board cannot be reached: until it can, each takes its part of the rate."""


@frozen(kw_only=True)
class PeerSnapshot:
    """One process on a board: `name` is its host and process id. `own`: it is this process.

    `in_flight` requests have no answer yet; calls wait in each lane for a slot; `heard`: seconds since its last
    exchange. A process that has been silent for 5 s is dropped.
    """

    name: str
    own: bool
    in_flight: int
    waiting_interactive: int
    waiting_bulk: int
    heard: float


@frozen(kw_only=True)
class BoardSnapshot:
    """What is shared with other processes, as of `age` seconds ago; None: there was no exchange yet.

    `store` is where: `this machine`, or the URL of Redis without its password. `reason` says why a process that could
    share the limits keeps them alone. `config` is the one that holds for all `peers`: that of the first.
    """

    store: str
    connection: Connection
    reason: str
    age: float | None
    config: GovernorConfig
    peers: tuple[PeerSnapshot, ...]


@frozen(kw_only=True)
class Snapshot:
    """The state of a governor.

    `in_flight` counts the requests without an answer, of all processes on the board; `waiting_interactive` and
    `waiting_bulk` the calls of this process that wait for a slot. `warmed`: an answer has arrived. `board`: what is
    shared with other processes; None for a governor that shares nothing.
    """

    windows: tuple[WindowSnapshot, ...]
    pace: PaceSnapshot
    breaker: BreakerSnapshot
    in_flight: int
    waiting_interactive: int
    waiting_bulk: int
    warmed: bool
    board: BoardSnapshot | None = None


def snapshot_of(state: LimiterState, queue: WaitQueue, now: float, board: BoardSnapshot | None = None) -> Snapshot:
    """The state now, as values."""
    pace, breaker = state.pace, state.breaker
    return Snapshot(
        windows=tuple(
            WindowSnapshot(
                window=window.window,
                length=window.length,
                limit=window.limit,
                left=window.left,
                in_flight=window.in_flight,
                available=None if window.left is None else max(0, int(window.available(now))),
                resets_after=seconds_to(window.earliest, now),
                resets_by=seconds_to(window.latest, now),
                external_rate=window.external.rate,
                kept=window.kept(now),
            )
            for window in state.windows
        ),
        pace=PaceSnapshot(
            limit=pace.limit,
            capacity=pace.capacity.slots,
            period=pace.period,
            margin=pace.margin,
            budget=pace.budget,
        ),
        breaker=BreakerSnapshot(
            state=breaker.state,
            window=breaker.window,
            probe_in=seconds_to(breaker.retry_time, now) if breaker.state is BreakerState.OPEN else None,
        ),
        in_flight=state.in_flight,
        waiting_interactive=queue.waiting(Lane.INTERACTIVE),
        waiting_bulk=queue.waiting(Lane.BULK),
        warmed=state.warmed,
        board=board,
    )


def explain(hold: Hold | None, snapshot: Snapshot, now: float) -> str:
    """In words: what holds the next request, until when, and what would help."""
    waiting = snapshot.waiting_interactive + snapshot.waiting_bulk
    queue = (f" {waiting} calls wait." if waiting else "") + _shared(snapshot.board) + _fewer(snapshot)
    if hold is None:
        return f"Nothing holds the next request.{queue}"
    window = next((w for w in snapshot.windows if w.window is hold.window), None)
    numbers = ""
    if window is not None and window.left is not None:
        kept = f", {window.kept} kept for other programs" if window.kept else ""
        numbers = f" ({window.left} of {window.limit or '?'} requests left, {window.in_flight} in flight{kept})"
    until = "until an answer arrives" if math.isinf(hold.until) else f"for {max(0.0, hold.until - now):.1f} s"
    return f"{_REASONS[hold.reason].format(window=hold.window)}{numbers}, {until}.{queue} {_ADVICE[hold.reason]}"


def _shared(board: BoardSnapshot | None) -> str:
    """In words: who else uses the limits."""
    if board is None or board.connection is Connection.ALONE:
        return ""
    if board.connection is Connection.PROCESS:
        return f" The limits are kept for this process only: {board.reason}."
    others = [peer for peer in board.peers if not peer.own]
    if board.connection is Connection.LOST:
        part = f"1/{len(others) + 1} of the rate"
        return f" The board on {board.store} cannot be reached: until it can, this process takes {part}."
    waiting = sum(peer.waiting_interactive + peer.waiting_bulk for peer in others)
    in_flight = sum(peer.in_flight for peer in others)
    processes = f"{len(others)} other processes share" if len(others) != 1 else "1 other process shares"
    return f" {processes} the limits on {board.store}, with {waiting} calls that wait and {in_flight} in flight."


def _fewer(snapshot: Snapshot) -> str:
    """In words: why fewer requests a second are used than the limit says. The plan windows show other programs."""
    pace = snapshot.pace
    missing = (pace.limit - pace.capacity) / pace.period
    if not missing:
        return ""
    others = max(window.external_rate for window in snapshot.windows)
    if others > missing / 2:
        return f" Another program seems to send about {others:.0f} requests a second."
    return f" The limit seems to be {pace.capacity / pace.period:g} requests a second."


_REASONS = {
    HoldReason.PACE: "The pace of the {window} holds the next request",
    HoldReason.WINDOW: "The {window} has no requests left",
    HoldReason.RESERVE: "What is left of the {window} is reserved for interactive calls",
    HoldReason.BREAKER: "A 429 for the {window} opened the circuit breaker",
    HoldReason.COLD: "No answer has arrived yet, and as many requests are in flight as fit into a second",
    HoldReason.DAY_USED_UP: "The {window} is used up",
    HoldReason.TRIAL_ENDED: "The trial has ended",
}
_ADVICE = {
    HoldReason.PACE: "Larger batches get more out of each request.",
    HoldReason.WINDOW: "Larger batches get more out of each request; a larger plan has more of them.",
    HoldReason.RESERVE: "Interactive calls continue; a smaller `reserve` leaves more to bulk calls.",
    HoldReason.BREAKER: "If it happens often, another program uses the account.",
    HoldReason.COLD: "It lasts one round trip.",
    HoldReason.DAY_USED_UP: "Continue after the day resets.",
    HoldReason.TRIAL_ENDED: "The vendor's support can upgrade the account.",
}


def seconds_to(at: float, now: float) -> float | None:
    """Seconds from `now`, at least 0; None if not known."""
    return None if math.isinf(at) else max(0.0, at - now)
