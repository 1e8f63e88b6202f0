"""Ctrl-C and SIGTERM while paid requests are under way: the first asks to end, the second ends at once."""

import asyncio
import signal
from collections.abc import Callable
from types import TracebackType
from typing import Self

__all__ = ["INTERRUPTED", "Interrupt"]

INTERRUPTED = 130
"""The exit status after Ctrl-C: 128 + SIGINT, as shells have it."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt:
    """Catches the signals inside its `with` block on the running loop, where the system allows it.

    `asked` is called on the first signal, `insisted` on each further one. Where the loop cannot catch signals
    (Windows), Ctrl-C cancels the running task as asyncio has it.
    """

    def __init__(self, *, asked: Callable[[], None], insisted: Callable[[], None]) -> None:
        self._asked = asked
        self._insisted = insisted
        self._caught: signal.Signals | None = None

    @property
    def exit_status(self) -> int | None:
        """128 + the signal that came, or None."""
        return None if self._caught is None else 128 + self._caught

    def _catch(self, caught: signal.Signals) -> None:
        if self._caught is None:
            self._caught = caught
            self._asked()
        else:
            self._insisted()

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        try:
            for number in _SIGNALS:
                loop.add_signal_handler(number, self._catch, number)
        except (NotImplementedError, RuntimeError):
            pass
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            try:
                loop.remove_signal_handler(number)
            except NotImplementedError:
                return
