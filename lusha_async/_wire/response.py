"""What came back as a payload or an error, with the quota that the headers report. Pure.

Source: the vendor's API reference, its error codes and rate limiting pages.
"""

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from .._json import gc_paused
from ..errors import LushaError, UnreadableAnswerError
from ..operations import Operation
from ..quota import Quota, Refusal, read_quota
from .error_bodies import disguised_status, request_id_of, status_error

__all__ = ["ParsedResponse", "Response", "parse"]


@frozen(kw_only=True)
class Response:
    """What came back: the status, headers by lower-case name, and the whole body, decompressed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@frozen(kw_only=True)
class ParsedResponse:
    """One answer, read: the quota it told, and either a payload or an error.

    `status` is None when no answer came; `refusal` is what a 429 told, for the governor.
    """

    quota: Quota
    status: int | None = None
    refusal: Refusal | None = None
    request_id: str | None = None
    payload: Any = field(default=None, repr=False)
    error: LushaError | None = None


def parse(operation: Operation, response: Response, sent: bytes | None = None) -> ParsedResponse:
    """Read an answer. Never raises: what cannot be read is an `UnreadableAnswerError` in the reading.

    `sent` is the body of the request: the people that it names are in no text of an error.
    """
    if response.status == 204 and not operation.paid:
        return ParsedResponse(
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
    return ParsedResponse(
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
        with gc_paused():
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
