"""When each event loop is to look again at those who wait on it.

Every loop with waiters has its own alarm, so that a loop which is busy or about to end holds up no other.
"""

import asyncio
import math
from collections.abc import Callable, Iterable

from attrs import define, field

__all__ = ["Timers", "running_loop"]

_LATE = 1e-5
"""Added to each timer, so that rounding cannot make it fire a moment too soon, over and over."""

Loop = asyncio.AbstractEventLoop


@define
class _Timer:
    at: float
    handle: asyncio.TimerHandle | None = None


@define
class Timers:
    """`ring` is called on the loop whose time has come, with that loop."""

    ring: Callable[[Loop], None]
    _set: dict[Loop, _Timer] = field(factory=dict[Loop, _Timer], init=False)

    def set(self, loops: Iterable[Loop], at: float, now: float) -> list[Loop]:
        """Look again at `at` on each of `loops`; gives those that turn out to be closed."""
        here = running_loop()
        closed: list[Loop] = []
        for loop in loops:
            alarm = self._set.get(loop)
            if alarm is not None and alarm.at == at:
                continue
            if loop is here:
                self.clear(loop)
                handle = None if math.isinf(at) else loop.call_later(max(0.0, at - now) + _LATE, self.ring, loop)
                self._set[loop] = _Timer(at, handle)
            elif alarm is None or at < alarm.at:  # its own thread sets the timer, after a look of its own
                self._set[loop] = _Timer(at, alarm.handle if alarm else None)
                try:
                    loop.call_soon_threadsafe(self.ring, loop)
                except RuntimeError:
                    self.clear(loop)
                    closed.append(loop)
        return closed

    def clear(self, loop: Loop) -> None:
        """Forget the alarm of `loop`."""
        alarm = self._set.pop(loop, None)
        if alarm is not None and alarm.handle is not None:
            alarm.handle.cancel()


def running_loop() -> Loop | None:
    """The loop that runs in this thread, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
