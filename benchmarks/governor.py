"""The governor compared with other rate limiters on real sockets: `python -m benchmarks.governor [--quick]`.

In each run, a client that always has more to send meets a server in another process that counts arrivals strictly.
Share: requests accepted, as a share of what the rule allows in that time. Cold is the first half of a run, steady the
second. Four runs are concurrent (100 requests a second in all). The load average is printed with the figures, because
other work on the machine delays timers. All takes about five minutes, `--quick` one.
"""

import argparse
import asyncio
import os
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
from aiolimiter import AsyncLimiter
from attrs import frozen
from pyrate_limiter import Duration, Limiter, Rate

from benchmarks.strict_server import Course, serving
from benchmarks.table import Row, print_table
from lusha_async.governor import Governor, GovernorConfig, Lane
from lusha_async.operations import BY_NAME
from lusha_async.quota import read_quota, read_refusal

SEARCH = BY_NAME["searchContacts"]
JITTERS = ("none", "uniform", "exponential", "spikes")
RULES = ("sliding", "fixed", "bucket")
# rule -> jitter -> minimum share in %, maximum of 429s in 1,000 requests, and in the first 500 from cold
GOALS = {
    "sliding": {
        "none": (98.4, 1, 1),
        "uniform": (98.4, 1, 1),
        "exponential": (95.5, 6, 3),
        "spikes": (95.5, 4, 3),
    },
    "fixed": dict.fromkeys(JITTERS, (99.0, 0, 0)),
    "bucket": dict.fromkeys(JITTERS, (99.0, 0, 0)),
}

LimiterSlot = AbstractAsyncContextManager[Callable[[httpx.Response], None]]
"""Entering waits for a slot; the function that it returns takes the response."""
SlotFactory = Callable[[], LimiterSlot]


def ours(config: GovernorConfig | None = None) -> SlotFactory:
    """The governor."""
    governor = Governor(config)

    @asynccontextmanager
    async def slot() -> AsyncIterator[Callable[[httpx.Response], None]]:
        async with governor.slot(SEARCH, lane=Lane.BULK) as permit:
            permit.sent()

            def learn(response: httpx.Response) -> None:
                headers = dict(response.headers)
                message = response.text if response.status_code == 429 else ""
                refusal = read_refusal(message, headers) if response.status_code == 429 else None
                permit.learn(read_quota(headers), refusal)

            yield learn

    return slot


def _without_feedback(acquire: Callable[[], Awaitable[Any]]) -> SlotFactory:
    """A limiter that learns nothing from responses."""

    @asynccontextmanager
    async def slot() -> AsyncIterator[Callable[[httpx.Response], None]]:
        await acquire()
        yield lambda response: None

    return slot


async def _no_wait() -> None:
    return None


def pyrate() -> SlotFactory:
    """pyrate-limiter's sliding list."""
    limiter = Limiter(Rate(25, Duration.SECOND))

    async def acquire() -> None:
        await limiter.try_acquire_async("all")

    return _without_feedback(acquire)


PEERS: dict[str, Callable[[], SlotFactory]] = {
    "aiolimiter(25, 1)": lambda: _without_feedback(AsyncLimiter(25, 1).acquire),
    "aiolimiter(1, 0.04)": lambda: _without_feedback(AsyncLimiter(1, 0.04).acquire),
    "pyrate-limiter": pyrate,
    "retries only": lambda: _without_feedback(_no_wait),
}


