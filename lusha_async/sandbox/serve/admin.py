"""The admin API under `/_sandbox`, and the live page at `/`: without key and limits.

A request whose `Origin` is another site is refused.
"""

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from ..api.http import HTTPRequest, HTTPResponse
from ..api.schema import as_object
from ..app import Sandbox
from ..faults.rules import from_mapping
from ..limits.plans import PLANS
from ..numbers import real, whole
from ..settings import MAX_CREDITS, MAX_EXTERNAL_TRAFFIC
from ..webhooks.trigger import trigger_opt_out, trigger_signals

__all__ = ["ENDPOINTS", "PAGE", "handle", "is_admin"]

Endpoint = Callable[[Sandbox, Mapping[str, Any], str], Any]
"""Handles a request: takes the members of the body, and the rest of the path."""

PAGE: bytes = (files("lusha_async.sandbox.serve") / "page.html").read_bytes()
"""The live page: one static file without external assets."""


def is_admin(path: str) -> bool:
    """Whether a path belongs to the admin API or the live page."""
    return path in {"/", "/_sandbox"} or path.startswith("/_sandbox/")


def handle(sandbox: Sandbox, request: HTTPRequest) -> HTTPResponse:
    """The response to a request to the admin API."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        return _json({"message": "the origin is another site"}, status=403)
    if request.path == "/" and request.method == "GET":
        return _page()
    rest = request.path.removeprefix("/_sandbox").strip("/")
    name, _, tail = rest.partition("/")
    endpoint = ENDPOINTS.get((request.method, name))
    if endpoint is None:
        return _json({"message": f"there is no {request.method} {request.path}", "endpoints": _list()}, status=404)
    try:
        body = as_object(json.loads(request.content)) if request.content else {}
        if body is None:
            raise ValueError("the body must be an object")
        return _json(endpoint(sandbox, body, tail))
    except RecursionError:
        return _json({"message": "invalid request: nested too deeply"}, status=400)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        return _json({"message": f"invalid request: {error}"}, status=400)


def _list() -> list[str]:
    return [f"{method} /_sandbox/{name}".rstrip("/") for method, name in ENDPOINTS]


def _reset(sandbox: Sandbox, body: Mapping[str, Any], tail: str) -> Any:
    sandbox.reset()
    return {"reset": True}


def _list_faults(sandbox: Sandbox, body: Mapping[str, Any], tail: str) -> Any:
    return [active.report() for active in sandbox.faults.rules.values()]


def _add_fault(sandbox: Sandbox, body: Mapping[str, Any], tail: str) -> Any:
    return sandbox.faults.add(from_mapping(body), sandbox.clock.now()).report()


def _change_fault(sandbox: Sandbox, body: Mapping[str, Any], tail: str) -> Any:
    active = sandbox.faults.rules[int(tail)]
    active.enabled = bool(body["enabled"])
    return active.report()


def _remove_faults(sandbox: Sandbox, body: Mapping[str, Any], tail: str) -> Any:
    if tail:
        del sandbox.faults.rules[int(tail)]
    else:
        sandbox.faults.rules.clear()
    return _list_faults(sandbox, body, tail)


def _clock(sandbox: Sandbox, body: Mapping[str, Any], tail: str) -> Any:
    sandbox.clock.advance(body.get("advance", 0))
    if "virtual" in body and bool(body["virtual"]) != sandbox.clock.virtual:
        (sandbox.clock.stop if body["virtual"] else sandbox.clock.run)()
    return {"now": sandbox.clock.now(), "virtual": sandbox.clock.virtual}


def _plan(sandbox: Sandbox, body: Mapping[str, Any], tail: str) -> Any:
    if body["plan"] not in PLANS:
        raise ValueError(f"plan must be one of {', '.join(PLANS)}")
    sandbox.state.limiter.change(PLANS[body["plan"]])
    return {"plan": body["plan"]}


def _credits(sandbox: Sandbox, body: Mapping[str, Any], tail: str) -> Any:
    sandbox.state.billing.total = sandbox.state.billing.spent + whole("left", body["left"], 0, MAX_CREDITS)
    return {"left": sandbox.state.billing.left}


def _external_traffic(sandbox: Sandbox, body: Mapping[str, Any], tail: str) -> Any:
    rate = real("rate", body["rate"], 0, MAX_EXTERNAL_TRAFFIC)
    sandbox.state.limiter.set_external_traffic(rate, sandbox.clock.now())
    return {"rate": rate}


ENDPOINTS: Mapping[tuple[str, str], Endpoint] = {
    ("GET", ""): lambda sandbox, body, tail: {"endpoints": _list()},
    ("GET", "stats"): lambda sandbox, body, tail: sandbox.report(),
    ("GET", "ledger"): lambda sandbox, body, tail: sandbox.state.billing.report(),
    ("POST", "reset"): _reset,
    ("GET", "faults"): _list_faults,
    ("POST", "faults"): _add_fault,
    ("PATCH", "faults"): _change_fault,
    ("DELETE", "faults"): _remove_faults,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _clock,
    ("POST", "plan"): _plan,
    ("POST", "credits"): _credits,
    ("POST", "external-traffic"): _external_traffic,
    ("POST", "signals"): lambda sandbox, body, tail: trigger_signals(sandbox.state, body),
    ("POST", "opt-out"): lambda sandbox, body, tail: trigger_opt_out(sandbox.state, body),
}


def _json(payload: Any, *, status: int = 200) -> HTTPResponse:
    content = json.dumps(payload, separators=(",", ":")).encode()
    return HTTPResponse(
        status=status, headers={"content-type": "application/json", "cache-control": "no-store"}, content=content
    )


def _page() -> HTTPResponse:
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    headers = {
        "x-frame-options": "DENY",
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        "cache-control": "no-store",
    }
    return HTTPResponse(status=200, headers=headers, content=PAGE)
