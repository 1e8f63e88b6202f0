"""The retry decision, as the table that it is, and the budget that all repeats of a client are paid from."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async._call.retry import NO_RETRY, GiveUp, RetryBudget, RetryPolicy, RetryTokens, decide
from lusha_async.errors import (
    AnswerLostError,
    APIStatusError,
    BadRequestError,
    ConfigurationError,
    DailyQuotaExhaustedError,
    InsufficientCreditsError,
    LushaError,
    NotSentError,
    RateLimitedError,
    ServerError,
    ServerTimeoutError,
    TrialLimitError,
    UnreadableAnswerError,
)
from lusha_async.operations import BY_NAME, OPERATIONS, Operation

FREE, REVEAL = BY_NAME["getAccountUsage"], BY_NAME["enrichContacts"]
METERED, MUTATION = BY_NAME["searchContacts"], BY_NAME["createContactsTable"]
SAFE_ANYWHERE = [NotSentError("cannot connect", ""), RateLimitedError(status=429)]
MAY_HAVE_ACTED = [
    AnswerLostError("timeout", ""),
    ServerError(status=500),
    ServerTimeoutError(status=499),
    UnreadableAnswerError("broken JSON", status=200),
]
NEVER = [
    BadRequestError(status=400),
    InsufficientCreditsError(status=402),
    DailyQuotaExhaustedError(status=429),
    TrialLimitError(status=429),
    UnreadableAnswerError("a redirect", status=302),
]


def first(
    operation: Operation, error: LushaError, policy: RetryPolicy | None = None, tokens: float = math.inf
) -> float | GiveUp:
    """The decision after the first attempt failed with `error`."""
    limited = isinstance(error, RateLimitedError)
    return decide(
        policy or RetryPolicy(),
        operation,
        error,
        failures=0 if limited else 1,
        refusals=1 if limited else 0,
        elapsed=0,
        draw=0.5,
        tokens=tokens,
    )


@pytest.mark.parametrize("operation", [FREE, REVEAL, METERED, MUTATION], ids=lambda o: o.billing)
@pytest.mark.parametrize("error", SAFE_ANYWHERE, ids=lambda e: type(e).__name__)
def test_what_was_surely_not_acted_on_is_repeated(operation: Operation, error: LushaError) -> None:
    """Requests that never arrived, and 429s, are repeated whatever they cost."""
    assert isinstance(first(operation, error), float)


@pytest.mark.parametrize("operation", [FREE, REVEAL, METERED, MUTATION], ids=lambda o: o.billing)
@pytest.mark.parametrize("error", MAY_HAVE_ACTED, ids=lambda e: type(e).__name__)
def test_what_may_have_been_acted_on_is_repeated_only_where_that_is_free(
    operation: Operation, error: LushaError
) -> None:
    """Lost answers and server faults are repeated for free calls and reveals, never for paid or changing ones."""
    assert (first(operation, error) is not GiveUp.FINAL) == (operation in {FREE, REVEAL})


@pytest.mark.parametrize("operation", [FREE, REVEAL, METERED, MUTATION], ids=lambda o: o.billing)
@pytest.mark.parametrize("error", NEVER, ids=lambda e: type(e).__name__)
def test_an_error_that_a_repeat_would_get_again_is_raised(operation: Operation, error: LushaError) -> None:
    """Refusals of the request, the account, the day and the trial are final at once."""
    assert first(operation, error) is GiveUp.FINAL


@pytest.mark.parametrize("error", SAFE_ANYWHERE + MAY_HAVE_ACTED, ids=lambda e: type(e).__name__)
def test_no_retry_repeats_nothing(error: LushaError) -> None:
    """`NO_RETRY` raises every failure at once."""
    assert first(FREE, error, NO_RETRY) is GiveUp.EXHAUSTED


def test_a_wait_that_the_answer_names_is_bounded() -> None:
    """The vendor's seconds are honoured up to the policy's cap."""
    asked = ServerError(status=503, retry_after=5)
    weeks = ServerError(status=503, retry_after=10**6)
    assert first(FREE, asked) == 5
    assert first(FREE, weeks, RetryPolicy(cap=30)) == 30


@given(
    st.sampled_from(OPERATIONS),
    st.sampled_from(SAFE_ANYWHERE + MAY_HAVE_ACTED + NEVER),
    st.integers(1, 100),
    st.integers(0, 100),
    st.floats(0, 1000),
    st.floats(0, 1, exclude_max=True),
)
def test_attempts_and_seconds_are_both_bounded(
    operation: Operation, error: LushaError, failures: int, refusals: int, elapsed: float, draw: float
) -> None:
    """No decision leads past the attempts or the seconds of the policy, and no wait past its cap."""
    policy = RetryPolicy(attempts=4, refusals=10, seconds=300, cap=30)
    wait = decide(
        policy,
        operation,
        error,
        failures=failures,
        refusals=refusals,
        elapsed=elapsed,
        draw=draw,
        tokens=math.inf,
    )
    if not isinstance(wait, GiveUp):
        assert 0 <= wait <= 30
        assert elapsed + wait <= 300
        assert refusals <= 10 if isinstance(error, RateLimitedError) else failures < 4


def decided(error: LushaError, operation: Operation = FREE, **state: float) -> float | GiveUp:
    """The decision of a policy of 3 attempts, 2 refusals and 10 seconds, whose waits are 0.5, 1, 2, up to 4 s."""
    policy = RetryPolicy(attempts=3, refusals=2, seconds=10, base=1, cap=4)
    known: dict[str, float] = {"failures": 1, "refusals": 0, "elapsed": 0, "draw": 0.5, "tokens": 1}
    return decide(policy, operation, error, **{**known, **state})  # type: ignore[arg-type]


@pytest.mark.parametrize(("failures", "wait"), [(0, 0.25), (1, 0.5), (2, 1.0)])
def test_waits_double_with_each_failure(failures: int, wait: float) -> None:
    """Half of 1, 2, ... seconds by a draw of a half."""
    assert decided(ServerError(status=500), failures=failures) == wait


def test_waits_are_drawn_up_to_the_cap() -> None:
    """After many failures the cap bounds them, whatever their power of two."""
    patient = RetryPolicy(attempts=10_000, seconds=math.inf, base=1, cap=4)
    for failures, draw, wait in ((3, 0.5, 2.0), (4, 0.5, 2.0), (5000, 0.25, 1.0), (5000, 0.0, 0.0)):
        known = {"failures": failures, "refusals": 0, "elapsed": 0.0, "draw": draw, "tokens": 1.0}
        assert decide(patient, FREE, ServerError(status=500), **known) == wait  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failures", "verdict"), [(2, 1.0), (3, GiveUp.EXHAUSTED), (4, GiveUp.EXHAUSTED)], ids=str
)
def test_the_first_request_counts_in_the_attempts(failures: int, verdict: float | GiveUp) -> None:
    """Three attempts: a repeat after the second failure, none after the third."""
    assert decided(ServerError(status=500), failures=failures) == verdict


@pytest.mark.parametrize(("refusals", "verdict"), [(1, 0.0), (2, 0.0), (3, GiveUp.EXHAUSTED)], ids=str)
def test_refusals_are_counted_by_themselves(refusals: int, verdict: float | GiveUp) -> None:
    """A 429 is no attempt, and needs no token; the governor decides its wait."""
    assert decided(RateLimitedError(status=429), refusals=refusals, failures=99, tokens=0) == verdict


@pytest.mark.parametrize(("elapsed", "verdict"), [(9.9, 0.0), (10.0, GiveUp.EXHAUSTED)], ids=str)
def test_no_refused_call_goes_on_beyond_its_seconds(elapsed: float, verdict: float | GiveUp) -> None:
    """Ten seconds are over when they are reached."""
    assert decided(RateLimitedError(status=429), refusals=1, elapsed=elapsed) == verdict


@pytest.mark.parametrize(("elapsed", "verdict"), [(9.5, 0.5), (9.6, GiveUp.EXHAUSTED)], ids=str)
def test_no_repeat_begins_later_than_the_seconds(elapsed: float, verdict: float | GiveUp) -> None:
    """The wait is part of them."""
    assert decided(ServerError(status=500), elapsed=elapsed) == verdict


@pytest.mark.parametrize(("named", "wait"), [(0.1, 0.5), (3.0, 3.0), (4.0, 4.0), (60.0, 4.0)])
def test_a_named_wait_lengthens_the_own_one(named: float, wait: float) -> None:
    """The longer of both, at most the cap."""
    assert decided(ServerError(status=503, retry_after=named)) == wait


@pytest.mark.parametrize(("tokens", "verdict"), [(1.0, 0.5), (0.99, GiveUp.BUDGET), (0.0, GiveUp.BUDGET)], ids=str)
def test_a_repeat_takes_a_whole_token(tokens: float, verdict: float | GiveUp) -> None:
    """A part of one is none."""
    assert decided(ServerError(status=500), tokens=tokens) == verdict


@pytest.mark.parametrize(
    ("status", "final"), [(None, False), (200, False), (299, False), (300, True), (399, True), (400, False)]
)
def test_only_a_redirect_makes_an_unreadable_answer_final(status: int | None, final: bool) -> None:
    """A repeat would be redirected as well."""
    verdict = decided(UnreadableAnswerError("an empty body", status=status))
    assert (verdict is GiveUp.FINAL) is final


def test_the_defaults_of_the_policies() -> None:
    """As documented: four attempts within five minutes, and fifty repeats of a client."""
    policy, budget = RetryPolicy(), RetryBudget()
    assert (policy.attempts, policy.refusals, policy.seconds, policy.base, policy.cap) == (4, 10, 300.0, 0.5, 30.0)
    assert (budget.max_retries, budget.per_success, budget.per_second) == (50.0, 0.1, 0.2)
    assert (NO_RETRY.attempts, NO_RETRY.refusals) == (1, 0)


@pytest.mark.parametrize(
    "options",
    [
        {"attempts": 0},
        {"refusals": -1},
        {"seconds": -1},
        {"base": 0},
        {"cap": 0},
        {"base": math.inf},
        {"cap": math.inf},
    ],
    ids=str,
)
def test_a_policy_that_cannot_be_is_refused(options: dict[str, float]) -> None:
    """The error names the option."""
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        RetryPolicy(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [
        {"max_retries": -1},
        {"per_success": -1},
        {"per_second": -1},
        {"per_success": math.inf},
        {"per_second": math.inf},
    ],
    ids=str,
)
def test_a_budget_that_cannot_be_is_refused(options: dict[str, float]) -> None:
    """The error names the option; no bound at all is `max_retries=math.inf`, and none but first calls is 0."""
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        RetryBudget(**options)
    RetryBudget(max_retries=math.inf)
    RetryBudget(max_retries=0, per_success=0, per_second=0)
    RetryPolicy(attempts=1, refusals=0, seconds=0)


def test_tokens_are_taken_and_refilled() -> None:
    """By successes and by seconds, never above the largest number or below none."""
    full = RetryTokens.full(RetryBudget(max_retries=3, per_success=0.5, per_second=0.25))
    assert (full.left, full.at, full.successes) == (3, 0.0, 0)
    empty = full.taken().taken().taken()
    assert empty.left == 0
    assert empty.taken().left == 0
    refilled = empty.refilled(4.0, 2)
    assert (refilled.left, refilled.at, refilled.successes) == (2.0, 4.0, 2)
    assert refilled.refilled(4.0, 2).left == 2.0
    assert refilled.refilled(3.0, 3).left == 2.5
    assert refilled.refilled(1000.0, 2).left == 3


def test_errors_of_a_status_are_worded_from_the_operation() -> None:
    """The text names the call, the status and what to do."""
    error = APIStatusError(status=500, message="Internal server error.", operation=METERED)
    assert str(error).startswith("contacts.search (POST /v3/contacts/search): 500 Internal server error.")


@pytest.mark.parametrize("error", SAFE_ANYWHERE + MAY_HAVE_ACTED, ids=lambda e: type(e).__name__)
def test_without_budget_only_a_429_is_repeated(error: LushaError) -> None:
    """A repeat needs one whole repeat of the budget; the governor's 429s need nothing of it."""
    spent = first(FREE, error, tokens=0.99)
    assert spent == 0.0 if isinstance(error, RateLimitedError) else spent is GiveUp.BUDGET


