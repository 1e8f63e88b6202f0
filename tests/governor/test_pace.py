"""The pace of the second, against servers that count arrivals."""

import math
from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.governor.pace import Pace, cap_for, far_for


@given(
    ways=st.lists(st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)), min_size=60, max_size=150),
    crowd=st.integers(1, 5),
)
def test_no_second_of_the_server_holds_more_than_the_limit(ways: list[tuple[float, float]], crowd: int) -> None:
    """However the ways out and back vary, no sliding second sees more arrivals than slots, if the cap allows."""
    pace = Pace(crowd, 1.0, min_budget=1e9)
    shortest = 0.01
    now, arrivals, answers = 0.0, [], []
    for out, back in [(0.0, 0.0)] * 30 + ways:
        while answers and answers[0][0] <= max(now, pace.next_free()):
            at, slot, sent = answers.pop(0)
            now = max(now, at)
            pace.answered(slot, sent, at, "search")
        now = max(now, pace.next_free())
        slot, _ = pace.take()
        pace.sent(slot, now)
        arrivals.append(now + shortest + out)
        answers.append((now + shortest + out + shortest + back, slot, now))
        answers.sort()
    arrivals.sort()
    for last in range(crowd, len(arrivals)):
        assert arrivals[last] - arrivals[last - crowd] >= 1 - 1e-9


@given(late=st.lists(st.floats(0, 10), min_size=1), budget=st.floats(0, 5))
def test_the_cap_spends_the_budget_and_no_more(late: list[float], budget: float) -> None:
    """The mean of min(lateness, cap) is the budget, or all lateness is within it."""
    cap = cap_for(budget, late)
    mean = sum(min(one, cap) for one in late) / len(late)
    assert mean <= budget + 1e-9
    assert cap == float("inf") or mean >= budget - 1e-9


