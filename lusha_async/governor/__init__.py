"""The rate-limit governor: every window used to the last request, never stormed, and it can say why.

    config -> (pace, plan_window, gate) -> ledger -> waiting -> turns -> permit -> governor -> shared

The ledger and what it is made of are pure; `Turns` carries its decisions out for tasks, loops and threads.
"""

from .breaker import BreakerState
from .config import GovernorConfig, Lane
from .events import EventKind, GovernorEvent
from .governor import Governor
from .limiter_state import HoldReason
from .permit import Permit, Slot
from .shared import governor_for
from .snapshot import BreakerSnapshot, PaceSnapshot, Snapshot, WindowSnapshot

__all__ = [
    "Governor",
    "GovernorConfig",
    "Lane",
    "Permit",
    "Slot",
    "governor_for",
    "Snapshot",
    "WindowSnapshot",
    "PaceSnapshot",
    "BreakerSnapshot",
    "BreakerState",
    "HoldReason",
    "EventKind",
    "GovernorEvent",
]
