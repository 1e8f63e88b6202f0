"""One call, top to bottom: build the request, authorize its cost, send it, decide whether to repeat it."""

import asyncio
import itertools
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any

from attrs import evolve, field, frozen

from .._wire.request import Request, build, without_key
from .._wire.response import ParsedResponse
from .._wire.settings import ApiKey, BaseURL
from ..billing.meter import Authorization, CreditMeter
from ..billing.unclaimed import CallTracker, Unclaimed, UnclaimedStore
from ..errors import AnswerLostError, LushaError, OutcomeUnknownError, QuotaWaitTooLongError, RateLimitedError
from ..governor import Governor, Lane
from ..operations import BY_NAME, BillingClass, Operation
from ..quota import Quota
from . import retry
from .drift import Drift
from .exchange import Attempt, InFlightRequests
from .hooks import Hooks
from .options import Options
from .retry import GiveUp, RetryBudget, RetryTokens
from .transport import Transport

__all__ = ["APIResponse", "ClientState", "Executor"]

_log = logging.getLogger("lusha_async")


@frozen(kw_only=True)
class APIResponse:
    """The answer to a call that succeeded.

    - `payload`: the decoded body.
    - `request_id`: the vendor's id for support, or None; `quota`: the plan windows of its headers.
    - `attempts`: the number of requests that were sent for it.
    - `on_drift`: counts undocumented members and values of the payload; `keep_raw`: whether the model keeps the
      payload.
    """

    operation: Operation
    payload: Any = field(repr=False)
    request_id: str | None = None
    quota: Quota = field(factory=Quota)
    attempts: int = 1
    on_drift: Callable[[str], object] | None = field(default=None, repr=False, eq=False)
    keep_raw: bool = False


