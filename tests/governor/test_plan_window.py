"""One plan window, answer by answer: what is left of it, and when it resets."""

import math
from typing import Any

import pytest

from lusha_async.governor.plan_window import Mark, PlanWindow
from lusha_async.quota import Window, WindowReading

LENGTHS = {Window.MINUTE: 60.0, Window.HOUR: 3600.0, Window.DAY: 86_400.0}


class Driven:
    """A window and its requests in flight."""

    def __init__(self, window: Window = Window.MINUTE) -> None:
        self.window = PlanWindow(window, LENGTHS[window])
        self.flying: list[tuple[Mark, float]] = []

    def send(self, at: float, times: int = 1) -> None:
        """Grant and send a request."""
        for _ in range(times):
            self.window.in_flight += 1
            self.flying.append((self.window.mark(), at))

    def answer(self, at: float, left: int | None = None, limit: int | None = 100, **reading: Any) -> None:
        """The oldest request is answered; None: without numbers."""
        mark, sent = self.flying.pop(0)
        numbers = None if left is None and not reading else WindowReading(limit=limit, left=left, **reading)
        self.window.settle(mark, sent, at, numbers)

    def exchange(self, at: float, left: int | None = None, limit: int | None = 100, **reading: Any) -> None:
        """A request that is answered at once."""
        self.send(at)
        self.answer(at, left, limit, **reading)


def known(left: int = 50, window: Window = Window.MINUTE) -> Driven:
    """A window of which 50 of 100 are left, as an answer said at 1000 s."""
    driven = Driven(window)
    driven.exchange(1000.0, left)
    return driven


# --- what is left -----------------------------------------------------------------------------------------------


def test_nothing_is_known_before_a_report() -> None:
    """Then any number may be sent, and nothing is kept for others."""
    window = Driven().window
    assert window.available(0.0) == math.inf
    assert (window.left, window.limit, window.kept(0.0)) == (None, None, 0)
    assert window.reserved(0.5, 0.0) == 0
    assert not window.probing(0.0)


def test_requests_in_flight_count_until_their_answers_say_so() -> None:
    """Never twice, and whatever order the answers come in: the lowest report is the latest."""
    driven = known(50)
    driven.send(1001.0, 3)
    assert driven.window.available(1001.0) == 47
    driven.answer(1001.1, 48)
    assert driven.window.available(1001.1) == 46
    driven.answer(1001.1, 47)
    driven.answer(1001.1, 49)  # the first to arrive there
    assert driven.window.available(1001.1) == 47


def test_an_answer_without_numbers_counts_until_a_later_report() -> None:
    """It may not be in a report of a request that was sent before it came."""
    driven = known(50)
    driven.send(1001.0, 2)
    driven.answer(1002.0)
    assert driven.window.available(1002.0) == 48
    driven.answer(1003.0, 49)  # sent at 1001, before the other was answered
    assert driven.window.available(1003.0) == 48
    driven.exchange(1004.0, 47)
    assert driven.window.available(1004.0) == 47


def test_used_tells_what_is_left_where_left_is_missing() -> None:
    """By the limit of the answer, else by the one that is known; without either it tells nothing."""
    driven = Driven()
    driven.exchange(0.0, None, None, used=10)
    assert driven.window.left is None
    driven.exchange(1.0, None, 100, used=10)
    assert driven.window.left == 90
    driven.exchange(2.0, None, None, used=30)
    assert driven.window.left == 70


@pytest.mark.parametrize(("left", "believed"), [(-5, 0), (0, 0), (100, 100), (500, 100)])
def test_a_number_that_cannot_be_is_cut(left: int, believed: int) -> None:
    """Not below 0 and not above the limit."""
    driven = Driven()
    driven.exchange(0.0, left)
    assert driven.window.left == believed


def test_a_report_covers_what_was_answered_before_it_was_sent() -> None:
    """An answer without numbers at the very time of sending is in it."""
    driven = known(50)
    driven.exchange(1001.0)
    driven.exchange(1001.0, 48)
    assert driven.window.available(1001.0) == 48


def test_a_window_of_limit_0_is_one_that_the_plan_does_not_have() -> None:
    """Its numbers are not believed."""
    driven = Driven()
    driven.exchange(0.0, 0, 0)
    assert (driven.window.limit, driven.window.left) == (None, None)


def test_a_limit_that_changes_moves_what_is_left() -> None:
    """A plan is changed in mid-window: earlier reports are void, and the new one holds."""
    driven = known(50)
    driven.send(1001.0, 2)
    driven.answer(1001.5, 249, 300)
    assert (driven.window.limit, driven.window.left) == (300, 249)
    driven.answer(1001.6, 248, 300)
    assert driven.window.left == 248
    driven.exchange(1002.0, 20, 60)
    assert (driven.window.limit, driven.window.left) == (60, 20)
    assert driven.window.resets == 0


def test_a_limit_alone_moves_what_is_left_as_well() -> None:
    """An answer that says the new limit and nothing else; never below none."""
    driven = known(50)
    driven.window._change_limit(120)
    assert driven.window.left == 70
    driven.window._change_limit(10)
    assert driven.window.left == 0


