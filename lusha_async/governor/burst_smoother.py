"""A sudden crowd leaves one after another, so that it does not open all its connections in one instant.

This is what aiolimiter is good at: a leaky bucket with a small burst. It does not keep the limit itself, and could
not: AsyncLimiter(N, T) lets up to 2N - 1 requests through within T (a full bucket, and what leaks meanwhile), it
hears no answers, knows no plan windows, and serves one event loop. The ledger decides; this only evens out.
"""

import asyncio

__all__ = ["BurstSmoother"]


class BurstSmoother:
    """For one event loop: `burst` at once, further ones `spacing` seconds apart, first come first served."""

    def __init__(self, burst: int, spacing: float) -> None:
        from aiolimiter import AsyncLimiter  # noqa: PLC0415 - it takes a fifth of the client's import

        self._bucket = AsyncLimiter(burst, burst * spacing)
        self._line = asyncio.Lock()
        self._pause = spacing * 1.001  # never a rounding error too short

    async def pass_by(self) -> bool:
        """Wait for one's turn to leave; whether there was anything to wait for. A cancelled wait takes nothing."""
        if not self._line.locked() and self._bucket.has_capacity():
            await self._bucket.acquire()
            return False
        async with self._line:
            if not self._bucket.has_capacity():
                await asyncio.sleep(self._pause)
            await self._bucket.acquire()
        return True
