"""Short ways to ask a sandbox in process, without a client of ours."""

import json
from typing import Any

from lusha_async.sandbox import DEMO_KEY, Clock, Sandbox, Settings
from lusha_async.sandbox.api.http import HTTPRequest, HTTPResponse

__all__ = ["START", "body", "new_sandbox", "post", "respond", "send"]

START = 1_800_000_000.0


def new_sandbox(*, virtual: bool = True, **settings: Any) -> Sandbox:
    """A small sandbox whose clock stands still."""
    return Sandbox(Settings(**{"companies": 500, **settings}), clock=Clock(virtual=virtual, start=START))


def respond(sandbox: Sandbox, request: HTTPRequest) -> HTTPResponse:
    """The answer of a sandbox that has nothing to wait for, without a loop."""
    answering = sandbox.respond(request)
    try:
        answering.send(None)
    except StopIteration as done:
        answer: HTTPResponse = done.value
        return answer
    raise AssertionError("the sandbox waited for something")


def send(
    sandbox: Sandbox,
    method: str,
    path: str,
    payload: Any = None,
    *,
    key: str | None = DEMO_KEY,
    headers: dict[str, str] | None = None,
) -> HTTPResponse:
    """Send a request and read the answer."""
    path, _, query = path.partition("?")
    told = {"api_key": key} if key is not None else {}
    if payload is not None:
        told["content-type"] = "application/json"
    content = b"" if payload is None else json.dumps(payload).encode()
    request = HTTPRequest(
        method=method, path=path, query=query, headers={**told, **(headers or {})}, content=content
    )
    return respond(sandbox, request)


def body(answer: HTTPResponse) -> Any:
    """What the answer says."""
    return json.loads(answer.content)


def post(sandbox: Sandbox, path: str, payload: Any) -> Any:
    """Post to the vendor's API and insist on an answer of 2xx."""
    answer = send(sandbox, "POST", path, payload)
    assert 200 <= answer.status < 300, answer.content
    return body(answer)
