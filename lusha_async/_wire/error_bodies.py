"""The vendor's error envelopes as errors. Pure.

The body of an error may be the documented envelope, that of authentication, of validation, of the tables, of the
dedupe session, or a gateway's JSON or HTML. `message` is the only common member, and it may be a list.
Source: the vendor's error codes page.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from .._json import as_object
from .._redact import personal, redact
from ..errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    DailyQuotaExhaustedError,
    Facts,
    InsufficientCreditsError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RestrictedError,
    ServerError,
    ServerTimeoutError,
    SessionExpiredError,
    TrialLimitError,
)
from ..quota import Quota, Refusal, Window, read_refusal

__all__ = ["ResponseFacts", "status_error"]


class ResponseFacts(Facts, total=False):
    """What the error of a response states about it and its call."""

    request_id: str | None
    quota: Quota


_BY_STATUS: Mapping[int, type[APIStatusError]] = {
    401: AuthenticationError,
    402: InsufficientCreditsError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: ServerTimeoutError,  # from a gateway: the vendor may have carried it out
    409: ConflictError,
    410: SessionExpiredError,
    451: RestrictedError,
    499: ServerTimeoutError,
}


def status_error(
    status: int,
    headers: Mapping[str, str],
    payload: object,
    content: bytes,
    *,
    problem: str | None,
    sent: bytes | None,
    facts: ResponseFacts,
) -> tuple[APIStatusError, Refusal | None]:
    """The error that a response of `status` stands for, and its refusal, for the governor, if it is a 429.

    `problem` says why there is no envelope: then a gateway has answered, not the vendor's API. `sent` is the
    body of the request: no text of the error repeats a person that it names.
    """
    envelope = as_object(payload)
    hide = personal(sent)
    code, message = _code_and_message(envelope) if envelope else (None, _no_envelope(problem))
    refusal = read_refusal(message, headers) if status == 429 else None
    retry_after = refusal.retry_after if refusal else None
    if status == 503:
        retry_after = read_refusal(message, headers).retry_after
    error = _kind(status, message, refusal)(
        status=status,
        message=redact(message, hide),
        code=None if code is None else redact(code, hide),
        details=tuple(redact(detail, hide) for detail in _details(envelope.get("errors"))),
        retry_after=retry_after,
        window=refusal.window if refusal else None,
        body=content if payload is None else payload,
        **facts,
    )
    return error, refusal


def _no_envelope(problem: str | None) -> str:
    return f"without an error of the vendor's API ({problem or 'JSON without a message'}), perhaps from a gateway"


def _kind(status: int, message: str, refusal: Refusal | None) -> type[APIStatusError]:
    if refusal is not None:
        if refusal.trial:
            return TrialLimitError
        return DailyQuotaExhaustedError if refusal.window is Window.DAY else RateLimitedError
    if status == 400 and "api key" in message.lower():
        return AuthenticationError
    return _BY_STATUS.get(status, ServerError if status >= 500 else BadRequestError)


def _code_and_message(envelope: Mapping[str, Any]) -> tuple[str | None, str]:
    inner = as_object(envelope.get("error"))
    if inner and not envelope.get("message"):
        return _code_and_message({name: value for name, value in inner.items() if name != "error"})
    message = envelope.get("message")
    if isinstance(message, list):
        message = "; ".join(_line(item) for item in cast(list[object], message))
    elif isinstance(message, dict):
        message = _line(cast(object, message))
    if not isinstance(message, str):
        message = _text(envelope.get("error")) or ""
    code = _text(envelope.get("code")) or _text(envelope.get("name"))
    head, colon, tail = message.partition(": ")
    if colon and head.isupper() and head.replace("_", "").isalnum():
        return head, tail  # tables put the symbolic code before the message
    return code, message


def _details(errors: object) -> tuple[str, ...]:
    """A text for each of `errors`: a list of texts, or an object by member, or a list of objects."""
    if isinstance(errors, dict):
        members = cast(dict[str, object], errors)
        return tuple(f"{name}: {_line(value)}" for name, value in members.items())
    if isinstance(errors, list):
        return tuple(_line(item) for item in cast(list[object], errors))
    return ()


def _line(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value)
    except RecursionError:
        return "…"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