# --- resets -----------------------------------------------------------------------------------------------------


def test_a_window_resets_at_the_latest_its_length_after_its_first_answer() -> None:
    """Not before that is certain; then all of it is left, and nothing is known of its end."""
    driven = known(50)
    assert driven.window.latest == 1060.0
    driven.window.roll(1059.9)
    assert driven.window.left == 50
    driven.window.roll(1060.0)
    assert (driven.window.left, driven.window.latest, driven.window.resets, driven.window.epoch) == (
        100,
        math.inf,
        1,
        1,
    )
    assert driven.window.earliest == 1000.0 + 60


def test_more_left_than_before_is_a_new_window() -> None:
    """The reset was between sending and answer: it ends at most its length after the answer."""
    driven = known(50)
    driven.exchange(1010.0, 99)
    assert (driven.window.left, driven.window.resets, driven.window.latest) == (99, 1, 1070.0)
    assert driven.window.available(1010.0) == 99


def test_resets_are_counted() -> None:
    """Each of three; the earliest next one moves on by the length of the window."""
    driven = known(50)
    for number, at in enumerate((1010.0, 1020.0, 1030.0), 1):
        driven.exchange(at, 99)
        assert (driven.window.resets, driven.window.epoch) == (number, number)
        driven.exchange(at + 1, 20)
    once = known(50)
    once.exchange(1010.0, 99)
    assert once.window.earliest == 1060.0


def test_answers_of_the_new_window_that_were_in_flight_are_no_further_reset() -> None:
    """Three were sent before the first of them showed the reset: one new window, its lowest report."""
    driven = known(50)
    driven.send(1010.0, 3)
    driven.answer(1010.2, 98)
    driven.answer(1010.3, 99)
    driven.answer(1010.4, 97)
    assert (driven.window.left, driven.window.resets) == (97, 1)


def test_answers_that_overtook_the_first_one_of_a_window_count_in_it() -> None:
    """One without numbers was answered between: it may have reached the server after the reset."""
    driven = known(50)
    driven.send(1010.0, 2)
    marks = driven.flying
    driven.flying = [marks[1], marks[0]]
    driven.answer(1010.1)
    driven.answer(1010.2, 99)
    assert driven.window.available(1010.2) == 98


def test_a_lost_answer_that_ends_after_the_reset_counts_in_the_new_window() -> None:
    """It was on the way for so long that it may have arrived there."""
    driven = known(50)
    driven.send(1001.0, 2)
    driven.answer(1060.5)
    driven.answer(1060.5)
    assert (driven.window.resets, driven.window.left) == (1, 100)
    assert driven.window.available(1060.5) == 98


def test_an_old_answer_after_the_reset_counts_in_the_new_window_at_worst() -> None:
    """Its numbers are those of the window before, and are not believed of this one."""
    driven = known(50)
    driven.send(1001.0)
    driven.window.roll(1060.0)
    driven.answer(1061.0, 49)
    assert driven.window.left == 100
    assert driven.window.available(1061.0) == 99
    assert driven.window.latest == 1121.0


def test_a_reset_may_be_hidden_while_little_is_used() -> None:
    """98 of 100 left before and after: it may have begun as late as now, until more was used than was in flight."""
    driven = Driven()
    driven.exchange(1000.0, 99)
    driven.exchange(1030.0, 98)
    assert driven.window.latest == 1090.0
    driven.exchange(1040.0, 97)
    assert driven.window.latest == 1090.0  # three were used, and never more than one was in flight
    busy = Driven()
    busy.send(1000.0, 5)
    for left in range(99, 94, -1):
        busy.answer(1001.0, left)
    busy.exchange(1030.0, 94)
    assert busy.window.latest == 1090.0  # up to six may be of a new window
    busy.exchange(1040.0, 93)
    busy.exchange(1050.0, 92)
    assert busy.window.latest == 1090.0


def test_a_reset_that_a_429_named_is_not_hidden() -> None:
    """What is known exactly is not moved by answers."""
    driven = known(99)
    driven.window.exhausted(1010.0, 1010.1, 20)
    driven.window.left = 99
    driven.exchange(1011.0, 98)
    assert driven.window.latest == 1010.1 + 21


# --- nothing left -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "resets_in", "retry"), [(Window.HOUR, None, 900), (Window.DAY, None, 900), (Window.HOUR, 100, 101)]
)
def test_a_429_empties_the_window(window: Window, resets_in: float | None, retry: float) -> None:
    """Nothing is left until the reset, which is known within a second where it is named; a probe goes after 15 min."""
    driven = Driven(window)
    driven.send(0.0)
    assert driven.window.exhausted(0.0, 0.0, resets_in) == pytest.approx(retry)
    assert driven.window.left == 0
    assert driven.window.reset_known is (resets_in is not None)
    if resets_in is not None:
        assert (driven.window.earliest, driven.window.latest) == (resets_in - 1, resets_in + 1)
    else:
        assert (driven.window.earliest, driven.window.latest) == (0.0, driven.window.length)


