"""Callers that leave at random: cancelled, timed out, by an anyio scope, in the middle of a stream, or beforehand."""

import asyncio
import gc
import random
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from attrs import define, field

from lusha_async import Governor, GovernorConfig, LushaClient
from lusha_async._call.transport import HttpxTransport
from lusha_async._wire.settings import BaseURL
from lusha_async.errors import LushaError

__all__ = ["FAST", "KEY", "Tally", "crowd"]

KEY = "00000000-0000-4000-8000-000000000001"
FAST = GovernorConfig(rate=400, burst=400, spacing=0.0005)  # else ten thousand requests would take minutes
FILTERS = {"contacts": {"include": {"seniorityIds": [9]}}}
CONNECTIONS = 20
WAVE = 150  # callers at once
SECONDS = 0.3  # within which a wave arrives

Work = Callable[[LushaClient, str, "Tally"], Awaitable[None]]


@define
class Tally:
    """What the callers of a run know of it, and what its ledger says."""

    left: int = 0
    done: int = 0
    requests: int = 0
    credits: int = 0
    lost: int = 0
    known: set[str] = field(factory=set)  # the ids that were paid for, or perhaps were

    def add(self, other: "Tally") -> None:
        """Add what another run says."""
        self.left += other.left
        self.done += other.done
        self.requests += other.requests
        self.credits += other.credits
        self.lost += other.lost
        self.known |= other.known


async def one(lusha: LushaClient, name: str, tally: Tally) -> None:
    """A coalesced call."""
    await lusha.contacts.enrich_one(name)
    tally.known.add(name)


async def single(lusha: LushaClient, name: str, tally: Tally) -> None:
    """A call of its own."""
    await lusha.contacts.enrich([name])
    tally.known.add(name)


async def many(lusha: LushaClient, name: str, tally: Tally) -> None:
    """A bulk method, read to its end or to a random outcome."""
    async with lusha.contacts.enrich_many([f"{name}.{number}" for number in range(150)]) as outcomes:
        async for outcome in outcomes:
            if outcome.credits != 0:
                tally.known.add(outcome.input)


async def pages(lusha: LushaClient, name: str, tally: Tally) -> None:
    """A stream of pages."""
    async with lusha.contacts.prospect(FILTERS) as rows:
        async for row in rows:
            tally.known.add(row.id)
            if len(name) % 3 == 0:
                return


WORK: tuple[Work, ...] = (*[one] * 4, *[single] * 8, many, pages)


async def _cancelled(work: Awaitable[None], patience: float) -> bool:
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().call_later(patience, task.cancel)
    await asyncio.wait({task})
    if task.cancelled():
        return True
    task.result()
    return False


async def _timed_out(work: Awaitable[None], patience: float) -> bool:
    try:
        async with asyncio.timeout(patience):
            await work
    except TimeoutError:
        return True
    return False


async def _scoped(work: Awaitable[None], patience: float) -> bool:
    with anyio.move_on_after(patience) as scope:
        await work
    return scope.cancelled_caught


async def _in_a_group(work: Awaitable[None], patience: float) -> bool:
    left = True

    async def run() -> None:
        nonlocal left
        await work
        left = False

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        await anyio.sleep(patience)
        group.cancel_scope.cancel()
    return left


WAYS = (_cancelled, _timed_out, _scoped, _in_a_group)
SCOPES = (_scoped, _in_a_group)


async def _caller(lusha: LushaClient, name: str, draw: random.Random, ways: Any, tally: Tally) -> None:
    await asyncio.sleep(draw.uniform(0, SECONDS))
    patience = draw.choice([0.0, *(draw.expovariate(1 / mean) for mean in (0.01, 0.05, 0.05, 0.2))])

    async def work() -> None:
        try:
            await draw.choice(WORK)(lusha, name, tally)
        except LushaError:  # an answer that was lost: the caller knows that it may have paid
            tally.known.add(name)

    left = await draw.choice(ways)(work(), patience)
    tally.left += left
    tally.done += not left


async def crowd(url: str, governor: Governor, leave: int, *, seed: int, ways: Any = WAYS) -> Tally:
    """Waves of callers until `leave` of them have left; then every answer must be in the ledger or unclaimed."""
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    draw, tally, wave = random.Random(seed), Tally(), 0
    wire = HttpxTransport(BaseURL.resolve(url), connections=CONNECTIONS)

    def keep(unclaimed: Any) -> None:
        ids = unclaimed.inputs.get("ids") or ()
        tally.known.update(ids if unclaimed.rows is None else (ids[row] for row in unclaimed.rows if ids))

    lusha = LushaClient(KEY, base_url=url, governor=governor, transport=wire, on_unclaimed=keep)
    with anyio.CancelScope() as scope:  # the client is closed in a cancelled scope
        async with lusha:
            while tally.left < leave:
                wave += 1
                names = (f"{seed}x{wave}x{number}" for number in range(min(WAVE, 2 * (leave - tally.left) + 20)))
                await asyncio.gather(*(_caller(lusha, name, draw, ways, tally) for name in names))
                lusha.take_unclaimed()
            scope.cancel()
    spent = lusha.ledger.spent()
    tally.requests, tally.credits, tally.lost = spent.requests, spent.credits, spent.lost
    gc.collect()
    await asyncio.sleep(0)
    assert not faults, faults[:3]
    assert len(asyncio.all_tasks()) == 1, asyncio.all_tasks()
    return tally
