"""Requests and answers as values, without I/O.

`build` makes an `Operation` and its arguments into the bytes to send; `read` makes the bytes that came back
into a payload or an error, and tells the quota either way. Source: the vendor's API reference, its error
codes and rate limiting pages.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote, urlencode

from attrs import field, frozen

from ._version import __version__
from .errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    DailyQuotaExhaustedError,
    InsufficientCreditsError,
    InvalidRequestError,
    LushaError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RestrictedError,
    ServerError,
    ServerTimeoutError,
    SessionExpiredError,
    TrialLimitError,
    UnreadableAnswerError,
)
from .operations import Operation
from .quota import Quota, Refusal, Window, read_quota, read_refusal
from .settings import ApiKey, BaseURL

__all__ = ["Reading", "Request", "Response", "build", "read"]

USER_AGENT = f"lusha-async/{__version__}"


@frozen(kw_only=True)
class Request:
    """What is sent. Its repr shows neither headers (the key) nor content (people)."""

    operation: Operation
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(default=None, repr=False)

    @property
    def body(self) -> Any:
        """The JSON body again; None when the request has none."""
        return None if self.content is None else json.loads(self.content)


@frozen(kw_only=True)
class Response:
    """What came back: the status, headers by lower-case name, and the whole body, decompressed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@frozen(kw_only=True)
class Reading:
    """One answer, read: the quota it told, and either a payload or an error.

    `refusal` is what a 429 told, for the governor.
    """

    quota: Quota
    refusal: Refusal | None = None
    request_id: str | None = None
    payload: Any = field(default=None, repr=False)
    error: LushaError | None = None


def build(
    operation: Operation,
    *,
    base_url: BaseURL,
    key: ApiKey,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str | int | bool | Sequence[str] | None] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Request:
    """Make the request. Members of `query` and `body` that are None are left out: the vendor refuses nulls.

    `InvalidRequestError` for a path value that is empty or not text, and for a body that is not JSON.
    """
    url = str(base_url) + operation.path.format_map(_PathValues(path or {}))
    given = [(name, _query_text(value)) for name, value in (query or {}).items() if value is not None]
    if given:
        url += "?" + urlencode(given, doseq=True)
    headers = {"api_key": key.value, "accept": "application/json", "user-agent": USER_AGENT}
    content = None
    if body is not None:
        headers["content-type"] = "application/json"
        content = _encode(body)
    return Request(operation=operation, method=operation.method, url=url, headers=headers, content=content)


class _PathValues(dict[str, str]):
    def __getitem__(self, name: str) -> str:
        value: object = self.get(name)
        if not isinstance(value, str) or value.strip(".") == "":  # "." and ".." would change the path
            raise InvalidRequestError(name, "give a text that is not empty")
        return quote(value, safe="")


def _query_text(value: str | int | bool | Sequence[str]) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    return list(value)


