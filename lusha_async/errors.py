"""The errors of this library, as one tree.

    LushaError
    ├── ConfigurationError            the client is set up wrongly (key, base URL, option); a ValueError
    ├── InvalidRequestError           an argument is invalid; nothing was sent; a ValueError
    ├── BudgetExceededError           a credit budget does not cover the call; nothing was sent
    ├── PriceUnknownError             a budget cannot cover a call whose price is unknown; nothing was sent
    ├── QuotaWaitTooLongError         the rate limits would delay the call beyond `max_wait`; nothing was sent
    ├── ClientClosedError             the client is closed; nothing was sent
    ├── StreamClosedError             the stream was closed, or its pages stopped bringing rows; resume from its cursor
    ├── CursorError                   the cursor is not one of this query; a ValueError
    ├── ItemError                     one row of a batch was not served; the other rows were
    ├── TransportError                no answer
    │   ├── NotSentError              the request did not reach the vendor (DNS, refused, TLS)
    │   └── AnswerLostError           sent, but no whole answer arrived (reset, timeout)
    ├── OutcomeUnknownError           a paid or changing call was sent and its outcome is unknown
    ├── UnreadableAnswerError         an answer that does not follow the vendor's contract
    ├── JobUnfinishedError            a waterfall job was not followed to its end; carries the response so far
    └── APIStatusError                the vendor answered with an error
        ├── BadRequestError           400, 405, 412, 413, 422
        ├── NotFoundError             404
        ├── ConflictError             409
        ├── SessionExpiredError       410: a lookalike dedupe session
        ├── RestrictedError           451: privacy regulations
        ├── RateLimitedError          429 of the second, the minute or the hour
        ├── ServerTimeoutError        408, 499: the vendor gave up; it may have charged
        ├── ServerError               5xx
        └── AccountError              no further call of this account can succeed: stop
            ├── AuthenticationError   401, and 400 for a malformed key
            ├── InsufficientCreditsError   402
            ├── PermissionDeniedError      403
            ├── DailyQuotaExhaustedError   429 of the day
            └── TrialLimitError            429 of a trial account

Texts are safe to log: they hold no key, e-mail address, phone number or name. What the vendor sent is kept
in `body`, which no repr shows. An error is complete when it is raised: its attributes are read-only.
Source: the vendor's error code reference.
"""

from copy import copy
from typing import Any, ClassVar, Self, TypedDict, TypeVar, Unpack

from ._redact import redact, redact_id
from .operations import Operation
from .quota import Quota, Window

__all__ = [
    "LushaError",
    "ConfigurationError",
    "InvalidRequestError",
    "BudgetExceededError",
    "PriceUnknownError",
    "QuotaWaitTooLongError",
    "ClientClosedError",
    "StreamClosedError",
    "CursorError",
    "ItemError",
    "TransportError",
    "NotSentError",
    "AnswerLostError",
    "OutcomeUnknownError",
    "UnreadableAnswerError",
    "JobUnfinishedError",
    "APIStatusError",
    "BadRequestError",
    "NotFoundError",
    "ConflictError",
    "SessionExpiredError",
    "RestrictedError",
    "RateLimitedError",
    "ServerTimeoutError",
    "ServerError",
    "AccountError",
    "AuthenticationError",
    "InsufficientCreditsError",
    "PermissionDeniedError",
    "DailyQuotaExhaustedError",
    "TrialLimitError",
]


class Facts(TypedDict, total=False):
    """What an error states about its call: see `LushaError`."""

    operation: Operation | None
    attempts: int
    charged: int | None
    cursor: str | None


class LushaError(Exception):
    """The root of all errors of this library.

    - `operation`: the call that failed, if there was one.
    - `attempts`: the number of requests that were sent for it.
    - `charged`: the credits that it cost: 0 for nothing, None if that is unknown.
    - `cursor`: where to resume, if a page stream failed.

    Attributes cannot be assigned to. Errors can be pickled and copied.
    """

    operation: Operation | None = None
    attempts: int = 0
    charged: int | None = 0
    cursor: str | None = None

    def __init__(self, *args: object, **facts: Unpack[Facts]) -> None:
        super().__init__(*args)
        vars(self).update(facts)

    def with_facts(self, **facts: Unpack[Facts]) -> Self:
        """A copy with `facts` added or replaced, and the same traceback, cause, context and notes."""
        other = copy(self)
        vars(other).update(facts)
        return other

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(self, name) and not name.startswith("_"):  # tools mark errors with private names of their own
            raise AttributeError(f"{name} of an error is read-only: with_facts makes a copy")
        super().__setattr__(name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, vars(self))

    def __copy__(self) -> Self:
        """An independent error: tasks that share a failure each raise their own, with its own frames and notes."""
        other = _restored(type(self), self.args, vars(self)).with_traceback(self.__traceback__)
        if hasattr(self, "__notes__"):
            other.__notes__ = list(self.__notes__)
        other.__context__, other.__cause__ = self.__context__, self.__cause__
        other.__suppress_context__ = self.__suppress_context__
        return other


