"""Replay detection in memory, for receivers without an inbox."""

import heapq
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from .._repr import half_made
from .errors import OverloadedError
from .events import Event

__all__ = ["ReplayGuard"]

AnyEvent = TypeVar("AnyEvent", bound=Event)


class ReplayGuard:
    """Saves the first delivery of an event and recognises its retries and replays, in bounded memory.

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
        self._saving: dict[str, anyio.Event] = {}

    async def save_once(self, event: AnyEvent, save: Callable[[AnyEvent], Awaitable[object]]) -> bool:
        """Call `save(event)`, and remember the event when it returns; do nothing if the event is known.

        Returns True if this call saved it, and False if it is a retry or a replay of a saved one: acknowledge in both
        cases. If `save` raises or is cancelled, so does this call, and the event is not remembered: respond with 503,
        and the vendor sends it again. Of concurrent calls for one event, one saves and the others wait for it; if it
        fails, the next one saves. `save` must be durable when it returns; if cancelled, it may have saved, so let the
        database refuse a second `event.key`.

        Raises `OverloadedError`, before saving, if `capacity` events arrived within the window: respond with 503.
        """
        key = event.key
        while (other := self._saving.get(key)) is not None:
            await other.wait()
        self._expire(self._clock())
        if key in self._expires_at:
            return False
        if len(self._expirations) + len(self._saving) >= self._capacity:
            raise OverloadedError(
                f"more than {self._capacity} events within {self._window:g} s: raise the capacity of the ReplayGuard"
            )
        ended = self._saving[key] = anyio.Event()
        try:
            await save(event)
            self._remember(key, event.signed_at)
        finally:
            del self._saving[key]
            ended.set()
        return True

    def _remember(self, key: str, signed_at: float | None) -> None:
        now = self._clock()
        # a timestamp in the future stays valid for longer
        expires_at = max(now if signed_at is None else signed_at, now) + self._window
        self._expires_at[key] = expires_at
        heapq.heappush(self._expirations, (expires_at, key))

    def _expire(self, now: float) -> None:
        while self._expirations and self._expirations[0][0] < now:
            del self._expires_at[heapq.heappop(self._expirations)[1]]

    def __len__(self) -> int:
        return len(self._expires_at)

    @half_made
    def __repr__(self) -> str:
        return f"<ReplayGuard {len(self)} of {self._capacity}, {self._window:g} s>"
