"""Keeps the progress up to date while something else does the work, and says why it stands still."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager

from ..client import LushaClient
from .progress import Reporter

__all__ = ["watching"]

_SECONDS = 0.5


@contextmanager
def watching(
    progress: Reporter,
    client: LushaClient,
    name: str,
    total: int,
    *,
    done: Callable[[], int],
    note: Callable[[], str],
) -> Generator[None, None, None]:
    """A track of `progress` while the block lasts: `done()` of `total` records, with `note()` behind it.

    While nothing comes, the governor's explanation stands there instead.
    """

    async def show() -> None:
        shown = -1
        while True:
            now = done()
            progress.update(name, now, note() if now != shown else client.governor.explain())
            shown = now
            await asyncio.sleep(_SECONDS)

    progress.track(name, total)
    showing = asyncio.get_running_loop().create_task(show())
    try:
        yield
    finally:
        showing.cancel()
        progress.update(name, done(), note())
