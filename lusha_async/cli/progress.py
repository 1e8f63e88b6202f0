"""Progress on standard error: bars on a terminal, a calm line now and then elsewhere."""

import os
import sys
import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

__all__ = ["Reporter", "reporter"]

_LINE_SECONDS = 5.0


class Reporter(Protocol):
    """Shows how far each of some named tracks has come."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def track(self, name: str, total: int) -> None:
        """Begin a track of `total` records."""
        ...

    def update(self, name: str, done: int, note: str = "") -> None:
        """`done` records are through; `note` is the rest of the line."""
        ...

    def say(self, text: str) -> None:
        """A line that stays."""
        ...


def reporter() -> Reporter:
    """Bars where standard error is a terminal that can show them, else plain lines."""
    return _Bars() if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else _Lines()


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

    def track(self, name: str, total: int) -> None:
        self._tracks[name] = self._progress.add_task(escape(name), total=total, note="")

    def update(self, name: str, done: int, note: str = "") -> None:
        self._progress.update(self._tracks[name], completed=done, note=escape(note))

    def say(self, text: str) -> None:
        self._progress.console.print(text, markup=False, soft_wrap=True)


class _Lines:
    def __init__(self) -> None:
        self._totals: dict[str, int] = {}
        self._told: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return None

    def track(self, name: str, total: int) -> None:
        self._totals[name] = total
        self._told[name] = time.monotonic()

    def update(self, name: str, done: int, note: str = "") -> None:
        total = self._totals[name]
        now = time.monotonic()
        if done < total and now - self._told[name] < _LINE_SECONDS:
            return
        self._told[name] = now
        share = f"{100 * done // total} %" if total else "done"
        self.say(f"{name}: {done:,} of {total:,} ({share}){'  ' + note if note else ''}")

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)  # noqa: T201
