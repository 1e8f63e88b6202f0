"""The governor: slots for requests, forecasts, and its state."""

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
    """Keeps the rate limits of one account: requests per second, the plan windows, account usage and webhooks.

    One governor serves any number of tasks, event loops and threads of a process. It holds no connection and needs
    no closing. A forked child keeps the limits learned so far, without the requests in flight, and paces itself;
    parent and child count as external traffic to each other.

    `clock` returns seconds that never decrease. `listener` is called with each `GovernorEvent`, in the thread that
    caused it and outside any lock; an exception that it raises is logged and not propagated.

    Source: the vendor's rate limiting page.
    """

    def __init__(
        self,
        config: GovernorConfig | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        listener: Callable[[GovernorEvent], object] | None = None,
    ) -> None:
        self.config = config if config is not None else GovernorConfig()
        self._scheduler = Scheduler(self.config, clock, listener)
        _all.add(self)

    def slot(self, operation: Operation, *, lane: Lane = Lane.INTERACTIVE, max_wait: float | None = None) -> Slot:
        """The right to send one request of `operation`, as `async with governor.slot(...) as permit`.

        Entering waits until the request may be sent: first in, first out within a lane, interactive before bulk. A
        cancelled wait takes nothing. Leaving the block without `permit.sent()` frees the slot.

        Raises `QuotaWaitTooLongError` as soon as the wait is known to exceed `max_wait` seconds (None: no bound), and
        `DailyQuotaExhaustedError` or `TrialLimitError` at once if the day or the trial is used up.
        """
        return Slot(self._scheduler, operation, lane, max_wait)

    def forecast(self, requests: int, *, lane: Lane = Lane.BULK) -> float:
        """Seconds until `requests` more will have been sent, after the calls that wait already.

        An estimate from what is known: the pace, the plan windows, requests in flight, and requests kept for other
        programs. If the day or the trial is used up: the seconds until it may be tried again.
        """
        with self._scheduler.locked() as (state, now):
            hold = state.hold(now, Scope.GENERAL, lane)
            ahead = self._scheduler.queue.ahead(lane, Scope.GENERAL)
            return forecast.wait(state, hold, requests + ahead, Scope.GENERAL, now)

    def snapshot(self) -> Snapshot:
        """The state now."""
        with self._scheduler.locked() as (state, now):
            return snapshots.snapshot_of(state, self._scheduler.queue, now)

    def explain(self, *, lane: Lane = Lane.BULK) -> str:
        """In words: what holds the next general call of `lane`, until when, and what would help."""
        with self._scheduler.locked() as (state, now):
            hold = state.hold(now, Scope.GENERAL, lane)
            return snapshots.explain(hold, snapshots.snapshot_of(state, self._scheduler.queue, now), now)

    def __repr__(self) -> str:
        return f"<Governor: {self.explain()}>" if vars(self) else "<Governor>"  # half made


_all: WeakSet[Governor] = WeakSet()


def _after_fork() -> None:
    for governor in list(_all):
        governor._scheduler.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