class ClientState:
    """What all views of a client share: the governor, the requests in flight, money, and unclaimed answers.

    Belongs to one event loop. `calls` is the number of calls made, `successes` that of the successful ones, which
    refill the `retry_tokens`.
    """

    def __init__(
        self,
        *,
        key: ApiKey,
        base_url: BaseURL,
        governor: Governor,
        transport: Transport,
        retry_budget: RetryBudget | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        self.key = key
        self.base_url = base_url
        self.governor = governor
        self.unclaimed = UnclaimedStore()
        self.in_flight = InFlightRequests(
            governor=governor, transport=transport, unclaimed=self.unclaimed, hooks=hooks
        )
        self.meter = CreditMeter()
        self.drift = Drift()
        self.retry_tokens = RetryTokens.full(retry_budget or RetryBudget())
        self.calls = itertools.count(1)
        self.successes = 0

    async def aclose(self, grace: float) -> None:
        """See `InFlightRequests.aclose`."""
        await self.in_flight.aclose(grace)


class Executor:
    """Makes calls with one set of options over a shared `ClientState`. `dry`: sends nothing."""

    dry = False

    def __init__(self, state: ClientState, options: Options) -> None:
        self.state = state
        self.options = options

    def view(self, **changes: Any) -> "Executor":
        """An executor over the same state with some options changed."""
        return Executor(self.state, evolve(self.options, **changes))

    async def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | bool | Sequence[str] | None] | None = None,
        body: Mapping[str, Any] | None = None,
        tracker: CallTracker | None = None,
    ) -> APIResponse:
        """Make one call, and repeat it where the `RetryPolicy` allows. Waiting between attempts holds no permit.

        `tracker` is notified when the first request is sent, and keeps the answer of a paid call until it is taken.

        Raises any `LushaError`: `OutcomeUnknownError` if a paid or changing call was sent, its answer is lost, and a
        repeat could pay or act twice. If an earlier attempt may have been charged, `charged` is None, whatever the
        last error costs; if the caller is cancelled after such an attempt, the attempt is kept in `unclaimed`.
        """
        state, options = self.state, self.options
        request = build(operation, base_url=state.base_url, key=state.key, path=path, query=query, body=body)
        authorization = await state.meter.authorize(
            operation,
            body,
            query,
            budget=options.budget,
            tag=options.tag,
            usage=self.usage,
            wait_for_budget=tracker is not None and tracker.wait_for_budget,
        )
        try:
            return await self._repeat(request, authorization, tracker)
        finally:
            authorization.close()

    async def usage(self) -> Any:
        """The payload of account usage, for its prices."""
        usage = self.view(budget=None, lane=Lane.INTERACTIVE)
        return (await usage.call(BY_NAME["getAccountUsage"])).payload

    async def _repeat(
        self, request: Request, authorization: Authorization, tracker: CallTracker | None
    ) -> APIResponse:
        state, options, operation = self.state, self.options, request.operation
        clock = asyncio.get_running_loop().time
        began = clock()
        call = next(state.calls)
        failures = refusals = 0
        wait = 0.0
        refused: LushaError | None = None  # the error of the last attempt
        uncertain: ParsedResponse | None = None  # of the last attempt that may have been charged
        while True:
            attempt = Attempt(
                call=call,
                number=failures + refusals + 1,
                request=request,
                options=options if refused is None else _bounded(options, clock() - began),
                authorization=authorization,
                tracker=tracker,
            )
            try:
                response = await self._attempt(attempt, wait, uncertain)
            except QuotaWaitTooLongError as too_long:
                if refused is None or not too_long.max_wait < _inf(options.max_wait):
                    raise
                raise _final_error(refused, request, GiveUp.EXHAUSTED) from too_long
            error = response.error
            if response.drift is not None:
                state.drift.count(operation.name, response.drift)
            if error is None:
                state.successes += 1
                if tracker is not None:
                    tracker.answered(request, response)
                return APIResponse(
                    operation=operation,
                    payload=response.payload,
                    request_id=response.request_id,
                    quota=response.quota,
                    attempts=attempt.number,
                    on_drift=partial(state.drift.count, operation.name),
                    keep_raw=options.raw,
                )
            if isinstance(error, RateLimitedError):
                refusals += 1
            else:
                failures += 1
            if operation.paid and error.charged is None:
                uncertain = response
            decision = self._decide(operation, error, failures, refusals, clock() - began)
            if isinstance(decision, GiveUp):
                raise _final_error(_with_uncertainty(error, attempt, uncertain), request, decision)
            refused = _with_uncertainty(error, attempt, uncertain)
            wait = decision
            _log.info("%s: %s; attempt %d in %.1f s", operation, error, attempt.number + 1, wait)

    def _decide(
        self, operation: Operation, error: LushaError, failures: int, refusals: int, elapsed: float
    ) -> float | GiveUp:
        """See `retry.decide`. A repeat after a failure takes a token of the retry budget."""
        state = self.state
        tokens = state.retry_tokens.refilled(asyncio.get_running_loop().time(), state.successes)
        decision = retry.decide(
            self.options.retry,
            operation,
            error,
            failures=failures,
            refusals=refusals,
            elapsed=elapsed,
            draw=random.random(),  # noqa: S311
            tokens=tokens.left,
        )
        repeated = not isinstance(decision, GiveUp) and not isinstance(error, RateLimitedError)
        state.retry_tokens = tokens.taken() if repeated else tokens
        return decision

    async def _attempt(self, attempt: Attempt, wait: float, uncertain: ParsedResponse | None) -> ParsedResponse:
        """Send one request, `wait` seconds from now. `uncertain`: an earlier attempt that may have been charged."""
        try:
            if attempt.number > 1:
                await asyncio.sleep(wait)
            return await self.state.in_flight.send(attempt)
        except LushaError as unsent:
            if attempt.number == 1:
                raise
            error = unsent.with_facts(attempts=attempt.number - 1)
            raise _with_uncertainty(error, attempt, uncertain) from unsent.__cause__
        except asyncio.CancelledError:
            if uncertain is not None:
                self.state.unclaimed.append(Unclaimed(request=attempt.request, response=uncertain))
            raise


def _bounded(options: Options, elapsed: float) -> Options:
    """The options of a repeat: it waits for its turn no longer than what is left of `RetryPolicy.seconds`."""
    left = max(0.0, options.retry.seconds - elapsed)
    return evolve(options, max_wait=min(_inf(options.max_wait), left))


def _inf(max_wait: float | None) -> float:
    return inf if max_wait is None else max_wait


def _with_uncertainty(error: LushaError, attempt: Attempt, uncertain: ParsedResponse | None) -> LushaError:
    """The error that ends the call, for which an attempt with the response `uncertain` may have been charged."""
    if uncertain is None:
        return error
    if attempt.tracker is not None:
        attempt.tracker.answered(attempt.request, uncertain)
    if error.charged != 0:
        return error
    known = error.with_facts(charged=None)
    known.add_note(f"it may have been charged: an earlier attempt was sent, and failed with: {uncertain.error}")
    return known


def _final_error(error: LushaError, request: Request, why: GiveUp) -> LushaError:
    operation = request.operation
    if operation.billing is BillingClass.FREE and error.charged is None:
        error = error.with_facts(charged=0)
    if why is GiveUp.BUDGET:
        error.add_note(f"not repeated: {why.value}; too many requests have failed recently (see RetryBudget)")
    if not isinstance(error, AnswerLostError) or operation.repeatable:
        return error
    unknown = OutcomeUnknownError(operation, error.args[0], request=without_key(request), attempts=error.attempts)
    unknown.__cause__ = error
    return unknown
