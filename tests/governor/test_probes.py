"""A window that is used up, or closed by a 429, is probed: whatever the answers say of its reset."""

import pytest

from lusha_async.errors import DailyQuotaExhaustedError, LushaError
from lusha_async.governor import BreakerState, GovernorConfig, HoldReason, Lane
from lusha_async.governor.forecast import final_error
from lusha_async.governor.limiter_state import Hold, LimiterState
from lusha_async.operations import BY_NAME, Operation, Scope
from lusha_async.quota import Quota, Refusal, Window, WindowReading

SEARCH, USAGE, HOOKS = BY_NAME["searchContacts"], BY_NAME["getAccountUsage"], BY_NAME["listSubscriptions"]
QUARTER = 900.0
MONTHS = 10_000_000.0


def answered(
    state: LimiterState,
    now: float,
    quota: Quota | None = None,
    refusal: Refusal | None = None,
    of: Operation = SEARCH,
) -> None:
    """One request sent at `now`, answered a tenth of a second later."""
    record = state.take(of)
    state.sent(record, now)
    state.learn(record, now + 0.1, quota or Quota(), refusal)


def held(state: LimiterState, now: float, scope: Scope = Scope.GENERAL, lane: Lane = Lane.BULK) -> Hold | None:
    """What holds a request now."""
    return state.hold(now, scope, lane)


@pytest.mark.parametrize("named", [86_400.0, MONTHS])
@pytest.mark.parametrize(
    "refusal", [{}, {"window": Window.MINUTE}, {"window": Window.HOUR}, {"window": Window.DAY}, {"trial": True}]
)
def test_whatever_wait_a_429_names_a_probe_goes_within_a_quarter_of_an_hour(
    named: float, refusal: dict[str, object]
) -> None:
    """A `Retry-After` of a day or of months holds nothing for longer than 15 minutes; the probe's answer ends it."""
    state = LimiterState(GovernorConfig(jitter=0))
    answered(state, 1000.0)
    answered(state, 1002.0, refusal=Refusal(retry_after=named, **refusal))  # type: ignore[arg-type]
    assert held(state, 1004.0) is not None
    at = 1002.2 + QUARTER
    assert held(state, at) is None
    probe = state.take(SEARCH)
    state.sent(probe, at)
    others = held(state, at)
    assert others is not None  # one probe, not a herd
    assert not others.final
    state.learn(probe, at + 0.1, Quota(), None)
    assert held(state, at + 2) is None


@pytest.mark.parametrize("scope", [USAGE, HOOKS])
def test_a_group_is_not_closed_for_months(scope: Operation) -> None:
    """The minute of account usage and of webhooks is tried again after 15 minutes too."""
    state = LimiterState(GovernorConfig())
    answered(state, 1000.0, refusal=Refusal(retry_after=MONTHS), of=scope)
    assert held(state, 1060.0, scope.scope) is not None
    assert held(state, 1000.2 + QUARTER, scope.scope) is None


@pytest.mark.parametrize("window", [Window.HOUR, Window.DAY])
@pytest.mark.parametrize("by_refusal", [False, True])
def test_a_used_up_window_is_probed_however_it_was_learned(window: Window, by_refusal: bool) -> None:
    """`left: 0` on a 200 and a 429 of the window get the same probe, again and again, until one passes."""
    state = LimiterState(GovernorConfig(jitter=0))
    empty = Quota(**{window.value: WindowReading(limit=1500, left=0)})
    refusal = Refusal(window=window)
    answered(state, 1000.0, empty, refusal if by_refusal else None)
    at = 1000.0
    for _ in range(3):
        assert held(state, at + 1) is not None
        assert held(state, at + 890) is not None
        at += 902
        assert held(state, at) is None
        probe = state.take(SEARCH)
        state.sent(probe, at)
        assert held(state, at) is not None
        state.learn(probe, at + 0.1, empty, refusal if by_refusal else None)
    assert held(state, at + 1) is not None
    at += 902
    assert held(state, at) is None
    answered(state, at, Quota(**{window.value: WindowReading(limit=1500, left=1499)}))
    assert held(state, at + 2, lane=Lane.INTERACTIVE) is None


def test_a_probe_whose_answer_is_lost_is_not_followed_by_a_herd() -> None:
    """Nothing was learned, so the next probe comes a quarter of an hour later; an unsent one leaves its place."""
    state = LimiterState(GovernorConfig())
    answered(state, 1000.0, Quota(day=WindowReading(limit=1500, left=0)))
    unsent = state.take(SEARCH)
    assert held(state, 1901.0) is not None
    state.release(unsent)
    assert held(state, 1901.0) is None
    probe = state.take(SEARCH)
    state.sent(probe, 1901.0)
    state.lost(probe, 1961.0)
    assert held(state, 1962.0) is not None
    assert held(state, 2860.0) is not None  # a quarter of an hour after it was lost
    assert held(state, 2861.0) is None


