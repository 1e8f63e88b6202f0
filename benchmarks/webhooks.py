"""Webhooks on one core: `verify` compared with a bare HMAC, and deliveries through the ASGI app into each inbox.

The last row is the wait of genuine deliveries among forged ones.
"""

import asyncio
import hmac
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.table import Row, print_table
from lusha_async.webhooks import App, Inbox, MemoryInbox, SQLiteInbox, sign, verify
from lusha_async.webhooks._javascript import stringify

__all__ = ["rows"]

SECRET = "whsec_0123456789abcdef0123456789abcdef"
NAME = "webhooks"


def _payload(number: int) -> dict[str, Any]:
    return {
        "id": f"f3b87e05-0402-4f3e-8e26-{number:012d}",
        "type": "promotion",
        "entityType": "contact",
        "entityId": "4158887495",
        "subscriptionId": "507f1f77bcf86cd799439011",
        "data": {
            "personId": 4158887495,
            "currentCompanyId": 40823133,
            "currentCompanyName": "Example Hospitality",
            "currentDomain": "hospitality.example",
            "currentTitle": "Bartender",
            "currentDepartments": [{"id": 7, "value": "Other"}],
            "previousCompanyName": "Example Restaurants",
            "previousDomain": "restaurants.example",
            "signalDate": "2025-07-01",
        },
        "timestamp": "2026-01-14T16:16:35.841Z",
        "billing": {"creditsCharged": 1},
    }


def _delivery(number: int) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    body, timestamp = stringify(_payload(number)), str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "x-lusha-signature": sign(body, timestamp, SECRET),
        "x-lusha-timestamp": timestamp,
    }
    return body, [(name.encode(), value.encode()) for name, value in headers.items()]


@contextmanager
def _one_core() -> Iterator[None]:
    """Pin this process to one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _per_second(call: Callable[[], object], seconds: float) -> float:
    """Calls a second, the best of five rounds."""
    best = 0.0
    for _ in range(5):
        calls, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds / 5:
            for _ in range(50):
                call()
            calls += 50
        best = max(best, calls / (time.perf_counter() - began))
    return best


def _verifying(quick: bool) -> Iterator[Row]:
    body, headers = _delivery(1)
    by_name = dict(headers)
    signed = by_name[b"x-lusha-timestamp"] + b"." + body
    signature = by_name[b"x-lusha-signature"].decode()
    key = SECRET.encode()
    forged = [(name, value if name != b"x-lusha-signature" else b"0" * 64) for name, value in headers]

    def bare() -> bool:
        return hmac.compare_digest(hmac.new(key, signed, "sha256").hexdigest(), signature)

    def refuse() -> bool:
        try:
            verify(body, forged, SECRET)
        except Exception:
            return True
        return False

    seconds = 0.5 if quick else 2.0
    peer = _per_second(bare, seconds)
    yield Row(benchmark=NAME, subject=f"bare hmac of {len(body)} bytes", figure=f"{peer:,.0f}/s")
    for subject, call in (
        ("verify, to a typed event", lambda: verify(body, headers, SECRET)),
        ("verify, forged", refuse),
    ):
        rate = _per_second(call, seconds)
        yield Row(
            benchmark=NAME, subject=subject, figure=f"{rate:,.0f}/s, {peer / rate:.1f} x the time of a bare one"
        )


class _OneByOne(SQLiteInbox):
    """The usual implementation, for comparison: a durable commit for each delivery."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._lock = asyncio.Lock()

    async def put(self, message: Any) -> bool:
        async with self._lock:
            return await super().put(message)


async def _deliver(inbox: Inbox, deliveries: int, at_once: int) -> tuple[float, float]:
    """Deliveries a second, and the p99 of the acknowledgements in seconds."""
    app = App(SECRET, inbox)
    waiting = iter([_delivery(number) for number in range(deliveries)])
    took: list[float] = []

    async def sender() -> None:
        for body, headers in waiting:
            began = time.perf_counter()
            status = await _post(app, body, headers)
            took.append(time.perf_counter() - began)
            assert status == 201, status

    async with inbox:
        await inbox.counts()
        began = time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(at_once)))
        seconds = time.perf_counter() - began
    return deliveries / seconds, statistics.quantiles(took, n=100)[98]


