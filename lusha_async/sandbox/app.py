"""The sandbox without any socket: a request's parts go in, an answer comes out.

The order is the vendor's: the gateway (is there such a path), the guard (is the key good), the limits, the
body, the plan, and then the work itself. Server and in-process transport are thin shells around this.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import evolve

from ..operations import Operation
from .account.state import Call, State
from .api.answers import Answer, Refused, gateway, standard
from .api.auth import check_key, read_body, read_query
from .api.exchange import Delivered, Incoming, Outgoing
from .api.routes import find
from .clock import Clock
from .courier import Courier
from .faults.corrupt import HTML, failure, spoil
from .faults.rules import Faults, Injection
from .handlers import HANDLERS
from .settings import Settings
from .stats import Seen, Stats

__all__ = ["FAULT_HEADER", "Sandbox"]

_log = logging.getLogger("lusha_async.sandbox")
_JSON = "application/json; charset=utf-8"
FAULT_HEADER = "x-sandbox-fault"
"""A header of a request that names a fault for it alone, as `--fault` takes it."""

Route = tuple[Operation, Mapping[str, str]]


class Sandbox:
    """The vendor's API for one account. Not safe for threads: one loop uses it."""

    def __init__(self, settings: Settings | None = None, *, clock: Clock | None = None) -> None:
        self.settings = settings if settings is not None else Settings()
        self.clock = clock if clock is not None else Clock()
        self.state = State(self.settings, self.clock)
        self.faults = Faults(self.settings.seed, self.settings.faults, now=self.clock.now())
        self.stats = Stats()
        self._courier: Courier | None = None

    @property
    def courier(self) -> Courier:
        """What carries webhook deliveries; made on the running loop."""
        if self._courier is None:
            self._courier = Courier(lambda: self.state)
        return self._courier

    def reset(self) -> None:
        """Forget everything that happened and take back all changes; the population and the clock stay."""
        self.state.reset()
        self.faults = Faults(self.settings.seed, self.settings.faults, now=self.clock.now())
        self.stats = Stats()

    def report(self) -> dict[str, Any]:
        """The statistics, the windows and the credits, as `/_sandbox/stats` tells them."""
        now = self.clock.now()
        limiter, books = self.state.limiter, self.state.books
        limiter.catch_up(now)
        windows = {
            window.name: {
                "limit": window.limit,
                "used": window.used,
                "left": window.left,
                "resetsIn": round(window.resets_in(now), 3),
            }
            for window in limiter.windows.values()
        }
        credits = {
            "total": books.total,
            "used": books.spent,
            "left": books.left,
            "byKey": dict(books.by_key),
            "byOperation": {name: spent for name, spent in books.by_operation.items() if spent},
        }
        told = {"now": now, "plan": limiter.plan.category, "windows": windows, "credits": credits}
        return {**self.stats.report(), **told, "virtualClock": self.clock.virtual}

    async def respond(
        self, request: Incoming, sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    ) -> Outgoing:
        """Answer a request to the vendor's API, with the faults that are in force. `sleep` passes their time."""
        route = find(request.method, request.path)
        hit = self._faults_for(request, route)
        self.stats.at_once += 1
        self.stats.most_at_once = max(self.stats.most_at_once, self.stats.at_once)
        try:
            if hit.before:
                await sleep(hit.before)
            answer = self.handle(request, hit, route)
            if answer.finish is not None:
                answer = await answer.finish(self.courier.attempt)
            if hit.after:
                await sleep(hit.after)
        finally:
            self.stats.at_once -= 1
        return _outgoing(answer, hit)

    def handle(self, request: Incoming, hit: Injection | None = None, route: Route | None = None) -> Answer:
        """Judge the request and carry it out, without awaiting anything."""
        hit = hit if hit is not None else Injection()
        route = route if route is not None else find(request.method, request.path)
        began, now = time.perf_counter(), self.clock.now()
        spent = self.state.books.spent
        name = route[0].name if route else "unrouted"
        self.stats.arrived(now, name)
        request_id = self.state.new_id()
        verdict = ""
        try:
            if route is None:
                raise gateway(request_id)
            answer = self._failed(hit, now) or self._admitted(request, route, request_id, hit)
        except Refused as refusal:
            answer = refusal.answer
        except Exception:  # a bug of the sandbox itself: say so as the vendor would, and keep the evidence
            _log.exception("%s failed", name)
            answer, verdict = standard(500, "Internal server error. Please try again later.").answer, "sandbox bug"
        if hit.kinds:
            verdict = "fault: " + ", ".join(hit.kinds)
        milliseconds = (time.perf_counter() - began) * 1000
        credits = self.state.books.spent - spent
        self.stats.answered(Seen(now, name, answer.status, verdict, credits, milliseconds))
        return answer

    def _faults_for(self, request: Incoming, route: Route | None) -> Injection:
        if route is None:
            return Injection()
        try:
            hit = self.faults.injection(route[0], self.clock.now(), request.headers.get(FAULT_HEADER))
        except ValueError as error:
            _log.warning("the header %s is not understood: %s", FAULT_HEADER, error)
            return Injection()
        for kind in hit.kinds:
            self.stats.faults[kind] += 1
            _log.info("%s: injected %s", route[0].name, kind)
        return hit

    def _failed(self, hit: Injection, now: float) -> Answer | None:
        """The answer of a fault that keeps the work from being done."""
        kind = hit.instead
        if kind is None:
            return None
        if kind in {"reset", "refused", "html"}:
            return Answer(status=502, payload=None)
        if kind.startswith("429-"):
            self.stats.refused(now, "injected")
        return failure(kind, self.state.limiter.headers(self.settings.missing_headers))

    def _admitted(self, request: Incoming, route: Route, request_id: str, hit: Injection) -> Answer:
        """Guard, limits, body, work. Every answer after the guard tells the windows."""
        operation, params = route
        state, settings, now = self.state, self.settings, self.clock.now()
        key = request.headers.get("api_key")
        check_key(key, settings, now)
        try:
            verdict = state.limiter.judge(now, operation.scope)
            if verdict.kind is not None:
                self.stats.refused(now, verdict.kind)
                raise standard(429, verdict.message)
            call = Call(
                operation=operation,
                request_id=request_id,
                now=now,
                key=key or "",
                params=params,
                query=read_query(operation, request.query),
                body=read_body(operation, request.headers, request.content, self._pass_unknown),
                shift=_SHIFT if hit.first_of("shifted-page") else 0,
            )
            answer = HANDLERS[operation.name](state, call)
        except Refused as refusal:
            answer = refusal.answer
        headers = state.limiter.headers(settings.missing_headers)
        late = hit.after_work
        if late is not None and late.endswith("-after") and late != "reset-after":
            return failure(late, headers)
        return spoil(evolve(answer, headers={**headers, **answer.headers}), hit)

    def _pass_unknown(self, operation: Operation, count: int) -> bool:
        """Whether unknown members of a body may pass; takes note of them."""
        if self.settings.lenient:
            self.stats.unknown_members += count
            _log.warning("%s: %d unknown members of the body let pass", operation.name, count)
        return self.settings.lenient


_SHIFT = 3  # results by which a shifted page begins too early


def _outgoing(answer: Answer, hit: Injection) -> Outgoing:
    kind = hit.instead or hit.after_work
    if kind == "html":
        return Outgoing(status=502, headers={"content-type": "text/html"}, content=HTML)
    delivered = {
        "reset": Delivered.RESET,
        "reset-after": Delivered.RESET,
        "truncated": Delivered.TRUNCATED,
        "refused": Delivered.REFUSED,
    }.get(kind or "", Delivered.WHOLE)
    content = json.dumps(answer.payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Outgoing(
        status=answer.status,
        headers={"content-type": _JSON, **answer.headers},
        content=content,
        delivered=delivered,
        drip=hit.drip,
        refusal=hit.refused_for,
    )
