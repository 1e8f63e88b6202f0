"""What a slot costs when nothing is in its way: `python -m benchmarks slot [--quick]`."""

import asyncio
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator

from aiolimiter import AsyncLimiter
from pyrate_limiter import Duration, Limiter, Rate

from benchmarks.table import Row
from lusha_async.governor import Governor, GovernorConfig
from lusha_async.operations import BY_NAME
from lusha_async.quota import read_quota

__all__ = ["rows"]

SEARCH = BY_NAME["searchContacts"]


def rows(quick: bool) -> Iterator[Row]:
    """What a slot costs when nobody waits, a long queue, and 100,000 requests of memory."""
    rounds = 2_000 if quick else 10_000

    async def uncontended(acquire: Callable[[], Awaitable[None]]) -> float:
        best = float("inf")
        for _ in range(5):
            began = time.perf_counter()
            for _ in range(rounds // 5):
                await acquire()
            best = min(best, (time.perf_counter() - began) / (rounds // 5))
        return best * 1e6

    async def measure() -> tuple[float, float, float]:
        governor = Governor(GovernorConfig(second=1e-6, burst=1_000_000, spacing=1e-6))

        async def slot() -> None:
            async with governor.slot(SEARCH):
                pass

        limiter = Limiter(Rate(10_000_000, Duration.SECOND))

        async def other() -> None:
            await limiter.try_acquire_async("all")

        leaky = AsyncLimiter(10_000_000, 1)
        return await uncontended(slot), await uncontended(other), await uncontended(leaky.acquire)

    mine, pyrates, leakys = asyncio.run(measure())
    yield Row(
        benchmark="cost of a slot",
        subject="governor / pyrate-limiter / aiolimiter",
        figure=f"{mine:.1f} / {pyrates:.1f} / {leakys:.1f} us",
        goal="no more than pyrate-limiter",
        met=mine <= pyrates,
    )
    waiters = 2_000 if quick else 10_000
    drained = {"governor": _drain_ours(waiters), "aiolimiter": _drain_leaky(waiters)}
    yield Row(
        benchmark=f"{waiters} waiters drained",
        subject="governor / aiolimiter",
        figure=" / ".join(f"{1e6 * cost / waiters:.0f} us CPU each" for cost in drained.values()),
        goal="no more than aiolimiter",
        met=drained["governor"] <= drained["aiolimiter"],
    )
    grown = asyncio.run(_growth(20_000 if quick else 100_000))
    yield Row(
        benchmark="memory",
        subject="governor",
        figure=f"{grown / 1024:.1f} KiB more after the last 90 % of the requests",
        goal="flat",
        met=grown < 64 * 1024,
    )


def _drain_ours(waiters: int) -> float:
    async def main() -> float:
        governor = Governor(GovernorConfig(rate=100, second=0.02, burst=10**6, spacing=1e-6))

        quota = read_quota({})

        async def one() -> None:
            async with governor.slot(SEARCH) as permit:
                permit.sent()
                permit.learn(quota)

        began = time.process_time()
        await asyncio.gather(*(one() for _ in range(waiters)))
        return time.process_time() - began

    return asyncio.run(main())


def _drain_leaky(waiters: int) -> float:
    async def main() -> float:
        limiter = AsyncLimiter(100, 0.02)

        async def one() -> None:
            async with limiter:
                pass

        began = time.process_time()
        await asyncio.gather(*(one() for _ in range(waiters)))
        return time.process_time() - began

    return asyncio.run(main())


async def _growth(requests: int) -> int:
    governor = Governor(GovernorConfig(rate=100, second=0.0001, burst=10**6, spacing=1e-6))
    quota = read_quota({"x-rate-limit-minute": "1000000", "x-minute-requests-left": "900000"})

    async def some(number: int) -> None:
        for _ in range(number):
            async with governor.slot(SEARCH) as permit:
                permit.sent()
                permit.learn(quota)

    await some(requests // 10)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    await some(requests - requests // 10)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return grown
