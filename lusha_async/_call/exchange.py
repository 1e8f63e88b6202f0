"""The requests of one client that are in flight: each sent when the governor permits, in a task of its own.

A caller that is cancelled returns at once. A request already sent runs to its end, so that the connection pool stays
consistent, the governor learns from the answer, and a paid answer is kept in `unclaimed`.
"""

import asyncio
import logging
import math
from collections import Counter

import anyio
from attrs import frozen

from .._tasks import start
from .._wire.request import Request
from .._wire.response import ParsedResponse, parse
from ..billing.meter import Authorization
from ..billing.unclaimed import CallTracker, Unclaimed, UnclaimedStore
from ..errors import AnswerLostError, ClientClosedError, LushaError, QuotaWaitTooLongError, UnreadableAnswerError
from ..governor import Governor, Lane, Permit
from ..operations import Operation
from ..quota import Quota
from .deadline import Deadline
from .hooks import Hooks, RequestEvent
from .options import Options
from .transport import Transport

__all__ = ["Attempt", "InFlightRequests"]

_log = logging.getLogger("lusha_async")

_TURNS = 3  # of the loop, for a timer that is due and for the tasks that its cancellation passes through


@frozen(kw_only=True)
class Attempt:
    """One request of a call: the `number`-th of the `call`-th call of the client, both counted from 1."""

    call: int
    number: int
    request: Request
    options: Options
    authorization: Authorization
    tracker: CallTracker | None = None

    @property
    def lane(self) -> Lane:
        """The lane that it waits in."""
        return self.options.lane or Lane.INTERACTIVE


