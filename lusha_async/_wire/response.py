"""An HTTP response as a payload or an error, with the quota of its headers. Pure.

Source: the vendor's API reference, error codes and rate limiting pages.
"""

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import field, frozen

from .._json import as_count, as_object, gc_paused
from ..errors import LushaError, UnreadableAnswerError
from ..operations import Operation
from ..quota import Quota, Refusal, read_quota
from .error_bodies import ResponseFacts, status_error

__all__ = ["ParsedResponse", "Response", "parse"]


@frozen(kw_only=True)
class Response:
    """An HTTP response: the status, the headers by lower-case name, and the whole body, decompressed.

    With a `problem`, `content` is the body as far as it was received, and not to be used. `foreign`: it answers another
    request. `drift`: a wrong declaration of the body that did not matter.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    problem: str | None = None
    foreign: bool = False
    drift: str | None = None


@frozen(kw_only=True)
class ParsedResponse:
    """A response as a payload or an error, with the quota of its headers.

    `status` is None if no response arrived. `refusal` is what a 429 says, for the governor. `drift` is a wrong
    declaration of the body that did not matter.
    """

    quota: Quota
    status: int | None = None
    refusal: Refusal | None = None
    request_id: str | None = None
    payload: Any = field(default=None, repr=False)
    error: LushaError | None = None
    drift: str | None = None

    @property
    def credits(self) -> int | None:
        """The credits that the payload says it cost; None if it does not say."""
        return as_count(as_object(as_object(self.payload).get("billing")).get("creditsCharged"))


def parse(
    operation: Operation, response: Response, sent: bytes | None = None, *, attempts: int = 1
) -> ParsedResponse:
    """Parse a response. Never raises: one that cannot be parsed has an `UnreadableAnswerError`.

    `sent` is the body of the request: no text of an error repeats a person that it names. `attempts`, for the error,
    is the number of requests that were sent for the call.
    """
    quota = read_quota(response.headers)
    if response.status == 204 and not operation.paid:
        return ParsedResponse(quota=quota, status=204, payload={})  # no body, as after a deletion
    payload, problem = _decode(response)
    request_id = _request_id(payload)
    facts = ResponseFacts(operation=operation, attempts=attempts, request_id=request_id, quota=quota)
    error, refusal = _error(response, payload, problem, sent, facts)
    return ParsedResponse(
        quota=quota,
        status=response.status,
        refusal=refusal,
        request_id=request_id,
        payload=payload if error is None else None,
        error=error,
        drift=response.drift,
    )


def _decode(response: Response) -> tuple[object, str | None]:
    """The payload, or what is wrong with the body."""
    if response.problem is not None:
        return None, response.problem
    if not response.content:
        return None, "an empty body"
    try:
        with gc_paused():
            payload: object = json.loads(response.content)
    except json.JSONDecodeError as error:
        return None, _not_json(response) or f"broken JSON at character {error.pos}"
    except UnicodeDecodeError:
        return None, "not UTF-8 text"
    except (ValueError, RecursionError):
        return None, "JSON with a number or a nesting beyond the limits of the parser"
    return payload, None if isinstance(payload, dict | list) else "an object was expected"


def _not_json(response: Response) -> str | None:
    """What the body is, by the content type or the first character; None if it was meant to be JSON."""
    kind = response.headers.get("content-type", "json").split(";")[0].strip().lower()
    if "html" in kind or response.content.lstrip().startswith(b"<"):
        return "HTML where JSON was expected"
    return None if "json" in kind else "another type of content where JSON was expected"


def _error(
    response: Response, payload: object, problem: str | None, sent: bytes | None, facts: ResponseFacts
) -> tuple[LushaError | None, Refusal | None]:
    """The error that the response is, if it is one, and its refusal, for the governor, if it is a 429."""
    status = response.status
    unreadable = partial(UnreadableAnswerError, status=status, body=response.content, **facts)
    if response.foreign:
        return unreadable("the answer to another request: the connection brought answers out of step"), None
    if status < 200:
        return unreadable("the server answered in another protocol. Check the base URL and the proxy"), None
    if 300 <= status < 400:
        redirect = "a redirect; not followed, since the key would go with it. Check the base URL"
        return unreadable(redirect, charged=0), None
    if status < 300:
        if problem is not None:
            return unreadable(problem), None
        disguised = _disguised_status(payload)
        if disguised is None:
            return None, None
        status = disguised  # a gateway lost it, and what the call cost is unknown
        facts["charged"] = None
    return status_error(
        status, response.headers, payload, response.content, problem=problem, sent=sent, facts=facts
    )


_STATUS = re.compile(r"[45][0-9]{2}")


def _disguised_status(payload: object) -> int | None:
    """The status that an error envelope names, where a gateway has sent it as a success; else None."""
    envelope = as_object(payload)
    answered = any(envelope.get(name) is not None for name in ("results", "data"))
    if answered or not envelope.keys() & {"message", "error", "errors"}:
        return None
    for level in (envelope, as_object(envelope.get("error"))):
        for name in ("statusCode", "code"):
            code = level.get(name)
            if isinstance(code, str) and _STATUS.fullmatch(code):
                code = int(code)
            if type(code) is int and 400 <= code < 600:
                return code
    return None


def _request_id(payload: object) -> str | None:
    """The vendor's id of the request (a gateway spells it `request_id`)."""
    envelope = as_object(payload)
    for name in ("requestId", "request_id"):
        value = envelope.get(name)
        if isinstance(value, str) and value:
            return value
    return None
