"""Interactive calls behind endless bulk, on one governor: `python -m benchmarks interactive [--quick]`.

A server admits 25 requests in any second, and answers after 50-150 ms. Two interactive calls a second come beside bulk
calls without end. Measured: how long an interactive call waits for its turn, the requests accepted as a share of what
the rule allows, and the 429s. "After a spent minute": the plan's minute is used up at first, and 250 bulk callers wait
for its reset; measured from then on. The server is a model in this process, on the real clock of the event loop.
"""

import asyncio
import random
from collections import deque
from collections.abc import Iterator

from attrs import define, field, frozen

from benchmarks.table import Row
from lusha_async.governor import Governor, GovernorConfig, Lane
from lusha_async.operations import BY_NAME
from lusha_async.quota import Quota, Refusal, WindowReading

__all__ = ["Result", "measure", "rows"]

SEARCH = BY_NAME["searchContacts"]
LIMIT = 25


@frozen
class Result:
    """`waits`: seconds, sorted; `share`: of what the rule allows; `refused`: 429s of `sent` requests."""

    waits: list[float]
    share: float
    refused: int
    sent: int

    def wait(self, quantile: float) -> float:
        """A quantile of the waits, in milliseconds."""
        return 1000 * self.waits[min(len(self.waits) - 1, int(quantile * len(self.waits)))]


@define
class _Model:
    """A server that counts a sliding second strictly, on the clock of the event loop."""

    way: float
    dice: random.Random
    arrivals: deque[float] = field(factory=deque)
    accepted: list[float] = field(factory=list)
    refused: int = 0

    async def answer(self) -> Refusal | None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.dice.uniform(0, self.way))
        now = loop.time()
        while self.arrivals and self.arrivals[0] <= now - 1:
            self.arrivals.popleft()
        if len(self.arrivals) >= LIMIT:
            self.refused += 1
            return Refusal()
        self.arrivals.append(now)
        self.accepted.append(now)
        await asyncio.sleep(self.dice.uniform(0.05, 0.15))
        return None


async def measure(way: float, seconds: float, *, spent: bool = False, seed: int = 1) -> Result:
    """Measure for `seconds`, after the first five, or after the reset of a spent minute."""
    clock = asyncio.get_running_loop().time
    dice = random.Random(seed)
    server = _Model(way, dice)
    governor = Governor(GovernorConfig(), clock=clock)
    waits: list[float] = []

    async def call(lane: Lane) -> None:
        asked = clock()
        async with governor.slot(SEARCH, lane=lane) as permit:
            permit.sent()
            if lane is Lane.INTERACTIVE and asked >= began:
                waits.append(clock() - asked)
            permit.learn(Quota(), await server.answer())

    async def bulk() -> None:
        while True:
            await call(Lane.BULK)

    began = clock() + 5
    if spent:
        async with governor.slot(SEARCH) as permit:
            permit.sent()
            permit.learn(Quota(minute=WindowReading(limit=100_000, left=0)))
        began = clock() + 60
    tasks = {asyncio.create_task(bulk()) for _ in range(250)}
    await asyncio.sleep(began - clock() if spent else 0)
    while clock() < began + seconds:
        await asyncio.sleep(dice.expovariate(2.0))
        tasks.add(asyncio.create_task(call(Lane.INTERACTIVE)))
    ended = clock()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    accepted = sum(began <= at < ended for at in server.accepted)
    share = accepted / (LIMIT * (ended - began))
    return Result(sorted(waits), share, server.refused, len(server.accepted) + server.refused)


def rows(quick: bool) -> Iterator[Row]:
    """The rows of the table, each beside its goal."""
    seconds = 30.0 if quick else 120.0
    cells = [(way, spent) for way in (0.0, 0.02) for spent in (False, True)]

    async def all_cells() -> list[Result]:
        return await asyncio.gather(*(measure(way, seconds, spent=spent) for way, spent in cells))

    for (way, spent), result in zip(cells, asyncio.run(all_cells()), strict=True):
        yield _row(way, spent, result)


def _row(way: float, spent: bool, result: Result) -> Row:
    p50, p99, share = result.wait(0.5), result.wait(0.99), 100 * result.share
    least = 96.5 if way else 97.0
    subject = f"{'uniform 20 ms' if way else 'none'} on the way{', after a spent minute' if spent else ''}"
    return Row(
        benchmark="interactive behind bulk",
        subject=subject,
        figure=f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, {share:.1f} %, {result.refused} of {result.sent} refused",
        goal=f"p50 <= 30 ms, p99 <= 180 ms, >= {least} %",
        met=p50 <= 30 and p99 <= 180 and share >= least,
    )
