"""A bounded memory of what was seen, for receivers without an inbox."""

import heapq
import time
from collections.abc import Callable

from .errors import OverloadedError
from .events import Event

__all__ = ["ReplayGuard"]


class ReplayGuard:
    """Tells each event's first delivery from its retries and replays, in bounded memory.

    Keep `verify`'s tolerance no longer than `window` seconds: an older delivery is refused by its timestamp, a
    younger one is known here. At most `capacity` events are remembered; `first` refuses more within the window
    rather than forget one. In the memory of one process: an inbox is durable.

    `clock` gives seconds since 1970. Not safe across threads.
    """

    def __init__(
        self, *, window: float = 300.0, capacity: int = 100_000, clock: Callable[[], float] = time.time
    ) -> None:
        if not (window > 0 and capacity > 0):
            raise ValueError("window and capacity must be positive")
        self._window = window
        self._capacity = capacity
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._by_age: list[tuple[float, str]] = []

    def first(self, event: Event) -> bool:
        """True the first time the event comes (and it is remembered), False for a retry or a replay.

        Acknowledge both; handle only the first. Call `forget` if handling it failed and the vendor shall retry.
        Raises `OverloadedError` when the memory is full: answer 503, and the vendor sends the event again.
        """
        now = self._clock()
        self._expire(now)
        if event.key in self._seen:
            return False
        if len(self._by_age) >= self._capacity:
            raise OverloadedError(f"{self._capacity} events came within {self._window:g} s: raise the capacity")
        signed_at = now if event.signed_at is None else event.signed_at
        until = max(signed_at, now) + self._window  # a timestamp of the future is valid for longer
        self._seen[event.key] = until
        heapq.heappush(self._by_age, (until, event.key))
        return True

    def forget(self, event: Event) -> None:
        """Take the event as not seen: its next delivery is the first again."""
        self._seen.pop(event.key, None)

    def _expire(self, now: float) -> None:
        while self._by_age and self._by_age[0][0] < now:
            until, key = heapq.heappop(self._by_age)
            if self._seen.get(key) == until:
                del self._seen[key]

    def __len__(self) -> int:
        return len(self._seen)

    def __repr__(self) -> str:
        return f"<ReplayGuard {len(self)} of {self._capacity}, {self._window:g} s>"
