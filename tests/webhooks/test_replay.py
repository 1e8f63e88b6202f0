"""The bounded memory of what was seen, on a clock of its own."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.webhooks import Event, OverloadedError, ReplayGuard
from lusha_async.webhooks.events import read_event

from .sending import opt_out, payload


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def event(number: int, signed_at: float | None = None) -> Event:
    """An event of that number."""
    return read_event(json.dumps(payload(number)).encode(), signed_at=signed_at)


async def first(guard: ReplayGuard, one: Event) -> bool:
    """Save it without further ado; whether it was the first."""
    return await guard.save_once(one, saved)


async def saved(one: Event) -> None:
    """A save that succeeds."""


async def failing(one: Event) -> None:
    """A save that does not."""
    raise OSError("the disk is full")


@pytest.mark.asyncio
async def test_the_second_is_not_the_first() -> None:
    """A retry or a replay is recognised, with an id or without."""
    guard = ReplayGuard()
    assert await first(guard, event(1))
    assert not await first(guard, event(1))
    assert await first(guard, event(2))
    bare = read_event(json.dumps(opt_out()).encode())
    assert [await first(guard, bare), await first(guard, bare)] == [True, False]


@pytest.mark.asyncio
async def test_what_could_not_be_saved_is_not_remembered() -> None:
    """A failing save is raised, and the next delivery is the first again; its memory lasts a whole window."""
    clock = Clock()
    guard = ReplayGuard(window=10, clock=clock)
    with pytest.raises(OSError, match="disk"):
        await guard.save_once(event(1), failing)
    clock.now += 8
    assert await first(guard, event(1))
    clock.now += 8
    assert not await first(guard, event(1))


@pytest.mark.asyncio
async def test_of_concurrent_deliveries_one_is_saved_and_the_others_wait_for_it() -> None:
    """Nobody returns before the event is saved; if the saver fails or is cancelled, the next one saves."""
    guard = ReplayGuard()
    began: list[int] = []
    ends = [asyncio.Event() for _ in range(3)]

    async def save(one: Event) -> None:
        number = len(began)
        began.append(number)
        await ends[number].wait()
        if number == 0:
            raise OSError("the disk is full")

    calls = [asyncio.create_task(guard.save_once(event(1), save)) for _ in range(4)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert began == [0]
    assert not any(call.done() for call in calls)
    ends[0].set()
    await asyncio.wait(calls[:1])
    while len(began) < 2:
        await asyncio.sleep(0)
    next(call for call in calls[1:] if not call.done()).cancel()
    while len(began) < 3:
        await asyncio.sleep(0)
    assert len(guard) == 0
    ends[2].set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results[:2]] == [OSError, asyncio.CancelledError]
    assert sorted(results[2:], key=bool) == [False, True]


@pytest.mark.asyncio
async def test_it_remembers_for_the_window_and_no_longer() -> None:
    """What is older is dropped: its timestamp is out of tolerance by then."""
    clock = Clock()
    guard = ReplayGuard(window=10, clock=clock)
    assert await first(guard, event(1, signed_at=1005.0))
    clock.now = 1015.0
    assert not await first(guard, event(1, signed_at=1005.0))
    clock.now = 1015.1
    assert await first(guard, event(2))
    assert len(guard) == 1


@pytest.mark.asyncio
async def test_full_is_refused_not_forgotten() -> None:
    """When the memory is full, the event is refused so that the vendor retries; nothing known passes again."""
    clock = Clock()
    guard = ReplayGuard(window=10, capacity=2, clock=clock)
    assert await first(guard, event(1))
    assert await first(guard, event(2))
    with pytest.raises(OverloadedError):
        await first(guard, event(3))
    assert not await first(guard, event(1))
    clock.now += 11
    assert await first(guard, event(3))


@pytest.mark.asyncio
async def test_events_being_saved_take_room_too() -> None:
    """More saves at once than the capacity are refused: each of them is remembered when it returns."""
    guard = ReplayGuard(capacity=2)
    hang = asyncio.Event()

    async def save(one: Event) -> None:
        await hang.wait()

    calls = [asyncio.create_task(guard.save_once(event(number), save)) for number in range(5)]
    await asyncio.sleep(0)
    hang.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results] == [bool] * 2 + [OverloadedError] * 3


@pytest.mark.parametrize(("window", "capacity"), [(0, 1), (1, 0), (-1, 1)])
def test_a_guard_without_memory_is_refused(window: float, capacity: int) -> None:
    """A window or capacity of nothing would guard nothing."""
    with pytest.raises(ValueError, match="positive"):
        ReplayGuard(window=window, capacity=capacity)


@given(
    steps=st.lists(st.tuples(st.integers(0, 6), st.floats(0, 5), st.floats(-10, 10), st.booleans()), max_size=60),
    capacity=st.integers(1, 5),
)
def test_never_twice_within_the_window(steps: list[tuple[int, float, float, bool]], capacity: int) -> None:
    """Whatever is sent in whatever order, a replay within the tolerance never passes and memory keeps its bound."""
    asyncio.run(_never_twice(steps, capacity))


async def _never_twice(steps: list[tuple[int, float, float, bool]], capacity: int) -> None:
    clock = Clock()
    guard = ReplayGuard(window=10, capacity=capacity, clock=clock)
    passed: dict[int, float] = {}
    for number, wait, offset, again in steps:
        clock.now += wait
        signed_at = passed[number] if again and number in passed else clock.now + offset
        if abs(clock.now - signed_at) > 10:
            continue  # verify refuses it
        replay = again and number in passed
        try:
            new = await first(guard, event(number, signed_at))
        except OverloadedError:
            continue
        assert not (new and replay)
        assert len(guard) <= capacity
        if new:
            passed[number] = signed_at
