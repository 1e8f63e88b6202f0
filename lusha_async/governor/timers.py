"""One timer for each event loop with waiters, so that a loop which is busy or about to end delays no other."""

import asyncio
import math
from collections.abc import Callable, Iterable

from attrs import define, field

__all__ = ["Timers", "running_loop"]

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