@pytest.mark.parametrize("error", NEVER, ids=lambda e: type(e).__name__)
def test_the_budget_is_no_reason_where_a_repeat_is_impossible(error: LushaError) -> None:
    """What is final stays final, so that no error blames the budget wrongly."""
    assert first(FREE, error, tokens=0) is GiveUp.FINAL


STEPS = st.lists(
    st.one_of(st.just("failure"), st.just("success"), st.floats(0, 100, allow_nan=False)), max_size=200
)
BUDGETS = st.builds(
    RetryBudget, max_retries=st.floats(0, 100), per_success=st.floats(0, 2), per_second=st.floats(0, 2)
)


@given(BUDGETS, STEPS)
def test_repeats_never_exceed_the_tokens_of_the_budget(budget: RetryBudget, steps: list[str | float]) -> None:
    """Whatever happens: at most `max_retries` repeats, and those that successes and the time have added."""
    state, now, sent, successes = RetryTokens.full(budget), 0.0, 0, 0
    for step in steps:
        if isinstance(step, float):
            now += step
        if step == "success":
            successes += 1
        state = state.refilled(now, successes)
        if step == "failure" and state.left >= 1.0:
            sent += 1
            state = state.taken()
        assert 0 <= state.left <= budget.max_retries
    assert sent <= budget.max_retries + budget.per_success * successes + budget.per_second * now + 1e-6


@given(BUDGETS, STEPS)
def test_tokens_do_not_depend_on_how_often_they_are_counted(budget: RetryBudget, steps: list[str | float]) -> None:
    """Refilled at each step or only before each repeat: the same is left."""
    eager = lazy = RetryTokens.full(budget)
    now, successes = 0.0, 0
    for step in steps:
        now += step if isinstance(step, float) else 0.0
        successes += step == "success"
        eager = eager.refilled(now, successes)
        if step == "failure":
            eager, lazy = eager.taken(), lazy.refilled(now, successes).taken()
            assert lazy.left == pytest.approx(eager.left, abs=1e-9)


def test_a_budget_fills_with_time_and_a_clock_that_goes_back_takes_nothing() -> None:
    """A client that calls seldom has its repeats back after some seconds."""
    empty = RetryTokens(RetryBudget(max_retries=10, per_second=0.5), 0.0, 100.0)
    assert empty.refilled(104.0, 0).left == 2.0
    assert empty.refilled(90.0, 0).left == 0.0
    assert empty.refilled(10_000.0, 0).left == 10.0
