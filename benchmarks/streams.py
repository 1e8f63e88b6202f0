"""Streams, bulk methods and coalesced calls over real sockets, compared with loops written by hand.

The server enforces the vendor's 25 requests a second and answers after 50-150 ms. Each measurement has its own
process, so that peak memory can be measured.
"""

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
from aiolimiter import AsyncLimiter

from benchmarks.server import SECOND_LIMIT, spawn
from benchmarks.table import Row, print_table
from lusha_async import LushaClient

__all__ = ["rows"]

KEY = "00000000-0000-4000-8000-000000000000"
FILTERS = {"contacts": {"include": {"seniorityIds": [9]}}}


async def _prospect(url: str, count: int) -> dict[str, Any]:
    """Read `count` prospects, in order."""
    async with LushaClient(KEY, base_url=url) as lusha:
        expected = 0
        async for person in lusha.contacts.prospect(FILTERS, limit=count):
            assert person.id == f"v1.{expected}"
            expected += 1
        assert expected == count
    return {}


async def _enrich_many(url: str, count: int) -> dict[str, Any]:
    """Enrich `count` ids with the library."""
    async with LushaClient(KEY, base_url=url) as lusha:
        served = 0
        async for row in lusha.contacts.enrich_many((f"v1.{n}" for n in range(count)), reveal=["emails"]):
            served += row.ok
        assert served == count
    return {}


async def _by_hand(url: str, count: int, *, paced: bool) -> dict[str, Any]:
    """The same with httpx and asyncio alone: paced by aiolimiter, or everything at once by gather."""
    limiter = AsyncLimiter(1, 1 / SECOND_LIMIT)
    served = 0
    limits = httpx.Limits(max_connections=256)
    async with httpx.AsyncClient(headers={"api_key": KEY}, timeout=60, limits=limits) as http:

        async def chunk(start: int) -> None:
            nonlocal served
            body = {"ids": [f"v1.{n}" for n in range(start, min(start + 100, count))], "reveal": ["emails"]}
            if paced:
                async with limiter:
                    answer = await http.post(f"{url}/v3/contacts/enrich", json=body)
            else:
                answer = await http.post(f"{url}/v3/contacts/enrich", json=body)
            if answer.status_code == 200:
                served += len(answer.json()["results"])

        await asyncio.gather(*(chunk(start) for start in range(0, count, 100)))
    return {"served": served}


async def _handlers(url: str, count: int) -> dict[str, Any]:
    """`count` web handlers that each await one person, within 100 ms."""
    waits: list[float] = []
    async with LushaClient(KEY, base_url=url) as lusha:

        async def handler(number: int) -> None:
            await asyncio.sleep(0.1 * number / count)
            began = time.perf_counter()
            await lusha.contacts.enrich_one(f"v1.{number}", reveal=["emails"])
            waits.append(time.perf_counter() - began)

        await asyncio.gather(*(handler(number) for number in range(count)))
    cuts = statistics.quantiles(waits, n=100)
    return {"p50": cuts[49], "p99": cuts[98]}


CASES: dict[str, Callable[[str, int], Awaitable[dict[str, Any]]]] = {
    "prospect": _prospect,
    "enrich_many": _enrich_many,
    "aiolimiter": lambda url, count: _by_hand(url, count, paced=True),
    "gather": lambda url, count: _by_hand(url, count, paced=False),
    "handlers": _handlers,
}


async def _child(case: str, url: str, count: int, *, warm: bool) -> None:
    if warm:
        await CASES[case](url, 100)
        await asyncio.sleep(1.1)
    began, cpu = time.perf_counter(), time.process_time()
    figures = await CASES[case](url, count)
    figures |= {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(figures))


def _measured(case: str, url: str, count: int, *, warm: bool = False) -> dict[str, Any]:
    """The figures of a process of its own. `warm`: after a first request, so that its start is not counted."""
    command = [sys.executable, "-m", "benchmarks.streams", case, url, str(count), *(["warm"] if warm else [])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Speed against the floor, refusals, memory, and CPU a record beside the loops written by hand."""
    prospects, ids, few = (5_000, 20_000, 5_000) if quick else (50_000, 200_000, 10_000)
    with spawn() as server:
        time.sleep(1)
        yield from _against_the_floor(server, "prospect", prospects, 50, "prospects in order")
        peak = yield from _against_the_floor(server, "enrich_many", ids, 100, "enrich_many")
        small = _measured("enrich_many", server.url, few)
        server.stats()
        growth = peak / small["peak_mb"]
        yield Row(
            benchmark="streams",
            subject=f"peak memory, {ids:,} ids against {few:,}",
            figure=f"{peak:.0f} MB against {small['peak_mb']:.0f} MB, {growth:.2f} x",
            goal="<= 1.1 x",
            met=growth <= 1.1,
        )
        yield from _peers(server, few)
        yield from _coalesced(server)


def _against_the_floor(server: Any, case: str, count: int, batch: int, what: str) -> Any:
    time.sleep(1.1)
    figures, floor = _measured(case, server.url, count), count / batch / SECOND_LIMIT
    stats, ratio = server.stats(), figures["seconds"] / floor
    yield Row(
        benchmark="streams",
        subject=f"{count:,} {what}, {count // batch:,} requests",
        figure=(
            f"{figures['seconds']:.2f} s, {ratio:.4f} x the floor, "
            f"{1e6 * figures['cpu'] / count:.0f} us CPU a record"
        ),
        goal="<= 1.01 x" if count >= 50_000 else None,
        met=ratio <= 1.01 if count >= 50_000 else None,
    )
    yield Row(
        benchmark="streams",
        subject=f"refused of {stats['requests']:,} requests",
        figure=f"{stats['refused']} x 429, at most {stats['most_in_a_second']} in a second",
        goal="0 x 429",
        met=stats["refused"] == 0,
    )
    return figures["peak_mb"]


def _peers(server: Any, count: int) -> Iterator[Row]:
    ours: float | None = None
    for case, name in (
        ("enrich_many", "lusha_async"),
        ("aiolimiter", "httpx + aiolimiter"),
        ("gather", "httpx, gather"),
    ):
        time.sleep(1.1)
        figures, stats = _measured(case, server.url, count, warm=True), server.stats()
        ours = ours if ours is not None else figures["cpu"]
        yield Row(
            benchmark="streams",
            subject=f"{count:,} ids by {name}",
            figure=(
                f"{figures['seconds']:.1f} s, {1e6 * figures['cpu'] / count:.0f} us CPU a record "
                f"({figures['cpu'] / ours:.2f} x ours), {stats['refused']} x 429, "
                f"{figures.get('served', count):,} records had, peak {figures['peak_mb']:.0f} MB"
            ),
        )


def _coalesced(server: Any) -> Iterator[Row]:
    time.sleep(1.1)
    figures, stats = _measured("handlers", server.url, 1000), server.stats()
    yield Row(
        benchmark="streams",
        subject="1,000 handlers within 100 ms, one person each",
        figure=f"{stats['requests']} requests, p50 {1000 * figures['p50']:.0f} ms, p99 {1000 * figures['p99']:.0f} ms",
        goal="<= 20 requests",
        met=stats["requests"] <= 20,
    )


if __name__ == "__main__":
    if len(sys.argv) >= 4:
        asyncio.run(_child(sys.argv[1], sys.argv[2], int(sys.argv[3]), warm="warm" in sys.argv))
    else:
        print_table(rows(quick="--quick" in sys.argv))
