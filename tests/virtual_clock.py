"""An event loop whose time is virtual: when nothing is ready, the clock jumps to the next timer."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["VirtualClockLoop", "run"]

T = TypeVar("T")


class _JumpingSelector(selectors.DefaultSelector):
    """Waits no real time for a timer: hands the time-out over to the loop's clock instead."""

    loop: "VirtualClockLoop"

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:  # only another thread or the network could wake the loop
            return super().select(1)
        if timeout > 0:  # a step too small for the clock's precision would stand still for ever
            self.loop.now += max(timeout, 1e-9)
        return ready


class VirtualClockLoop(asyncio.SelectorEventLoop):
    """Starts at 1,000 s, so that code which takes 0 for "never" is found out."""

    def __init__(self) -> None:
        selector = _JumpingSelector()
        super().__init__(selector)
        selector.loop = self
        self.now = 1000.0

    def time(self) -> float:
        return self.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on a new virtual loop."""
    with asyncio.Runner(loop_factory=VirtualClockLoop) as runner:
        return runner.run(main)
