"""What each event loop with waiters has of its own: one timer, and a smoother of sudden bursts.

A timer for each, so that a loop which is busy or about to end delays no other. A burst is spread over a moment, so that
it does not open all its connections in one instant: aiolimiter's leaky bucket does this well. The limits themselves are
not kept by it: AsyncLimiter(N, T) admits up to 2N - 1 requests within T (a full bucket, and what leaks meanwhile), sees
no answers and no plan windows, and serves a single event loop.
"""

import asyncio
import math
from collections.abc import Callable, Iterable

from attrs import define, field

__all__ = ["BurstSmoother", "Timers", "running_loop"]

_MARGIN = 1e-5
"""Seconds added to each timer, so that rounding cannot make it fire too early, over and over."""

Loop = asyncio.AbstractEventLoop


@define
class _Timer:
    at: float
    handle: asyncio.TimerHandle | None = None


@define
class Timers:
    """`callback` is called with the loop whose timer is due, on that loop."""

    callback: Callable[[Loop], None]
    _timers: dict[Loop, _Timer] = field(factory=dict[Loop, _Timer], init=False)

    def set(self, loops: Iterable[Loop], at: float, now: float) -> list[Loop]:
        """Set the timer of each of `loops` to `at`; returns the loops that are closed."""
        here = running_loop()
        closed: list[Loop] = []
        for loop in loops:
            timer = self._timers.get(loop)
            if timer is not None and timer.at == at:
                continue
            if loop is here:
                self.clear(loop)
                handle = (
                    None if math.isinf(at) else loop.call_later(max(0.0, at - now) + _MARGIN, self.callback, loop)
                )
                self._timers[loop] = _Timer(at, handle)
            elif timer is None or at < timer.at:  # the callback sets the timer, in the thread of that loop
                self._timers[loop] = _Timer(at, timer.handle if timer else None)
                try:
                    loop.call_soon_threadsafe(self.callback, loop)
                except RuntimeError:
                    self.clear(loop)
                    closed.append(loop)
        return closed

    def clear(self, loop: Loop) -> None:
        """Cancel the timer of `loop`."""
        timer = self._timers.pop(loop, None)
        if timer is not None and timer.handle is not None:
            timer.handle.cancel()


def running_loop() -> Loop | None:
    """The loop that runs in this thread, or None."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class BurstSmoother:
    """For one event loop: `burst` requests at once, further ones `spacing` seconds apart, first in, first out."""

    def __init__(self, burst: int, spacing: float) -> None:
        from aiolimiter import AsyncLimiter  # noqa: PLC0415 - it takes a fifth of the client's import

        self._bucket = AsyncLimiter(burst, burst * spacing)
        self._lock = asyncio.Lock()
        self._pause = spacing * 1.001  # never too short by a rounding error

    async def wait(self) -> bool:
        """Wait until the request may leave. True if it had to wait. A cancelled wait takes no capacity."""
        if not self._lock.locked() and self._bucket.has_capacity():
            await self._bucket.acquire()
            return False
        async with self._lock:
            if not self._bucket.has_capacity():
                await asyncio.sleep(self._pause)
            await self._bucket.acquire()
        return True
