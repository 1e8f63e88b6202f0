"""The bounded memory of what was seen, on a clock of its own."""

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


def test_the_second_is_not_the_first() -> None:
    """A retry or a replay is recognised, with an id or without."""
    guard = ReplayGuard()
    assert guard.first(event(1))
    assert not guard.first(event(1))
    assert guard.first(event(2))
    bare = read_event(json.dumps(opt_out()).encode())
    assert [guard.first(bare), guard.first(bare)] == [True, False]


def test_what_failed_may_come_again() -> None:
    """After `forget` the next delivery is the first again, and its memory lasts a whole window."""
    clock = Clock()
    guard = ReplayGuard(window=10, clock=clock)
    assert guard.first(event(1))
    guard.forget(event(1))
    clock.now += 8
    assert guard.first(event(1))
    clock.now += 8
    assert not guard.first(event(1))


def test_it_remembers_for_the_window_and_no_longer() -> None:
    """What is older is dropped: its timestamp is out of tolerance by then."""
    clock = Clock()
    guard = ReplayGuard(window=10, clock=clock)
    assert guard.first(event(1, signed_at=1005.0))
    clock.now = 1015.0
    assert not guard.first(event(1, signed_at=1005.0))
    clock.now = 1015.1
    assert guard.first(event(2))
    assert len(guard) == 1


def test_full_is_refused_not_forgotten() -> None:
    """When the memory is full, the event is refused so that the vendor retries; nothing known passes again."""
    clock = Clock()
    guard = ReplayGuard(window=10, capacity=2, clock=clock)
    assert guard.first(event(1))
    assert guard.first(event(2))
    with pytest.raises(OverloadedError):
        guard.first(event(3))
    assert not guard.first(event(1))
    clock.now += 11
    assert guard.first(event(3))


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
            first = guard.first(event(number, signed_at))
        except OverloadedError:
            continue
        assert not (first and replay)
        assert len(guard) <= capacity
        if first:
            passed[number] = signed_at
