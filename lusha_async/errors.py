"""Everything that can go wrong, as one tree.

    LushaError
    ├── ConfigurationError            the client is set up wrongly (key, base URL); a ValueError
    ├── InvalidRequestError           an argument the vendor would refuse; nothing was sent; a ValueError
    ├── BudgetExceededError           a credit budget does not allow the call; nothing was sent
    ├── PriceUnknownError             a budget cannot tell what the call may cost; nothing was sent
    ├── QuotaWaitTooLongError         the turn would come later than `max_wait` or the timeout; nothing was sent
    ├── ClientClosedError             the client was closed; nothing was sent
    ├── StreamClosedError             the stream was closed while it was being read; resume from its cursor
    ├── CursorError                   the cursor is not one of this query; a ValueError
    ├── ItemError                     one row of a batch was not served; the other rows were
    ├── TransportError                no answer
    │   ├── NotSentError              the request surely did not reach the vendor (DNS, refused, TLS)
    │   └── AnswerLostError           sent, but the answer never came (reset, timeout)
    ├── OutcomeUnknownError           a paid or changing call was sent and what became of it is unknown
    ├── UnreadableAnswerError         an answer came and is not what the vendor's contract says
    ├── JobUnfinishedError            a waterfall job was not followed to its end; what there is comes along
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
in `body`, which no repr shows. Source: the vendor's error code reference.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeVar

from ._redact import redact
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


_E = TypeVar("_E", bound="LushaError")

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class LushaError(Exception):
    """The root of all errors of this library.

    `operation` is the call that failed, when there was one; `attempts` the number of requests that were
    sent for it; `charged` the credits that it is known to have cost (None: unknown, 0: surely nothing).
    `cursor` is where the stream that failed goes on, when it was a page stream.
    """

    operation: Operation | None = None
    attempts: int = 0
    charged: int | None = 0
    cursor: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross processes whole, whatever their constructors take."""
        return _revived, (type(self), self.args), self.__dict__

    def __copy__(self) -> Self:
        """One for each task that hears of a shared failure: raising adds frames to an error, and users add notes."""
        own = _revived(type(self), self.args).with_traceback(self.__traceback__)
        own.__dict__.update(self.__dict__)
        if hasattr(self, "__notes__"):
            own.__notes__ = list(self.__notes__)
        own.__context__, own.__cause__ = self.__context__, self.__cause__
        own.__suppress_context__ = self.__suppress_context__
        return own


def _named(error: LushaError, text: str) -> str:
    """`text` with the call that failed, which is known only later than it."""
    return text if error.operation is None else f"{error.operation}: {text}"


def _priced(error: LushaError, text: str) -> str:
    """`text` with what a paid call was charged; that, too, may become known later."""
    if error.operation is None or not error.operation.paid:
        return text
    if error.charged is None:
        return f"{text}; it may have been charged: compare account.usage() first"
    return f"{text}; charged: {error.charged} credits" if error.charged else f"{text}; nothing was charged"


def _revived(kind: type[_E], args: tuple[Any, ...]) -> _E:
    return kind.__new__(kind, *args)


class ConfigurationError(LushaError, ValueError):
    """The client is set up wrongly; the text says what to set."""


class InvalidRequestError(LushaError, ValueError):
    """An argument that the vendor would refuse. Nothing was sent and nothing was charged.

    `path` names the value, for instance `contacts[3]`.
    """

    def __init__(self, path: str, problem: str) -> None:
        self.path = redact(path)  # a mapping's member may be called after a person
        super().__init__(f"{self.path}: {problem}" if path else problem)
        self.problem = problem


class BudgetExceededError(LushaError):
    """The credit budget does not allow the call. Nothing was sent.

    `asked`, `spent`, `reserved` and `limit` are credits.
    """

    def __init__(self, *, asked: int, spent: int, reserved: int, limit: int) -> None:
        super().__init__(
            f"the call may cost {asked} credits and the budget has {limit - spent - reserved} of {limit} left "
            f"({spent} spent, {reserved} reserved); raise the budget or ask for less"
        )
        self.asked, self.spent, self.reserved, self.limit = asked, spent, reserved, limit

    @property
    def remaining(self) -> int:
        """Credits neither spent nor reserved."""
        return self.limit - self.spent - self.reserved


class PriceUnknownError(LushaError):
    """The call may cost credits and the account's price list does not say how many. Nothing was sent.

    `keys` are the names that the price list lacks.
    """

    def __init__(self, operation: Operation, keys: tuple[str, ...]) -> None:
        super().__init__(
            f"{operation}: the account's price list has no price for {', '.join(keys)}, so a budget cannot cover "
            "the call; give one with CreditBudget(..., prices={...}), or call without a budget"
        )
        self.operation = operation
        self.keys = keys


