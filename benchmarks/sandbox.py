"""Capacity of the sandbox: requests a second of one server process, seconds to the first response, memory.

The sandbox must answer more requests a second than the vendor allows, or it limits what other benchmarks measure.
The client is this process and needs a core of its own; on a single core the figures are of both together.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from benchmarks.table import Row, print_table
from lusha_async import sandbox

__all__ = ["rows"]

_CONCURRENT = 8
_JSON = {"content-type": "application/json"}


def enrichments() -> Iterator[tuple[str, bytes]]:
    """Enrichments of 100 people each, all different."""
    start = 0
    while True:
        yield "/v3/contacts/enrich", json.dumps({"ids": sandbox.contact_ids(100, start=start % 900_000)}).encode()
        start += 100


def pages() -> Iterator[tuple[str, bytes]]:
    """Consecutive pages of 50 people."""
    page = 0
    while True:
        filters = {"contacts": {"include": {"seniorityIds": [4, 5]}}}
        body = {"pagination": {"page": page % 1_000, "size": 50}, "filters": filters}
        yield "/v3/contacts/prospecting", json.dumps(body).encode()
        page += 1


def searches() -> Iterator[tuple[str, bytes]]:
    """Searches for 100 companies by domain."""
    start = 0
    while True:
        names = [{"domain": f"site-{number}.com"} for number in range(start, start + 100)]
        yield "/v3/companies/search", json.dumps({"companies": names}).encode()
        start += 100


async def rate(client: httpx.AsyncClient, requests: Sequence[tuple[str, bytes]]) -> float:
    """Answers a second, with 8 requests in flight."""
    remaining = iter(requests)

    async def work() -> None:
        for path, content in remaining:
            answer = await client.post(path, content=content, headers=_JSON)
            answer.raise_for_status()

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(_CONCURRENT)))
    return len(requests) / (time.perf_counter() - began)


def resident(process: int) -> int | None:
    """Resident memory of a process in MiB; None where the system does not report it."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


async def _measure(count: int, calls: int) -> list[Row]:
    rows: list[Row] = []

    def add(subject: str, figure: str, goal: str, met: bool) -> None:
        rows.append(Row(benchmark="sandbox", subject=subject, figure=figure, goal=goal, met=met))

    began = time.perf_counter()
    with sandbox.spawn(limits=False, credits=10**12) as server:
        async with httpx.AsyncClient(base_url=server.url, headers={"api_key": server.api_key}) as client:
            (await client.get("/v3/account/usage")).raise_for_status()
            seconds = time.perf_counter() - began
            add("process start to first answer", f"{seconds:.2f} s", "< 1 s", seconds < 1)
            for name, source, minimum in (
                ("enrichments of 100 people", enrichments(), 60),
                ("pages of 50 people", pages(), 100),
                ("searches for 100 companies", searches(), 60),
            ):
                reached = await rate(client, [next(source) for _ in range(count)])
                add(name, f"{reached:,.0f} /s", f">= {minimum} /s", reached >= minimum)
            before = resident(server.process.pid)
            source = pages()
            for _ in range(calls // count):
                await rate(client, [next(source) for _ in range(count)])
            after = resident(server.process.pid)
            if before is not None and after is not None:
                add(f"memory, {calls:,} calls later", f"{before} -> {after} MiB", "flat", after <= before + 8)
    return rows


def rows(*, quick: bool = False) -> Iterator[Row]:
    """All figures."""
    yield from asyncio.run(_measure(300, 1_200) if quick else _measure(600, 100_000))


if __name__ == "__main__":
    print_table(rows())
