"""The governor as programs hold it: slots for requests, steering, and how it stands."""

import os
import time
from collections.abc import Callable
from weakref import WeakSet

from ..operations import Operation, Scope
from . import forecast
from . import snapshot as snapshots
from .config import GovernorConfig, Lane
from .events import GovernorEvent
from .permit import Slot
from .scheduler import Scheduler
from .snapshot import Snapshot

__all__ = ["Governor"]


class Governor:
    """Keeps the account's limits: 25 requests a second, the plan's windows, the limits of two groups of calls.

    One object serves any number of tasks, event loops and threads of a process. It holds no connection and
    needs no closing; it lives as long as something refers to it.

    A forked child keeps what is known but not what is under way, and paces itself; parent and child see each other
    as foreign traffic. `clock` gives seconds that never go back.
    `listener` hears each `GovernorEvent`, called in whatever thread caused it, outside any lock; what it raises is
    logged and goes no further. Source: the vendor's rate limiting page.
    """

    def __init__(
        self,
        config: GovernorConfig | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        listener: Callable[[GovernorEvent], object] | None = None,
    ) -> None:
        self.config = config if config is not None else GovernorConfig()
        self._turns = Scheduler(self.config, clock, listener)
        _all.add(self)

    def slot(self, operation: Operation, *, lane: Lane = Lane.INTERACTIVE, max_wait: float | None = None) -> Slot:
        """The right to send one request of `operation`, as `async with governor.slot(...) as permit`.

        Entering waits for the turn: first in, first out within a lane, interactive before bulk. It raises
        `QuotaWaitTooLongError` as soon as the turn is known to come later than in `max_wait` seconds (None: wait
        as long as it takes), `DailyQuotaExhaustedError` and `TrialLimitError` at once when the day or the trial
        is used up. A cancelled wait leaves no trace. Leaving the block without `permit.sent()` gives the turn
        back.
        """
        return Slot(self._turns, operation, lane, max_wait)

    def forecast(self, requests: int, *, lane: Lane = Lane.BULK) -> float:
        """Seconds until `requests` more will have been sent, after those that wait already.

        What is known goes in: pace, plan windows, requests under way, room kept for other programs. For a day or a
        trial that is used up, the seconds until it may be asked again.
        """
        with self._turns.locked() as (ledger, now):
            hold = ledger.hold(now, Scope.GENERAL, lane)
            ahead = self._turns.room.ahead(lane, Scope.GENERAL)
            return forecast.wait(ledger, hold, requests + ahead, Scope.GENERAL, now)

    def snapshot(self) -> Snapshot:
        """How everything stands now."""
        with self._turns.locked() as (ledger, now):
            return snapshots.picture(ledger, self._turns.room, now)

    def explain(self, *, lane: Lane = Lane.BULK) -> str:
        """In words: what keeps the next general call of `lane`, until when, and what would help."""
        with self._turns.locked() as (ledger, now):
            hold = ledger.hold(now, Scope.GENERAL, lane)
            return snapshots.explain(hold, snapshots.picture(ledger, self._turns.room, now), now)

    def __repr__(self) -> str:
        return f"<Governor: {self.explain()}>"


_all: WeakSet[Governor] = WeakSet()


def _after_fork() -> None:
    for governor in list(_all):
        governor._turns.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
