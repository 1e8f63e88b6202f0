"""How many requests a second are ours, learned from 429s."""

import pytest

from lusha_async.governor.capacity import Capacity


def send(capacity: Capacity, *times: float) -> None:
    """Send a request at each of `times`."""
    for at in times:
        capacity.sent(at)


def even(since: float, until: float, rate: float) -> list[float]:
    """Times from `since` to before `until`, `rate` a second."""
    return [since + number / rate for number in range(round((until - since) * rate))]


def refuse(capacity: Capacity, at: float, *, spent: bool = False, margin: float = 0.0) -> bool:
    """Send a request at `at` that is refused at once."""
    capacity.sent(at)
    return capacity.refused(at, at, margin=margin, spent=spent)


def lowered(slots: int) -> Capacity:
    """A capacity that learned `slots` from a first volley at 0 s: the first trial is due at 2 s."""
    capacity = Capacity(25, 1.0)
    send(capacity, *[-0.001] * slots)
    assert refuse(capacity, 0.0)
    assert capacity.slots == slots
    return capacity


@pytest.mark.parametrize("limit", [1, 5, 10, 20, 23, 24])
def test_a_first_volley_tells_the_limit(limit: int) -> None:
    """Of 25 at once some are refused: as many slots as were admitted are used; more refusals of it add nothing."""
    capacity = Capacity(25, 1.0)
    send(capacity, *even(0.0, 0.25, 100))
    for number in range(limit, 25):
        assert capacity.refused(number / 100, number / 100 + 0.3, margin=0.0, spent=False)
    assert capacity.slots == limit


def test_one_refusal_at_the_full_rate_is_a_matter_of_delays() -> None:
    """25 and more were admitted within 1.25 s: the capacity stays, and says that the margin has to be wider."""
    capacity = Capacity(25, 1.0)
    send(capacity, *even(0.0, 3.0, 24.5))
    assert not refuse(capacity, 3.0)
    assert capacity.slots == 25


def test_at_least_one_slot_is_used() -> None:
    """Another program takes everything: one request is tried all the same."""
    capacity = Capacity(25, 1.0)
    assert refuse(capacity, 0.0)
    assert capacity.slots == 1
    assert not refuse(capacity, 3.0)  # it cannot be fewer: delays are to blame


def test_refusals_that_a_spent_budget_does_not_stop_take_a_slot() -> None:
    """Three volleys within five seconds, at the full rate; each volley counts once, and one slot less is used."""
    capacity = Capacity(25, 1.0)
    send(capacity, *even(0.0, 3.0, 24.5))
    assert not refuse(capacity, 3.0, spent=True)
    assert not refuse(capacity, 3.1, spent=True)  # of the same volley
    send(capacity, *even(3.1, 4.0, 24.5))
    assert not refuse(capacity, 4.0, spent=True)
    send(capacity, *even(4.0, 5.0, 24.5))
    assert refuse(capacity, 5.0, spent=True)
    assert capacity.slots == 24
    assert refuse(capacity, 5.1, spent=True)  # of the volley that was heard
    assert capacity.slots == 24


def test_seldom_refusals_under_a_spent_budget_take_no_slot() -> None:
    """Three volleys in more than five seconds are an accident."""
    capacity = Capacity(25, 1.0)
    for second in (0.0, 3.0, 6.0):
        send(capacity, *even(second, second + 2, 24.5))
        assert not refuse(capacity, second + 2, spent=True)
    assert capacity.slots == 25


def test_below_the_limit_a_refusal_lowers_it_at_once() -> None:
    """Fewer than the slots in use were admitted in a second and the margin: another program takes more than before."""
    capacity = lowered(20)
    send(capacity, *even(0.1, 1.1, 15))
    assert refuse(capacity, 1.1, margin=0.05)
    assert capacity.slots == 15


def test_below_the_limit_a_refusal_at_the_capacity_is_a_matter_of_delays() -> None:
    """As many as the slots in use were admitted: the margin has to be wider."""
    capacity = lowered(20)
    send(capacity, *even(0.1, 1.3, 20))
    assert not refuse(capacity, 1.3, margin=0.05)
    assert capacity.slots == 20


def answers(capacity: Capacity, number: int, at: float) -> None:
    """`number` requests that were sent and answered at `at`, while no slot was free."""
    for _ in range(number):
        capacity.answered(at, at)


