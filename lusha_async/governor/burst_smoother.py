"""Spreads a sudden burst over a moment, so that it does not open all its connections in one instant.

aiolimiter's leaky bucket does this well. The limits themselves are not kept by it: AsyncLimiter(N, T) admits up to
2N - 1 requests within T (a full bucket, and what leaks meanwhile), sees no answers and no plan windows, and serves
a single event loop.
"""

import asyncio

__all__ = ["BurstSmoother"]


class BurstSmoother:
    """For one event loop: `burst` requests at once, further ones `spacing` seconds apart, first in, first out."""

    def __init__(self, burst: int, spacing: float) -> None:
        from aiolimiter import AsyncLimiter  # noqa: PLC0415 - it takes a fifth of the client's import

        self._bucket = AsyncLimiter(burst, burst * spacing)
        self._lock = asyncio.Lock()
        self._pause = spacing * 1.001  # never too short by a rounding error

    async def wait(self) -> bool:
        """Wait until the request may leave. True if it had to wait. A cancelled wait takes no capacity."""
        if not self._lock.locked() and self._bucket.has_capacity():
            await self._bucket.acquire()
            return False
        async with self._lock:
            if not self._bucket.has_capacity():
                await asyncio.sleep(self._pause)
            await self._bucket.acquire()
        return True
