"""One run of `lusha-async demo`, measured.

The sandbox runs in a process of its own, so that time and memory are the client's. It counts requests and
credits by itself; the summary puts its books beside the client's.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, TypeVar

import anyio
import typer
from anyio import to_thread
from attrs import asdict, frozen

from ...client import LushaClient
from ...sandbox import Spawned, contact_ids, spawn
from ..jsonlines import encode
from ..progress import Reporter, reporter
from ..signals import INTERRUPTED, Interrupt
from ..watching import watching
from .memory import peak_memory

__all__ = ["CEILING", "Figures", "demonstrate", "share_of_ceiling"]

T = TypeVar("T")

CEILING = 25
"""Requests a second. Source: the vendor's rate limiting page."""

_PLAN = "scale"
_FILTERS = {"contacts": {"include": {"seniorityIds": list(range(1, 11))}}}
"""Everybody: the vendor asks for at least one filter."""


@frozen(kw_only=True)
class Figures:
    """What was measured. `requests`, `refused`, `busiest_second` and the credits by kind are the sandbox's count.

    `share` is the requests of the full seconds in which the client was sending, against the ceiling: the rest of
    the time it waited for the plan's next minute. `spent` are credits by the client's count.
    """

    plan: str
    contacts: dict[str, int]
    """Rows by status. The sandbox has people whose data is restricted, as the vendor has."""
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
        """Contacts and prospects."""
        return sum(self.contacts.values()) + self.prospects

    @property
    def sound(self) -> bool:
        """Whether each contact was answered and the client's books agree with the sandbox's."""
        return set(self.contacts) <= {"ok", "restricted", "not_found"} and self.spent == self.charged


def share_of_ceiling(seconds: Sequence[dict[str, Any]]) -> float | None:
    """The sandbox's requests by second -> share of the ceiling in the seconds that lie between two others.

    The first and the last second of a stretch are not full ones. None without any full second.
    """
    by_second = {second["at"]: second["requests"] for second in seconds}
    full = [count for at, count in by_second.items() if at - 1 in by_second and at + 1 in by_second]
    return sum(full) / (CEILING * len(full)) if full else None


async def demonstrate(contacts: int, prospects: int, *, json: bool) -> int:
    """Run it and print the figures; the exit status of the command. Nothing is left behind, however it ends."""
    from ...sandbox.serve import uvicorn_server as _  # noqa: F401  # told at once if the extra is missing

    work = anyio.CancelScope()
    with anyio.CancelScope() as patience, Interrupt(asked=work.cancel, insisted=patience.cancel) as interrupt:
        with spawn(plan=_PLAN) as server, reporter() as progress:
            figures = await _measure(server, contacts, prospects, progress, work)
        if figures is not None:
            for line in [encode(asdict(figures)).decode().rstrip()] if json else _summary(figures):
                typer.echo(line)
            return 0 if figures.sound else 3
    return interrupt.exit_status or INTERRUPTED


async def _measure(
    server: Spawned, contacts: int, prospects: int, progress: Reporter, work: anyio.CancelScope
) -> Figures | None:
    """The figures; None if `work` was cancelled. The client is closed in any case, so that no request hangs."""
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
    return Figures(
        plan=_PLAN,
        contacts=statuses,
        prospects=found,
        seconds=seconds,
        requests=stats["requests"],
        refused=stats["refused"],
        busiest_second=stats["busiestSecond"],
        share=share_of_ceiling(stats["seconds"]),
        spent=client.ledger.credits,
        charged=stats["credits"]["used"],
        charged_by_kind=stats["credits"]["byKey"],
        peak_memory=peak_memory(),
        cpu_seconds=cpu_seconds,
    )


async def _enrich(client: LushaClient, count: int, progress: Reporter) -> dict[str, int]:
    people = client.contacts.enrich_many(contact_ids(count), reveal=["emails", "phones"])
    return Counter([str(row.status) async for row in _followed(people, "contacts", count, client, progress)])


async def _prospect(client: LushaClient, count: int, progress: Reporter) -> int:
    people = client.contacts.prospect(_FILTERS, limit=count)
    return len([row.id async for row in _followed(people, "prospects", count, client, progress)])


async def _followed(
    records: AsyncIterator[T], name: str, count: int, client: LushaClient, progress: Reporter
) -> AsyncIterator[T]:
    """The `records`, while the progress shows how far they are."""
    done, began = 0, time.monotonic()

    def pace() -> str:
        return f"{done / max(time.monotonic() - began, 0.001):,.0f}/s"

    with watching(progress, client, name, count, done=lambda: done, note=pace):
        async for record in records:
            done += 1
            yield record


def _summary(figures: Figures) -> Iterator[str]:
    """For people."""
    records = figures.records
    contacts = ", ".join(f"{count:,} {status}" for status, count in sorted(figures.contacts.items()))
    share = (
        "too short to tell"
        if figures.share is None
        else f"{100 * figures.share:.1f} % of {CEILING}/s while sending"
    )
    kinds = ", ".join(f"{kind} {credits:,}" for kind, credits in sorted(figures.charged_by_kind.items()))
    agree = (
        "as the client counted" if figures.spent == figures.charged else f"the client counted {figures.spent:,}"
    )
    memory = (
        "not told by this system" if figures.peak_memory is None else f"{figures.peak_memory / 2**20:,.0f} MiB"
    )
    yield ""
    yield f"  records       {records:,} in {figures.seconds:.1f} s, {records / figures.seconds:,.0f} a second"
    yield f"                contacts: {contacts}; prospects: {figures.prospects:,}"
    yield f"  requests      {figures.requests:,}, at most {figures.busiest_second} in any second"
    yield f"  pace          {share}"
    yield f"  refused (429) {figures.refused}{', waited out and sent again' if figures.refused else ''}"
    yield f"  credits       {figures.charged:,} by the sandbox's books, {agree}"
    yield f"                {kinds}"
    yield f"  client        {memory} at its peak, {figures.cpu_seconds:.1f} s of processor time"
