"""Carries out the decisions of the limiter state for the tasks, event loops and threads of one process.

The state changes only under one short lock and never across an await, so that a cancellation cannot leave it half
changed, and event loops in several threads share one limit. A slot is granted in the loop of its waiter; one offered to
a loop that does not run goes to the next, and one that such a loop was about to use is taken back.
"""

import asyncio
import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from ..operations import Operation, Scope
from ..quota import Quota, Refusal
from . import forecast
from .config import GovernorConfig, Lane
from .events import EventKind, GovernorEvent
from .forecast import final_error, wait_error
from .limiter_state import Hold, HoldReason, LimiterState, RequestRecord
from .snapshot import BoardSnapshot, seconds_to
from .timers import BurstSmoother, Timers, running_loop
from .wait_queue import Waiter, WaitQueue

__all__ = ["Scheduler", "finish"]

_PATIENCE = 0.02
"""Seconds for which a free slot is kept for a waiter on another loop; a loop silent for longer is stuck."""

_log = logging.getLogger("lusha_async")


class Scheduler:
    """Grants slots to waiting calls. The limiter state and the queue are used under `self._lock` only."""

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
        self._abandoned: deque[RequestRecord] = deque()
        self._next_dispatch = math.inf  # when waiting calls are to be tried again
        self._only_paced = False  # whether only the pace holds them
        self._reset()

    def _reset(self) -> None:
        self.queue = WaitQueue(self._config.ageing)
        self._timers = Timers(self._on_timer)
        self._offered: dict[asyncio.AbstractEventLoop, float] = {}  # loops called, since when
        self._heard: dict[asyncio.AbstractEventLoop, float] = {}  # when each last ran
        self._granted: dict[RequestRecord, asyncio.AbstractEventLoop] = {}  # not handed out yet
        self._smoothers: dict[asyncio.AbstractEventLoop, BurstSmoother] = {}

    def after_fork(self) -> None:
        """In a forked child: waiting calls and requests in flight belong to the parent."""
        self._lock = threading.Lock()  # a thread that does not exist here may hold the old one
        self._state.forget_in_flight()
        self._abandoned.clear()
        self._reset()

    @contextmanager
    def locked(self) -> Generator[tuple[LimiterState, float], None, None]:
        """The limiter state and the time, under the lock."""
        with self._lock:
            yield self._state, self._clock()

    # --- waiting for a slot ---------------------------------------------------------------------------------

    async def acquire(self, operation: Operation, lane: Lane, max_wait: float | None) -> RequestRecord:
        """Wait for a slot; see `Governor.slot`."""
        loop = asyncio.get_running_loop()
        deadline = math.inf if max_wait is None else self._clock() + max_wait
        since = None
        while True:
            waiter = record = None
            with self._lock:
                now = self._clock()
                since = now if since is None else since
                if not self.queue:
                    record = self._take_at_once(operation, lane, now)
                if record is not None:
                    self._granted[record] = loop
                if record is None:
                    self._refuse_long_wait(operation, lane, max(0.0, deadline - now), now)
                    waiter = self.queue.add(operation, lane, since, loop)
                    self._dispatch(now)
                    if not waiter.done:
                        self._emit_waiting(waiter, now)
            if waiter is not None:
                self._notify()
                record = await self._wait(waiter, deadline)
            assert record is not None  # noqa: S101 - for the type checker
            if await self._smooth(loop, record):
                return record

    def ahead(self, lane: Lane, scope: Scope, calls: int = 1) -> int:
        """How many calls of others are sent before the last of so many that are added now. Under the lock."""
        return self.queue.ahead(lane, scope)

    def board_snapshot(self) -> BoardSnapshot | None:
        """What is shared with other processes. Under the lock."""
        return None

    def _emit_waiting(self, waiter: Waiter, now: float) -> None:
        hold = self._state.hold(now, waiter.operation.scope, waiter.lane)
        if hold is not None:
            self._state.emit(EventKind.WAITING, hold.window, seconds_to(hold.until, now))

    def _take_at_once(self, operation: Operation, lane: Lane, now: float) -> RequestRecord | None:
        self._settle_abandoned(now)
        hold = self._state.hold(now, operation.scope, lane)
        if hold is None:
            return self._state.take(operation, lane, now)
        if hold.final:
            raise final_error(self._state, hold, operation, now)
        return None

    async def _wait(self, waiter: Waiter, deadline: float) -> RequestRecord:
        """Wait until `waiter` is granted or refused, at most until `deadline`."""
        timer = None
        if not (math.isinf(deadline) or waiter.future.done()):
            max_wait = max(0.0, deadline - self._clock())
            timer = waiter.loop.call_later(max_wait, self._on_max_wait, waiter, max_wait)
        try:
            await waiter.future
        except asyncio.CancelledError:
            with self._lock:
                now = self._clock()
                self.queue.remove(waiter)
                if waiter.record is not None:
                    self._granted.pop(waiter.record, None)
                    self._state.release(waiter.record)
                self._dispatch(now)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if waiter.error is not None:
            raise waiter.error
        assert waiter.record is not None  # noqa: S101 - woken with one or the other
        return waiter.record

    async def _smooth(self, loop: asyncio.AbstractEventLoop, record: RequestRecord) -> bool:
        """Spread a sudden burst. False if a 429 arrived meanwhile or the slot was taken back: it is released."""
        smoother = self._smoothers.get(loop)
        if smoother is None:
            smoother = BurstSmoother(self._config.burst, self._config.spacing)
            with self._lock:
                self._forget_closed_loops()
                self._smoothers[loop] = smoother
        try:
            delayed = await smoother.wait()
        except asyncio.CancelledError:
            self.release(record)
            raise
        with self._lock:
            self._granted.pop(record, None)
            if not record.unsent:
                return False
            if not delayed or record.probe or not self._state.recovering:
                return True
        self.release(record)
        return False

    def _on_max_wait(self, waiter: Waiter, max_wait: float) -> None:
        with self._lock:
            now = self._clock()
            position = self.ahead(waiter.lane, waiter.operation.scope)
            if self.queue.remove(waiter):
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
                finish(waiter.future)

    def _refuse_long_wait(self, operation: Operation, lane: Lane, max_wait: float, now: float) -> None:
        if math.isinf(max_wait):
            return
        position = self.ahead(lane, operation.scope)
        hold = self._state.hold(now, operation.scope, lane)
        if hold is not None and hold.final:
            return  # it fails with an error of its own
        wait = forecast.wait(self._state, hold, position + 1, operation.scope, now)
        if wait > max_wait:
            raise wait_error(
                self._state, hold, operation=operation, wait=wait, max_wait=max_wait, position=position, now=now
            )

    # --- reports of permits ---------------------------------------------------------------------------------

    def sent(self, record: RequestRecord) -> None:
        """See `Permit.sent`."""
        with self._lock:
            now = self._clock()
            self._state.sent(record, now)
            if self.queue and self._state.pace.next_free() < self._next_dispatch:
                self._dispatch(now)  # it is known now when this slot is free again

    def leaves(self, record: RequestRecord) -> None:
        """See `Permit.leaves`."""
        with self._lock:
            self._state.leaves(record, self._clock())

    def learn(self, record: RequestRecord, quota: Quota, refusal: Refusal | None) -> None:
        """See `Permit.learn`."""
        with self._lock:
            now = self._clock()
            self._state.learn(record, now, quota, refusal)
            if refusal is not None or not self._only_paced or self._state.pace.next_free() < self._next_dispatch:
                self._dispatch(now)
        self._notify()

    def lost(self, record: RequestRecord) -> None:
        """See `Permit.lost`."""
        with self._lock:
            now = self._clock()
            self._state.lost(record, now)
            self._dispatch(now)

    def release(self, record: RequestRecord) -> None:
        """Free the slot if nothing was sent."""
        if record.unsent:
            with self._lock:
                now = self._clock()
                self._granted.pop(record, None)
                self._state.release(record)
                self._dispatch(now)

    def abandon(self, record: RequestRecord) -> None:
        """No report on `record` will follow. Called from a finalizer, perhaps under the lock: settled later."""
        self._abandoned.append(record)
        loop = running_loop()
        if loop is not None and not loop.is_closed():
            loop.call_soon(self._on_timer, loop)

    def _settle_abandoned(self, now: float) -> None:
        while self._abandoned:
            record = self._abandoned.popleft()
            self._state.release(record)
            self._state.lost(record, now)

    # --- granting slots -------------------------------------------------------------------------------------

    def _dispatch(self, now: float) -> None:
        """Grant every slot that is free, then set the timers for the next. Under the lock."""
        self._settle_abandoned(now)
        here = running_loop()
        if here is not None:
            self._offered.pop(here, None)
            self._heard[here] = now
        retry_at = 0.0
        while self.queue and retry_at <= now:
            stuck = self._stuck_loops(now)
            retry_at = self._grant_next(now, here, stuck)
        if self.queue and len(self._heard) > 1:
            retry_at = min(retry_at, self._watch(now, here))
        self._next_dispatch = retry_at
        if self.queue:
            for closed in self._timers.set(self.queue.loops, retry_at, now):
                self._drop_loop(closed)

    def _stuck_loops(self, now: float) -> list[asyncio.AbstractEventLoop]:
        """The loops that did not run when they were called. The slots that they were about to use are taken back."""
        if not self._offered:
            return []
        stuck = [loop for loop, since in self._offered.items() if now >= since + _PATIENCE]
        for record in [record for record, loop in self._granted.items() if loop in stuck]:
            del self._granted[record]
            self._state.release(record)
        return stuck

    def _watch(self, now: float, here: asyncio.AbstractEventLoop | None) -> float:
        """Call the loops that are about to use a slot and have been silent. Returns when to look again."""
        look_at = math.inf
        for loop in {loop for loop in self._granted.values() if loop is not here}:
            silent_at = self._heard.get(loop, now) + 2 * _PATIENCE
            look_at = min(look_at, silent_at if now < silent_at else self._offer(loop, now))
        return look_at

    def _offer(self, loop: asyncio.AbstractEventLoop, now: float) -> float:
        """Call `loop`, so that it grants the next slot itself. Returns until when the slot is kept for it."""
        if loop not in self._offered:
            self._offered[loop] = now
            try:
                loop.call_soon_threadsafe(self._on_timer, loop)
            except RuntimeError:  # it is closed
                self._drop_loop(loop)
                return now
        return max(now, self._offered[loop] + _PATIENCE)

    def _grant_next(
        self, now: float, here: asyncio.AbstractEventLoop | None, stuck: list[asyncio.AbstractEventLoop]
    ) -> float:
        """Grant one waiter. Returns `now` if more may be granted, else when to try again."""
        retry_at = math.inf
        self._only_paced = True
        for waiter in self.queue.heads(stuck):
            hold = None
            if not waiter.future.done():
                crowd = self.queue.waiting(waiter.lane)
                hold = self._state.hold(now, waiter.operation.scope, waiter.lane, crowd=crowd)
                if hold is None and waiter.loop is not here:
                    return self._offer(waiter.loop, now)
                if hold is None:
                    waiter.record = self._state.take(waiter.operation, waiter.lane, now)
                    self._granted[waiter.record] = waiter.loop
            if hold is None:  # granted, or already cancelled
                self.queue.served(waiter)
                self._wake(waiter)
                return now
            if hold.final:
                self._refuse_all(hold, now)
                return now
            retry_at = min(retry_at, hold.until)
            self._only_paced = self._only_paced and hold.reason is HoldReason.PACE
        return retry_at

    def _refuse_all(self, hold: Hold, now: float) -> None:
        for waiter in self.queue.waiters():
            self.queue.remove(waiter)
            waiter.error = final_error(self._state, hold, waiter.operation, now)
            self._wake(waiter)

    def _wake(self, waiter: Waiter) -> None:
        if waiter.loop is running_loop():
            finish(waiter.future)
            return
        with suppress(RuntimeError):  # its loop is closed
            waiter.loop.call_soon_threadsafe(finish, waiter.future)

    def _forget_closed_loops(self) -> None:
        """What is kept for a loop refers to it: a program that calls `asyncio.run` for each job leaves many."""
        for loop in [loop for loop in (*self._smoothers, *self._heard) if loop.is_closed()]:
            self._drop_loop(loop)

    def _drop_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        self._smoothers.pop(loop, None)
        self._heard.pop(loop, None)
        self._offered.pop(loop, None)
        self._timers.clear(loop)
        for record in [record for record, of in self._granted.items() if of is loop]:
            del self._granted[record]
            self._state.release(record)
        for waiter in self.queue.waiters():
            if waiter.loop is loop:
                self.queue.remove(waiter)

    def _on_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._timers.clear(loop)
            self._dispatch(self._clock())
        self._notify()

    def _notify(self) -> None:
        """Call the listener with the recorded events. Not under the lock."""
        if self._listener is None:
            return
        with self._lock:
            events = tuple(self._state.events)
            self._state.events.clear()
        for event in events:
            try:
                self._listener(event)
            except Exception:
                _log.exception("the governor's listener raised an exception")


def finish(future: asyncio.Future[None]) -> None:
    """End a wait, if it was not cancelled."""
    if not future.done():
        future.set_result(None)
