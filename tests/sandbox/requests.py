"""Requests to a sandbox in process, without sockets and without the client."""

import json
from typing import Any

from lusha_async.sandbox import DEMO_KEY, Clock, Sandbox, Settings
from lusha_async.sandbox.api.http import HTTPRequest, HTTPResponse

__all__ = ["START", "body", "new_sandbox", "post", "respond", "send"]

START = 1_800_000_000.0


def new_sandbox(*, virtual: bool = True, **settings: Any) -> Sandbox:
    """A small sandbox with a virtual clock."""
    return Sandbox(Settings(**{"companies": 500, **settings}), clock=Clock(virtual=virtual, start=START))


def respond(sandbox: Sandbox, request: HTTPRequest) -> HTTPResponse:
    """The response of a sandbox that awaits nothing, without a loop."""
    answering = sandbox.respond(request)
    try:
        answering.send(None)
    except StopIteration as done:
        answer: HTTPResponse = done.value
        return answer
    raise AssertionError("the sandbox awaited something")


def send(
    sandbox: Sandbox,
    method: str,
    path: str,
    payload: Any = None,
    *,
    key: str | None = DEMO_KEY,
    headers: dict[str, str] | None = None,
) -> HTTPResponse:
    """The response to a request."""
    path, _, query = path.partition("?")
    common = {"api_key": key} if key is not None else {}
    if payload is not None:
        common["content-type"] = "application/json"
    content = b"" if payload is None else json.dumps(payload).encode()
    request = HTTPRequest(
        method=method, path=path, query=query, headers={**common, **(headers or {})}, content=content
    )
    return respond(sandbox, request)


def body(answer: HTTPResponse) -> Any:
    """The JSON body of a response."""
    return json.loads(answer.content)


def post(sandbox: Sandbox, path: str, payload: Any) -> Any:
    """The JSON body of the response to a POST; fails unless it is 2xx."""
    answer = send(sandbox, "POST", path, payload)
    assert 200 <= answer.status < 300, answer.content
    return body(answer)
