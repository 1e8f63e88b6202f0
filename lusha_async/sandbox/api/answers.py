"""Answers, and the vendor's error envelopes. Pure.

The vendor documents one error envelope and sends several; which one is sent where follows the recordings.
Source: the vendor's error code page, and public recordings of live answers.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from ..clock import iso
from ..webhooks.store import Deliver

__all__ = [
    "Answer",
    "ErrorAnswer",
    "auth_error",
    "business_error",
    "route_not_found",
    "session_expired",
    "standard_error",
    "table_error",
]


@frozen(kw_only=True)
class Answer:
    """The answer of a handler; `payload` becomes the JSON body."""

    status: int = 200
    payload: Any = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str])
    finish: "Callable[[Deliver], Awaitable[Answer]] | None" = None
    """Awaited for the final answer, which depends on the response of a webhook's receiver."""


class ErrorAnswer(Exception):
    """Ends the work on a request; `answer` is sent in its place."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def standard_error(status: int, message: str, errors: Sequence[str] = ()) -> ErrorAnswer:
    """An error in the documented envelope."""
    payload: dict[str, Any] = {"statusCode": status, "message": message}
    if errors:
        payload["errors"] = list(errors)
    return ErrorAnswer(Answer(status=status, payload=payload))


def auth_error(status: int, message: str, error: str, now: float) -> ErrorAnswer:
    """An error of the authentication layer: malformed and wrong keys."""
    payload = {"statusCode": status, "timestamp": iso(now), "message": message, "error": error}
    return ErrorAnswer(Answer(status=status, payload=payload))


def business_error(message: str) -> ErrorAnswer:
    """A validation error of the business layer: without `statusCode`, and `errors` is an object."""
    payload: dict[str, Any] = {
        "name": "BadRequest",
        "message": message,
        "code": 400,
        "className": "bad-request",
        "errors": {},
    }
    return ErrorAnswer(Answer(status=400, payload=payload))


def table_error(status: int, code: str, text: str) -> ErrorAnswer:
    """An error of the tables: the message starts with a symbolic code."""
    return standard_error(status, f"{code}: {text}")


def session_expired(*, documented: bool) -> ErrorAnswer:
    """410 for a lookalike session that is unknown or older than 30 days.

    Companies use the documented envelope, contacts one of their own.
    """
    if documented:
        return standard_error(410, "dedupeSessionId is invalid or expired")
    payload = {"code": "DEDUPE_SESSION_INVALID", "message": "dedupeSessionId is invalid or expired"}
    return ErrorAnswer(Answer(status=410, payload=payload))


def route_not_found(request_id: str) -> ErrorAnswer:
    """The gateway's 404 for an unknown path."""
    payload = {"message": "no Route matched with those values", "request_id": request_id.replace("-", "")}
    return ErrorAnswer(Answer(status=404, payload=payload))
