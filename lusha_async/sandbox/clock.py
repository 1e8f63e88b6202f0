"""The time that the sandbox lives by, in seconds since 1970."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

__all__ = ["Clock", "iso"]


class Clock:
    """Runs with the machine, or stands still until it is told to go on (`virtual`).

    `ticks` counts seconds that never run backwards; in process it may be a loop's own time, so that a loop
    with a virtual clock and the sandbox agree. The wall is read once, at the start.
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
        """Whether it stands still."""
        return self._stopped_at is not None

    def now(self) -> float:
        """The time."""
        return (self._ticks() if self._stopped_at is None else self._stopped_at) + self._base

    def stop(self) -> None:
        """Let it stand still from now on."""
        self._stopped_at = self.now() - self._base

    def run(self) -> None:
        """Let it run on from where it stands."""
        if self._stopped_at is not None:
            self._base += self._stopped_at - self._ticks()
            self._stopped_at = None

    def advance(self, seconds: float) -> None:
        """Put it forward. Raises ValueError for a negative time: nothing here can happen again."""
        if seconds < 0:
            raise ValueError(f"the clock cannot go back ({seconds:g} s)")
        self._base += seconds


def iso(now: float) -> str:
    """`now` (seconds since 1970) as the vendor writes times."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
