"""The circuit breaker by itself: when requests pass after a 429."""

import math

import pytest

from lusha_async.governor.breaker import BreakerState, CircuitBreaker
from lusha_async.quota import Window


def breaker() -> CircuitBreaker:
    """For 25 requests a second."""
    return CircuitBreaker(25, 1.0)


def tripped(window: Window = Window.HOUR, until: float = 200.0) -> CircuitBreaker:
    """Opened at 100 s until `until`."""
    opened = breaker()
    opened.trip(window, 100.0, until)
    return opened


def test_closed_it_counts_nothing() -> None:
    """Every request passes, and none is a probe."""
    closed = breaker()
    assert closed.retry_at(5.0) == 5.0
    assert not closed.take()
    assert closed.in_flight == 0


def test_it_opens_until_the_reset_and_lets_one_probe_pass() -> None:
    """None before, one from then on, and no other before its answer."""
    opened = tripped()
    assert (opened.state, opened.window, opened.retry_time) == (BreakerState.OPEN, Window.HOUR, 200.0)
    assert opened.retry_at(199.9) == 200.0
    assert opened.retry_at(200.0) == 200.0
    assert opened.state is BreakerState.HALF_OPEN
    assert opened.take()
    assert opened.retry_at(200.1) == math.inf


def test_a_probe_that_was_not_sent_makes_room_for_another() -> None:
    """So does one that was refused or lost."""
    opened = tripped()
    opened.retry_at(200.0)
    opened.take()
    opened.released()
    assert opened.retry_at(200.1) == 200.1
    assert opened.state is BreakerState.HALF_OPEN


def test_each_answer_doubles_what_is_in_flight_until_it_is_closed() -> None:
    """2, 4, 8, 16, and with 32 it is closed and forgets its window."""
    opened = tripped()
    opened.retry_at(200.0)
    allowed = []
    while opened.state is not BreakerState.CLOSED:
        opened.take()
        opened.succeeded()
        count = 0
        while opened.state is not BreakerState.CLOSED and opened.retry_at(201.0) == 201.0:
            opened.take()
            count += 1
        allowed.append(count)
        for _ in range(count):
            opened.released()
    assert allowed == [2, 4, 8, 16, 0]
    assert opened.window is None


def test_an_answer_while_it_is_open_again_ramps_nothing() -> None:
    """A probe is answered after another request of it was refused."""
    opened = tripped()
    opened.retry_at(200.0)
    opened.take()
    opened.trip(Window.HOUR, 200.1, 300.0)
    opened.succeeded()
    assert opened.state is BreakerState.OPEN
    assert opened.in_flight == 0


@pytest.mark.parametrize(
    ("window", "until", "kept"),
    [
        (Window.MINUTE, 150.0, True),  # a longer one keeps it open already
        (Window.DAY, 300.0, False),
        (Window.MINUTE, 200.0, False),
    ],
)
def test_a_longer_window_is_not_shortened(window: Window, until: float, kept: bool) -> None:
    """The hour keeps it open until 200 s."""
    opened = tripped()
    opened.trip(window, 110.0, until)
    assert (opened.window, opened.retry_time) == ((Window.HOUR, 200.0) if kept else (window, until))


def test_a_pause_of_the_second_is_no_longer_window() -> None:
    """A plan window that resets sooner than a named pause ends holds all the same."""
    opened = breaker()
    opened.refused(99.0, 100.0, 60.0)
    opened.trip(Window.MINUTE, 101.0, 110.0)
    assert (opened.window, opened.retry_time) == (Window.MINUTE, 110.0)


def test_after_the_probe_a_window_may_open_it_for_less() -> None:
    """It is half open: what is known now counts."""
    opened = tripped()
    opened.retry_at(200.0)
    opened.trip(Window.MINUTE, 200.0, 150.0)
    assert (opened.window, opened.retry_time) == (Window.MINUTE, 150.0)


def test_eight_refusals_of_one_second_pause_for_a_second() -> None:
    """Seven only slow the pace; so do eight in more than a second."""
    opened = breaker()
    for number in range(7):
        opened.refused(99.9, 100 + number / 10, None)
    assert opened.state is BreakerState.CLOSED
    opened.refused(99.9, 100.7, None)
    assert (opened.state, opened.window, opened.retry_time) == (BreakerState.OPEN, Window.SECOND, 101.7)
    slow = breaker()
    for number in range(20):
        slow.refused(99.9, 100 + number / 7, None)
    assert slow.state is BreakerState.CLOSED


@pytest.mark.parametrize(("named", "seconds"), [(5.0, 5.0), (0.2, 1.0), (0.0, 1.0)])
def test_a_pause_that_the_vendor_names_is_kept(named: float, seconds: float) -> None:
    """From the first refusal on, and never shorter than a second."""
    opened = breaker()
    opened.refused(99.9, 100.0, named)
    assert opened.retry_time == 100 + seconds


def test_refusals_of_requests_sent_before_it_opened_change_nothing() -> None:
    """They are accounted for; a probe that is refused opens it again, for a second."""
    opened = breaker()
    opened.refused(99.9, 100.0, 1.0)
    opened.refused(100.0, 100.5, 60.0)
    assert opened.retry_time == 101.0
    opened.retry_at(101.0)
    opened.take()
    opened.released()
    opened.refused(101.0, 101.1, None)
    assert (opened.state, opened.retry_time) == (BreakerState.OPEN, 102.1)


def test_an_opening_forgets_the_refusals_before_it() -> None:
    """Seven of before and one of after are not eight."""
    opened = breaker()
    for number in range(7):
        opened.refused(99.0, 100 + number / 100, None)
    opened.trip(Window.MINUTE, 100.1, 100.2)
    opened.retry_at(100.2)
    for _ in range(5):
        opened.take()
        opened.succeeded()
    assert opened.state is BreakerState.CLOSED
    opened.refused(100.3, 100.4, None)
    assert opened.state is BreakerState.CLOSED
