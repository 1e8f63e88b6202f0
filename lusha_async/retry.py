"""Whether, and after how many seconds, a failed attempt is repeated. Pure.

There is no idempotency key: an attempt whose answer was lost may have been charged. It is repeated only
where a repeat is free (`Operation.repeatable`), where the vendor surely did not act (not sent, 429), and
never for an error that a repeat cannot mend. Source: the vendor's billing and error code pages.
"""

from attrs import field, frozen, validators

from .errors import (
    AnswerLostError,
    LushaError,
    NotSentError,
    RateLimitedError,
    ServerError,
    ServerTimeoutError,
    UnreadableAnswerError,
)
from .operations import Operation

__all__ = ["NO_RETRY", "RetryPolicy", "decide"]


@frozen(kw_only=True)
class RetryPolicy:
    """How patient to be with one call.

    `attempts` bounds the requests sent for it, the first included; `refusals` how many 429s are waited out
    (they cost nothing; the governor makes the wait); `seconds` the time after which no repeat is begun.
    The wait before repeat n is drawn evenly from 0 to min(`cap`, `base` * 2**(n-1)) seconds (full jitter).
    """

    attempts: int = field(default=4, validator=validators.ge(1))
    refusals: int = field(default=10, validator=validators.ge(0))
    seconds: float = field(default=300.0, validator=validators.ge(0))
    base: float = field(default=0.5, validator=validators.gt(0))
    cap: float = field(default=30.0, validator=validators.gt(0))


NO_RETRY = RetryPolicy(attempts=1, refusals=0)
"""Every failure is raised at once."""

_MENDS = (AnswerLostError, ServerTimeoutError, ServerError, UnreadableAnswerError)


def decide(
    policy: RetryPolicy,
    operation: Operation,
    error: LushaError,
    *,
    failures: int,
    refusals: int,
    elapsed: float,
    draw: float,
) -> float | None:
    """Seconds to wait before the next attempt, or None to give up.

    `failures` counts the attempts that failed so far other than by 429, `refusals` the 429s, `elapsed` is
    seconds since the call began, `draw` a random number from [0, 1).
    """
    if isinstance(error, RateLimitedError):
        return 0.0 if refusals <= policy.refusals and elapsed < policy.seconds else None
    if not isinstance(error, NotSentError) and not (operation.repeatable and isinstance(error, _MENDS)):
        return None
    if isinstance(error, UnreadableAnswerError) and error.status is not None and 300 <= error.status < 400:
        return None
    wait = draw * min(policy.cap, policy.base * 2.0 ** min(failures - 1, 30))
    asked: float | None = getattr(error, "retry_after", None)
    if asked is not None:
        wait = max(wait, min(asked, policy.cap))
    if failures >= policy.attempts or elapsed + wait > policy.seconds:
        return None
    return wait
