"""The sandbox without any I/O: a request's parts go in, an answer comes out.

The order is the vendor's: the gateway (is there such a path), the guard (is the key good), the limits, the
body, the plan, and then the work itself. Server and in-process transport are thin shells around this.
"""

import json
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from ..operations import Operation
from .answers import Answer, Refused, gateway, standard
from .clock import Clock
from .controls import control
from .door import check_key, read_body
from .exchange import Incoming, Outgoing
from .handlers import HANDLERS
from .routes import find
from .settings import Settings
from .state import Call, State
from .stats import Seen, Stats

__all__ = ["Sandbox"]

_log = logging.getLogger("lusha_async.sandbox")
_JSON = "application/json; charset=utf-8"


class Sandbox:
    """The vendor's API for one account. Not safe for threads: one loop uses it."""

    def __init__(self, settings: Settings | None = None, *, clock: Clock | None = None) -> None:
        self.settings = settings if settings is not None else Settings()
        self.clock = clock if clock is not None else Clock()
        self.state = State(self.settings, self.clock)
        self.stats = Stats()

    def reset(self) -> None:
        """Forget everything that happened; the population stays."""
        self.state.reset()
        self.stats = Stats()

    def report(self) -> dict[str, Any]:
        """The statistics, the windows and the credits, as `/_sandbox/stats` tells them."""
        now = self.clock.now()
        self.state.limiter.catch_up(now)
        books = self.state.books
        return {
            **self.stats.report(),
            "now": now,
            "plan": self.state.limiter.plan.category,
            "windows": {
                window.name: {
                    "limit": window.limit,
                    "used": window.used,
                    "left": window.left,
                    "resetsIn": round(window.resets_in(now), 3),
                }
                for window in self.state.limiter.windows.values()
            },
            "credits": {
                "total": books.total,
                "used": books.spent,
                "left": books.left,
                "byKey": dict(books.by_key),
                "byOperation": {name: credits for name, credits in books.by_operation.items() if credits},
            },
        }

    def handle(self, request: Incoming) -> Outgoing:
        """Judge the request and carry it out."""
        if request.path == "/" or request.path.startswith("/_sandbox"):
            return control(self, request)
        began, now = time.perf_counter(), self.clock.now()
        spent = self.state.books.spent
        request_id = self.state.new_id()
        route = find(request.method, request.path)
        name = route[0].name if route else "unrouted"
        self.stats.arrived(now, name)
        try:
            if route is None:
                raise gateway(request_id)
            answer, verdict = self._admitted(request, route, request_id, now), "ok"
        except Refused as refusal:
            answer, verdict = refusal.answer, "refused"
        except Exception:  # a bug of the sandbox itself: say so as the vendor would, and keep the evidence
            _log.exception("%s failed", name)
            answer, verdict = standard(500, "Internal server error. Please try again later.").answer, "failed"
        milliseconds = (time.perf_counter() - began) * 1000
        self.stats.answered(
            Seen(now, name, answer.status, verdict, self.state.books.spent - spent, milliseconds),
        )
        return _outgoing(answer)

    def _admitted(
        self, request: Incoming, route: tuple[Operation, Mapping[str, str]], request_id: str, now: float
    ) -> Answer:
        """Guard, limits, body, work. Every answer after the guard tells the windows."""
        operation, params = route
        state, settings = self.state, self.settings
        key = request.headers.get("api_key")
        check_key(key, settings, now)
        try:
            verdict = state.limiter.judge(now, operation.scope)
            if verdict.kind is not None:
                self.stats.refused(now, verdict.kind)
                raise standard(429, verdict.message)
            body = read_body(operation, request.headers, request.content, settings.lenient)
            call = Call(
                operation=operation,
                request_id=request_id,
                now=now,
                key=key or "",
                params=params,
                query=dict(parse_qsl(request.query, keep_blank_values=True)),
                body=body,
            )
            answer = HANDLERS[operation.name](state, call)
        except Refused as refusal:
            answer = refusal.answer
        return Answer(
            status=answer.status,
            payload=answer.payload,
            headers={**state.limiter.headers(settings.missing_headers), **answer.headers},
        )


def _outgoing(answer: Answer) -> Outgoing:
    content = json.dumps(answer.payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Outgoing(status=answer.status, headers={"content-type": _JSON, **answer.headers}, content=content)
