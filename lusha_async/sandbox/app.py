"""The sandbox without sockets: HTTP requests in, HTTP responses out.

A request passes the vendor's stages in order: routing, authentication, rate limits, validation, the plan, and
the operation itself. The server and the in-process transport call this.
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
from .api.answers import Answer, ErrorAnswer, route_not_found, standard_error
from .api.auth import check_key, read_body, read_query
from .api.http import Delivered, HTTPRequest, HTTPResponse
from .api.routes import find
from .clock import Clock
from .faults.corrupt import HTML, corrupt, failure
from .faults.rules import PAGING, Faults, Injection
from .handlers import HANDLERS
from .settings import Settings
from .stats import RequestRecord, Stats
from .webhooks.dispatcher import Dispatcher

__all__ = ["FAULT_HEADER", "Sandbox"]

_log = logging.getLogger("lusha_async.sandbox")
_JSON = "application/json; charset=utf-8"
FAULT_HEADER = "x-sandbox-fault"
"""A request header that injects a fault into this request, in the syntax of `--fault`."""

Route = tuple[Operation, Mapping[str, str]]


class Sandbox:
    """The vendor's API for one account, on `clock` or the machine's time. Not thread-safe.

    `state`, `stats`, `faults` and `clock` are open to tests.
    """

    def __init__(self, settings: Settings | None = None, *, clock: Clock | None = None) -> None:
        self.settings = settings if settings is not None else Settings()
        self.clock = clock if clock is not None else Clock()
        self.state = State(self.settings, self.clock)
        self.faults = Faults(self.settings.seed, self.settings.faults, now=self.clock.now())
        self.stats = Stats()
        self._dispatcher: Dispatcher | None = None

    @property
    def dispatcher(self) -> Dispatcher:
        """The sender of webhook deliveries, created in the running loop."""
        if self._dispatcher is None:
            self._dispatcher = Dispatcher(lambda: self.state)
        return self._dispatcher

    def reset(self) -> None:
        """Restore the initial state, faults and statistics; the population and the clock stay."""
        self.state.reset()
        self.faults = Faults(self.settings.seed, self.settings.faults, now=self.clock.now())
        self.stats = Stats()

    def report(self) -> dict[str, Any]:
        """The statistics, rate limit windows and credits, as `GET /_sandbox/stats` returns them."""
        now = self.clock.now()
        limiter, billing = self.state.limiter, self.state.billing
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
            "total": billing.total,
            "used": billing.spent,
            "left": billing.left,
            "byKey": dict(billing.by_key),
            "byOperation": {name: spent for name, spent in billing.by_operation.items() if spent},
        }
        return {
            **self.stats.report(),
            "now": now,
            "plan": limiter.plan.category,
            "windows": windows,
            "credits": credits,
            "virtualClock": self.clock.virtual,
        }

    async def respond(
        self, request: HTTPRequest, sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    ) -> HTTPResponse:
        """The response to a request, after the active faults; `sleep` waits for their delays."""
        route = find(request.method, request.path)
        hit = self._faults_for(request, route)
        self.stats.in_flight += 1
        self.stats.max_in_flight = max(self.stats.max_in_flight, self.stats.in_flight)
        try:
            if hit.before:
                await sleep(hit.before)
            answer = self.handle(request, hit, route)
            if answer.finish is not None:
                answer = await answer.finish(self.dispatcher.attempt)
            if hit.after:
                await sleep(hit.after)
        finally:
            self.stats.in_flight -= 1
        return _response(answer, hit)

    def handle(self, request: HTTPRequest, hit: Injection | None = None, route: Route | None = None) -> Answer:
        """Check the request and run its operation, without awaiting anything."""
        hit = hit if hit is not None else Injection()
        route = route if route is not None else find(request.method, request.path)
        began, now = time.perf_counter(), self.clock.now()
        spent = self.state.billing.spent
        name = route[0].name if route else "unrouted"
        self.stats.record_request(now, name)
        request_id = self.state.new_id()
        verdict = ""
        try:
            if route is None:
                raise route_not_found(request_id)
            answer = self._fault_answer(hit, now) or self._answer(request, route, request_id, hit)
        except ErrorAnswer as error:
            answer = error.answer
        except Exception:  # a bug of the sandbox itself
            _log.exception("%s failed", name)
            answer, verdict = (
                standard_error(500, "Internal server error. Please try again later.").answer,
                "sandbox bug",
            )
        if hit.kinds:
            verdict = "fault: " + ", ".join(hit.kinds)
        duration_ms = (time.perf_counter() - began) * 1000
        credits = self.state.billing.spent - spent
        self.stats.record_answer(RequestRecord(now, name, answer.status, verdict, credits, duration_ms))
        return answer

    def _faults_for(self, request: HTTPRequest, route: Route | None) -> Injection:
        if route is None:
            return Injection()
        try:
            hit = self.faults.injection(route[0], self.clock.now(), request.headers.get(FAULT_HEADER))
        except ValueError as error:
            _log.warning("invalid header %s: %s", FAULT_HEADER, error)
            return Injection()
        for kind in hit.kinds:
            self.stats.faults[kind] += 1
            _log.info("%s: injected %s", route[0].name, kind)
        return hit

    def _fault_answer(self, hit: Injection, now: float) -> Answer | None:
        """The answer of a fault that is injected before the request is handled."""
        kind = hit.instead
        if kind is None:
            return None
        if kind in {"reset", "refused", "html"}:
            return Answer(status=502, payload=None)
        if kind.startswith("429-"):
            self.stats.record_refusal(now, "injected")
        return failure(kind, self.state.limiter.headers(self.settings.missing_headers))

    def _answer(self, request: HTTPRequest, route: Route, request_id: str, hit: Injection) -> Answer:
        """Authenticate, limit, validate and run. Every answer after authentication has the quota headers."""
        operation, params = route
        state, settings, now = self.state, self.settings, self.clock.now()
        key = request.headers.get("api_key")
        check_key(key, settings, now)
        try:
            verdict = state.limiter.admit(now, operation.scope)
            if verdict.kind is not None:
                self.stats.record_refusal(now, verdict.kind)
                raise standard_error(429, verdict.message)
            call = Call(
                operation=operation,
                request_id=request_id,
                now=now,
                key=key or "",
                params=params,
                query=read_query(operation, request.query),
                body=read_body(operation, request.headers, request.content, self._allow_unknown),
                shift=_SHIFT if hit.first_of("shifted-page") else 0,
                paging_fault=hit.first_of(*PAGING),
            )
            answer = HANDLERS[operation.name](state, call)
        except ErrorAnswer as error:
            answer = error.answer
        headers = state.limiter.headers(settings.missing_headers)
        late = hit.after_work
        if late is not None and late.endswith("-after") and late != "reset-after":
            return failure(late, headers)
        return corrupt(evolve(answer, headers={**headers, **answer.headers}), hit)

    def _allow_unknown(self, operation: Operation, count: int) -> bool:
        """Whether unknown members of a body are ignored; counts them."""
        if self.settings.lenient:
            self.stats.unknown_members += count
            _log.warning("%s: %d unknown members of the body ignored", operation.name, count)
        return self.settings.lenient


_SHIFT = 3  # results by which a shifted page starts too early


def _response(answer: Answer, hit: Injection) -> HTTPResponse:
    kind = hit.instead or hit.after_work
    if kind == "html":
        return HTTPResponse(status=502, headers={"content-type": "text/html"}, content=HTML)
    delivered = {
        "reset": Delivered.RESET,
        "reset-after": Delivered.RESET,
        "truncated": Delivered.TRUNCATED,
        "refused": Delivered.REFUSED,
    }.get(kind or "", Delivered.COMPLETE)
    content = json.dumps(answer.payload, ensure_ascii=False, separators=(",", ":")).encode()
    return HTTPResponse(
        status=answer.status,
        headers={"content-type": _JSON, **answer.headers},
        content=content,
        delivered=delivered,
        drip=hit.drip,
        refusal=hit.refused_for,
    )
