"""One run of `lusha-async demo`, measured.

The sandbox runs in a process of its own, so that the measured time and memory are the client's. It counts requests
and credits itself; the summary compares its counts with the client's.
"""

import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, TypeVar

import anyio
from anyio import to_thread
from attrs import asdict, frozen

from ...client import LushaClient
from ...sandbox import Spawned, contact_ids, spawn
from ..progress import ProgressReporter, progress_reporter, track_progress
from ..signals import EXIT_INTERRUPTED, InterruptHandler
from ..text import say, say_json

__all__ = ["RATE_LIMIT", "DemoResult", "rate_limit_share", "run_demo"]

T = TypeVar("T")

RATE_LIMIT = 25
"""Requests a second. Source: the vendor's rate limiting page."""

_PLAN = "scale"
_FILTERS = {"contacts": {"include": {"seniorityIds": list(range(1, 11))}}}
"""Matches everybody: the vendor requires at least one filter."""


@frozen(kw_only=True)
class DemoResult:
    """The measurements. `requests`, `refused`, `busiest_second`, `charged` and `charged_by_kind` are counted by the
    sandbox, `spent` (credits) by the client.

    `share` is the share of the rate limit that the client used while it was sending; the rest of the time it waited
    for the next minute of its plan.
    """

    plan: str
    contacts: dict[str, int]
    """Rows by status. The sandbox has people whose data is restricted, like the vendor."""
    prospects: int
    seconds: float
    requests: int
    refused: int
    busiest_second: int
    share: float | None
    spent: int
    charged: int
    charged_by_kind: dict[str, int]
    peak_memory: int | None
    """Bytes."""
    cpu_seconds: float

    @property
    def records(self) -> int:
        """The number of contacts and prospects."""
        return sum(self.contacts.values()) + self.prospects

    @property
    def is_consistent(self) -> bool:
        """Whether each contact has a result and the client counted the credits that the sandbox charged."""
        return set(self.contacts) <= {"ok", "restricted", "not_found"} and self.spent == self.charged


def rate_limit_share(seconds: Sequence[dict[str, Any]]) -> float | None:
    """The share of the rate limit used in full seconds, from the sandbox's count of requests by second.

    The first and the last of consecutive seconds are not full. None if there is no full second.
    """
    by_second = {second["at"]: second["requests"] for second in seconds}
    full = [count for at, count in by_second.items() if at - 1 in by_second and at + 1 in by_second]
    return sum(full) / (RATE_LIMIT * len(full)) if full else None


async def run_demo(contacts: int, prospects: int, *, json: bool) -> int:
    """Run the demo, print the result, and return the exit status. The sandbox's process ends with it in any case."""
    from ...sandbox.serve import uvicorn_server as _  # noqa: F401  # fails now if the extra is missing

    work = anyio.CancelScope()
    with (
        anyio.CancelScope() as hard_stop,
        InterruptHandler(on_first=work.cancel, on_repeat=hard_stop.cancel) as interrupt,
    ):
        with spawn(plan=_PLAN) as server, progress_reporter() as progress:
            result = await _measure(server, contacts, prospects, progress, work)
        if result is not None:
            if json:
                say_json(asdict(result))
            else:
                for line in _summary(result):
                    say(line)
            return 0 if result.is_consistent else 3
    return interrupt.exit_status or EXIT_INTERRUPTED


async def _measure(
    server: Spawned, contacts: int, prospects: int, progress: ProgressReporter, work: anyio.CancelScope
) -> DemoResult | None:
    """The measurements; None if `work` was cancelled. The client is closed in any case, so that no request hangs."""
    began, cpu = time.monotonic(), time.process_time()
    statuses, found = dict[str, int](), 0
    async with LushaClient(server.api_key, base_url=server.url) as client:
        with work:
            statuses = await _enrich(client, contacts, progress)
            found = await _prospect(client, prospects, progress)
    if work.cancelled_caught:
        return None
    seconds = time.monotonic() - began
    cpu_seconds = time.process_time() - cpu
    stats = await to_thread.run_sync(server.stats)
    return DemoResult(
        plan=_PLAN,
        contacts=statuses,
        prospects=found,
        seconds=seconds,
        requests=stats["requests"],
        refused=stats["refused"],
        busiest_second=stats["busiestSecond"],
        share=rate_limit_share(stats["seconds"]),
        spent=client.ledger.credits,
        charged=stats["credits"]["used"],
        charged_by_kind=stats["credits"]["byKey"],
        peak_memory=_peak_memory(),
        cpu_seconds=cpu_seconds,
    )


async def _enrich(client: LushaClient, count: int, progress: ProgressReporter) -> dict[str, int]:
    people = client.contacts.enrich_many(contact_ids(count), reveal=["emails", "phones"])
    return Counter([str(row.status) async for row in _with_progress(people, "contacts", count, client, progress)])


async def _prospect(client: LushaClient, count: int, progress: ProgressReporter) -> int:
    people = client.contacts.prospect(_FILTERS, limit=count)
    return len([row.id async for row in _with_progress(people, "prospects", count, client, progress)])


async def _with_progress(
    records: AsyncIterator[T], name: str, count: int, client: LushaClient, progress: ProgressReporter
) -> AsyncIterator[T]:
    """Yield the `records` and show the progress."""
    done, began = 0, time.monotonic()

    def rate() -> str:
        return f"{done / max(time.monotonic() - began, 0.001):,.0f}/s"

    with track_progress(progress, client, name, count, done=lambda: done, note=rate):
        async for record in records:
            done += 1
            yield record


def _summary(result: DemoResult) -> Iterator[str]:
    """The measurements as lines of text."""
    records = result.records
    contacts = ", ".join(f"{count:,} {status}" for status, count in sorted(result.contacts.items()))
    share = (
        "too short to measure"
        if result.share is None
        else f"{100 * result.share:.1f} % of {RATE_LIMIT}/s while sending"
    )
    kinds = ", ".join(f"{kind} {credits:,}" for kind, credits in sorted(result.charged_by_kind.items()))
    agree = "as the client counted" if result.spent == result.charged else f"the client counted {result.spent:,}"
    memory = (
        "not reported by this system" if result.peak_memory is None else f"{result.peak_memory / 2**20:,.0f} MiB"
    )
    yield ""
    yield f"  records       {records:,} in {result.seconds:.1f} s, {records / result.seconds:,.0f} a second"
    yield f"                contacts: {contacts}; prospects: {result.prospects:,}"
    yield f"  requests      {result.requests:,}, at most {result.busiest_second} in any second"
    yield f"  pace          {share}"
    yield f"  refused (429) {result.refused}{', waited out and retried' if result.refused else ''}"
    yield f"  credits       {result.charged:,} charged by the sandbox, {agree}"
    yield f"                {kinds}"
    yield f"  client        {memory} at its peak, {result.cpu_seconds:.1f} s of processor time"


def _peak_memory() -> int | None:
    """The peak memory of this process in bytes; None if the system does not report it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
