"""The sandbox's own doors, under `/_sandbox`: no key, no limits, nothing of the vendor's."""

import json
from typing import TYPE_CHECKING, Any

from .exchange import Incoming, Outgoing

if TYPE_CHECKING:
    from .core import Sandbox

__all__ = ["control"]


def control(sandbox: "Sandbox", request: Incoming) -> Outgoing:
    """Answer a request to one of the doors."""
    match request.method, request.path:
        case "GET", "/_sandbox/stats":
            return _json(sandbox.report())
        case "GET", "/_sandbox/ledger":
            return _json(sandbox.state.books.report())
        case "POST", "/_sandbox/reset":
            sandbox.reset()
            return _json({"reset": True})
        case _:
            return _json({"message": f"the sandbox has no {request.method} {request.path}"}, status=404)


def _json(payload: Any, *, status: int = 200) -> Outgoing:
    content = json.dumps(payload, separators=(",", ":")).encode()
    return Outgoing(
        status=status, headers={"content-type": "application/json", "cache-control": "no-store"}, content=content
    )
