"""Interactive calls beside bulk: how long they wait, and that a pace costs nothing where nothing presses."""

import asyncio
import random
from collections import deque

import pytest

from lusha_async.governor import Governor, GovernorConfig, Lane
from lusha_async.operations import BY_NAME
from lusha_async.quota import Quota, Refusal, WindowReading
from tests import virtual_clock

SEARCH = BY_NAME["searchContacts"]


@pytest.mark.parametrize("spent", [False, True])
@pytest.mark.parametrize(("way", "share"), [(0.0, 0.97), (0.02, 0.965)])
def test_an_interactive_call_behind_endless_bulk_waits_a_moment(way: float, share: float, spent: bool) -> None:
    """Two a second beside 250 bulk callers: p50 <= 30 ms, p99 <= 180 ms, and the second is used up all the same.

    Also after a minute that was spent, in which all the bulk calls aged.
    """

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        dice = random.Random(7)
        governed = Governor(clock=clock)
        arrivals: deque[float] = deque()
        accepted: list[float] = []
        waits: list[float] = []

        async def answer() -> Refusal | None:
            await asyncio.sleep(dice.uniform(0, way))
            while arrivals and arrivals[0] <= clock() - 1:
                arrivals.popleft()
            if len(arrivals) >= 25:
                return Refusal()
            arrivals.append(clock())
            accepted.append(clock())
            await asyncio.sleep(dice.uniform(0.05, 0.15))
            return None

        async def call(lane: Lane) -> None:
            asked = clock()
            async with governed.slot(SEARCH, lane=lane) as permit:
                permit.sent()
                if lane is Lane.INTERACTIVE:
                    waits.append(clock() - asked)
                permit.learn(Quota(), await answer())

        async def bulk() -> None:
            while True:
                await call(Lane.BULK)

        if spent:
            async with governed.slot(SEARCH) as permit:
                permit.sent()
                permit.learn(Quota(minute=WindowReading(limit=10_000, left=0)))
        tasks = {asyncio.create_task(bulk()) for _ in range(250)}
        await asyncio.sleep(60 if spent else 5)
        began = clock()
        while clock() < began + 100:
            await asyncio.sleep(dice.expovariate(2.0))
            tasks.add(asyncio.create_task(call(Lane.INTERACTIVE)))
        used = sum(at >= began for at in accepted) / (25 * (clock() - began))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        waits.sort()
        assert waits[len(waits) // 2] <= 0.03
        assert waits[int(0.99 * len(waits))] <= 0.18
        assert used >= share

    virtual_clock.run(main())


@pytest.mark.parametrize("lane", list(Lane))
def test_a_pace_costs_nothing_where_nothing_presses(lane: Lane) -> None:
    """Ten requests a second, and bursts of 25 after silence, leave at once, in either lane."""

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        governed = Governor(GovernorConfig(burst=25), clock=clock)
        waits: list[float] = []

        async def call() -> None:
            asked = clock()
            async with governed.slot(SEARCH, lane=lane) as permit:
                permit.sent()
                waits.append(clock() - asked)
                await asyncio.sleep(0.1)
                permit.learn(Quota())

        for _ in range(5):
            await asyncio.gather(*(call() for _ in range(25)))
            await asyncio.sleep(3)
        calls = []
        for _ in range(200):
            calls.append(asyncio.create_task(call()))
            await asyncio.sleep(0.1)
        await asyncio.gather(*calls)
        assert max(waits) < 0.001

    virtual_clock.run(main())