def _encode(body: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(_without_nulls(body), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequestError("body", f"not JSON ({type(error).__name__})") from None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        members = cast(Mapping[str, Any], value)
        return {name: _without_nulls(member) for name, member in members.items() if member is not None}
    if isinstance(value, list | tuple):
        return [_without_nulls(item) for item in cast(Sequence[Any], value)]
    return value


def read(operation: Operation, response: Response) -> Reading:
    """Read an answer. Never raises: what cannot be read is an `UnreadableAnswerError` in the reading."""
    quota = read_quota(response.headers)
    status = response.status
    problem: str | None = None
    payload: Any = None
    try:
        payload = json.loads(response.content) if response.content else None
    except (ValueError, RecursionError) as error:
        problem = _problem(response, error)
    request_id = _text(payload, "requestId") or _text(payload, "request_id")
    if 200 <= status < 300:
        error = _success_error(response, payload, problem)
        if error is None:
            return Reading(quota=quota, request_id=request_id, payload=payload)
    elif 300 <= status < 400:
        error = UnreadableAnswerError(
            "a redirect; it was not followed, since the key would go with it. Check the base URL",
            status=status,
            body=response.content,
        )
        error.charged = 0
    else:
        error = _status_error(response, payload, quota, request_id)
    error.operation = operation
    refusal = read_refusal(_words(payload)[0], response.headers) if status == 429 else None
    return Reading(quota=quota, refusal=refusal, request_id=request_id, error=error)


def _problem(response: Response, error: Exception) -> str:
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind and "json" not in kind:
        return f"JSON was expected and {kind if kind.replace('/', '').isalnum() else 'something else'} came"
    if isinstance(error, json.JSONDecodeError):
        return f"broken JSON at character {error.pos}"
    return "JSON nested too deeply" if isinstance(error, RecursionError) else "not UTF-8 text"


def _success_error(response: Response, payload: Any, problem: str | None) -> LushaError | None:
    if problem is None and not response.content:
        problem = "an empty body"
    if problem is None and not isinstance(payload, dict | list):
        problem = "an object was expected"
    if problem is not None:
        return UnreadableAnswerError(problem, status=response.status, body=response.content)
    code = _error_status(payload)
    if code is None:
        return None
    # An error envelope under status 200: a gateway that lost the status. What it cost is not known.
    disguised = _status_error(
        Response(status=code, headers=response.headers, content=response.content),
        payload,
        read_quota(response.headers),
        _text(payload, "requestId"),
    )
    disguised.charged = None
    return disguised


def _error_status(payload: Any) -> int | None:
    """The status that an error envelope names, if `payload` is one."""
    if not isinstance(payload, dict) or "message" not in payload or "results" in payload or "data" in payload:
        return None
    members = cast(dict[str, Any], payload)
    for name in ("statusCode", "code"):
        code = members.get(name)
        if type(code) is int and 400 <= code < 600:
            return code
    return None


_BY_STATUS: Mapping[int, type[APIStatusError]] = {
    401: AuthenticationError,
    402: InsufficientCreditsError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    410: SessionExpiredError,
    429: RateLimitedError,
    451: RestrictedError,
    499: ServerTimeoutError,
}


def _status_error(response: Response, payload: Any, quota: Quota, request_id: str | None) -> APIStatusError:
    status = response.status
    message, details = _words(payload)
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else BadRequestError)
    window: Window | None = None
    retry_after: float | None = None
    if status == 400 and "api key" in message.lower():
        kind = AuthenticationError
    elif status in {429, 503}:
        refusal = read_refusal(message, response.headers)
        retry_after = refusal.retry_after
        if status == 429:
            window = refusal.window
            kind = _refused_kind(refusal)
    code = _text(payload, "code") or _text(payload, "name")
    head, colon, tail = message.partition(": ")
    if colon and head.isupper() and head.replace("_", "").isalnum():
        code, message = head, tail  # tables put the symbolic code before the message
    return kind(
        status=status,
        message=message,
        code=code,
        details=details,
        request_id=request_id,
        quota=quota,
        retry_after=retry_after,
        window=window,
        body=payload if payload is not None else response.content,
    )


def _refused_kind(refusal: Refusal) -> type[APIStatusError]:
    if refusal.trial:
        return TrialLimitError
    return DailyQuotaExhaustedError if refusal.window is Window.DAY else RateLimitedError


def _words(payload: Any) -> tuple[str, tuple[str, ...]]:
    """The message and the details of any of the vendor's error envelopes."""
    if not isinstance(payload, dict):
        return "", ()
    members = cast(dict[str, Any], payload)
    message: Any = members.get("message")
    details: list[str] = []
    if isinstance(message, list):
        texts = [str(item) for item in cast(list[Any], message)]
        message = "; ".join(texts)
    errors: Any = members.get("errors")
    if isinstance(errors, dict):
        errors = [f"{name}: {value}" for name, value in cast(dict[str, Any], errors).items()]
    if isinstance(errors, list):
        details = [item if isinstance(item, str) else json.dumps(item) for item in cast(list[Any], errors)]
    if not isinstance(message, str):
        error = members.get("error")
        message = error if isinstance(error, str) else ""
    return message, tuple(details)


def _text(payload: Any, name: str) -> str | None:
    value: Any = cast(dict[str, Any], payload).get(name) if isinstance(payload, dict) else None
    return value if isinstance(value, str) else None
