"""Requests and answers as values, without I/O.

`build` makes an `Operation` and its arguments into the bytes to send; `read` makes the bytes that came back
into a payload or an error, and tells the quota either way. Source: the vendor's API reference, its error
codes and rate limiting pages.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote, urlencode

from attrs import evolve, field, frozen

from ._version import __version__
from .bounds import LARGEST
from .collector import paused
from .envelopes import disguised_status, request_id_of, status_error
from .errors import InvalidRequestError, LushaError, UnreadableAnswerError
from .operations import Operation
from .quota import Quota, Refusal, read_quota
from .settings import ApiKey, BaseURL

__all__ = ["Reading", "Request", "Response", "build", "read", "without_key"]

_HALF_A_CHARACTER = "it holds half a character (a lone surrogate), which cannot be sent"
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


def without_key(request: Request) -> Request:
    """`request` as it may be kept: its headers hold the API key no more."""
    return evolve(request, headers={name: value for name, value in request.headers.items() if name != "api_key"})


@frozen(kw_only=True)
class Response:
    """What came back: the status, headers by lower-case name, and the whole body, decompressed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@frozen(kw_only=True)
class Reading:
    """One answer, read: the quota it told, and either a payload or an error.

    `status` is None when no answer came; `refusal` is what a 429 told, for the governor.
    """

    quota: Quota
    status: int | None = None
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

    `InvalidRequestError` for a path value that is empty or not text, a query value that is no text, number, bool or
    list of texts, and a body that is no JSON.
    """
    if not isinstance(cast(Any, operation), Operation):
        raise InvalidRequestError("operation", "give an Operation")
    for part, value in (("path", path), ("query", query), ("body", body)):
        if value is not None and not isinstance(cast(Any, value), Mapping):
            raise InvalidRequestError(part, "give a mapping")
    url = str(base_url) + operation.path.format_map(_PathValues(path or {}))
    given = [(name, _query_text(value, name)) for name, value in (query or {}).items() if value is not None]
    if given:
        try:
            url += "?" + urlencode(given, doseq=True)
        except UnicodeEncodeError:
            raise InvalidRequestError("query", _HALF_A_CHARACTER) from None
    headers = {"api_key": key.value, "accept": "application/json", "user-agent": USER_AGENT}
    if body is not None or operation.method == "POST":  # the vendor wants it of each POST
        headers["content-type"] = "application/json"
    content = None if body is None else _encode(body)
    return Request(operation=operation, method=operation.method, url=url, headers=headers, content=content)


class _PathValues(dict[str, str]):
    def __getitem__(self, name: str) -> str:
        value: object = self.get(name)
        if not isinstance(value, str) or value.strip().strip(".") == "":  # "." and ".." would change the path
            raise InvalidRequestError(name, "give a text that is not empty")
        try:
            return quote(value, safe="")
        except UnicodeEncodeError:
            raise InvalidRequestError(name, _HALF_A_CHARACTER) from None


def _query_text(value: Any, name: str) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "".join(value)  # of an enumeration the value, not its name
    if isinstance(value, int) and abs(value) <= LARGEST:
        return str(int(value))
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        texts = cast(Sequence[object], value)
        if all(isinstance(text, str) for text in texts):
            return [*map("".join, cast(Sequence[str], texts))]
    raise InvalidRequestError(name, "give a text, a whole number, True or False, or a list of texts")


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
        items = cast(Sequence[Any], value)
        return [item if type(item) is str else _without_nulls(item) for item in items]
    return value


def read(operation: Operation, response: Response, sent: bytes | None = None) -> Reading:
    """Read an answer. Never raises: what cannot be read is an `UnreadableAnswerError` in the reading.

    `sent` is the body of the request: the people that it names are in no text of an error.
    """
    if response.status == 204 and not operation.paid:
        return Reading(
            quota=read_quota(response.headers), status=204, payload={}
        )  # nothing to tell, as after a deletion
    payload, problem = _decode(response)
    refusal: Refusal | None = None
    error: LushaError | None
    if 200 <= response.status < 300:
        error, refusal = _success_error(operation, response, payload, problem, sent)
    elif 300 <= response.status < 400:
        error = _unreadable(
            response, "a redirect; not followed, since the key would go with it. Check the base URL"
        )
        error.charged = 0
    elif response.status < 200:
        error = _unreadable(response, "another protocol was answered. Check the base URL and the proxy")
    else:
        error, refusal = status_error(
            operation, response.status, response.headers, payload, response.content, problem=problem, sent=sent
        )
    if error is not None:
        error.operation = operation
    return Reading(
        quota=read_quota(response.headers),
        status=response.status,
        refusal=refusal,
        request_id=request_id_of(payload),
        payload=payload if error is None else None,
        error=error,
    )


def _decode(response: Response) -> tuple[object, str | None]:
    """The payload, or what is wrong with it."""
    if not response.content:
        return None, "an empty body"
    try:
        with paused():
            payload: object = json.loads(response.content)
    except json.JSONDecodeError as error:
        return None, _no_json(response) or f"broken JSON at character {error.pos}"
    except UnicodeDecodeError:
        return None, "not UTF-8 text"
    except (ValueError, RecursionError):
        return None, "JSON with a number or a nesting beyond all measure"
    return payload, None if isinstance(payload, dict | list) else "an object was expected"


def _no_json(response: Response) -> str | None:
    """What came instead of JSON, as far as the headers or the first sign tell."""
    kind = response.headers.get("content-type", "json").split(";")[0].strip().lower()
    if "html" in kind or response.content.lstrip().startswith(b"<"):
        return "JSON was expected and HTML came"
    return None if "json" in kind else "JSON was expected and something else came"


def _success_error(
    operation: Operation, response: Response, payload: object, problem: str | None, sent: bytes | None
) -> tuple[LushaError | None, Refusal | None]:
    if problem is not None:
        return _unreadable(response, problem), None
    status = disguised_status(payload)
    if status is None:
        return None, None
    # An error envelope under a success: a gateway lost the status, and what the call cost is not known.
    error, refusal = status_error(operation, status, response.headers, payload, response.content, sent=sent)
    error.charged = None
    return error, refusal


def _unreadable(response: Response, problem: str) -> UnreadableAnswerError:
    error = UnreadableAnswerError(problem, status=response.status, body=response.content)
    error.quota = read_quota(response.headers)
    return error