class QuotaWaitTooLongError(LushaError):
    """The request's turn would come later than the caller is ready to wait. Nothing was sent.

    `window` is what binds, `limit` and `left` its requests (None: not known) and `kept` those of them that are kept
    for other programs of the account, `resets_in` and `wait` seconds, `position` the number of requests ahead in the
    queue.
    """

    def __init__(
        self,
        *,
        window: Window,
        limit: int | None,
        left: int | None,
        resets_in: float | None,
        wait: float,
        max_wait: float,
        position: int,
        kept: int = 0,
    ) -> None:
        reset = "" if resets_in is None else f", resets in {resets_in:.1f} s"
        if kept:
            reset = f", {kept} of them kept for other programs{reset}"
        counts = "" if limit is None else f" ({left if left is not None else '?'} of {limit} requests left{reset})"
        super().__init__(
            f"the {window} window{counts} would keep this request waiting about {wait:.1f} s behind {position} "
            f"others, and max_wait is {max_wait:g} s; nothing was sent: call again later or raise max_wait"
        )
        self.window, self.limit, self.left, self.resets_in = window, limit, left, resets_in
        self.wait, self.max_wait, self.position, self.kept = wait, max_wait, position, kept


class ClientClosedError(LushaError):
    """The client was closed before the request was sent, or its connections belong to another event loop."""


class StreamClosedError(LushaError):
    """The stream was closed while a row was being waited for; its `cursor` tells where to go on."""


class CursorError(LushaError, ValueError):
    """The cursor was not made by this query, or is not a cursor at all. Nothing was sent."""


class ItemError(LushaError):
    """One row of an answered batch was not served. Not charged.

    `code` is the vendor's word for why (`NOT_FOUND`, `COMPLIANCE_RESTRICTED`, `ENRICH_FAILED`, `NO_SCORE`, or
    one that is new), `message` its text with personal data masked.
    """

    def __init__(self, code: str, message: str = "") -> None:
        self.code = redact(code)
        self.message = redact(message)
        super().__init__(f"{self.code}: {self.message}" if message else self.code)


class TransportError(LushaError):
    """No answer came. `kind` names the failure in a word or two, for instance `connect timeout`."""

    def __init__(self, kind: str, advice: str) -> None:
        super().__init__(f"{kind}: {advice}")
        self.kind = kind
        self.advice = advice

    def __str__(self) -> str:
        return _priced(self, _named(self, super().__str__()))


class NotSentError(TransportError):
    """The request surely did not reach the vendor: repeating it is safe."""


class AnswerLostError(TransportError):
    """The request was sent and its answer never came; the vendor may have acted on it."""

    charged: int | None = None


class OutcomeUnknownError(LushaError):
    """A paid or changing call was sent, its answer is lost, and a repeat may pay or act twice.

    It was therefore not repeated. `request` holds what was sent (no key; its repr shows no values), so that
    the caller can decide. `__cause__` says how the answer was lost.
    """

    charged: int | None = None

    def __init__(self, operation: Operation, reason: str, *, request: object = None) -> None:
        super().__init__(
            f"{operation}: {reason}; it may have been carried out and charged, and was not repeated. "
            "Compare account.usage() or your table before you send it again"
        )
        self.operation = operation
        self.reason = reason
        self.request = request


class UnreadableAnswerError(LushaError):
    """An answer came, but not one that the vendor's contract describes. It may have been charged.

    `status` is the HTTP status, `problem` says what is wrong (with the path of the value), `body` the bytes: what
    was paid for is in them. `request_id` is the vendor's id for support where the answer gave one, `quota` the
    windows as its headers told them.
    """

    charged: int | None = None
    request_id: str | None = None
    quota: Quota = Quota()

    def __init__(self, problem: str, *, status: int | None = None, body: bytes = b"") -> None:
        told = "" if status is None else f" (status {status}, {len(body)} bytes)"
        super().__init__(f"the answer cannot be read{told}: {problem}. What came is in error.body")
        self.problem = problem
        self.status = status
        self.body = body

    def __str__(self) -> str:
        return _priced(self, _named(self, super().__str__()))


