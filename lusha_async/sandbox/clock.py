"""The sandbox's clock, in seconds since 1970."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from .numbers import real

__all__ = ["Clock", "iso"]

_END = 253_370_764_800.0  # the first second of the year 9999


class Clock:
    """A clock that runs, or stands still until `advance` moves it (`virtual=True`).

    `start` is the initial time in seconds since 1970, by default the machine's. `ticks` is a monotonic clock in
    seconds; pass a loop's `time` to share the loop's virtual time.
    """

    def __init__(
        self,
        *,
        virtual: bool = False,
        start: float | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ticks = ticks
        self._base = (time.time() if start is None else start) - ticks()
        self._stopped_at: float | None = None
        if virtual:
            self.stop()

    @property
    def virtual(self) -> bool:
        """Whether the clock stands still."""
        return self._stopped_at is not None

    def now(self) -> float:
        """The current time in seconds since 1970."""
        return (self._ticks() if self._stopped_at is None else self._stopped_at) + self._base

    def stop(self) -> None:
        """Stop the clock at the current time."""
        self._stopped_at = self.now() - self._base

    def run(self) -> None:
        """Let a stopped clock run on from its current time."""
        if self._stopped_at is not None:
            self._base += self._stopped_at - self._ticks()
            self._stopped_at = None

    def advance(self, seconds: float) -> None:
        """Move the clock forward, at most to the year 9999. Raises ValueError for any other number of seconds."""
        self._base += real("seconds", seconds, 0, max(0.0, _END - self.now()))


def iso(now: float) -> str:
    """A time in seconds since 1970 in the vendor's format: ISO 8601, UTC, milliseconds."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
