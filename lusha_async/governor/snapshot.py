"""How a governor stands, as values for logs, tests and support."""

from attrs import frozen

from ..quota import Window
from .gate import GateState

__all__ = ["GateSnapshot", "PaceSnapshot", "Snapshot", "WindowSnapshot"]


@frozen(kw_only=True)
class WindowSnapshot:
    """A plan window. Counts are requests, None where nothing was told; times are seconds from now.

    Its edge comes between `resets_after` and `resets_by`; None: not known. `foreign_rate` is what other programs
    of the account send, in requests a second.
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


@frozen(kw_only=True)
class PaceSnapshot:
    """The pace of the second: `limit` requests in each `period` seconds plus `margin` seconds on average."""

    limit: int
    period: float
    margin: float
    budget: float
    floor: float


@frozen(kw_only=True)
class GateSnapshot:
    """The gate that a 429 closes. `window` is the one that closed it, `opens_in` seconds until its probe."""

    state: GateState
    window: Window | None
    opens_in: float | None


@frozen(kw_only=True)
class Snapshot:
    """All of it. `waiting` counts the calls that wait, by lane; `in_flight` the requests without an answer."""

    windows: tuple[WindowSnapshot, ...]
    pace: PaceSnapshot
    gate: GateSnapshot
    in_flight: int
    waiting_interactive: int
    waiting_bulk: int
    warmed: bool
