"""Unauthenticated is cheap: what strangers send costs little, and nobody else waits for it."""

import asyncio
import time
from typing import Any

import pytest

from lusha_async.webhooks import App, MemoryInbox, ReceiverLimits, SecretRing
from lusha_async.webhooks._time_budget import TimeBudget

from .sending import SECRET, payload, signed

NUMBERS = b"[" + b",".join([b"1"] * (32 * 1024 - 1)) + b"]"
"""64 KiB that take longest to parse and write again."""


class Clock:
    """Time that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def deliver(app: App, body: bytes, headers: dict[str, str]) -> int:
    """The status of one delivery."""
    statuses: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await app({"type": "http", "method": "POST", "query_string": b"", "headers": pairs}, receive, send)
    return statuses[0]


def fresh(content: Any, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """A delivery signed now."""
    return signed(content, at=time.time(), secret=secret)


def test_the_budget_is_a_share_of_the_time() -> None:
    """At first the burst, then the share, however much is asked for; what succeeds costs nothing."""
    clock = Clock()
    budget = TimeBudget(share=0.05, burst=0.1, clock=clock)
    spent = 0.0
    while clock.now < 100:
        clock.now += 0.001
        if budget.is_left():
            with budget.spending():
                clock.now += 0.05
            with pytest.raises(ValueError, match="forged"), budget.spending():
                clock.now += 0.05
                raise ValueError("forged")
            spent += 0.05
    assert spent == pytest.approx(0.1 + 0.05 * clock.now, abs=0.06)


@pytest.mark.asyncio
async def test_a_flood_of_the_worst_bodies_costs_little() -> None:
    """200 forged bodies of 64 KiB, which took 14 s of processor time, take less than one."""
    app = App(SECRET, MemoryInbox())
    _, headers = fresh(payload(1))
    began = time.process_time()
    statuses = [await deliver(app, NUMBERS, headers) for _ in range(200)]
    assert time.process_time() - began < 1.0
    assert statuses == [401] * 200


@pytest.mark.asyncio
async def test_genuine_deliveries_spend_nothing() -> None:
    """Bodies that something re-encoded are accepted in any number while no stranger uses up the time for them."""
    app = App(SECRET, MemoryInbox())
    for number in range(300):
        body, headers = fresh(payload(number, data={"numbers": list(range(300))}))
        assert await deliver(app, body.replace(b",", b", "), headers) == 201


@pytest.mark.asyncio
async def test_forged_deliveries_take_half_of_the_room_during_a_rotation() -> None:
    """What is held may be forged: deliveries that can be verified find room all the same."""
    ring = SecretRing(SECRET)
    app = App(ring, MemoryInbox(), limits=ReceiverLimits(max_requests=6))
    async with ring.rotating():
        forged = [asyncio.create_task(deliver(app, *fresh(payload(9), secret="guessed"))) for _ in range(5)]
        await asyncio.sleep(0)
        assert [task.result() for task in forged if task.done()] == [503] * 2
        assert await deliver(app, *fresh(payload(1))) == 201
    statuses = await asyncio.gather(*forged)
    assert sorted(statuses) == [401] * 3 + [503] * 2
