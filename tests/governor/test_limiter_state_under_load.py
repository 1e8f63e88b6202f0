"""The limiter state with endless demand against a counting server: no plan window is overrun, none left unused."""

import heapq
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lusha_async.governor import GovernorConfig, Lane
from lusha_async.governor.limiter_state import LimiterState
from lusha_async.operations import BY_NAME, Scope
from lusha_async.quota import Quota, Refusal, Window, WindowReading
from tests.governor.test_limiter_state_model import ServerWindow

SEARCH = BY_NAME["searchContacts"]
CONFIG = GovernorConfig(rate=20, minute=10.0, hour=45.0, day=10_000.0)
NAMES = (Window.MINUTE, Window.HOUR)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    limits=st.tuples(st.integers(30, 60), st.integers(80, 150)),
    aligned=st.booleans(),
    silent=st.sampled_from([0.0, 0.0, 0.2]),
)
@example(seed=796379, limits=(33, 141), aligned=True, silent=0.0)  # answers of a new window overtook its first one
def test_endless_demand_overruns_nothing(seed: int, limits: tuple[int, int], aligned: bool, silent: float) -> None:
    """Whatever the delays and missing headers, most of each window is used, and nothing but a probe gets a 429.

    An hour of which nothing is left is probed every quarter of it.
    """
    dice = Random(seed)
    state = LimiterState(CONFIG)
    server = [
        ServerWindow(length, limit, aligned, dice.uniform(0, 10))
        for length, limit in zip((10.0, 45.0), limits, strict=True)
    ]
    now, number, let_in = 1000.0, 0, 0
    probes: list[float] = []
    record = state.take(SEARCH)  # one request first: a window that was never reported cannot be known
    events = [(now, number, "sent", record, None)]
    while now < 1000 + 4 * 45:
        if events and events[0][0] <= now:
            _, _, what, record, quota = heapq.heappop(events)
            number += 1
            if what == "sent":
                state.sent(record, now)
                heapq.heappush(events, (now + dice.uniform(0.001, 0.3), number, "arrives", record, None))
            elif what == "arrives":
                for window in server:
                    window.settle(now)
                full = [name for name, window in zip(NAMES, server, strict=True) if window.used >= window.limit]
                if full:
                    assert full == [Window.HOUR], f"{full} overrun at {now - 1000:.2f} s"
                    assert state.in_flight == 1
                    assert not probes or now - probes[-1] > 45 / 4 - 0.3
                    probes.append(now)
                else:
                    for window in server:
                        window.count(now)
                    let_in += 1
                readings = [WindowReading(limit=w.limit, left=w.limit - w.used) for w in server]
                quota = Quota(minute=readings[0], hour=readings[1])
                if number > 5 and dice.random() < silent:
                    quota = Quota()
                refusal = Refusal(window=Window.HOUR) if full else None
                reply = (quota, refusal)
                heapq.heappush(events, (now + dice.uniform(0.001, 0.3), number, "answered", record, reply))
            else:
                state.learn(record, now, *quota)
            continue
        hold = None
        if state.warmed:
            hold = state.hold(now, Scope.GENERAL, Lane.INTERACTIVE)
            if hold is None:
                number += 1
                events_at = now + dice.choice([0.0, 0.0, 0.02])
                heapq.heappush(events, (events_at, number, "sent", state.take(SEARCH), None))
                continue
        soonest = events[0][0] if events else float("inf")
        now = max(now + 1e-6, min(soonest, hold.until if hold is not None else soonest))
    minutes = min(limits[0] * 4.5, limits[1])  # what an hour can take at most
    assert let_in >= 0.8 * 4 * minutes - limits[0]


def test_the_breaker_answers_a_refusal_of_a_window_by_one_probe() -> None:
    """After a 429 of the minute, one request goes at its reset, and further ones only when that was answered."""
    state = LimiterState(CONFIG)
    first = state.take(SEARCH)
    state.sent(first, 0.0)
    state.learn(first, 0.1, Quota(), Refusal(window=Window.MINUTE))
    hold = state.hold(0.2, Scope.GENERAL, Lane.INTERACTIVE)
    assert hold is not None
    assert 10 <= hold.until <= 10.3
    assert state.hold(10.3, Scope.GENERAL, Lane.INTERACTIVE) is None
    probe = state.take(SEARCH)
    state.sent(probe, 10.3)
    assert state.hold(10.4, Scope.GENERAL, Lane.INTERACTIVE) is not None
    state.learn(probe, 10.5, Quota(), None)
    assert state.hold(10.5, Scope.GENERAL, Lane.INTERACTIVE) is None
