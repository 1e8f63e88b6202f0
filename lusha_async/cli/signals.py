"""Ctrl-C and SIGTERM while paid requests are in flight: the first stops gracefully, the second at once."""

import asyncio
import signal
from collections.abc import Callable
from types import TracebackType
from typing import Self

__all__ = ["EXIT_INTERRUPTED", "InterruptHandler"]

EXIT_INTERRUPTED = 130
"""The exit status after Ctrl-C: 128 + SIGINT, as in a shell."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class InterruptHandler:
    """Handles SIGINT and SIGTERM of the running loop inside its `with` block.

    `on_first` is called at the first signal, `on_repeat` at each further one. If the loop cannot handle signals
    (Windows), Ctrl-C cancels the running task, as always in asyncio.
    """

    def __init__(self, *, on_first: Callable[[], None], on_repeat: Callable[[], None]) -> None:
        self._on_first = on_first
        self._on_repeat = on_repeat
        self._received: signal.Signals | None = None

    @property
    def exit_status(self) -> int | None:
        """128 + the first signal; None if there was none."""
        return None if self._received is None else 128 + self._received

    def _handle(self, number: signal.Signals) -> None:
        if self._received is None:
            self._received = number
            self._on_first()
        else:
            self._on_repeat()

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        try:
            for number in _SIGNALS:
                loop.add_signal_handler(number, self._handle, number)
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
