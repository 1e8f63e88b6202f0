"""A wall clock set back stops no stored event."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.webhooks import SQLiteInbox
from lusha_async.webhooks._steady_clock import SteadyClock

from .sending import message
from .test_inbox import Clock, Make, make, nothing_due, take

__all__ = ["make"]

HOUR = 3600.0


@given(steps=st.lists(st.floats(-1e9, 1e9), max_size=30))
def test_it_never_goes_back_and_always_goes_on(steps: list[float]) -> None:
    """Of each step of the wall clock it takes the forward ones, whatever came before."""
    wall = Clock()
    clock = SteadyClock(wall)
    for step in steps:
        before, wall_before = clock(), wall.now
        wall.now += step
        assert clock() == pytest.approx(before + max(wall.now - wall_before, 0.0))


def test_it_continues_from_a_later_moment() -> None:
    """Not from an earlier one."""
    wall = Clock()
    clock = SteadyClock(wall)
    clock.advance_to(wall.now + 10)
    clock.advance_to(wall.now - 10)
    wall.now += 1
    assert clock() == wall.now + 10


@pytest.mark.asyncio
async def test_events_go_on_when_the_clock_is_set_back(make: Make) -> None:
    """One that waits is due, a retry is due after its delay, and a lease expires after its time, of the new clock."""
    clock = Clock()
    async with make(clock) as inbox:
        await inbox.put(message(1))
        await (await take(inbox)).nack(error="ValueError")
        await inbox.put(message(2))
        await take(inbox, lease=60)
        await inbox.put(message(3))
        clock.now -= 24 * HOUR
        await (await take(inbox)).ack()
        assert await nothing_due(inbox)
        clock.now += 1.01
        assert (await take(inbox)).key == message(1).key
        clock.now += 60
        await (await take(inbox)).nack()
        clock.now += 400
        assert not await nothing_due(inbox)


@pytest.mark.asyncio
async def test_an_inbox_that_is_opened_after_it_goes_on_too(tmp_path: Path) -> None:
    """A process started after the clock was set back finds what waits due at once, and a retry soon."""
    clock = Clock()
    async with SQLiteInbox(tmp_path / "inbox.db", clock=clock) as inbox:
        await inbox.put(message(1))
        await inbox.put(message(2))
        await (await take(inbox)).nack()
    clock.now -= 24 * HOUR
    async with SQLiteInbox(tmp_path / "inbox.db", clock=clock) as inbox:
        await (await take(inbox)).ack()
        clock.now += 1.01
        await (await take(inbox)).ack()
