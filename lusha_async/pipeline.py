"""One call, top to bottom: build, wait for a turn, send, read, learn, decide about a repeat.

The exchange runs in a task of its own. A caller that is cancelled leaves at once; a request already sent
runs to its end, so that the connection pool stays whole, the governor learns from the answer, and a paid
answer is not thrown away: it goes to `Core.unclaimed`.
"""

import asyncio
import logging
import math
import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn

import anyio
from attrs import evolve, field, frozen, validators

from . import retry, wire
from .drift import Drift
from .errors import (
    AnswerLostError,
    ClientClosedError,
    LushaError,
    OutcomeUnknownError,
    RateLimitedError,
    UnreadableAnswerError,
)
from .governor import Governor, Lane, Permit
from .operations import BY_NAME, Operation
from .quota import Quota
from .retry import RetryPolicy
from .settings import ApiKey, BaseURL
from .spending import CreditBudget
from .spending.till import Ticket, Till
from .transport import Transport
from .unclaimed import Claim, Unclaimed, UnclaimedAnswers
from .wire import Reading, Request

__all__ = ["Core", "Options", "Pipeline", "Reply"]

_log = logging.getLogger("lusha_async")


@frozen(kw_only=True)
class Reply:
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


@frozen(kw_only=True)
class Options:
    """How the calls of one view of the client behave; see `LushaClient` for the meaning of each.

    `lane` None is `interactive` for a call and `bulk` for the many-forms and page streams. `claim` is told
    when a request goes out and holds its answer: bulk work makes one for each of its calls.
    """

    timeout: float = field(default=60.0, validator=validators.gt(0))
    max_wait: float | None = field(default=None, validator=validators.optional(validators.ge(0)))
    lane: Lane | None = None
    retry: RetryPolicy = field(factory=RetryPolicy)
    budget: CreditBudget | None = None
    tag: str | None = None
    raw: bool = False
    claim: Claim | None = field(default=None, repr=False, eq=False)


class Core:
    """What all views of a client share: governor, transport, and the exchanges under way.

    Belongs to one event loop. `unclaimed` keeps the newest paid answers whose callers had left.
    """

    def __init__(self, *, key: ApiKey, base_url: BaseURL, governor: Governor, transport: Transport) -> None:
        self.key = key
        self.base_url = base_url
        self.governor = governor
        self.unclaimed = UnclaimedAnswers()
        self.till = Till()
        self.shared: dict[Hashable, Any] = {}
        self._transport = transport
        self._room = asyncio.Semaphore(transport.connections)
        self._under_way: set[asyncio.Task[Reading]] = set()
        self.drift = Drift()
        self._closed = False

    async def attempt(self, request: Request, options: Options, ticket: Ticket) -> Reading:
        """Send `request` once, in its turn. Cancelling the caller takes back only what was not yet sent."""
        while True:
            self._refuse_if_closed()
            lane = options.lane or Lane.INTERACTIVE
            slot = self.governor.slot(request.operation, lane=lane, max_wait=_patience(options.max_wait))
            async with slot as permit:
                self._refuse_if_closed()
                if not self._room.locked():
                    await self._room.acquire()  # free, so this does not wait
                    return await self._exchange(request, options, permit, ticket)
            # More requests under way than connections: the turn is given back, and taken anew when one is free.
            async with self._room:
                pass

    async def _exchange(self, request: Request, options: Options, permit: Permit, ticket: Ticket) -> Reading:
        sent = asyncio.Event()
        task = asyncio.get_running_loop().create_task(self._run(request, options, permit, ticket, sent))
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if sent.is_set():
                task.add_done_callback(lambda done: self._keep(request, done))
            else:
                task.cancel()
            raise

    async def _run(
        self, request: Request, options: Options, permit: Permit, ticket: Ticket, sent: asyncio.Event
    ) -> Reading:
        permit.sent()
        ticket.sent()
        sent.set()
        if options.claim is not None:
            options.claim.sent()
        try:
            reading = await self._send(request, options.timeout, permit)
        except BaseException:
            ticket.answered(_failed(AnswerLostError("broken off", "the exchange failed"), request))
            raise
        ticket.answered(reading)
        return reading

    async def _send(self, request: Request, timeout: float, permit: Permit) -> Reading:
        try:
            response = await self._transport.send(request, timeout, permit.leaves)
        except UnreadableAnswerError as error:
            permit.learn(Quota())
            return _failed(error, request)
        except LushaError as error:
            permit.lost()
            return _failed(error, request)
        except asyncio.CancelledError:  # by `aclose`, whose patience was at its end
            permit.lost()
            return _failed(AnswerLostError("abandoned", "the client was closed before the answer came"), request)
        except BaseException:
            permit.lost()
            raise
        reading = wire.read(request.operation, response, request.content)
        permit.learn(reading.quota, reading.refusal)
        _log.debug("%s: status %d", request.operation, response.status)
        return reading

    def _ended(self, task: asyncio.Task[Reading]) -> None:
        self._under_way.discard(task)
        self._room.release()

    def _keep(self, request: Request, task: asyncio.Task[Reading]) -> None:
        """The caller has left; nobody else will look at this answer."""
        if task.cancelled() or task.exception() is not None:
            return
        reading = task.result()
        if request.operation.paid and (reading.error is None or reading.error.charged != 0):
            self.unclaimed.append(Unclaimed(request=request, reading=reading))

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise ClientClosedError("the client is closed; nothing was sent: make a new LushaClient")

    async def aclose(self, grace: float) -> None:
        """Refuse new calls, give those under way `grace` seconds to end, then close the connections."""
        self._closed = True
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=grace)
            if late:
                _log.warning("closing with %d requests unanswered; they may have been charged", len(late))
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._transport.aclose()


