"""A budget of processor time for work that strangers may cause."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

__all__ = ["TimeBudget"]


class TimeBudget:
    """Spends at most `share` of the time, after `burst` seconds at once.

    `clock` returns monotonic seconds. A single piece of work may overdraw the budget; the next one then has to wait.
    """

    def __init__(
        self, *, share: float = 0.05, burst: float = 0.1, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._share = share
        self._burst = burst
        self._clock = clock
        self._left = burst
        self._updated_at = clock()

    def is_left(self) -> bool:
        """Whether there is time to spend."""
        now = self._clock()
        self._left = min(self._left + self._share * (now - self._updated_at), self._burst)
        self._updated_at = now
        return self._left > 0

    @contextmanager
    def spending(self) -> Generator[None, None, None]:
        """Charge the time that the block takes if it raises; what succeeds is free."""
        began = self._clock()
        try:
            yield
        except BaseException:
            self._left -= self._clock() - began
            raise