@frozen(kw_only=True)
class Run:
    """The result of one cell: times of the requests let in and refused, waits for a slot in seconds."""

    let_in: list[float]
    refused: dict[str, list[float]]
    windows: dict[str, list[int]]
    foreign: int
    waits: list[float]

    def half(self, second: bool) -> tuple[float, int, int]:
        """Share of the ceiling in %, 429s, requests of one half of the run."""
        refused = sorted(at for times in self.refused.values() for at in times)
        middle = sorted(self.let_in + refused)[(len(self.let_in) + len(refused)) // 2]
        chosen = [at for at in self.let_in if (at >= middle) == second]
        times = [at for at in refused if (at >= middle) == second]
        return share(chosen), len(times), len(chosen) + len(times)


def share(times: list[float]) -> float:
    """What is used of the ceiling, in %: each request against the one 25 before, so no burst flatters it."""
    spans = [later - earlier for earlier, later in zip(times, times[25:], strict=False)]
    return 100 * len(spans) / sum(spans)


async def drive(url: str, slot: SlotFactory, *, requests: int = 0, seconds: float = 0.0, workers: int = 50) -> Run:
    """Send with endless demand until `requests` were let in or `seconds` are over; 429s are tried again."""
    waits: list[float] = []
    begun = time.monotonic()
    done = 0

    async def work(client: httpx.AsyncClient) -> None:
        nonlocal done
        failures = 0
        while (done < requests) if requests else (time.monotonic() - begun < seconds):
            queued = time.monotonic()
            async with slot() as learn:
                waits.append(time.monotonic() - queued)
                response = await client.get(url)
                learn(response)
            if response.status_code == 200:
                done += 1
                failures = 0
            elif slot.__qualname__.startswith("_without_feedback"):
                failures += 1
                await asyncio.sleep(min(2.0, 0.25 * 2**failures))

    limits = httpx.Limits(max_connections=workers)
    async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:
        tasks = [asyncio.create_task(work(client)) for _ in range(workers)]
        try:
            async with asyncio.timeout(max(seconds, requests / 10) + 20):
                if requests:
                    await asyncio.gather(*tasks)
                else:
                    await asyncio.sleep(seconds)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        report = (await client.get(f"{url}/report")).json()
    return Run(waits=waits, **report)


def _batch(courses: list[Course], slots: list[SlotFactory], requests: int) -> tuple[list[Run], str]:
    """Run cells beside each other; with a note of what they cost and of the machine's load."""

    async def together(urls: list[str]) -> list[Run]:
        cells = zip(urls, slots, strict=True)
        return await asyncio.gather(*(drive(url, slot, requests=requests) for url, slot in cells))

    cpu = time.process_time()
    with serving(courses) as urls:
        runs = asyncio.run(together(urls))
    cost = (time.process_time() - cpu) / sum(len(run.waits) for run in runs) * 1000
    return runs, f"{cost:.1f} ms CPU/request, load {os.getloadavg()[0]:.1f}"


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _waits(run: Run) -> str:
    return f"wait p50 {_percentile(run.waits, 0.5):.2f} p99 {_percentile(run.waits, 0.99):.2f} s"


def pace_rows(quick: bool) -> Iterator[Row]:
    """Ours in every cell."""
    requests = 300 if quick else 1000
    for rule in RULES[:1] if quick else RULES:
        runs, note = _batch(
            [Course(rule=rule, jitter=jitter) for jitter in JITTERS], [ours() for _ in JITTERS], requests
        )
        for jitter, run in zip(JITTERS, runs, strict=True):
            min_share, max_refused, max_cold = GOALS[rule][jitter]
            for second in (False, True):
                reached, refused, sent = run.half(second)
                allowed = max_refused if second else max_cold
                counted = refused * 1000 / sent if second else refused
                yield Row(
                    benchmark=f"pace, {rule} second, {jitter}",
                    subject="governor, steady" if second else "governor, cold",
                    figure=f"{reached:.1f} % : {refused} of {sent} refused; {_waits(run)}; {note}",
                    goal=f">= {min_share} %, <= {allowed}" + (" in 1,000" if second else ""),
                    met=reached >= min_share and counted <= allowed,
                    point=(refused * 1000 / sent, reached),
                )


def peer_rows(quick: bool) -> Iterator[Row]:
    """The others, under the sliding second, which decides."""
    for name, make in PEERS.items():
        courses = [Course(jitter=jitter) for jitter in JITTERS]
        runs, note = _batch(courses, [make() for _ in JITTERS], 150 if quick else 500)
        for jitter, run in zip(JITTERS, runs, strict=True):
            refused = sum(len(times) for times in run.refused.values())
            sent = len(run.let_in) + refused
            reached = share(run.let_in)
            yield Row(
                benchmark=f"pace, sliding second, {jitter}",
                subject=name,
                figure=f"{reached:.1f} % : {refused} of {sent} refused; {_waits(run)}; {note}",
                point=(refused * 1000 / sent, reached),
            )


SHORT = GovernorConfig(minute=6.0, hour=12.0)
PLENTY = ("hourly", 10_000, 12.0)


def window_rows(quick: bool) -> Iterator[Row]:
    """Plan windows shortened to seconds, known from headers alone; then with 30 % external traffic."""
    seconds = 19.0 if quick else 37.0
    minute = ("minute", 60, 6.0)
    cells = {
        "minutes that begin with a call": Course(windows=(minute, PLENTY)),
        "minutes bound to the clock": Course(windows=(minute, PLENTY), aligned=True),
        "hours that bind before minutes": Course(windows=(minute, ("hourly", 100, 12.0))),
        "minutes with 30 % external traffic": Course(windows=(minute, PLENTY), foreign=3.0),
    }

    async def together(urls: list[str]) -> list[Run]:
        return await asyncio.gather(*(drive(url, ours(SHORT), seconds=seconds) for url in urls))

    with serving(list(cells.values())) as urls:
        runs = asyncio.run(together(urls))
    load = os.getloadavg()[0]
    for (name, course), run in zip(cells.items(), runs, strict=True):
        window = "hourly" if course.windows[1] is not PLENTY else "minute"
        limit = 100 if window == "hourly" else 60
        counts = run.windows[window]
        # The last window was cut short by the end; a clock-bound first one began before we did.
        whole = counts[1 if course.aligned else 0 : -1]
        used = 100 * sum(whole) / (limit * len(whole))
        refused = {why: len(times) for why, times in run.refused.items()}
        others = f", {run.foreign} of them external" if course.foreign else ""
        yield Row(
            benchmark="plan windows",
            subject=name,
            figure=f"{used:.1f} % of {len(whole)} windows {counts}{others}; 429s: {refused or 'none'}; load {load:.1f}",
            goal=">= 99 %, no 429",
            met=used >= 99 and not refused,
        )


def cost_rows(quick: bool) -> Iterator[Row]:
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


def rows(*, quick: bool = False) -> Iterator[Row]:
    """All figures, as they come."""
    yield from cost_rows(quick)
    yield from window_rows(quick)
    yield from pace_rows(quick)
    yield from peer_rows(quick)


PARTS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "cost": cost_rows,
    "windows": window_rows,
    "pace": pace_rows,
    "peers": peer_rows,
}


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.governor", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all if none is named")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--plot", metavar="FILE.png", help="draw the parts `pace` and `peers`")
    arguments = parser.parse_args()
    chosen = arguments.parts or list(PARTS)
    measured = [row for name in chosen for row in PARTS[name](arguments.quick)]
    print_table(measured)
    if arguments.plot:
        from benchmarks.plot import draw_pace  # noqa: PLC0415 - matplotlib only where a plot is wanted

        draw_pace(measured, arguments.plot)


if __name__ == "__main__":
    main()
