"""Progress on standard error: bars on a terminal, a line every few seconds elsewhere."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ..client import LushaClient
from .text import harmless, say

__all__ = ["ProgressReporter", "progress_reporter", "track_progress"]

_LINE_SECONDS = 5.0
_REFRESH_SECONDS = 0.5


class ProgressReporter(Protocol):
    """Shows the progress of named tracks."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def add_track(self, name: str, total: int) -> None:
        """Add a track of `total` records."""
        ...

    def update(self, name: str, done: int, note: str = "") -> None:
        """Set the number of records done, and a note that is shown beside it."""
        ...

    def write_line(self, text: str) -> None:
        """Write a line that is not overwritten."""
        ...


def progress_reporter() -> ProgressReporter:
    """Bars if standard error is a terminal that can show them, otherwise plain lines."""
    return _Bars() if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else _Lines()


@contextmanager
def track_progress(
    progress: ProgressReporter,
    client: LushaClient,
    name: str,
    total: int,
    *,
    done: Callable[[], int],
    note: Callable[[], str],
) -> Generator[None, None, None]:
    """Add a track and update it from `done()` and `note()` while the block runs.

    While `done()` does not change, the governor's explanation is shown in place of the note.
    """

    async def refresh() -> None:
        shown = -1
        while True:
            now = done()
            progress.update(name, now, note() if now != shown else client.governor.explain())
            shown = now
            await asyncio.sleep(_REFRESH_SECONDS)

    progress.add_track(name, total)
    refreshing = asyncio.get_running_loop().create_task(refresh())
    try:
        yield
    finally:
        refreshing.cancel()
        progress.update(name, done(), note())


class _Bars:
    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=28),
            TextColumn("{task.completed:>7,.0f} / {task.total:,.0f}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=Console(stderr=True, highlight=False),
            refresh_per_second=8,
        )
        self._tracks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def add_track(self, name: str, total: int) -> None:
        self._tracks[name] = self._progress.add_task(escape(harmless(name)), total=total, note="")

    def update(self, name: str, done: int, note: str = "") -> None:
        self._progress.update(self._tracks[name], completed=done, note=escape(harmless(note)))

    def write_line(self, text: str) -> None:
        self._progress.console.print(harmless(text), markup=False, soft_wrap=True)


class _Lines:
    def __init__(self) -> None:
        self._totals: dict[str, int] = {}
        self._shown_at: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return None

    def add_track(self, name: str, total: int) -> None:
        self._totals[name] = total
        self._shown_at[name] = time.monotonic()

    def update(self, name: str, done: int, note: str = "") -> None:
        total = self._totals[name]
        now = time.monotonic()
        if done < total and now - self._shown_at[name] < _LINE_SECONDS:
            return
        self._shown_at[name] = now
        share = f"{100 * done // total} %" if total else "done"
        self.write_line(f"{name}: {done:,} of {total:,} ({share}){'  ' + note if note else ''}")

    def write_line(self, text: str) -> None:
        say(text, err=True)
