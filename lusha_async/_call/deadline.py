"""A time-out that a busy event loop does not shorten.

A timer that fires late says nothing about the vendor: the loop was busy elsewhere, and the answer may lie in the
socket's buffer. So the loop reads its sockets some more times before the time-out counts.
"""

import asyncio
import math
from types import TracebackType
from typing import Self

__all__ = ["Deadline"]

_LEAST_ROUNDS = 32
"""Iterations of the loop in any case, however long each of them takes. One reads about 40 KB of an answer."""

_MAX_ROUNDS = 256
_SECONDS = 0.1  # that further ones may take together


class Deadline:
    """`async with Deadline(seconds)`: like `asyncio.timeout`, but sockets are read before it raises `TimeoutError`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(None)
        self._rounds = 0
        self._until = 0.0
        self._handle: asyncio.Handle | None = None

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        if not math.isinf(self._seconds):
            self._handle = asyncio.get_running_loop().call_later(self._seconds, self._due)
        return self

    def _due(self) -> None:
        loop = asyncio.get_running_loop()
        if self._rounds == 0:
            self._until = loop.time() + _SECONDS
        self._rounds += 1
        if self._rounds <= _LEAST_ROUNDS or (self._rounds <= _MAX_ROUNDS and loop.time() < self._until):
            self._handle = loop.call_soon(self._due)
        else:
            self._timeout.reschedule(0.0)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._handle is not None:
            self._handle.cancel()
        await self._timeout.__aexit__(kind, error, traceback)