_E = TypeVar("_E", bound=LushaError)


def _restored(kind: type[_E], args: tuple[Any, ...], attributes: dict[str, Any]) -> _E:
    """Restore a pickled error without its constructor, which may take other arguments."""
    error = kind.__new__(kind, *args)
    vars(error).update(attributes)
    return error


def _with_call(error: LushaError, text: str) -> str:
    """`text` with the call that failed, and what it was charged if it is a paid one."""
    operation = error.operation
    return _with_charge(error, text if operation is None else f"{operation}: {text}")


def _with_charge(error: LushaError, text: str) -> str:
    if error.operation is None or not error.operation.paid:
        return text
    if error.charged is None:
        return f"{text}; it may have been charged: compare account.usage() first"
    return f"{text}; charged: {error.charged} credits" if error.charged else f"{text}; nothing was charged"


class ConfigurationError(LushaError, ValueError):
    """The client is set up wrongly. The text names the option or the environment variable to correct."""


class InvalidRequestError(LushaError, ValueError):
    """An argument is invalid: the vendor would refuse it. Nothing was sent and nothing was charged.

    `path` names the value, for instance `contacts[3]`; `problem` says what is wrong with it.
    """

    def __init__(self, path: str, problem: str) -> None:
        self.path = redact(path)  # a member of a mapping may be named after a person
        super().__init__(f"{self.path}: {problem}" if path else problem)
        self.problem = problem


class BudgetExceededError(LushaError):
    """The credit budget does not cover the call. Nothing was sent.

    `requested` is what the call may cost, `spent`, `reserved` and `limit` are the budget's; all in credits.
    """

    def __init__(self, *, requested: int, spent: int, reserved: int, limit: int, **facts: Unpack[Facts]) -> None:
        super().__init__(
            f"the call may cost {requested} credits and the budget has {limit - spent - reserved} of {limit} left "
            f"({spent} spent, {reserved} reserved); raise the budget or request less",
            **facts,
        )
        self.requested, self.spent, self.reserved, self.limit = requested, spent, reserved, limit

    @property
    def remaining(self) -> int:
        """Credits neither spent nor reserved."""
        return self.limit - self.spent - self.reserved


class PriceUnknownError(LushaError):
    """The call has a budget, and the account's price list does not say what it costs. Nothing was sent.

    `keys` are the keys that the price list lacks.
    """

    def __init__(self, operation: Operation, keys: tuple[str, ...]) -> None:
        super().__init__(
            f"{operation}: the account's price list has no price for {', '.join(keys)}, so a budget cannot cover "
            "the call; set one with CreditBudget(..., prices={...}), or call without a budget",
            operation=operation,
        )
        self.keys = keys


class QuotaWaitTooLongError(LushaError):
    """The request would wait longer than `max_wait` or the caller's deadline allows. Nothing was sent.

    - `window`: the window that delays it; `limit` and `left` are its requests (None: unknown), `kept` those of `left`
      that are reserved for other programs of the account, `resets_in` the seconds until it resets (None: unknown).
      `window` is None if every connection was in use; `limit` is their number then.
    - `wait`: the expected seconds until the request could be sent; `max_wait` the seconds that were allowed.
    - `position`: the number of requests ahead in the queue.
    """

    def __init__(
        self,
        *,
        window: Window | None,
        limit: int | None,
        left: int | None,
        resets_in: float | None,
        wait: float,
        max_wait: float,
        position: int,
        kept: int = 0,
        **facts: Unpack[Facts],
    ) -> None:
        reset = "" if resets_in is None else f", resets in {resets_in:.1f} s"
        if kept:
            reset = f", {kept} of them kept for other programs{reset}"
        counts = "" if limit is None else f" ({left if left is not None else '?'} of {limit} requests left{reset})"
        cause = (
            f"the {window} window{counts} would keep this request waiting about {wait:.1f} s behind {position} others"
            if window is not None
            else f"no connection became free: each of {limit} had a request in flight"
        )
        super().__init__(
            f"{cause}, and max_wait is {max_wait:g} s; nothing was sent: call again later or raise max_wait",
            **facts,
        )
        self.window, self.limit, self.left, self.resets_in = window, limit, left, resets_in
        self.wait, self.max_wait, self.position, self.kept = wait, max_wait, position, kept