class JobUnfinishedError(LushaError):
    """A waterfall job could not be followed to its end. Its enrichment was answered and charged.

    `job_id` is the job and `answer` the response so far, as the method that was called returns it:
    `contacts.wait_for_job(error)` goes on from it, free of charge. `__cause__` is the error of the last poll, if one
    ended it.
    """

    charged: int | None = None

    def __init__(self, reason: str, *, job_id: str, answer: Any) -> None:
        super().__init__(
            f"{reason}; error.answer is the response so far, and contacts.wait_for_job(error) goes on "
            "as long as the vendor keeps the job"
        )
        self.reason = reason
        self.job_id = job_id
        self.answer = answer


class APIStatusError(LushaError):
    """The vendor answered with an error.

    `status` is the HTTP status, `code` the vendor's symbolic code when it gave one, `message` and `details`
    its words with personal data masked, `request_id` its id for support, `quota` the windows as the answer
    told them, `retry_after` the seconds that it asked to wait, and `body` the decoded answer, unmasked.
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
        operation: Operation | None = None,
        body: object = None,
    ) -> None:
        self.status = status
        self.code = code
        self.message = redact(message)
        self.details = tuple(redact(detail) for detail in details)
        self.request_id = request_id
        self.quota = quota if quota is not None else Quota()
        self.retry_after = retry_after
        self.window = window
        self.operation = operation
        self.body = body
        self.attempts = 1
        super().__init__(self._text())

    def __str__(self) -> str:
        return _priced(self, super().__str__())

    def _text(self) -> str:
        parts = [f"{self.operation}: " if self.operation else "", f"{self.status}"]
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


def redact_id(request_id: str) -> str:
    """The vendor's request id if it looks like an id, and like nothing that is masked elsewhere, else a mask."""
    if _UUID.fullmatch(request_id):
        return request_id
    plain = request_id.replace("-", "").replace("_", "")
    harmless = plain.isascii() and plain.isalnum() and len(request_id) <= 64 and redact(request_id) == request_id
    return request_id if harmless else "<id>"


class BadRequestError(APIStatusError):
    """The vendor refused the request (400, 405, 412, 422). Not charged; repeating it will not help."""

    advice = "Mend the arguments that the message names"


class NotFoundError(APIStatusError):
    """404: no such thing, or not of this account. Not charged."""

    advice = "Check the id (gone, or another account's?) and the base URL"


class ConflictError(APIStatusError):
    """409: the name is taken. Not charged."""

    advice = "Choose another name"


class SessionExpiredError(APIStatusError):
    """410: the lookalike dedupe session is invalid or older than 30 days. Not charged."""

    advice = "Start a new session; it may repeat results that were already paid for"


class RestrictedError(APIStatusError):
    """451: the vendor may not process this person's data. Not charged."""

    advice = "Leave this person out"


class RateLimitedError(APIStatusError):
    """429 of a window that opens again soon; raised when the retry policy gave up. Not charged.

    `window` is the window that the message named.
    """

    advice = "Another program may share the account; wait, or lower your rate"


class ServerTimeoutError(APIStatusError):
    """499, or a gateway's 408: the vendor timed out on its own side. It may have charged."""

    advice = "Ask for less at once, or later"
    charged = None


class ServerError(APIStatusError):
    """5xx: the vendor failed. It may have charged."""

    advice = "Ask again later"
    charged = None


class AccountError(APIStatusError):
    """No further call of this account can succeed until somebody acts: bulk code stops here. Not charged."""


class AuthenticationError(AccountError):
    """401, or 400 for a malformed key."""

    advice = "Check the API key (LUSHA_API_KEY)"


class InsufficientCreditsError(AccountError):
    """402: the account has too few credits."""

    advice = "Add credits to the account or ask for less"


class PermissionDeniedError(AccountError):
    """403: the plan, the key or the account does not allow the operation."""

    advice = "The plan or this key does not include the operation; ask the account's administrator"


class DailyQuotaExhaustedError(AccountError):
    """429: the day's requests are used up. Raised at once, never waited for.

    `retry_after` is the seconds to the reset, when known.
    """

    advice = "Continue after the daily window resets"


class TrialLimitError(AccountError):
    """429: the trial account's requests are used up."""

    advice = "The trial is used up; the vendor's support can upgrade the account"


def facts(error: BaseException) -> Mapping[str, Any]:
    """What `error` knows, as plain values that are safe to log."""
    names = ("status", "code", "message", "request_id", "retry_after", "attempts", "charged")
    known: dict[str, Any] = {"error": type(error).__name__}
    if isinstance(error, LushaError) and error.operation is not None:
        known["operation"] = error.operation.name
    for name in names:
        value = getattr(error, name, None)
        if value is not None and value != "":
            known[name] = value
    return known
