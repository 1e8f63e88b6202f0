"""Who may send, when: the ledger's decisions carried out for the tasks of one process.

The state changes only under one short lock and never across an await, so that a cancellation cannot cut it in
half, and event loops in several threads share one limit.
"""

import asyncio
import logging
import math
import os
import time
from collections import deque
from collections.abc import Callable
from weakref import WeakKeyDictionary, WeakSet

from ..operations import Operation, Scope
from ..quota import Quota, Refusal, Window
from . import forecast
from . import snapshot as snapshots
from .alarms import Alarms, running_loop
from .config import GovernorConfig, Lane, WindowUsage
from .events import EventKind, GovernorEvent
from .ledger import Hold, HoldReason, Ledger, Ticket
from .permit import Slot
from .refusals import final_error, wait_error
from .snapshot import Snapshot, seconds_to
from .spending import Deadline, Spending
from .spread import Spreader
from .store import GovernorStore, MemoryStore
from .waiting import Waiter, WaitingRoom

__all__ = ["Governor"]

_log = logging.getLogger("lusha_async")


class Governor:
    """Keeps the account's limits: 25 requests a second, the plan's windows, the limits of two groups of calls.

    One object serves any number of tasks, event loops and threads of a process. It holds no connection and
    needs no closing; it lives as long as something refers to it.

    A forked child keeps what is known but not what is under way, and paces itself; parent and child see each other
    as foreign traffic. `clock` gives seconds that never go back. `store` keeps the ledger (default: in memory).
    `listener` hears each `GovernorEvent`, called in whatever thread caused it, outside any lock; what it raises is
    logged and goes no further. Source: the vendor's rate limiting page.
    """

    def __init__(
        self,
        config: GovernorConfig | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        store: GovernorStore | None = None,
        listener: Callable[[GovernorEvent], object] | None = None,
    ) -> None:
        self.config = config if config is not None else GovernorConfig()
        self._clock = clock
        self._store: GovernorStore = store if store is not None else MemoryStore(Ledger(self.config))
        self._listener = listener
        with self._store as ledger:
            self._ledger = ledger
        self._room = WaitingRoom(self.config.ageing)
        self._alarms = Alarms(self._ring)
        self._forgotten: deque[Ticket] = deque()
        self._again = math.inf  # when those who wait are to be looked at again
        self._only_paced = False  # whether nothing but the pace of the second holds them
        self._spreaders: WeakKeyDictionary[asyncio.AbstractEventLoop, Spreader] = WeakKeyDictionary()
        _all.add(self)

    def slot(self, operation: Operation, *, lane: Lane = Lane.INTERACTIVE, max_wait: float | None = None) -> Slot:
        """The right to send one request of `operation`, as `async with governor.slot(...) as permit`.

        Entering waits for the turn: first in, first out within a lane, interactive before bulk. It raises
        `QuotaWaitTooLongError` as soon as the turn is known to come later than in `max_wait` seconds (None: wait
        as long as it takes), `DailyQuotaExhaustedError` and `TrialLimitError` at once when the day or the trial
        is used up. A cancelled wait leaves no trace. Leaving the block without `permit.sent()` gives the turn
        back.
        """
        return Slot(self, operation, lane, max_wait)

    # --- waiting for a turn ---------------------------------------------------------------------------------

    async def _acquire(self, operation: Operation, lane: Lane, max_wait: float | None) -> Ticket:
        loop = asyncio.get_running_loop()
        patience = math.inf if max_wait is None else self._clock() + max_wait
        since = None
        while True:
            waiter = ticket = None
            with self._store:
                now = self._clock()
                since = now if since is None else since
                if not self._room:
                    ticket = self._take_at_once(operation, lane, now)
                if ticket is None:
                    self._refuse_long_wait(operation, lane, patience - now, now)
                    waiter = self._room.join(operation, lane, since, loop)
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
        hold = self._ledger.hold(now, waiter.operation.scope, waiter.lane)
        if hold is not None:
            self._ledger.tell(EventKind.WAITING, hold.window, seconds_to(hold.until, now))

    def _take_at_once(self, operation: Operation, lane: Lane, now: float) -> Ticket | None:
        self._settle_forgotten(now)
        hold = self._ledger.hold(now, operation.scope, lane)
        if hold is None:
            return self._ledger.take(operation, now)
        if hold.final:
            raise final_error(hold, operation, now)
        return None

    async def _turn(self, waiter: Waiter, patience: float) -> Ticket:
        """Wait until `waiter` is called, or the time `patience` has come."""
        timer = None
        if not (math.isinf(patience) or waiter.awake.done()):
            max_wait = patience - self._clock()
            timer = waiter.loop.call_later(max_wait, self._too_long, waiter, max_wait)
        try:
            await waiter.awake
        except asyncio.CancelledError:
            with self._store:
                now = self._clock()
                self._room.leave(waiter)
                if waiter.ticket is not None:
                    self._ledger.give_back(waiter.ticket)
                self._dispatch(now)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if waiter.error is not None:
            raise waiter.error
        assert waiter.ticket is not None  # noqa: S101 - woken with one or the other
        return waiter.ticket

    async def _leaves(self, loop: asyncio.AbstractEventLoop, ticket: Ticket) -> bool:
        """Let a sudden crowd leave one after another. False if a 429 came meanwhile: the turn is given back."""
        spreader = self._spreaders.get(loop)
        if spreader is None:
            spreader = Spreader(self.config.burst, self.config.spacing)
            with self._store:
                self._spreaders[loop] = spreader
        try:
            held_up = await spreader.pass_by()
        except asyncio.CancelledError:
            self._give_back(ticket)
            raise
        if not held_up or ticket.trial_run or not self._ledger.opens_gradually:
            return True
        self._give_back(ticket)
        return False

    def _too_long(self, waiter: Waiter, max_wait: float) -> None:
        with self._store:
            now = self._clock()
            position = self._room.ahead(waiter.lane, waiter.operation.scope)
            if self._room.leave(waiter):
                hold = self._ledger.hold(now, waiter.operation.scope, waiter.lane)
                waiter.error = wait_error(
                    self._ledger,
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
        position = self._room.ahead(lane, operation.scope)
        hold = self._ledger.hold(now, operation.scope, lane)
        wait = forecast.wait(self._ledger, hold, position + 1, operation.scope, now)
        if wait > max_wait:
            raise wait_error(
                self._ledger, hold, operation=operation, wait=wait, max_wait=max_wait, position=position, now=now
            )

    # --- what the permits report ----------------------------------------------------------------------------

    def _sent(self, ticket: Ticket) -> None:
        with self._store:
            now = self._clock()
            self._ledger.sent(ticket, now)
            if self._room and self._ledger.pace.next_free() < self._again:
                self._dispatch(now)  # those who waited for this place know now when it is free

    def _under_way(self, ticket: Ticket) -> None:
        with self._store:
            self._ledger.leaves(ticket, self._clock())

    def _learn(self, ticket: Ticket, quota: Quota, refusal: Refusal | None) -> None:
        with self._store:
            now = self._clock()
            self._ledger.learn(ticket, now, quota, refusal)
            if refusal is not None or not self._only_paced or self._ledger.pace.next_free() < self._again:
                self._dispatch(now)
        self._report()

    def _lost(self, ticket: Ticket) -> None:
        with self._store:
            now = self._clock()
            self._ledger.lost(ticket, now)
            self._dispatch(now)

    def _give_back(self, ticket: Ticket) -> None:
        if ticket.granted_only:
            with self._store:
                now = self._clock()
                self._ledger.give_back(ticket)
                self._dispatch(now)

    def _forget(self, ticket: Ticket) -> None:
        """Nobody will report on `ticket`. Called from a finalizer, perhaps under the lock: only takes note."""
        self._forgotten.append(ticket)
        loop = running_loop()
        if loop is not None and not loop.is_closed():
            loop.call_soon(self._ring, loop)

    def _settle_forgotten(self, now: float) -> None:
        while self._forgotten:
            ticket = self._forgotten.popleft()
            self._ledger.give_back(ticket)
            self._ledger.lost(ticket, now)

    # --- calling those who wait -----------------------------------------------------------------------------

    def _dispatch(self, now: float) -> None:
        """Call everyone whose turn it is, then set the alarm for the next. Under the lock."""
        self._settle_forgotten(now)
        again = 0.0
        while self._room and again <= now:
            again = self._call_next(now)
        self._again = again
        if self._room:
            for closed in self._alarms.set(self._room.loops, again, now):
                self._forget_loop(closed)

    def _call_next(self, now: float) -> float:
        """Call one waiter: `now` if there may be more to call, else when to ask again."""
        again = math.inf
        self._only_paced = True
        for waiter in self._room.heads():
            hold = None
            if not waiter.awake.done():
                hold = self._ledger.hold(now, waiter.operation.scope, waiter.lane)
                if hold is None:
                    waiter.ticket = self._ledger.take(waiter.operation, now)
            if hold is None:  # called, or already cancelled
                self._room.leave(waiter)
                self._wake(waiter)
                return now
            if hold.final:
                self._refuse_everyone(hold, now)
                return now
            again = min(again, hold.until)
            self._only_paced = self._only_paced and hold.reason is HoldReason.PACE
        return again

    def _refuse_everyone(self, hold: Hold, now: float) -> None:
        for waiter in self._room.everyone():
            self._room.leave(waiter)
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
                self._ledger.give_back(waiter.ticket)

    def _forget_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        for waiter in self._room.everyone():
            if waiter.loop is loop:
                self._room.leave(waiter)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._store:
            self._alarms.clear(loop)
            self._dispatch(self._clock())
        self._report()

    def _report(self) -> None:
        """Tell the listener what has happened. Not under the lock."""
        events = self._ledger.events
        while events:
            try:
                event = events.popleft()
            except IndexError:  # another thread was faster
                return
            try:
                if self._listener is not None:
                    self._listener(event)
            except Exception:
                _log.exception("a listener of the governor failed")

    # --- steering and asking --------------------------------------------------------------------------------

    def spend(self, spending: Spending) -> None:
        """Spend the plan windows `GREEDY` (the default), `SMOOTH`, or by a `Deadline`, from now on.

        `QuotaWaitTooLongError` at once for a deadline that cannot be met.
        """
        with self._store:
            now = self._clock()
            if isinstance(spending, Deadline):
                hold = self._ledger.hold(now, Scope.GENERAL, Lane.INTERACTIVE)
                wait = forecast.wait(self._ledger, hold, spending.requests, Scope.GENERAL, now)
                if wait > spending.seconds:
                    raise wait_error(
                        self._ledger, hold, wait=wait, max_wait=spending.seconds, position=len(self._room), now=now
                    )
            self._ledger.spend(spending, now)
            self._dispatch(now)

    def warm(
        self,
        *,
        minute: WindowUsage | None = None,
        hour: WindowUsage | None = None,
        day: WindowUsage | None = None,
    ) -> None:
        """Seed the windows with what account usage tells, so that nothing need be learned by trying.

        Never adds to what an answer told to be left. Source: the vendor's page of account usage.
        """
        with self._store:
            now = self._clock()
            for window, usage in ((Window.MINUTE, minute), (Window.HOUR, hour), (Window.DAY, day)):
                if usage is not None:
                    self._ledger.warm(window, usage.limit, usage.left, usage.resets_in, now)
            self._ledger.warmed = True
            self._dispatch(now)

    def forecast(self, requests: int, *, lane: Lane = Lane.BULK) -> float:
        """Seconds until `requests` more will have been sent, after those that wait already, if spent greedily.

        What is known goes in: pace, plan windows, requests under way, room kept for other programs. For a day or a
        trial that is used up, the seconds until it may be asked again.
        """
        with self._store:
            now = self._clock()
            hold = self._ledger.hold(now, Scope.GENERAL, lane)
            ahead = self._room.ahead(lane, Scope.GENERAL)
            return forecast.wait(self._ledger, hold, requests + ahead, Scope.GENERAL, now)

    def snapshot(self) -> Snapshot:
        """How everything stands now."""
        with self._store:
            return snapshots.picture(self._ledger, self._room, self._clock())

    def explain(self, *, lane: Lane = Lane.BULK) -> str:
        """In words: what keeps the next general call of `lane`, until when, and what would help."""
        with self._store:
            now = self._clock()
            hold = self._ledger.hold(now, Scope.GENERAL, lane)
            return snapshots.explain(hold, snapshots.picture(self._ledger, self._room, now), now)

    def __repr__(self) -> str:
        return f"<Governor: {self.explain()}>"

    def _after_fork(self) -> None:
        """In a child process: those who waited live in the parent, and so do the answers under way."""
        self._store.after_fork()
        self._room = WaitingRoom(self.config.ageing)
        self._alarms = Alarms(self._ring)
        self._spreaders = WeakKeyDictionary()
        self._forgotten.clear()


_all: WeakSet[Governor] = WeakSet()


def _after_fork() -> None:
    for governor in list(_all):
        governor._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _finish(awake: asyncio.Future[None]) -> None:
    if not awake.done():
        awake.set_result(None)