def test_a_429_without_a_time_says_nothing_new_where_a_reset_is_known() -> None:
    """The bounds of before stay."""
    driven = known(3)
    driven.send(1001.0)
    driven.window.exhausted(1001.0, 1001.1, None)
    assert driven.window.latest == 1060.0
    assert not driven.window.reset_known


@pytest.mark.parametrize(
    ("bounds", "result"),
    [
        ((1010.0, 1050.0), (1010.0, 1050.0)),
        ((900.0, 1050.0), (1000.0, 1050.0)),
        ((1010.0, 2000.0), (1010.0, 1060.0)),
        ((1060.0, 1070.0), (1060.0, 1060.0)),
        ((1060.1, 1070.0), (1060.1, 1070.0)),  # apart: the newer one holds
        ((900.0, 999.0), (900.0, 999.0)),
        ((900.0, 1000.0), (1000.0, 1000.0)),
    ],
)
def test_what_is_known_of_a_reset_becomes_narrower(
    bounds: tuple[float, float], result: tuple[float, float]
) -> None:
    """Between 1000 and 1060 s by the answers."""
    driven = known(50)
    driven.window.narrow(*bounds)
    assert (driven.window.earliest, driven.window.latest) == result


def test_an_hour_with_nothing_left_is_probed_every_quarter() -> None:
    """One request at a time, and the next a quarter after it was answered, however long that took."""
    driven = known(0, Window.HOUR)
    window = driven.window
    assert window.available(1899.9) == 0
    assert window.retry_at(1001.0) == 1900.0
    assert not window.probing(1899.9)
    assert window.probing(1900.0)
    assert window.available(1900.0) == 1
    driven.send(1900.0)
    assert window.available(1900.1) == 0
    driven.answer(2900.0, 0)
    assert window.available(2900.0) == 0
    assert window.retry_at(2900.1) == 3800.0
    assert window.retry_at(3800.0) == window.latest


def test_a_minute_with_nothing_left_waits_for_its_reset() -> None:
    """It is soon."""
    driven = known(0)
    assert driven.window.retry_at(1001.0) == 1060.0
    assert driven.window.available(1059.0) == 0


def test_a_request_that_passed_although_nothing_was_left_shows_the_reset() -> None:
    """The window is renewed from now on."""
    driven = known(0, Window.HOUR)
    assert driven.window.mark().used_up
    driven.window.renew(1900.0)
    assert (driven.window.left, driven.window.earliest, driven.window.latest) == (100, 1900.0, 5500.0)
    assert not driven.window.mark().used_up


# --- others -----------------------------------------------------------------------------------------------------


def shared(window: Window, *, left: int) -> Driven:
    """Another program sends one request a second: ten of ours in ten seconds, twenty of both."""
    driven = Driven(window)
    driven.exchange(1000.0, left + 20)
    for number in range(1, 11):
        driven.exchange(1000.0 + number, left + 20 - 2 * number)
    return driven


def test_requests_are_kept_for_others() -> None:
    """As many as they send until the next report, with high probability, and never more than are left."""
    driven = shared(Window.MINUTE, left=50)
    assert driven.window.left == 50
    assert driven.window.kept(1010.0) == 0
    kept = driven.window.kept(1014.0)
    assert 4 <= kept <= 4 + 3 * 2 + 1
    assert driven.window.available(1014.0) == 50 - kept
    few = shared(Window.MINUTE, left=2)
    assert few.window.kept(1014.0) == 2


def test_after_silence_one_request_asks_what_others_have_left() -> None:
    """Where the guess says none: one probe in a tenth of the window, at most each minute, if some are probably left."""
    driven = shared(Window.HOUR, left=20)
    window = driven.window
    assert window.available(1040.0) < 1
    assert window.retry_at(1040.0) == 1010.0 + 60.0
    assert window.available(1070.0) == 1
    driven.send(1070.0)
    assert window.available(1070.1) < 1
    driven.answer(1071.0, 19)
    assert window.available(1071.0) >= 10
    minute = shared(Window.MINUTE, left=20)
    assert minute.window.retry_at(1012.0) == 1016.0
    used_up = shared(Window.MINUTE, left=3)
    assert used_up.window.retry_at(1012.0) == used_up.window.latest  # others have probably used them


# --- the reserve of interactive calls ---------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "reserved"), [(1000.0, 10), (1030.0, 5), (1054.0, 1), (1060.0, 0), (1100.0, 0)])
def test_the_reserve_shrinks_to_nothing_at_the_reset(at: float, reserved: int) -> None:
    """A tenth of 100, and less the nearer the reset is."""
    assert known(50).window.reserved(0.1, at) == reserved


def test_the_whole_reserve_is_kept_while_no_reset_is_known() -> None:
    """It may be far."""
    driven = known(50)
    driven.window.roll(1060.0)
    assert driven.window.reserved(0.1, 1060.0) == 10


def test_when_a_reserve_will_have_shrunk() -> None:
    """Five are left: bulk may have one of them when fewer than five are reserved."""
    driven = known(5)
    at = driven.window.unreserved_at(0.1, 5.0)
    assert at == pytest.approx(1030.0, abs=1e-5)
    assert driven.window.reserved(0.1, at) == 4
