"""What a call costs beside the network: CPU of this process for 100 contacts enriched over loopback.

The server is a process of its own and answers at once, always the same bytes. The peers do what a programmer would
write by hand: `httpx` and `json.loads`; `httpx` and pydantic v2 models of the same fields, unknown members kept. Ours
is the whole typed call: arguments checked, the governor asked, retried where it may be, quota and money counted.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator

import httpx

from benchmarks.decode import pydantic_model
from benchmarks.records import contacts
from benchmarks.server import spawn
from benchmarks.table import Row, print_table
from lusha_async import Governor, LushaClient
from lusha_async.governor import GovernorConfig
from lusha_async.models.contacts import EnrichedContacts
from lusha_async.models.converter import structure

__all__ = ["rows"]

KEY = "00000000-0000-4000-8000-000000000000"
IDS = [f"v1.c{number:030d}" for number in range(100)]
BODY = {"ids": IDS, "reveal": ["emails", "phones"], "waterfallEnabled": False}
PATH = "/v3/contacts/enrich"

Act = Callable[[], Awaitable[object]]


def _bare(client: httpx.AsyncClient, read: Callable[[bytes], object]) -> Act:
    async def act() -> object:
        answer = await client.post(PATH, json=BODY)
        answer.raise_for_status()
        return read(answer.content)

    return act


def _ours(client: LushaClient) -> Act:
    return lambda: client.contacts.enrich(IDS, reveal=["emails", "phones"])


def _decoding() -> Act:
    """The part of ours that makes models of the decoded JSON; measured without a network."""
    payload = contacts(100)

    async def act() -> object:
        return structure(payload, EnrichedContacts)

    return act


async def _milliseconds(act: Act, times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        await act()
    return 1000 * (time.process_time() - began) / times


async def _measured(url: str, rounds: int, times: int) -> dict[str, list[float]]:
    """CPU milliseconds of each subject by round; all in turn in each, so that they see the same machine."""
    unbound = GovernorConfig(second=1e-5, spacing=1e-6)  # its whole work, and nothing to wait for
    async with (
        httpx.AsyncClient(base_url=url, headers={"api_key": KEY}, trust_env=False) as client,
        LushaClient(KEY, base_url=url, governor=Governor(unbound)) as ours,
    ):
        acts = {
            "httpx and json.loads": _bare(client, json.loads),
            "httpx and pydantic v2": _bare(client, pydantic_model(EnrichedContacts).model_validate_json),
            "lusha_async": _ours(ours),
            "decoding": _decoding(),
        }
        taken: dict[str, list[float]] = {name: [] for name in acts}
        for act in acts.values():
            await _milliseconds(act, times)  # connections made, models built
        for _ in range(rounds):
            for name, act in acts.items():
                taken[name].append(await _milliseconds(act, times))
        return taken


def _ratio(ours: list[float], theirs: list[float]) -> tuple[float, str]:
    """The median of the rounds' ratios, and the middle half of them."""
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return middle, f"{middle:.2f} x ({low:.2f} to {high:.2f})"


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Medians over interleaved rounds; the ratios are taken round by round."""
    rounds, times = (15, 10) if quick else (40, 20)
    with spawn("--at-once") as server:
        taken = asyncio.run(_measured(server.url, rounds, times))
    bare, typed, ours, decoding = (taken[name] for name in taken)
    beside = [whole - part for whole, part in zip(ours, decoding, strict=True)]
    for subject, figures in taken.items():
        yield Row(benchmark="overhead", subject=subject, figure=f"{statistics.median(figures):.2f} ms of CPU")
    for subject, peer, subject_figures, peer_figures, most in (
        ("lusha_async, the whole typed call", "httpx and pydantic v2", ours, typed, 1.0),
        ("lusha_async, all beside decoding", "httpx and json.loads", beside, bare, 1.3),
    ):
        ratio, told = _ratio(subject_figures, peer_figures)
        yield Row(
            benchmark="overhead",
            subject=subject,
            figure=f"{told} {peer}",
            goal=f"<= {most:.1f} x",
            met=ratio <= most,
        )


if __name__ == "__main__":
    print_table(rows())