@given(late=st.lists(st.floats(0, 10), min_size=1), budget=st.floats(0, 5))
def test_the_far_spend_the_budget_and_no_more(late: list[float], budget: float) -> None:
    """What is paid in full, spread over everybody, is within the budget; nobody near three quarters of them is far."""
    far = far_for(budget, late)
    paid = [one for one in late if one > far]
    assert sum(paid) <= budget * len(late) + 1e-9
    assert far >= sorted(late)[3 * len(late) // 4] + 0.03
    dearer = sorted(one for one in late if one <= far)
    if dearer and dearer[-1] > sorted(late)[3 * len(late) // 4] + 0.03 + 1e-9:  # else the fence is the bound
        assert sum(paid) + dearer.count(dearer[-1]) * dearer[-1] > budget * len(late) - 1e-9


def answer(pace: Pace, now: float, *trips: float, operation: str = "search") -> float:
    """Send a request for each of `trips` seconds, one after another, each answered at once after it; the time then."""
    for trip in trips:
        now = max(now, pace.next_free())
        slot, _ = pace.take()
        pace.sent(slot, now)
        now += trip
        pace.answered(slot, now - trip, now, operation)
    return now


def test_a_refusal_widens_the_margin_and_answers_narrow_it() -> None:
    """The budget grows by 10 ms with each refusal, up to 70 ms, and thousands of answers bring its minimum back."""
    pace = Pace(25, 1.0)
    now = answer(pace, 0.0, *[0.001] * 60)
    assert pace.budget == pytest.approx(0.04 * 0.99**60)
    before = pace.budget
    pace.refused(now, now)
    assert pace.budget == pytest.approx(before + 0.01)
    for _ in range(10):
        pace.refused(now, now)
    assert pace.budget == pace.max_budget
    assert pace.capacity.slots == 25
    answer(pace, now, *[0.001] * 1000)
    assert pace.budget == pytest.approx(0.07 * (1 - 0.0004) ** 1000)
    answer(pace, now, *[0.001] * 10_000)
    assert pace.budget == pace.min_budget


def test_the_budget_is_spent_on_late_requests_alone() -> None:
    """A request as quick as the quickest costs nothing, one that was late its lateness, an outlier all of it."""
    pace = Pace(25, 1.0)
    now = answer(pace, 0.0, *[0.1] * 200, *([0.1] * 9 + [0.12]) * 20)
    assert pace.margin <= pace.budget + 1e-9
    for trip, hold in ((0.1, 0.0), (0.102, 0.002), (0.5, 0.4)):
        now = max(now, pace.next_free())
        slot, _ = pace.take()
        pace.sent(slot, now)
        pace.answered(slot, now, now + trip, "search")
        assert pace.free_at[slot % 25] - now - 1 == pytest.approx(hold, abs=1e-9)


def test_the_trip_of_a_refusal_is_no_operations_shortest() -> None:
    """A refusal takes no work: after it, the operation's answers are no later than before."""
    pace = Pace(25, 1.0)
    now = answer(pace, 0.0, *[0.1] * 100)
    slot, _ = pace.take()
    pace.sent(slot, now)
    pace.answered(slot, now, now + 0.002, None)
    assert pace.free_at[slot % 25] == pytest.approx(now + 1.002)  # it had arrived by then
    now = max(now + 0.002, pace.next_free())
    slot, _ = pace.take()
    pace.sent(slot, now)
    pace.answered(slot, now, now + 0.1, "search")
    assert pace.free_at[slot % 25] == pytest.approx(now + 1)


def test_nothing_is_known_before_the_first_answers() -> None:
    """A slot is held for the whole trip until the shortest one is known, and for a period while there is no answer."""
    pace = Pace(25, 1.0)
    slot, _ = pace.take()
    pace.sent(slot, 10.0)
    assert pace.free_at[slot % 25] == 12.0
    pace.answered(slot, 10.0, 10.3, "search")
    assert pace.free_at[slot % 25] == pytest.approx(11.3)


def test_slow_answers_hold_no_slot() -> None:
    """Answers that always take two periods are not late: the slot is free after one, and a little more."""
    pace = Pace(25, 1.0)
    now = answer(pace, 0.0, *[2.0] * 60)
    slot, _ = pace.take()
    pace.sent(slot, now)
    assert pace.free_at[slot % 25] == pytest.approx(now + 1 + pace.budget, abs=0.01)


def test_a_shortest_trip_is_measured_again() -> None:
    """When the route becomes longer for good, the old shortest trip is forgotten within ten minutes."""
    pace = Pace(25, 1.0)
    now = answer(pace, 0.0, *[0.05] * 40)
    while now < 700:
        now = answer(pace, now + 5, 0.2)
    slot, _ = pace.take()
    pace.sent(slot, now)
    pace.answered(slot, now, now + 0.2, "search")
    assert pace.free_at[slot % 25] == pytest.approx(now + 1)


def test_each_operation_has_a_shortest_trip_of_its_own() -> None:
    """A slow operation beside a quick one is not late."""
    pace = Pace(25, 1.0)
    now = answer(pace, 0.0, *[0.05] * 40)
    now = answer(pace, now, *[0.4] * 40, operation="enrich")
    slot, _ = pace.take()
    pace.sent(slot, now)
    pace.answered(slot, now, now + 0.4, "enrich")
    assert pace.free_at[slot % 25] == pytest.approx(now + 1)


def test_a_request_that_leaves_later_counts_from_then() -> None:
    """A connection had to be opened: the second begins when the bytes leave, unless the slot is another's by then."""
    pace = Pace(25, 1.0)
    slot, _ = pace.take()
    pace.sent(slot, 1.0)
    assert pace.leaves(slot, 1.0, 1.4)
    assert pace.free_at[slot % 25] == pytest.approx(3.4)
    others = [pace.take()[0] for _ in range(25)]
    assert slot % 25 in {other % 25 for other in others}  # the slot is another's
    assert not pace.leaves(slot, 1.4, 3.5)
    assert min(pace.free_at) == math.inf
    pace.refused(1.4, 1.5)  # it was counted once, at 1.4: none was admitted
    assert pace.capacity.slots == 1
    minute = Pace(5, 60.0)
    for number in range(5):
        slot, _ = minute.take()
        minute.sent(slot, float(number))
        minute.answered(slot, float(number), float(number), "usage")
    assert [minute.nth_free(number) for number in (1, 5, 6, 11)] == pytest.approx([60.0, 64.0, 120.0, 180.0])


def test_fewer_slots_are_a_slower_pace() -> None:
    """A capacity of ten: ten requests at once, the next a period later; rate and forecasts say so."""
    pace = Pace(25, 1.0)
    pace.capacity.slots = 10
    for _ in range(10):
        assert pace.next_free() <= 0.0
        slot, _ = pace.take()
        pace.sent(slot, 0.0)
        pace.answered(slot, 0.0, 0.0, "search")
    assert pace.next_free() == pytest.approx(1.0)
    assert [pace.nth_free(number) for number in (1, 10, 11, 20)] == pytest.approx([1.0, 1.0, 2.0, 2.0])
    assert pace.rate == 10.0
    pace.margin = 0.25
    assert pace.rate == 8.0


def test_a_released_slot_is_free_as_before() -> None:
    """A request that was not sent leaves no trace; without a report the slot stays taken."""
    pace = Pace(2, 1.0)
    slot, was = pace.take()
    other, _ = pace.take()
    assert pace.next_free() == math.inf
    assert {slot % 2, other % 2} == {0, 1}
    pace.release(slot, was)
    assert pace.next_free() == was == -math.inf


def test_an_exhausted_group_waits_as_long_as_it_was_asked_to() -> None:
    """Nothing is free until then; what is free later stays so."""
    pace = Pace(2, 60.0)
    slot, _ = pace.take()
    pace.sent(slot, 50.0)
    pace.exhausted(90.0)
    assert sorted(pace.free_at) == [90.0, 170.0]


def test_a_late_answer_does_not_free_the_slot_of_another_request() -> None:
    """When the cap passed and the slot was taken again, the first answer changes nothing."""
    pace = Pace(1, 1.0)
    slot, _ = pace.take()
    pace.sent(slot, 0.0)
    now = pace.next_free()
    again, _ = pace.take()
    pace.sent(again, now)
    free = pace.next_free()
    pace.answered(slot, 0.0, now + 0.1, "search")
    assert pace.next_free() == free


def test_the_slots_of_a_minute_serve_a_group() -> None:
    """Five account usage calls a minute: the sixth waits until the first surely left the minute."""
    pace = Pace(5, 60.0)
    sent = []
    now = 0.0
    for _ in range(20):
        now = max(now, pace.next_free())
        slot, _ = pace.take()
        pace.sent(slot, now)
        pace.answered(slot, now, now + 0.2, "usage")
        sent.append(now)
    for at in sent:
        assert bisect_left(sent, at + 60) - bisect_left(sent, at) <= 5


def busy(pace: Pace, now: float, seconds: float) -> float:
    """Endless demand for so long: each request is answered 0.1 s after it left."""
    end, flying = now + seconds, []
    while now < end:
        due = flying[0][0] if flying else math.inf
        if pace.next_free() <= now:
            slot, _ = pace.take()
            pace.sent(slot, now)
            flying.append((now + 0.1, slot, now))
        elif due <= pace.next_free():
            now, slot, sent = flying.pop(0)
            pace.answered(slot, sent, now, "search")
        else:
            now = pace.next_free()
    return now


def test_more_slots_are_tried_only_where_they_would_be_used() -> None:
    """Answers while a slot is free, and 429s, say nothing of more; under endless demand one more is tried."""
    pace = Pace(25, 1.0)
    pace.capacity.slots = pace.capacity._proven = 10
    pace.capacity._try_at = 0.0
    for second in range(20):
        slot, _ = pace.take()
        pace.sent(slot, second * 1.5)
        pace.answered(slot, second * 1.5, second * 1.5 + 0.1, "search" if second % 2 else None)
    assert pace.capacity.slots == 10
    now = busy(pace, 40.0, 1.0)
    assert pace.capacity.slots == 11
    busy(pace, now, 20.0)
    assert pace.capacity.slots == 25


def test_the_capacity_hears_of_the_margin_and_of_a_spent_budget() -> None:
    """Within 90 % of the largest budget three volleys take a slot; below the limit the margin counts as well."""
    pace = Pace(25, 1.0)
    now = busy(pace, 0.0, 5.0)
    pace.budget = 0.9 * pace.max_budget
    for _ in range(3):
        pace.budget = 0.9 * pace.max_budget
        pace.refused(now, now)
        now = busy(pace, now, 1.0)
    assert pace.capacity.slots == 25
    for _ in range(3):
        pace.budget = pace.max_budget
        pace.refused(now, now)
        now = busy(pace, now, 1.0)
    assert pace.capacity.slots < 25
    narrow = Pace(25, 1.0)
    narrow.capacity.slots = narrow.capacity._proven = 5
    for sent in (0.9, 1.0, 1.2, 1.4, 1.6):
        narrow.capacity.sent(sent)
    narrow.margin = 0.2
    before = narrow.budget
    narrow.refused(1.95, 1.95)  # five within 1.2 s: it is a matter of delays
    assert (narrow.capacity.slots, narrow.budget) == (5, pytest.approx(before + 0.01))
    narrow.margin = 0.0
    narrow.refused(1.95, 1.95)  # four within 1.0 s
    assert narrow.capacity.slots == 4


def test_cap_and_margin_are_computed_every_twenty_answers() -> None:
    """The margin is the mean of what is paid for lateness; a cap never exceeds a period."""
    pace = Pace(25, 1.0)
    now = answer(pace, 0.0, *[0.1] * 39)
    assert pace.cap == 1.0  # one computation, before lateness was known
    assert pace.margin == 0.0
    now = answer(pace, now, 0.1)
    assert pace.cap == 1.0
    now = answer(pace, now, *[0.11] * 19)
    assert pace.margin < 1e-9
    answer(pace, now, 0.11)
    assert 0.004 < pace.margin < 0.006  # 20 of 35 were 10 ms late
