"""One call, top to bottom: build, reserve what it may cost, send in its turn, decide about a repeat."""

import asyncio
import itertools
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from attrs import evolve, field, frozen

from .._wire.request import Request, build, without_key
from .._wire.response import ParsedResponse
from .._wire.settings import ApiKey, BaseURL
from ..billing.meter import Authorization, CreditMeter
from ..billing.unclaimed import CallTracker, Unclaimed, UnclaimedAnswers
from ..errors import AnswerLostError, LushaError, OutcomeUnknownError, RateLimitedError
from ..governor import Governor, Lane
from ..operations import BY_NAME, BillingClass, Operation
from ..quota import Quota
from . import retry
from .exchange import Attempt, InFlightRequests
from .hooks import Drift, Hooks
from .options import Options
from .retry import GiveUp, Repeats, RetryBudget
from .transport import Transport

__all__ = ["APIResponse", "ClientState", "Executor"]

_log = logging.getLogger("lusha_async")


@frozen(kw_only=True)
class APIResponse:
    """An answer with a payload. `attempts` counts the requests that were sent for it.

    `notice` counts what is not as documented; `keep_raw` asks the models to keep the payload.
    """

    operation: Operation
    payload: Any = field(repr=False)
    request_id: str | None = None
    quota: Quota = field(factory=Quota)
    attempts: int = 1
    notice: Callable[[str], object] | None = field(default=None, repr=False, eq=False)
    keep_raw: bool = False


class ClientState:
    """What all views of a client share: governor, exchanges, money, and what came to nobody.

    Belongs to one event loop. `unclaimed` keeps the newest paid answers whose callers had left; `repeats` tells
    how many of them the retry budget still allows.
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
        self.unclaimed = UnclaimedAnswers()
        self.in_flight = InFlightRequests(
            governor=governor, transport=transport, unclaimed=self.unclaimed, hooks=hooks
        )
        self.meter = CreditMeter()
        self.drift = Drift()
        self.repeats = Repeats.full(retry_budget or RetryBudget(), 0.0)
        self.calls = itertools.count(1)

    async def aclose(self, grace: float) -> None:
        """See `InFlightRequests.aclose`."""
        await self.in_flight.aclose(grace)


class Executor:
    """Calls with one set of options over a shared `ClientState`."""

    def __init__(self, core: ClientState, options: Options) -> None:
        self.core = core
        self.options = options

    def view(self, **changes: Any) -> "Executor":
        """The same core with some options changed."""
        return Executor(self.core, evolve(self.options, **changes))

    async def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | bool | Sequence[str] | None] | None = None,
        body: Mapping[str, Any] | None = None,
        tracker: CallTracker | None = None,
    ) -> APIResponse:
        """One call, repeated where `RetryPolicy` allows.

        `tracker` learns when the first request leaves and holds the answer of a paid call until it is taken.

        Raises any `LushaError`; `OutcomeUnknownError` where a paid or changing call was sent, its answer lost,
        and a repeat could pay or act twice. An error that is free by itself has `charged` None where an earlier
        attempt may have been charged. A caller that is cancelled with such an attempt behind it leaves that in
        `unclaimed`. Waiting between attempts holds no turn.
        """
        core, options = self.core, self.options
        request = build(operation, base_url=core.base_url, key=core.key, path=path, query=query, body=body)
        authorization = await core.meter.open(
            operation,
            body,
            query,
            budget=options.budget,
            tag=options.tag,
            usage=self.usage,
            patient=tracker is not None and tracker.patient,
        )
        try:
            return await self._repeat(request, authorization, tracker)
        finally:
            authorization.close()

    async def usage(self) -> Any:
        """Account usage, for its prices."""
        reply = await self.view(budget=None, lane=Lane.INTERACTIVE).call(BY_NAME["getAccountUsage"])
        return reply.payload

    async def _repeat(
        self, request: Request, authorization: Authorization, tracker: CallTracker | None
    ) -> APIResponse:
        core, options, operation = self.core, self.options, request.operation
        clock = asyncio.get_running_loop().time
        began = clock()
        call = next(core.calls)
        failures = refusals = 0
        wait = 0.0
        doubt: ParsedResponse | None = None
        while True:
            number = failures + refusals + 1
            attempt = Attempt(
                call=call,
                number=number,
                request=request,
                options=options,
                authorization=authorization,
                tracker=tracker,
            )
            reading = await self._attempt(attempt, wait, doubt)
            error = reading.error
            if error is None:
                core.repeats = core.repeats.earned()
                if tracker is not None:
                    tracker.hold(request, reading)
                return APIResponse(
                    operation=operation,
                    payload=reading.payload,
                    request_id=reading.request_id,
                    quota=reading.quota,
                    attempts=number,
                    notice=core.drift.notice(operation.name),
                    keep_raw=options.raw,
                )
            if isinstance(error, RateLimitedError):
                refusals += 1
            else:
                failures += 1
            error.attempts = number
            if operation.paid and error.charged is None:
                doubt = reading
            core.repeats = core.repeats.by(clock())
            decision = retry.decide(
                options.retry,
                operation,
                error,
                failures=failures,
                refusals=refusals,
                elapsed=clock() - began,
                draw=random.random(),  # noqa: S311
                repeats=core.repeats.left,
            )
            if isinstance(decision, GiveUp):
                _tell_doubt(error, attempt, doubt)
                _give_up(error, request, decision)
            if not isinstance(error, RateLimitedError):
                core.repeats = core.repeats.spent()
            wait = decision
            _log.info("%s: %s; attempt %d in %.1f s", operation, error, number + 1, wait)

    async def _attempt(self, attempt: Attempt, wait: float, doubt: ParsedResponse | None) -> ParsedResponse:
        """Send once, `wait` seconds from now. `doubt`: how an earlier attempt failed that may have been charged."""
        try:
            if attempt.number > 1:
                await asyncio.sleep(wait)
            return await self.core.in_flight.send(attempt)
        except LushaError as unsent:
            _tell_doubt(unsent, attempt, doubt)
            raise
        except asyncio.CancelledError:
            if doubt is not None:
                self.core.unclaimed.append(Unclaimed(request=attempt.request, reading=doubt))
            raise


def _tell_doubt(error: LushaError, attempt: Attempt, doubt: ParsedResponse | None) -> None:
    """The call ends with `error`. An attempt of it failed as `doubt` says, and may have been charged."""
    if doubt is None:
        return
    if error.charged == 0:  # by itself
        error.charged = None
        error.add_note(f"it may have been charged: an earlier attempt was sent, and failed with: {doubt.error}")
    if attempt.tracker is not None:
        attempt.tracker.hold(attempt.request, doubt)


def _give_up(error: LushaError, request: Request, why: GiveUp) -> NoReturn:
    if request.operation.billing is BillingClass.FREE:
        error.charged = 0
    if why is GiveUp.BUDGET:
        error.add_note(f"not repeated: {why.value}; too many requests have failed of late (see RetryBudget)")
    if isinstance(error, AnswerLostError) and not request.operation.repeatable:
        unknown = OutcomeUnknownError(request.operation, error.args[0], request=without_key(request))
        unknown.attempts = error.attempts
        raise unknown from error
    raise error