class InFlightRequests:
    """Sends requests over one transport, as one governor permits. Belongs to one event loop."""

    def __init__(
        self, *, governor: Governor, transport: Transport, unclaimed: UnclaimedStore, hooks: Hooks | None
    ) -> None:
        self._governor = governor
        self._transport = transport
        self._unclaimed = unclaimed
        self._hooks = hooks
        self._connections = asyncio.Semaphore(transport.connections)
        self._queued: set[asyncio.Timeout] = set()
        self._tasks: dict[asyncio.Task[ParsedResponse], Operation] = {}
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None  # of the first request: connections belong to it

    async def send(self, attempt: Attempt) -> ParsedResponse:
        """Send one request as soon as the governor permits, and return its response.

        Cancelling the caller withdraws the request if it was not sent. Raises what `Governor.slot` raises, and
        `ClientClosedError` as soon as the client is closed, however long the request would still wait.
        """
        closing = asyncio.timeout(None)  # `aclose` lets it expire
        try:
            async with closing:
                return await self._send(attempt, closing)
        except TimeoutError:
            if closing.expired():
                self._raise_if_unusable()
            raise
        finally:
            self._queued.discard(closing)

    async def _send(self, attempt: Attempt, closing: asyncio.Timeout) -> ParsedResponse:
        clock = asyncio.get_running_loop().time
        began = clock()
        max_wait = math.inf if attempt.options.max_wait is None else attempt.options.max_wait
        while True:
            self._raise_if_unusable()
            self._queued.add(closing)
            left = _until_deadline(max(began + max_wait - clock(), 0.0))
            async with self._governor.slot(attempt.request.operation, lane=attempt.lane, max_wait=left) as permit:
                self._queued.discard(closing)
                self._raise_if_unusable()
                if not self._connections.locked():
                    await self._connections.acquire()  # one is free, so this does not wait
                    return await self._in_own_task(attempt, permit, began)
            # More requests than connections: release the permit, and acquire one again when a connection is free.
            self._queued.add(closing)
            try:
                async with Deadline(max(began + max_wait - clock(), 0.0)), self._connections:
                    pass
            except TimeoutError:
                raise self._no_connection(attempt, max_wait) from None

    def _no_connection(self, attempt: Attempt, max_wait: float) -> QuotaWaitTooLongError:
        return QuotaWaitTooLongError(
            window=None,
            limit=self._transport.connections,
            left=0,
            resets_in=None,
            wait=max_wait,
            max_wait=max_wait,
            position=0,
            operation=attempt.request.operation,
        )

    async def _in_own_task(self, attempt: Attempt, permit: Permit, began: float) -> ParsedResponse:
        sent = asyncio.Event()
        task = start(self._exchange(attempt, permit, began, sent))
        self._tasks[task] = attempt.request.operation
        task.add_done_callback(self._done)
        try:
            await asyncio.wait([task])  # does not cancel the task when this is cancelled
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
        # Timers that are due run before anything is sent: a caller whose time is over pays nothing.
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        clock = asyncio.get_running_loop().time
        sent_at = clock()
        permit.sent()
        attempt.authorization.request_sent()
        sent.set()
        if attempt.tracker is not None:
            attempt.tracker.sent()
        event = None if self._hooks is None else self._report_sent(self._hooks, attempt, sent_at - began)
        try:
            response = await self._response(attempt, permit)
        except BaseException:
            lost = _failed(AnswerLostError("broken off", "the exchange failed"), attempt)
            self._report_ended(attempt, event, lost, clock() - sent_at)
            raise
        self._report_ended(attempt, event, response, clock() - sent_at)
        return response

    def _report_sent(self, hooks: Hooks, attempt: Attempt, waited: float) -> RequestEvent:
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

    def _report_ended(
        self, attempt: Attempt, event: RequestEvent | None, response: ParsedResponse, seconds: float
    ) -> None:
        attempt.authorization.request_ended(response)
        if self._hooks is not None and event is not None:
            self._hooks.answered(event, response, seconds)

    async def _response(self, attempt: Attempt, permit: Permit) -> ParsedResponse:
        request = attempt.request
        try:
            response = await self._transport.send(request, attempt.options.timeout, permit.leaves)
        except UnreadableAnswerError as error:
            permit.learn(error.quota)
            return _failed(error, attempt)
        except LushaError as error:
            permit.lost()
            return _failed(error, attempt)
        except asyncio.CancelledError:  # by `aclose`, whose grace was over
            permit.lost()
            return _failed(
                AnswerLostError("abandoned", "the client was closed before the answer arrived"), attempt
            )
        except BaseException:
            permit.lost()
            raise
        parsed = parse(request.operation, response, request.content, attempts=attempt.number)
        permit.learn(parsed.quota, parsed.refusal)
        _log.debug("%s: status %d", request.operation, response.status)
        return parsed

    def _done(self, task: asyncio.Task[ParsedResponse]) -> None:
        del self._tasks[task]
        self._connections.release()

    def _keep(self, request: Request, task: asyncio.Task[ParsedResponse]) -> None:
        """The caller was cancelled: keep the answer if it may have been charged."""
        if task.cancelled() or task.exception() is not None:
            return
        response = task.result()
        if request.operation.paid and (response.error is None or response.error.charged != 0):
            self._unclaimed.append(Unclaimed(request=request, response=response))

    def _raise_if_unusable(self) -> None:
        if self._closed:
            raise ClientClosedError("the client is closed; nothing was sent: create a new LushaClient")
        if not self._in_own_loop():
            advice = "create one LushaClient for each, within asyncio.run"
            raise ClientClosedError(f"the client belongs to another event loop; nothing was sent: {advice}")

    def _in_own_loop(self) -> bool:
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        return self._loop is loop

    async def aclose(self, grace: float) -> None:
        """Refuse new requests and those that are not sent yet; then close the connections.

        Requests in flight have `grace` seconds to end; then they are cancelled, with a warning in the log. Called from
        another event loop, it only refuses: connections end with their loop.
        """
        self._closed = True
        if not self._in_own_loop():
            return
        for closing in self._queued:
            closing.reschedule(0.0)
        self._queued.clear()
        if self._tasks:
            try:
                async with Deadline(grace):
                    await asyncio.wait(self._tasks)
            except TimeoutError:
                pass
            late = {task for task in self._tasks if not task.done()}
            if late:
                counts = Counter(self._tasks[task].call for task in late)
                calls = ", ".join(f"{count} of {call}" for call, count in counts.items())
                _log.warning("closing with requests unanswered, which may have been charged: %s", calls)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._transport.aclose()


def _failed(error: LushaError, attempt: Attempt) -> ParsedResponse:
    known = error.with_facts(operation=attempt.request.operation, attempts=attempt.number)
    return ParsedResponse(quota=Quota(), status=getattr(error, "status", None), error=known)


def _until_deadline(seconds: float) -> float | None:
    """`seconds`, or those to the caller's anyio deadline if that is sooner; None if neither ends."""
    left = max(anyio.current_effective_deadline() - anyio.current_time(), 0.0)
    wait = min(seconds, left)
    return None if math.isinf(wait) else wait
