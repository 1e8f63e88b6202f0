"""Taking turns: the ledger's decisions carried out for the tasks, event loops and threads of one process.

The state changes only under one short lock and never across an await, so that a cancellation cannot cut it in
half, and event loops in several threads share one limit.
"""

import asyncio
import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from ..operations import Operation
from ..quota import Quota, Refusal
from . import forecast
from .burst_smoother import BurstSmoother
from .config import GovernorConfig, Lane
from .events import EventKind, GovernorEvent
from .limiter_state import Hold, HoldReason, LimiterState, RequestRecord
from .refusals import final_error, wait_error
from .snapshot import seconds_to
from .timers import Timers, running_loop
from .wait_queue import Waiter, WaitQueue

__all__ = ["Scheduler"]

_log = logging.getLogger("lusha_async")


class Scheduler:
    """Who goes when. The state is only used under `self._lock`."""

    def __init__(
        self,
        config: GovernorConfig,
        clock: Callable[[], float],
        listener: Callable[[GovernorEvent], object] | None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._state = LimiterState(config)
        self._lock = threading.Lock()
        self._listener = listener
        self._forgotten: deque[RequestRecord] = deque()
        self._again = math.inf  # when those who wait are to be looked at again
        self._only_paced = False  # whether nothing but the pace of the second holds them
        self._begin()

    def _begin(self) -> None:
        self.room = WaitQueue(self._config.ageing)
        self._alarms = Timers(self._ring)
        self._spreaders: WeakKeyDictionary[asyncio.AbstractEventLoop, BurstSmoother] = WeakKeyDictionary()

    def after_fork(self) -> None:
        """In a child process: those who waited live in the parent, and so do the answers under way."""
        self._lock = threading.Lock()  # a thread that does not exist here may hold the old one
        self._state.disown()
        self._forgotten.clear()
        self._begin()

    @contextmanager
    def locked(self) -> Generator[tuple[LimiterState, float], None, None]:
        """The limiter state and the time, under the lock."""
        with self._lock:
            yield self._state, self._clock()

    # --- waiting for a turn ---------------------------------------------------------------------------------

    async def acquire(self, operation: Operation, lane: Lane, max_wait: float | None) -> RequestRecord:
        """Wait for the turn; see `Governor.slot`."""
        loop = asyncio.get_running_loop()
        patience = math.inf if max_wait is None else self._clock() + max_wait
        since = None
        while True:
            waiter = ticket = None
            with self._lock:
                now = self._clock()
                since = now if since is None else since
                if not self.room:
                    ticket = self._take_at_once(operation, lane, now)
                if ticket is None:
                    self._refuse_long_wait(operation, lane, max(0.0, patience - now), now)
                    waiter = self.room.join(operation, lane, since, loop)
                    self._dispatch(now)
                    if not waiter.over:
                        self._tell_waiting(waiter, now)
            if waiter is not None:
                self._report()
                ticket = await self._turn(waiter, patience)
            assert ticket is not None  # noqa: S101 - for the type checker
            if await self._leaves(loop, ticket):
                return ticket

    def _tell_waiting(self, waiter: Waiter, now: float) -> None:
        hold = self._state.hold(now, waiter.operation.scope, waiter.lane)
        if hold is not None:
            self._state.tell(EventKind.WAITING, hold.window, seconds_to(hold.until, now))

    def _take_at_once(self, operation: Operation, lane: Lane, now: float) -> RequestRecord | None:
        self._settle_forgotten(now)
        hold = self._state.hold(now, operation.scope, lane)
        if hold is None:
            return self._state.take(operation)
        if hold.final:
            raise final_error(hold, operation, now)
        return None

    async def _turn(self, waiter: Waiter, patience: float) -> RequestRecord:
        """Wait until `waiter` is called, or the time `patience` has come."""
        timer = None
        if not (math.isinf(patience) or waiter.awake.done()):
            max_wait = max(0.0, patience - self._clock())
            timer = waiter.loop.call_later(max_wait, self._too_long, waiter, max_wait)
        try:
            await waiter.awake
        except asyncio.CancelledError:
            with self._lock:
                now = self._clock()
                self.room.leave(waiter)
                if waiter.ticket is not None:
                    self._state.give_back(waiter.ticket)
                self._dispatch(now)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if waiter.error is not None:
            raise waiter.error
        assert waiter.ticket is not None  # noqa: S101 - woken with one or the other
        return waiter.ticket

    async def _leaves(self, loop: asyncio.AbstractEventLoop, ticket: RequestRecord) -> bool:
        """Let a sudden crowd leave one after another. False if a 429 came meanwhile: the turn is given back."""
        spreader = self._spreaders.get(loop)
        if spreader is None:
            spreader = BurstSmoother(self._config.burst, self._config.spacing)
            with self._lock:
                self._spreaders[loop] = spreader
        try:
            held_up = await spreader.pass_by()
        except asyncio.CancelledError:
            self.give_back(ticket)
            raise
        if not held_up or ticket.trial_run:
            return True
        with self._lock:
            if not self._state.opens_gradually:
                return True
        self.give_back(ticket)
        return False

    def _too_long(self, waiter: Waiter, max_wait: float) -> None:
        with self._lock:
            now = self._clock()
            position = self.room.ahead(waiter.lane, waiter.operation.scope)
            if self.room.leave(waiter):
                hold = self._state.hold(now, waiter.operation.scope, waiter.lane)
                waiter.error = wait_error(
                    self._state,
                    hold,
                    operation=waiter.operation,
                    wait=max_wait,
                    max_wait=max_wait,
                    position=position,
                    now=now,
                )
                _finish(waiter.awake)

    def _refuse_long_wait(self, operation: Operation, lane: Lane, max_wait: float, now: float) -> None:
        if math.isinf(max_wait):
            return
        position = self.room.ahead(lane, operation.scope)
        hold = self._state.hold(now, operation.scope, lane)
        wait = forecast.wait(self._state, hold, position + 1, operation.scope, now)
        if wait > max_wait:
            raise wait_error(
                self._state, hold, operation=operation, wait=wait, max_wait=max_wait, position=position, now=now
            )

    # --- what the permits report ----------------------------------------------------------------------------

    def sent(self, ticket: RequestRecord) -> None:
        """See `Permit.sent`."""
        with self._lock:
            now = self._clock()
            self._state.sent(ticket, now)
            if self.room and self._state.pace.next_free() < self._again:
                self._dispatch(now)  # those who waited for this place know now when it is free

    def leaves(self, ticket: RequestRecord) -> None:
        """See `Permit.leaves`."""
        with self._lock:
            self._state.leaves(ticket, self._clock())

    def learn(self, ticket: RequestRecord, quota: Quota, refusal: Refusal | None) -> None:
        """See `Permit.learn`."""
        with self._lock:
            now = self._clock()
            self._state.learn(ticket, now, quota, refusal)
            if refusal is not None or not self._only_paced or self._state.pace.next_free() < self._again:
                self._dispatch(now)
        self._report()

    def lost(self, ticket: RequestRecord) -> None:
        """See `Permit.lost`."""
        with self._lock:
            now = self._clock()
            self._state.lost(ticket, now)
            self._dispatch(now)

    def give_back(self, ticket: RequestRecord) -> None:
        """Free the turn again if nothing was sent."""
        if ticket.granted_only:
            with self._lock:
                now = self._clock()
                self._state.give_back(ticket)
                self._dispatch(now)

    def forget(self, ticket: RequestRecord) -> None:
        """Nobody will report on `ticket`. Called from a finalizer, perhaps under the lock: only takes note."""
        self._forgotten.append(ticket)
        loop = running_loop()
        if loop is not None and not loop.is_closed():
            loop.call_soon(self._ring, loop)

    def _settle_forgotten(self, now: float) -> None:
        while self._forgotten:
            ticket = self._forgotten.popleft()
            self._state.give_back(ticket)
            self._state.lost(ticket, now)

    # --- calling those who wait -----------------------------------------------------------------------------

    def _dispatch(self, now: float) -> None:
        """Call everyone whose turn it is, then set the alarm for the next. Under the lock."""
        self._settle_forgotten(now)
        again = 0.0
        while self.room and again <= now:
            again = self._call_next(now)
        self._again = again
        if self.room:
            for closed in self._alarms.set(self.room.loops, again, now):
                self._forget_loop(closed)

    def _call_next(self, now: float) -> float:
        """Call one waiter: `now` if there may be more to call, else when to ask again."""
        again = math.inf
        self._only_paced = True
        for waiter in self.room.heads():
            hold = None
            if not waiter.awake.done():
                hold = self._state.hold(now, waiter.operation.scope, waiter.lane)
                if hold is None:
                    waiter.ticket = self._state.take(waiter.operation)
            if hold is None:  # called, or already cancelled
                self.room.leave(waiter)
                self._wake(waiter)
                return now
            if hold.final:
                self._refuse_everyone(hold, now)
                return now
            again = min(again, hold.until)
            self._only_paced = self._only_paced and hold.reason is HoldReason.PACE
        return again

    def _refuse_everyone(self, hold: Hold, now: float) -> None:
        for waiter in self.room.everyone():
            self.room.leave(waiter)
            waiter.error = final_error(hold, waiter.operation, now)
            self._wake(waiter)

    def _wake(self, waiter: Waiter) -> None:
        if waiter.loop is running_loop():
            _finish(waiter.awake)
            return
        try:
            waiter.loop.call_soon_threadsafe(_finish, waiter.awake)
        except RuntimeError:  # its loop is closed: nobody waits there any more
            if waiter.ticket is not None:
                self._state.give_back(waiter.ticket)

    def _forget_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        for waiter in self.room.everyone():
            if waiter.loop is loop:
                self.room.leave(waiter)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._alarms.clear(loop)
            self._dispatch(self._clock())
        self._report()

    def _report(self) -> None:
        """Tell the listener what has happened. Not under the lock."""
        if self._listener is None:
            return
        with self._lock:
            events = tuple(self._state.events)
            self._state.events.clear()
        for event in events:
            try:
                self._listener(event)
            except Exception:
                _log.exception("a listener of the governor failed")


def _finish(awake: asyncio.Future[None]) -> None:
    if not awake.done():
        awake.set_result(None)
