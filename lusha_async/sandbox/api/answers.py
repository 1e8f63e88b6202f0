"""Answers, and the vendor's six ways to say no. Pure.

The vendor documents one error envelope and sends several; which one comes where follows the recordings.
Source: the vendor's error code page, and public recordings of live answers.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from ..clock import iso
from ..webhooks import Attempt, Delivery

__all__ = [
    "Answer",
    "Refused",
    "Try",
    "business",
    "gateway",
    "guard",
    "session_gone",
    "standard",
    "table_error",
]


Try = Callable[[Delivery], Awaitable[Attempt]]
"""Delivers something to a webhook's receiver, and tells how it went."""


@frozen(kw_only=True)
class Answer:
    """What is sent back; `payload` is made into JSON at the edge."""

    status: int = 200
    payload: Any = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str])
    finish: "Callable[[Try], Awaitable[Answer]] | None" = None
    """What still has to be awaited for the true answer: a call to a webhook's receiver."""


class Refused(Exception):
    """Ends the work on a request with an answer that says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def standard(status: int, message: str, errors: Sequence[str] = ()) -> Refused:
    """The documented envelope."""
    payload: dict[str, Any] = {"statusCode": status, "message": message}
    if errors:
        payload["errors"] = list(errors)
    return Refused(Answer(status=status, payload=payload))


def guard(status: int, message: str, error: str, now: float) -> Refused:
    """What the guard at the door says: wrong keys, and the requests of a day used up."""
    payload = {"statusCode": status, "timestamp": iso(now), "message": message, "error": error}
    return Refused(Answer(status=status, payload=payload))


def business(message: str) -> Refused:
    """What the business layer says of a body; it has no `statusCode`, and `errors` is an object."""
    payload: dict[str, Any] = {
        "name": "BadRequest",
        "message": message,
        "code": 400,
        "className": "bad-request",
        "errors": {},
    }
    return Refused(Answer(status=400, payload=payload))


def table_error(status: int, code: str, text: str) -> Refused:
    """What the tables say: the symbolic code begins the message."""
    return standard(status, f"{code}: {text}")


def session_gone(*, documented: bool) -> Refused:
    """The answer to a lookalike session that is unknown or older than 30 days.

    Companies answer with the documented envelope, contacts with one of their own.
    """
    if documented:
        return standard(410, "dedupeSessionId is invalid or expired")
    payload = {"code": "DEDUPE_SESSION_INVALID", "message": "dedupeSessionId is invalid or expired"}
    return Refused(Answer(status=410, payload=payload))


def gateway(request_id: str) -> Refused:
    """What the gateway says of a path that leads nowhere."""
    payload = {"message": "no Route matched with those values", "request_id": request_id.replace("-", "")}
    return Refused(Answer(status=404, payload=payload))