class ClientClosedError(LushaError):
    """The client was closed before the request was sent, or belongs to another event loop. Nothing was sent."""


class StreamClosedError(LushaError):
    """The stream was closed while a task waited for its next row, or two pages in succession brought no new row.

    `cursor` is where a new stream resumes. `charged` are the credits of the pages that brought no new row.
    """


class CursorError(LushaError, ValueError):
    """The cursor is malformed, or belongs to another query. Nothing was sent."""


class ItemError(LushaError):
    """One row of an answered batch was not served. Not charged.

    `code` is the vendor's reason (`NOT_FOUND`, `COMPLIANCE_RESTRICTED`, `ENRICH_FAILED`, `NO_SCORE`, or a newer
    one), `message` its text with personal data masked.
    """

    def __init__(self, code: str, message: str = "") -> None:
        self.code = redact(code)
        self.message = redact(message)
        super().__init__(f"{self.code}: {self.message}" if message else self.code)


class TransportError(LushaError):
    """No answer arrived. `kind` names the failure, for instance `connect timeout`; `advice` says what to check."""

    def __init__(self, kind: str, advice: str, **facts: Unpack[Facts]) -> None:
        super().__init__(f"{kind}: {advice}", **facts)
        self.kind = kind
        self.advice = advice

    def __str__(self) -> str:
        return _with_call(self, super().__str__())


class NotSentError(TransportError):
    """The request did not reach the vendor: repeating it is safe."""


class AnswerLostError(TransportError):
    """The request was sent and no whole answer arrived. The vendor may have carried it out."""

    charged: int | None = None


class OutcomeUnknownError(LushaError):
    """A paid or changing call was sent, its answer is lost, and a repeat could pay or act twice.

    The client does not repeat it. `request` is what was sent (without the key; its repr shows no values), and
    `__cause__` the error with which the answer was lost.
    """

    charged: int | None = None

    def __init__(self, operation: Operation, reason: str, *, request: object = None, attempts: int = 0) -> None:
        super().__init__(
            f"{operation}: {reason}; it may have been carried out and charged, and was not repeated. "
            "Compare the account (usage, tables, subscriptions) before you send it again",
            operation=operation,
            attempts=attempts,
        )
        self.reason = reason
        self.request = request


class UnreadableAnswerError(LushaError):
    """The answer does not follow the vendor's contract. It may have been charged.

    - `problem`: what is wrong, with the path of the value.
    - `status`: the HTTP status (None: a successful one), `quota` the plan windows of its headers.
    - `request_id`: the vendor's id for support, if the answer has one.
    - `body`: the bytes of the answer, with the data that was paid for; as received if they do not decompress.
    """

    charged: int | None = None

    def __init__(
        self,
        problem: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        quota: Quota | None = None,
        body: bytes = b"",
        **facts: Unpack[Facts],
    ) -> None:
        size = "" if status is None else f" (status {status}, {len(body)} bytes)"
        kept = ". Its bytes are in error.body" if body else ""
        super().__init__(f"the answer cannot be read{size}: {problem}{kept}", **facts)
        self.problem = problem
        self.status = status
        self.request_id = request_id
        self.quota = quota if quota is not None else Quota()
        self.body = body

    def __str__(self) -> str:
        return _with_call(self, super().__str__())


class JobUnfinishedError(LushaError):
    """A waterfall job was not followed to its end. Its enrichment was answered and charged.

    `job_id` is the job and `answer` the response so far, of the type that the method returns.
    `contacts.wait_for_job(error)` resumes from it, free of charge. `__cause__` is the error of the last poll, if that
    ended it.
    """

    charged: int | None = None

    def __init__(self, reason: str, *, job_id: str, answer: Any) -> None:
        super().__init__(
            f"{reason}; error.answer is the response so far, and contacts.wait_for_job(error) resumes "
            "for as long as the vendor keeps the job"
        )
        self.reason = reason
        self.job_id = job_id
        self.answer = answer