async def _post(app: App, body: bytes, headers: list[tuple[bytes, bytes]]) -> int:
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app({"type": "http", "method": "POST", "query_string": b"", "headers": headers}, receive, send)
    return statuses[0]


def _commits(folder: Path, seconds: float) -> float:
    """The durable commits a second that the disk can make."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (x)")
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        connection.execute("INSERT INTO t VALUES (1)")
        done += 1
    connection.close()
    return done / (time.perf_counter() - began)


def _delivering(quick: bool) -> Iterator[Row]:
    count = 1000 if quick else 5000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        disk = _commits(folder, 0.5 if quick else 2.0)
        yield Row(benchmark=NAME, subject="the disk's durable commits", figure=f"{disk:,.0f}/s")
        one, _ = asyncio.run(_deliver(_OneByOne(folder / "one.db"), count // 5, 64))
        yield Row(benchmark=NAME, subject="ASGI app, a commit for each, 64 at once", figure=f"{one:,.0f}/s")
        for at_once in (1, 64, 512):
            rate, p99 = asyncio.run(_deliver(SQLiteInbox(folder / f"{at_once}.db"), count, at_once))
            aimed = at_once == 64
            yield Row(
                benchmark=NAME,
                subject=f"ASGI app, durable inbox, {at_once} at once",
                figure=f"{rate:,.0f}/s, {rate / one:.1f} x one by one, p99 {1000 * p99:.1f} ms",
                goal=">= 3 x one by one, p99 < 1 s" if aimed else None,
                met=(rate >= 3 * one and p99 < 1) if aimed else None,
            )
        rate, p99 = asyncio.run(_deliver(MemoryInbox(), count, 64))
        yield Row(
            benchmark=NAME,
            subject="ASGI app, inbox in memory, 64 at once",
            figure=f"{rate:,.0f}/s, p99 {1000 * p99:.1f} ms",
        )


_FORGED_PER_SECOND = 1000
_GENUINE_PER_SECOND = 50
_WORST_BODY = b"[" + b",".join([b"1"] * (32 * 1024 - 1)) + b"]"
"""Of all bodies within the receiver's limit, the one that takes longest to parse and write again: 70 ms."""


async def _under_forged_load(inbox: Inbox, seconds: float) -> float:
    """The p99, in seconds, of acknowledging genuine deliveries from the moment they are due to arrive."""
    app = App(SECRET, inbox)
    _, headers = _delivery(0)
    began = time.perf_counter()
    took: list[float] = []

    async def genuine(number: int, due: float) -> None:
        assert await _post(app, *_delivery(number)) == 201
        took.append(time.perf_counter() - due)

    async def arrive(per_second: int, start: Callable[[int, float], Any]) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(int(seconds * per_second)):
                due = began + number / per_second
                await asyncio.sleep(max(due - time.perf_counter(), 0))
                group.create_task(start(number, due))

    async def forged(number: int, due: float) -> None:
        assert await _post(app, _WORST_BODY, headers) in {401, 503}

    async with inbox:
        await inbox.counts()
        began = time.perf_counter()
        await asyncio.gather(arrive(_GENUINE_PER_SECOND, genuine), arrive(_FORGED_PER_SECOND, forged))
    return statistics.quantiles(took, n=100)[98]


def _besieged(quick: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        p99 = asyncio.run(_under_forged_load(SQLiteInbox(Path(name) / "inbox.db"), 2.0 if quick else 10.0))
    yield Row(
        benchmark=NAME,
        subject=f"genuine deliveries among {_FORGED_PER_SECOND:,} forged ones a second",
        figure=f"p99 {1000 * p99:.0f} ms",
        goal="p99 <= 500 ms",
        met=p99 <= 0.5,
    )


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Verifying, delivering, and delivering among forged deliveries; all on one core, without a socket."""
    with _one_core():
        yield from _verifying(quick)
        yield from _delivering(quick)
        yield from _besieged(quick)


if __name__ == "__main__":
    print_table(rows())
