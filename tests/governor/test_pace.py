"""The pace of the second, against servers that count arrivals."""

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from lusha_async.governor.pace import Pace, cap_for


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


def test_refusals_widen_the_margin_and_calm_narrows_it() -> None:
    """A refusal doubles the budget at once; thousands of calm answers bring it back to its minimum."""
    pace = Pace(25, 1.0)
    pace.refused(100.0)
    assert pace.budget == 0.08
    now = 101.0
    for _ in range(12_000):
        now = max(now, pace.next_free())
        slot, _ = pace.take()
        pace.sent(slot, now)
        pace.answered(slot, now, now + 0.001, "search")
    assert pace.budget == pace.min_budget


def test_a_refused_second_that_lateness_does_not_explain_slows_down_all_the_same() -> None:
    """A server that allows less than it says is met by a floor that doubles, up to nine periods."""
    pace = Pace(25, 1.0)
    for volley in range(30):
        now = volley * 10.0
        for _ in range(25):
            slot, _ = pace.take()
            pace.sent(slot, now)
            pace.answered(slot, now, now + 0.001, "search")
        pace.refused(now + 1)
    assert 5 < pace.floor <= 9
    slot, _ = pace.take()
    pace.sent(slot, 1000.0)
    assert pace.free_at[slot] >= 1006


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
