"""The vendor's error envelopes, all families of them, as our errors. Pure.

An error body may be the documented envelope, that of the auth guard, of the business validation, of the
tables, of the dedupe session, or a gateway's JSON or HTML. `message` is the only common member, and it may
be a list. Source: the vendor's error codes page.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from .._redact import personal, redact
from ..errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    DailyQuotaExhaustedError,
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
from ..operations import Operation
from ..quota import Refusal, Window, read_quota, read_refusal

__all__ = ["disguised_status", "request_id_of", "status_error"]

_STATUS = re.compile(r"[45][0-9]{2}")
_BY_STATUS: Mapping[int, type[APIStatusError]] = {
    401: AuthenticationError,
    402: InsufficientCreditsError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: ServerTimeoutError,  # of a gateway, which cannot tell how far the vendor came
    409: ConflictError,
    410: SessionExpiredError,
    451: RestrictedError,
    499: ServerTimeoutError,
}


def status_error(
    operation: Operation,
    status: int,
    headers: Mapping[str, str],
    payload: object,
    content: bytes,
    *,
    problem: str | None = None,
    sent: bytes | None = None,
) -> tuple[APIStatusError, Refusal | None]:
    """The error that an answer of `status` stands for, and what it told the governor if it is a 429.

    `problem` says why there is no envelope: then a gateway has answered, not the vendor's API. `sent` is the
    request's body, whose people are in no text of the error.
    """
    envelope = _object(payload)
    hide = personal(sent)
    code, message = _code_and_message(envelope) if envelope else (None, _unworded(problem))
    refusal = read_refusal(message, headers) if status == 429 else None
    retry_after = refusal.retry_after if refusal else None
    if status == 503:
        retry_after = read_refusal(message, headers).retry_after
    error = _kind(status, message, refusal)(
        status=status,
        message=redact(message, hide),
        code=None if code is None else redact(code, hide),
        details=tuple(redact(detail, hide) for detail in _details(envelope.get("errors"))),
        request_id=request_id_of(payload),
        quota=read_quota(headers),
        retry_after=retry_after,
        window=refusal.window if refusal else None,
        operation=operation,
        body=content if payload is None else payload,
    )
    return error, refusal


def _unworded(problem: str | None) -> str:
    return (
        f"no error of the vendor's API came with it ({problem or 'JSON without a word'}), perhaps from a gateway"
    )


def _kind(status: int, message: str, refusal: Refusal | None) -> type[APIStatusError]:
    if refusal is not None:
        if refusal.trial:
            return TrialLimitError
        return DailyQuotaExhaustedError if refusal.window is Window.DAY else RateLimitedError
    if status == 400 and "api key" in message.lower():
        return AuthenticationError
    return _BY_STATUS.get(status, ServerError if status >= 500 else BadRequestError)


def disguised_status(payload: object) -> int | None:
    """The status that an error envelope names, where a gateway has sent it as a success; else None."""
    envelope = _object(payload)
    answered = any(envelope.get(name) is not None for name in ("results", "data"))
    if answered or not envelope.keys() & {"message", "error", "errors"}:
        return None
    for told in (envelope, _object(envelope.get("error"))):
        for name in ("statusCode", "code"):
            code = told.get(name)
            if isinstance(code, str) and _STATUS.fullmatch(code):
                code = int(code)
            if type(code) is int and 400 <= code < 600:
                return code
    return None


def request_id_of(payload: object) -> str | None:
    """The vendor's id of the request (a gateway spells it `request_id`)."""
    envelope = _object(payload)
    return _text(envelope.get("requestId")) or _text(envelope.get("request_id"))


def _code_and_message(envelope: Mapping[str, Any]) -> tuple[str | None, str]:
    inner = _object(envelope.get("error"))
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
    """`errors` is a list of texts, or an object by member, or a list of objects."""
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


def _object(value: object) -> Mapping[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
