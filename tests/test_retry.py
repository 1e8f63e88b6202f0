"""The retry decision, as the table that it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.errors import (
    AnswerLostError,
    APIStatusError,
    BadRequestError,
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
from lusha_async.retry import NO_RETRY, RetryPolicy, decide

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


def first(operation: Operation, error: LushaError, policy: RetryPolicy | None = None) -> float | None:
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
    )


@pytest.mark.parametrize("operation", [FREE, REVEAL, METERED, MUTATION], ids=lambda o: o.billing)
@pytest.mark.parametrize("error", SAFE_ANYWHERE, ids=lambda e: type(e).__name__)
def test_what_was_surely_not_acted_on_is_repeated(operation: Operation, error: LushaError) -> None:
    """Requests that never arrived, and 429s, are repeated whatever they cost."""
    assert first(operation, error) is not None


@pytest.mark.parametrize("operation", [FREE, REVEAL, METERED, MUTATION], ids=lambda o: o.billing)
@pytest.mark.parametrize("error", MAY_HAVE_ACTED, ids=lambda e: type(e).__name__)
def test_what_may_have_been_acted_on_is_repeated_only_where_that_is_free(
    operation: Operation, error: LushaError
) -> None:
    """Lost answers and server faults are repeated for free calls and reveals, never for paid or changing ones."""
    assert (first(operation, error) is not None) == (operation in {FREE, REVEAL})


@pytest.mark.parametrize("operation", [FREE, REVEAL, METERED, MUTATION], ids=lambda o: o.billing)
@pytest.mark.parametrize("error", NEVER, ids=lambda e: type(e).__name__)
def test_what_a_repeat_cannot_mend_is_raised(operation: Operation, error: LushaError) -> None:
    """Refusals of the request, the account, the day and the trial are final at once."""
    assert first(operation, error) is None


@pytest.mark.parametrize("error", SAFE_ANYWHERE + MAY_HAVE_ACTED, ids=lambda e: type(e).__name__)
def test_no_retry_repeats_nothing(error: LushaError) -> None:
    """`NO_RETRY` raises every failure at once."""
    assert first(FREE, error, NO_RETRY) is None


def test_waiting_as_asked_is_bounded() -> None:
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
    wait = decide(policy, operation, error, failures=failures, refusals=refusals, elapsed=elapsed, draw=draw)
    if wait is not None:
        assert 0 <= wait <= 30
        assert elapsed + wait <= 300
        assert refusals <= 10 if isinstance(error, RateLimitedError) else failures < 4


def test_errors_of_a_status_are_worded_from_the_operation() -> None:
    """The text names the call, the status and what to do."""
    error = APIStatusError(status=500, message="Internal server error.", operation=METERED)
    assert str(error).startswith("contacts.search (POST /v3/contacts/search): 500 Internal server error.")