def test_one_more_is_tried_after_two_seconds_and_kept_if_it_stands() -> None:
    """A trial that is not refused in two answers for each slot is kept; the next is twice as large."""
    capacity = lowered(10)
    answers(capacity, 30, 1.9)
    assert capacity.slots == 10
    answers(capacity, 1, 2.0)
    assert capacity.slots == 11
    answers(capacity, 21, 3.0)
    assert capacity.slots == 11
    answers(capacity, 1, 3.0)
    assert capacity.slots == 13
    answers(capacity, 26, 4.0)
    assert capacity.slots == 17
    answers(capacity, 34, 5.0)
    assert capacity.slots == 25


def test_answers_of_requests_sent_before_a_trial_say_nothing_of_it() -> None:
    """They were admitted under fewer slots."""
    capacity = lowered(10)
    answers(capacity, 1, 2.0)
    for _ in range(100):
        capacity.answered(1.9, 2.1)
    assert capacity.slots == 11


def test_a_refused_trial_is_taken_back_and_the_next_is_later_each_time() -> None:
    """2, 4, 8, then 12 seconds, or 150 requests, between trials: one refusal for each."""
    capacity = lowered(20)
    now, pauses = 2.0, []
    for _ in range(5):
        answers(capacity, 1, now)
        assert capacity.slots == 21
        assert refuse(capacity, now + 0.1)
        assert capacity.slots == 20
        since = now + 0.1
        while capacity.slots == 20:
            now += 0.01
            answers(capacity, 1, now)
        pauses.append(now - since)
        answers(capacity, 1, now)
    assert pauses == pytest.approx([4.0, 8.0, 12.0, 12.0, 12.0], abs=0.02)


def test_few_slots_are_tried_less_often() -> None:
    """A trial costs a refusal: at five a second there are 30 s between two of them."""
    capacity = lowered(5)
    now = 2.0
    for _ in range(6):
        answers(capacity, 1, now)
        assert refuse(capacity, now)
        since = now
        while capacity.slots == 5:
            now += 0.01
            answers(capacity, 1, now)
    assert now - since == pytest.approx(30.0, abs=0.02)


def test_a_trial_that_stood_makes_the_next_ones_sooner() -> None:
    """After refused trials the pause is long; one that stands halves it, down to the first."""
    capacity = lowered(20)
    now = 2.0
    for _ in range(4):
        answers(capacity, 1, now)
        refuse(capacity, now)
        now += 12.01
    answers(capacity, 1, now)
    answers(capacity, 42, now)
    assert capacity.slots == 23
    assert refuse(capacity, now)
    assert capacity.slots == 21
    answers(capacity, 1, now + 11.9)  # the pause was halved to six, and doubled
    assert capacity.slots == 21
    answers(capacity, 1, now + 12)
    assert capacity.slots == 22


def test_a_request_that_leaves_later_is_counted_once() -> None:
    """What was withdrawn was not admitted at that time."""
    capacity = Capacity(25, 1.0)
    send(capacity, *[0.0] * 24)
    capacity.withdraw(0.0)
    send(capacity, 0.1)
    capacity.withdraw(7.0)  # not known: nothing happens
    assert refuse(capacity, 0.2)
    assert capacity.slots == 24


def test_seconds_of_a_test_are_shorter() -> None:
    """All times but the lateness scale with the period."""
    capacity = Capacity(25, 0.1)
    send(capacity, *[0.0] * 10)
    assert refuse(capacity, 0.0)
    answers(capacity, 1, 0.19)
    assert capacity.slots == 10
    answers(capacity, 1, 0.2)
    assert capacity.slots == 11


def test_volleys_of_a_shorter_period() -> None:
    """A volley lasts a fifth of a period, and three within five periods are no accident."""
    capacity = Capacity(25, 0.1)
    send(capacity, *[0.0] * 50)
    for at in (0.0, 0.021, 0.04):  # the third is of the second one's volley
        assert not refuse(capacity, at, spent=True)
    assert refuse(capacity, 0.042, spent=True)
    assert capacity.slots == 24
    slow = Capacity(25, 0.1)
    for at in (0.0, 0.3, 0.5):
        send(slow, *[at] * 50)
        assert not refuse(slow, at, spent=True)
    assert slow.slots == 25


def test_pauses_of_a_shorter_period() -> None:
    """After a trial that stood, the pause is never shorter than two periods."""
    capacity = Capacity(25, 0.1)
    send(capacity, *[0.0] * 10)
    refuse(capacity, 0.0)
    answers(capacity, 1, 0.2)
    answers(capacity, 22, 0.3)
    assert capacity.slots == 13
    refuse(capacity, 0.31)  # taken back to 11; the pause of 0.2 s is doubled
    answers(capacity, 1, 0.70)
    assert capacity.slots == 11
    answers(capacity, 1, 0.72)
    assert capacity.slots == 12