class APIStatusError(LushaError):
    """The vendor answered with an error.

    - `status`: the HTTP status; `code`: the vendor's symbolic code, or None.
    - `message`, `details`: the vendor's text, with personal data masked.
    - `request_id`: the vendor's id for support, or None.
    - `quota`: the plan windows of the answer's headers; `window`: the one that a 429 names, or None.
    - `retry_after`: the seconds to wait that the answer names, or None.
    - `body`: the decoded answer, unmasked; its bytes if it is not JSON.
    """

    advice: ClassVar[str] = ""

    def __init__(
        self,
        *,
        status: int,
        message: str = "",
        code: str | None = None,
        details: tuple[str, ...] = (),
        request_id: str | None = None,
        quota: Quota | None = None,
        retry_after: float | None = None,
        window: Window | None = None,
        body: object = None,
        **facts: Unpack[Facts],
    ) -> None:
        self.status = status
        self.code = code
        self.message = redact(message)
        self.details = tuple(redact(detail) for detail in details)
        self.request_id = request_id
        self.quota = quota if quota is not None else Quota()
        self.retry_after = retry_after
        self.window = window
        self.body = body
        super().__init__(self._text(facts.get("operation")), **facts)

    def __str__(self) -> str:
        return _with_charge(self, super().__str__())

    def _text(self, operation: Operation | None) -> str:
        parts = [f"{operation}: " if operation else "", f"{self.status}"]
        if self.code:
            parts.append(f" {redact(self.code)}")
        if self.message:
            parts.append(f" {self.message}")
        if self.details:
            parts.append(f" ({'; '.join(self.details[:5])})")
        if self.retry_after is not None:
            parts.append(f" [wait {self.retry_after:g} s]")
        if self.request_id:
            parts.append(f" [request {redact_id(self.request_id)}]")
        if self.advice:
            ended = parts[-1].endswith((".", "!", "?"))  # the vendor's message often is a whole sentence
            parts.append(f"{'' if ended else '.'} {self.advice}")
        return "".join(parts)


class BadRequestError(APIStatusError):
    """400, 405, 412, 413, 422: the vendor refused the request. Not charged; a repeat would be refused as well."""

    advice = "Check the arguments that the message names"


class NotFoundError(APIStatusError):
    """404: the object does not exist in this account, or the endpoint does not exist. Not charged."""

    advice = "Check the id (was it deleted, or is it another account's?) and the base URL"


class ConflictError(APIStatusError):
    """409: the name is taken. Not charged."""

    advice = "Choose another name"


class SessionExpiredError(APIStatusError):
    """410: the lookalike dedupe session is invalid or older than 30 days. Not charged."""

    advice = "Start a new session; it may repeat results that were already paid for"


class RestrictedError(APIStatusError):
    """451: privacy law forbids the vendor to process this person's data. Not charged."""

    advice = "Leave this person out"


class RateLimitedError(APIStatusError):
    """429 of the second, the minute or the hour, after the retries of the policy. Not charged.

    `window` is the window that the message names.
    """

    advice = "Another program may share the account; wait, or lower your rate"


class ServerTimeoutError(APIStatusError):
    """499, or a gateway's 408: the vendor timed out on its own side. It may have charged."""

    advice = "Send smaller requests, or try again later"
    charged = None


class ServerError(APIStatusError):
    """5xx: the vendor failed. It may have charged."""

    advice = "Try again later"
    charged = None


class AccountError(APIStatusError):
    """No further call of this account can succeed until its owner acts: stop. Not charged."""


class AuthenticationError(AccountError):
    """401, or 400 for a malformed key."""

    advice = "Check the API key (LUSHA_API_KEY)"


class InsufficientCreditsError(AccountError):
    """402: the account has too few credits."""

    advice = "Add credits to the account, or request less"


class PermissionDeniedError(AccountError):
    """403: the plan, the key or the account does not allow the operation."""

    advice = "The plan or this key does not include the operation; ask the account's administrator"


class DailyQuotaExhaustedError(AccountError):
    """429: the day's requests are used up. Raised at once, never waited for.

    `retry_after` is the seconds until the day resets, if a 429 named them, else those until one request may try again:
    no header states when a day resets. None: not known.
    """

    advice = "Continue after the daily window resets"


class TrialLimitError(AccountError):
    """429: the trial account's requests are used up."""

    advice = "The trial is used up; the vendor's support can upgrade the account"
