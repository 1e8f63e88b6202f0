"""Replay detection in memory, for receivers without an inbox."""

import heapq
import time
from collections.abc import Callable

from .errors import OverloadedError
from .events import Event

__all__ = ["ReplayGuard"]


class ReplayGuard:
    """Distinguishes the first delivery of an event from its retries and replays, in bounded memory.

    Set `verify`'s tolerance to at most `window` seconds: an older delivery is then refused by its timestamp, and a
    newer one is remembered here. At most `capacity` events are remembered. State is kept in this process only; for
    durable detection use an inbox.

    `clock` returns seconds since 1970. Not thread-safe. Raises ValueError if `window` or `capacity` is not positive.
    """

    def __init__(
        self, *, window: float = 300.0, capacity: int = 100_000, clock: Callable[[], float] = time.time
    ) -> None:
        if not (window > 0 and capacity > 0):
            raise ValueError("window and capacity must be positive")
        self._window = window
        self._capacity = capacity
        self._clock = clock
        self._expires_at: dict[str, float] = {}
        self._expirations: list[tuple[float, str]] = []

    def first(self, event: Event) -> bool:
        """Remember the event and return True, or return False if it is a retry or a replay.

        Acknowledge in both cases; handle the event only if True. If handling fails and the vendor should retry, call
        `forget`. Raises `OverloadedError` if `capacity` events arrived within the window: respond with 503, and the
        vendor sends the event again.
        """
        now = self._clock()
        self._expire(now)
        if event.key in self._expires_at:
            return False
        if len(self._expirations) >= self._capacity:
            raise OverloadedError(
                f"more than {self._capacity} events within {self._window:g} s: raise the capacity of the ReplayGuard"
            )
        signed_at = now if event.signed_at is None else event.signed_at
        expires_at = max(signed_at, now) + self._window  # a timestamp in the future stays valid for longer
        self._expires_at[event.key] = expires_at
        heapq.heappush(self._expirations, (expires_at, event.key))
        return True

    def forget(self, event: Event) -> None:
        """Forget the event: `first` returns True for its next delivery."""
        self._expires_at.pop(event.key, None)

    def _expire(self, now: float) -> None:
        while self._expirations and self._expirations[0][0] < now:
            expires_at, key = heapq.heappop(self._expirations)
            if self._expires_at.get(key) == expires_at:
                del self._expires_at[key]

    def __len__(self) -> int:
        return len(self._expires_at)

    def __repr__(self) -> str:
        return f"<ReplayGuard {len(self)} of {self._capacity}, {self._window:g} s>"
