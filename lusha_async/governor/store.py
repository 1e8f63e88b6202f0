"""Where the ledger is kept. The seam for programs that share an account beyond one process.

The governor touches its ledger only inside `with store as ledger`. A store for several processes takes its lock
and loads the books on entry, writes them on exit, and reads the same clock in all of them; the rules stay in the
ledger. This package keeps books in memory only: other processes count as foreign traffic.
"""

import threading
from types import TracebackType
from typing import Protocol

from .limiter_state import LimiterState

__all__ = ["GovernorStore", "MemoryStore"]


class GovernorStore(Protocol):
    """A ledger behind a lock. Blocks are short, and never nested."""

    def __enter__(self) -> LimiterState:
        """Take the lock; the books as they stand."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Keep what was changed; free the lock."""
        ...

    def after_fork(self) -> None:
        """In a new child process: the lock may be held by a thread that does not exist here."""
        ...


class MemoryStore:
    """Books of one process."""

    def __init__(self, ledger: LimiterState) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()

    def __enter__(self) -> LimiterState:
        self._lock.acquire()
        return self._ledger

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lock.release()

    def after_fork(self) -> None:
        """The answers under way are the parent's: here nothing is in flight."""
        self._lock = threading.Lock()
        self._ledger.disown()