class Pipeline:
    """Calls with one set of options over a shared `Core`."""

    def __init__(self, core: Core, options: Options) -> None:
        self.core = core
        self.options = options

    @property
    def shared(self) -> dict[Hashable, Any]:
        """What calls with equal options share while they are under way."""
        return self.core.shared

    def view(self, **changes: Any) -> "Pipeline":
        """The same core with some options changed."""
        return Pipeline(self.core, evolve(self.options, **changes))

    async def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | bool | Sequence[str] | None] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Reply:
        """One call, repeated where `RetryPolicy` allows.

        Raises any `LushaError`; `OutcomeUnknownError` where a paid or changing call was sent, its answer lost,
        and a repeat could pay or act twice. Waiting between attempts holds no turn.
        """
        core, options = self.core, self.options
        request = wire.build(operation, base_url=core.base_url, key=core.key, path=path, query=query, body=body)
        ticket = await core.till.open(
            operation,
            body,
            query,
            budget=options.budget,
            tag=options.tag,
            usage=self.usage,
            patient=options.claim is not None,
        )
        try:
            return await self._repeat(request, ticket)
        finally:
            ticket.close()

    async def usage(self) -> Any:
        """Account usage, for its prices."""
        reply = await self.view(claim=None, budget=None, lane=Lane.INTERACTIVE).call(BY_NAME["getAccountUsage"])
        return reply.payload

    async def _repeat(self, request: Request, ticket: Ticket) -> Reply:
        core, options, operation = self.core, self.options, request.operation
        clock = asyncio.get_running_loop().time
        began = clock()
        failures = refusals = 0
        while True:
            reading = await core.attempt(request, options, ticket)
            error = reading.error
            if error is None:
                if options.claim is not None:
                    options.claim.hold(request, reading)
                return Reply(
                    operation=operation,
                    payload=reading.payload,
                    request_id=reading.request_id,
                    quota=reading.quota,
                    attempts=failures + refusals + 1,
                    notice=partial(core.drift.note, operation.name),
                    keep_raw=options.raw,
                )
            if isinstance(error, RateLimitedError):
                refusals += 1
            else:
                failures += 1
            error.attempts = failures + refusals
            wait = retry.decide(
                options.retry,
                operation,
                error,
                failures=failures,
                refusals=refusals,
                elapsed=clock() - began,
                draw=random.random(),  # noqa: S311
            )
            if wait is None:
                _give_up(error, request)
            _log.info("%s: %s; attempt %d in %.1f s", operation, error, error.attempts + 1, wait)
            await asyncio.sleep(wait)


def _give_up(error: LushaError, request: Request) -> NoReturn:
    if isinstance(error, AnswerLostError) and not request.operation.repeatable:
        unknown = OutcomeUnknownError(request.operation, str(error), request=wire.without_key(request))
        unknown.attempts = error.attempts
        raise unknown from error
    raise error


def _failed(error: LushaError, request: Request) -> Reading:
    error.operation = request.operation
    return Reading(quota=Quota(), error=error)


def _patience(max_wait: float | None) -> float | None:
    """`max_wait`, or the seconds to the caller's anyio deadline if that is sooner."""
    left = max(anyio.current_effective_deadline() - anyio.current_time(), 0.0)
    patience = left if max_wait is None else min(max_wait, left)
    return None if math.isinf(patience) else patience
