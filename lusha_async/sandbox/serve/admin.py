"""The sandbox's own doors, at `/` and under `/_sandbox`: no key, no limits, nothing of the vendor's.

A page of another site cannot use them: a request whose `Origin` is not the sandbox itself is refused.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..api.exchange import Incoming, Outgoing
from ..api.schema import as_object
from ..app import Sandbox
from ..faults.rules import from_mapping
from ..handlers.events import fire, opt_out
from ..limits.plans import PLANS
from .page import PAGE

__all__ = ["DOORS", "control", "is_control"]

Door = Callable[[Sandbox, Mapping[str, Any], str], Any]
"""What a door does with the members of the body and with the rest of the path."""


def is_control(path: str) -> bool:
    """Whether a path is one of the sandbox's own."""
    return path in {"/", "/_sandbox"} or path.startswith("/_sandbox/")


def control(sandbox: Sandbox, request: Incoming) -> Outgoing:
    """Answer a request to one of the doors."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        return _json({"message": "another site may not use the sandbox"}, status=403)
    if request.path == "/" and request.method == "GET":
        return _page()
    rest = request.path.removeprefix("/_sandbox").strip("/")
    name, _, tail = rest.partition("/")
    door = DOORS.get((request.method, name))
    if door is None:
        return _json({"message": f"no {request.method} {request.path}", "doors": _list()}, status=404)
    try:
        told = as_object(json.loads(request.content)) if request.content else {}
        if told is None:
            raise ValueError("the body must be an object")
        return _json(door(sandbox, told, tail))
    except (ValueError, KeyError, TypeError) as error:
        return _json({"message": f"not understood: {error}"}, status=400)


def _list() -> list[str]:
    return [f"{method} /_sandbox/{name}".rstrip("/") for method, name in DOORS]


def _reset(sandbox: Sandbox, told: Mapping[str, Any], tail: str) -> Any:
    sandbox.reset()
    return {"reset": True}


def _list_faults(sandbox: Sandbox, told: Mapping[str, Any], tail: str) -> Any:
    return [armed.report() for armed in sandbox.faults.rules.values()]


def _add_fault(sandbox: Sandbox, told: Mapping[str, Any], tail: str) -> Any:
    return sandbox.faults.add(from_mapping(told), sandbox.clock.now()).report()


def _change_fault(sandbox: Sandbox, told: Mapping[str, Any], tail: str) -> Any:
    armed = sandbox.faults.rules[int(tail)]
    armed.enabled = bool(told["enabled"])
    return armed.report()


def _remove_faults(sandbox: Sandbox, told: Mapping[str, Any], tail: str) -> Any:
    if tail:
        del sandbox.faults.rules[int(tail)]
    else:
        sandbox.faults.rules.clear()
    return _list_faults(sandbox, told, tail)


def _clock(sandbox: Sandbox, told: Mapping[str, Any], tail: str) -> Any:
    if "virtual" in told and bool(told["virtual"]) != sandbox.clock.virtual:
        (sandbox.clock.stop if told["virtual"] else sandbox.clock.run)()
    sandbox.clock.advance(float(told.get("advance", 0)))
    return {"now": sandbox.clock.now(), "virtual": sandbox.clock.virtual}


def _plan(sandbox: Sandbox, told: Mapping[str, Any], tail: str) -> Any:
    if told["plan"] not in PLANS:
        raise ValueError(f"plan must be one of {', '.join(PLANS)}")
    sandbox.state.limiter.change(PLANS[told["plan"]])
    return {"plan": told["plan"]}


def _credits(sandbox: Sandbox, told: Mapping[str, Any], tail: str) -> Any:
    sandbox.state.books.total = sandbox.state.books.spent + int(told["left"])
    return {"left": sandbox.state.books.left}


def _foreign(sandbox: Sandbox, told: Mapping[str, Any], tail: str) -> Any:
    rate = float(told["rate"])
    if rate < 0:
        raise ValueError("rate cannot be negative")
    sandbox.state.limiter.set_foreign(rate, sandbox.clock.now())
    return {"rate": rate}


DOORS: Mapping[tuple[str, str], Door] = {
    ("GET", ""): lambda sandbox, told, tail: {"doors": _list()},
    ("GET", "stats"): lambda sandbox, told, tail: sandbox.report(),
    ("GET", "ledger"): lambda sandbox, told, tail: sandbox.state.books.report(),
    ("POST", "reset"): _reset,
    ("GET", "faults"): _list_faults,
    ("POST", "faults"): _add_fault,
    ("PATCH", "faults"): _change_fault,
    ("DELETE", "faults"): _remove_faults,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _clock,
    ("POST", "plan"): _plan,
    ("POST", "credits"): _credits,
    ("POST", "foreign"): _foreign,
    ("POST", "signals"): lambda sandbox, told, tail: fire(sandbox.state, told),
    ("POST", "opt-out"): lambda sandbox, told, tail: opt_out(sandbox.state, told),
}


def _json(payload: Any, *, status: int = 200) -> Outgoing:
    content = json.dumps(payload, separators=(",", ":")).encode()
    return Outgoing(
        status=status, headers={"content-type": "application/json", "cache-control": "no-store"}, content=content
    )


def _page() -> Outgoing:
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        "cache-control": "no-store",
    }
    return Outgoing(status=200, headers=headers, content=PAGE)