def test_a_probe_that_passes_without_numbers_is_a_new_window() -> None:
    """The vendor carried it out although nothing was left: the window has reset."""
    for window in (Window.HOUR, Window.DAY):
        state = LimiterState(GovernorConfig())
        answered(state, 1000.0, Quota(**{window.value: WindowReading(limit=1500, left=0)}))
        answered(state, 1901.0)
        assert held(state, 1903.0) is None


def failure(state: LimiterState, now: float) -> LushaError:
    """The error of a call that is refused now."""
    hold = held(state, now)
    assert hold is not None
    assert hold.final
    return final_error(state, hold, SEARCH, now)


def test_retry_after_says_only_what_is_known() -> None:
    """A reset that a 429 named is repeated; otherwise it is the time of the probe, and the text says so."""
    state = LimiterState(GovernorConfig(jitter=0))
    answered(state, 1000.0, Quota(day=WindowReading(limit=1500, left=0)))
    error = failure(state, 1100.0)
    assert isinstance(error, DailyQuotaExhaustedError)
    assert error.retry_after == pytest.approx(800, abs=1)
    assert "when the day resets is not known" in str(error)
    named = LimiterState(GovernorConfig(jitter=0))
    answered(named, 1000.0, refusal=Refusal(window=Window.DAY, retry_after=7200))
    error = failure(named, 1100.0)
    assert isinstance(error, DailyQuotaExhaustedError)
    assert error.retry_after == pytest.approx(7101, abs=1)
    assert "not known" not in str(error)


def test_a_limit_of_nothing_on_a_success_is_no_window() -> None:
    """A plan without an hour may say `limit 0, left 0`: the call was carried out, so that holds nothing."""
    state = LimiterState(GovernorConfig())
    none = WindowReading(limit=0, left=0, used=0)
    answered(state, 1000.0, Quota(minute=none, hour=none, day=none))
    assert held(state, 1001.0) is None


@pytest.mark.parametrize(
    ("quota", "refusal"),
    [
        (Quota(day=WindowReading(limit=1500, left=0)), None),
        (Quota(hour=WindowReading(limit=150, left=0)), None),
        (Quota(), Refusal(window=Window.DAY)),
        (Quota(), Refusal(window=Window.HOUR)),
        (Quota(), Refusal(trial=True)),
    ],
)
def test_account_usage_may_always_be_asked(quota: Quota, refusal: Refusal | None) -> None:
    """It tells how much is left when nothing is; its answer closes no breaker, and its headers count."""
    state = LimiterState(GovernorConfig(jitter=0))
    answered(state, 1000.0, quota, refusal)
    assert held(state, 1002.0) is not None
    assert held(state, 1002.0, Scope.USAGE, Lane.INTERACTIVE) is None
    answered(state, 1002.0, of=USAGE)
    assert held(state, 1004.0) is not None
    assert state.breaker.state is (BreakerState.OPEN if refusal else BreakerState.CLOSED)


@pytest.mark.parametrize("window", [Window.SECOND, Window.MINUTE])
def test_account_usage_waits_where_a_second_or_a_minute_is_refused(window: Window) -> None:
    """A 429 of the second is about every request, and a minute is soon over."""
    state = LimiterState(GovernorConfig())
    answered(state, 1000.0, refusal=Refusal(window=window, retry_after=5))
    hold = held(state, 1001.5, Scope.USAGE, Lane.INTERACTIVE)
    assert hold is not None
    assert hold.reason is HoldReason.BREAKER


def test_a_cold_governor_sends_no_more_than_a_second_holds() -> None:
    """Until the first answer, no more requests are in flight than the limit: nothing is known of the way there."""
    state = LimiterState(GovernorConfig(rate=3))
    records = [state.take(SEARCH) for _ in range(3)]
    for record in records:
        state.sent(record, 1000.0)
    hold = held(state, 1005.0)
    assert hold is not None
    assert hold.reason is HoldReason.COLD
    state.learn(records[0], 1005.1, Quota(), None)
    assert held(state, 1006.0) is None


def test_programs_of_one_account_do_not_return_in_the_same_instant() -> None:
    """The jitter after a refused window is drawn for each, within what is configured and a hundredth of the window."""
    for jitter, bound in ((0.1, 0.1), (5.0, 0.6), (0.0, 0.0)):
        opened = set()
        for _ in range(20):
            state = LimiterState(GovernorConfig(jitter=jitter))
            answered(state, 1000.0, refusal=Refusal(window=Window.MINUTE))
            opened.add(state.breaker.retry_time - 1060.1)
        assert all(-0.001 <= late <= bound + 0.001 for late in opened)
        assert len(opened) == (20 if jitter else 1)
