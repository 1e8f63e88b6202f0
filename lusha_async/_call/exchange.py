"""The requests of one client that are under way: each sent in its turn, in a task of its own.

A caller that is cancelled leaves at once; a request already sent runs to its end, so that the connection pool
stays whole, the governor learns from the answer, and a paid answer is not thrown away: it goes to `unclaimed`.
"""

import asyncio
import logging
import math
from collections import Counter

import anyio
from attrs import frozen

from .._wire.request import Request
from .._wire.response import ParsedResponse, parse
from ..billing.meter import Authorization
from ..billing.unclaimed import CallTracker, Unclaimed, UnclaimedAnswers
from ..errors import AnswerLostError, ClientClosedError, LushaError, UnreadableAnswerError
from ..governor import Governor, Lane, Permit
from ..operations import Operation
from ..quota import Quota
from .hooks import Hooks, RequestEvent
from .options import Options
from .transport import Transport

__all__ = ["Attempt", "InFlightRequests"]

_log = logging.getLogger("lusha_async")


@frozen(kw_only=True)
class Attempt:
    """One sending of a request: the `number`-th of its `call`, both counted from 1."""

    call: int
    number: int
    request: Request
    options: Options
    authorization: Authorization
    tracker: CallTracker | None = None

    @property
    def lane(self) -> Lane:
        """Who waits for it."""
        return self.options.lane or Lane.INTERACTIVE


class InFlightRequests:
    """Sends over one transport, as one governor allows. Belongs to one event loop."""

    def __init__(
        self, *, governor: Governor, transport: Transport, unclaimed: UnclaimedAnswers, hooks: Hooks | None
    ) -> None:
        self._governor = governor
        self._transport = transport
        self._unclaimed = unclaimed
        self._hooks = hooks
        self._room = asyncio.Semaphore(transport.connections)
        self._waiting: set[asyncio.Timeout] = set()
        self._under_way: dict[asyncio.Task[ParsedResponse], Operation] = {}
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None  # that of the first request: connections belong to it

    async def send(self, attempt: Attempt) -> ParsedResponse:
        """Send once, in its turn. Cancelling the caller takes back only what was not yet sent.

        A turn may be an hour away: `ClientClosedError` as soon as the client is closed meanwhile.
        """
        bound = asyncio.timeout(None)
        try:
            async with bound:
                return await self._send(attempt, bound)
        except TimeoutError:
            if bound.expired():
                self._refuse_if_unusable()
            raise
        finally:
            self._waiting.discard(bound)

    async def _send(self, attempt: Attempt, bound: asyncio.Timeout) -> ParsedResponse:
        began = asyncio.get_running_loop().time()
        while True:
            self._refuse_if_unusable()
            max_wait = _patience(attempt.options.max_wait)
            self._waiting.add(bound)
            async with self._governor.slot(
                attempt.request.operation, lane=attempt.lane, max_wait=max_wait
            ) as permit:
                self._waiting.discard(bound)
                self._refuse_if_unusable()
                if not self._room.locked():
                    await self._room.acquire()  # free, so this does not wait
                    return await self._owned(attempt, permit, began)
            # More requests under way than connections: the turn is given back, and taken anew when one is free.
            async with self._room:
                pass

    async def _owned(self, attempt: Attempt, permit: Permit, began: float) -> ParsedResponse:
        sent = asyncio.Event()
        task = asyncio.get_running_loop().create_task(self._exchange(attempt, permit, began, sent))
        self._under_way[task] = attempt.request.operation
        task.add_done_callback(self._ended)
        try:
            await asyncio.wait([task])  # leaves the task alone when this is cancelled
            return task.result()
        except asyncio.CancelledError:
            if sent.is_set():
                task.add_done_callback(lambda done: self._keep(attempt.request, done))
            else:
                task.cancel()
            raise

    async def _exchange(
        self, attempt: Attempt, permit: Permit, began: float, sent: asyncio.Event
    ) -> ParsedResponse:
        clock = asyncio.get_running_loop().time
        left = clock()
        permit.sent()
        attempt.authorization.sent()
        sent.set()
        if attempt.tracker is not None:
            attempt.tracker.sent()
        event = None if self._hooks is None else self._tell_sent(self._hooks, attempt, left - began)
        try:
            reading = await self._answer(attempt, permit)
        except BaseException:
            broken_off = _failed(AnswerLostError("broken off", "the exchange failed"), attempt.request)
            self._tell_ended(attempt, event, broken_off, clock() - left)
            raise
        self._tell_ended(attempt, event, reading, clock() - left)
        return reading

    def _tell_sent(self, hooks: Hooks, attempt: Attempt, waited: float) -> RequestEvent:
        event = RequestEvent(
            call=attempt.call,
            attempt=attempt.number,
            operation=attempt.request.operation,
            tag=attempt.options.tag,
            lane=attempt.lane,
            waited=waited,
            sent=lambda: attempt.request,
        )
        hooks.requested(event)
        return event

    def _tell_ended(
        self, attempt: Attempt, event: RequestEvent | None, reading: ParsedResponse, seconds: float
    ) -> None:
        attempt.authorization.answered(reading)
        if self._hooks is not None and event is not None:
            self._hooks.answered(event, reading, seconds)

    async def _answer(self, attempt: Attempt, permit: Permit) -> ParsedResponse:
        request = attempt.request
        try:
            response = await self._transport.send(request, attempt.options.timeout, permit.leaves)
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
        reading = parse(request.operation, response, request.content)
        permit.learn(reading.quota, reading.refusal)
        _log.debug("%s: status %d", request.operation, response.status)
        return reading

    def _ended(self, task: asyncio.Task[ParsedResponse]) -> None:
        del self._under_way[task]
        self._room.release()

    def _keep(self, request: Request, task: asyncio.Task[ParsedResponse]) -> None:
        """The caller has left; nobody else will look at this answer."""
        if task.cancelled() or task.exception() is not None:
            return
        reading = task.result()
        if request.operation.paid and (reading.error is None or reading.error.charged != 0):
            self._unclaimed.append(Unclaimed(request=request, reading=reading))

    def _refuse_if_unusable(self) -> None:
        if self._closed:
            raise ClientClosedError("the client is closed; nothing was sent: make a new LushaClient")
        if not self._at_home():
            advice = "make one LushaClient for each, within asyncio.run"
            raise ClientClosedError(f"the client belongs to another event loop; nothing was sent: {advice}")

    def _at_home(self) -> bool:
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        return self._loop is loop

    async def aclose(self, grace: float) -> None:
        """Refuse new calls and those that wait for their turn; close the connections after those under way.

        These have `grace` seconds to end. In another event loop than theirs there is nothing to wait for:
        connections end with their loop.
        """
        self._closed = True
        if not self._at_home():
            return
        for bound in self._waiting:
            bound.reschedule(0.0)
        self._waiting.clear()
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=grace)
            if late:
                calls = Counter(self._under_way[task].call for task in late)
                told = ", ".join(f"{count} of {call}" for call, count in calls.items())
                _log.warning("closing with requests unanswered, which may have been charged: %s", told)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._transport.aclose()


def _failed(error: LushaError, request: Request) -> ParsedResponse:
    error.operation = request.operation
    return ParsedResponse(quota=Quota(), status=getattr(error, "status", None), error=error)


def _patience(max_wait: float | None) -> float | None:
    """`max_wait`, or the seconds to the caller's anyio deadline if that is sooner."""
    left = max(anyio.current_effective_deadline() - anyio.current_time(), 0.0)
    patience = left if max_wait is None else min(max_wait, left)
    return None if math.isinf(patience) else patience
