"""The rate-limit governor: it uses every window to the last request, never floods one, and explains its decisions.

    config -> (capacity -> pace, plan_window, breaker) -> limiter_state -> wait_queue -> scheduler -> _board -> governor

The limiter state and its parts are pure; the scheduler carries out its decisions for tasks, event loops and threads,
and `_board` shares one state with other processes.
aiolimiter only spreads a sudden burst over a moment (`timers`); it does not set the pace, since its bucket
admits up to 2N - 1 requests in a period of N, learns nothing from answers, and serves a single event loop.
"""

from .breaker import BreakerState
from .config import GovernorConfig, Lane
from .events import EventKind, GovernorEvent
from .governor import Governor, Permit, Slot, governor_for, shared_state
from .limiter_state import HoldReason
from .snapshot import (
    BoardSnapshot,
    BreakerSnapshot,
    Connection,
    PaceSnapshot,
    PeerSnapshot,
    Snapshot,
    WindowSnapshot,
)

__all__ = [
    "Governor",
    "GovernorConfig",
    "Lane",
    "Permit",
    "Slot",
    "governor_for",
    "shared_state",
    "Snapshot",
    "WindowSnapshot",
    "PaceSnapshot",
    "BreakerSnapshot",
    "BoardSnapshot",
    "PeerSnapshot",
    "Connection",
    "BreakerState",
    "HoldReason",
    "EventKind",
    "GovernorEvent",
]
