"""A clock for what is stored: it goes on when the wall clock is set back, and outlives the process that read it."""

import threading
from collections.abc import Callable

__all__ = ["SteadyClock"]


class SteadyClock:
    """Seconds since 1970 that never decrease.

    It adds up the forward steps of `wall` (seconds since 1970) and ignores the backward ones. Without this, an event
    stored before the clock was set back by an hour would be due an hour later, and so would leases and retries.
    Safe to use from several threads.
    """

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self._now = self._seen = wall()

    def __call__(self) -> float:
        """The current time."""
        wall = self._wall()
        with self._lock:
            self._now += max(wall - self._seen, 0.0)
            self._seen = wall
            return self._now

    def advance_to(self, moment: float) -> None:
        """Continue from `moment` if it is later: another process has recorded it."""
        with self._lock:
            self._now = max(self._now, moment)
