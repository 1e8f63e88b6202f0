"""CPU time of a call, without the network: this process enriches 100 contacts over loopback.

The server is another process and answers at once with the same bytes. The alternatives are what a programmer would
write by hand: `httpx` and `json.loads`, and `httpx` with pydantic v2 models of the same fields that keep unknown
members, once from the bytes and once from `response.json()`. The project is measured with a whole typed call (checks
of arguments, governor, retries, quota, credits and drift), and with `client.request`, which builds no models.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator

import httpx

from benchmarks.decode import pydantic_model
from benchmarks.server import spawn
from benchmarks.table import Row, print_table
from lusha_async import Governor, LushaClient
from lusha_async.governor import GovernorConfig
from lusha_async.models.common import Enriched
from lusha_async.models.contacts import Contact
from lusha_async.operations import BY_NAME

__all__ = ["rows"]

KEY = "00000000-0000-4000-8000-000000000000"
IDS = [f"v1.c{number:030d}" for number in range(100)]
BODY = {"ids": IDS, "reveal": ["emails", "phones"], "waterfallEnabled": False}
ENRICH = BY_NAME["enrichContacts"]

Act = Callable[[], Awaitable[object]]


def _bare(client: httpx.AsyncClient, read: Callable[[bytes], object]) -> Act:
    async def act() -> object:
        answer = await client.post(ENRICH.path, json=BODY)
        answer.raise_for_status()
        return read(answer.content)

    return act


async def _milliseconds(act: Act, times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        await act()
    return 1000 * (time.process_time() - began) / times


async def _measured(url: str, rounds: int, times: int) -> dict[str, list[float]]:
    """CPU milliseconds of each subject by round; all in turn in each, so that they see the same machine."""
    unbound = GovernorConfig(second=1e-5, spacing=1e-6)  # its whole work, and nothing to wait for
    model = pydantic_model(Enriched[Contact])
    async with (
        httpx.AsyncClient(base_url=url, headers={"api_key": KEY}, trust_env=False) as client,
        LushaClient(KEY, base_url=url, governor=Governor(unbound)) as ours,
    ):
        acts = {
            "httpx and json.loads": _bare(client, json.loads),
            "httpx and pydantic v2, from the bytes": _bare(client, model.model_validate_json),
            "httpx and pydantic v2, from json()": _bare(
                client, lambda body: model.model_validate(json.loads(body))
            ),
            "lusha_async, typed": lambda: ours.contacts.enrich(IDS, reveal=["emails", "phones"]),
            "lusha_async, client.request": lambda: ours.request(ENRICH, body=BODY),
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
    low, middle, high = statistics.quantiles([one / other for one, other in zip(ours, theirs, strict=True)], n=4)
    return middle, f"{middle:.2f} x ({low:.2f} to {high:.2f})"


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Medians over interleaved rounds; the ratios are taken round by round."""
    rounds, times = (20, 5) if quick else (80, 10)
    with spawn("--at-once") as server:
        taken = asyncio.run(_measured(server.url, rounds, times))
    for subject, figures in taken.items():
        told = f"{statistics.median(figures):.2f} ms of CPU, {min(figures):.2f} at best"
        yield Row(benchmark="overhead", subject=subject, figure=told)
    bare, from_bytes, from_json, typed, request = taken
    for subject, peer, most in (
        (typed, from_bytes, 1.0),
        (typed, from_json, None),
        (request, bare, 1.3),
    ):
        ratio, told = _ratio(taken[subject], taken[peer])
        yield Row(
            benchmark="overhead",
            subject=f"{subject} / {peer}",
            figure=told,
            goal=None if most is None else f"<= {most:.1f} x",
            met=None if most is None else ratio <= most,
        )


if __name__ == "__main__":
    print_table(rows())
