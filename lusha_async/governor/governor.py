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
from types import TracebackType
from weakref import WeakKeyDictionary, WeakSet

from attrs import define

from ..errors import DailyQuotaExhaustedError, LushaError, QuotaWaitTooLongError, TrialLimitError
from ..operations import Operation, Scope
from ..quota import Quota, Refusal, Window
from . import forecast
from . import snapshot as snapshots
from .config import GovernorConfig, Lane, WindowUsage
from .events import GovernorEvent
from .ledger import Hold, HoldReason, Ledger, Ticket
from .snapshot import Snapshot, seconds_to
from .spending import Deadline, Spending
from .spread import Spreader
from .store import GovernorStore, MemoryStore
from .waiting import Waiter, WaitingRoom

__all__ = ["Governor", "Permit", "Slot"]

_log = logging.getLogger("lusha_async")
_LATE = 1e-5
"""Added to each timer, so that rounding cannot make it fire a moment too soon, over and over."""


class Permit:
    """The right to send one request.

    Call `sent` just before its bytes leave, then exactly one of `learn` and `lost`, which may come after the
    block of the slot was left; until then the request counts as under way. None of them raises or waits, and
    what is called twice or out of turn does nothing.
    """

    __slots__ = ("__weakref__", "_governor", "_ticket")

    def __init__(self, governor: "Governor", ticket: Ticket) -> None:
        self._governor = governor
        self._ticket = ticket

    def sent(self) -> None:
        """The request leaves now; from here on it counts, whatever becomes of it."""
        self._governor._sent(self._ticket)

    def learn(self, quota: Quota, refusal: Refusal | None = None) -> None:
        """An answer came, of any status, and told this; `refusal` for a 429."""
        self._governor._learn(self._ticket, quota, refusal)

    def lost(self) -> None:
        """No answer will come. The request counts all the same."""
        self._governor._lost(self._ticket)

    def __del__(self) -> None:
        # Dropped without a word: the books are put right at the next occasion. No lock is taken here.
        if not self._ticket.settled:
            self._governor._forgotten.append(self._ticket)


class Slot:
    """`async with` around one attempt; entering waits for the turn and gives the `Permit`."""

    __slots__ = ("_governor", "_lane", "_max_wait", "_operation", "_permit")

    def __init__(self, governor: "Governor", operation: Operation, lane: Lane, max_wait: float | None) -> None:
        self._governor = governor
        self._operation = operation
        self._lane = lane
        self._max_wait = max_wait
        self._permit: Permit | None = None

    async def __aenter__(self) -> Permit:
        ticket = await self._governor._acquire(self._operation, self._lane, self._max_wait)
        self._permit = Permit(self._governor, ticket)
        return self._permit

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._permit is not None:
            self._governor._give_back(self._permit._ticket)
            self._permit = None


@define
class _Alarm:
    at: float
    handle: asyncio.TimerHandle | None = None


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
        self._alarms: dict[asyncio.AbstractEventLoop, _Alarm] = {}
        self._forgotten: deque[Ticket] = deque()
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
            if waiter is not None:
                self._report()
                ticket = await self._turn(waiter, patience)
            assert ticket is not None  # noqa: S101 - for the type checker
            if await self._leaves(loop, ticket):
                return ticket

    def _take_at_once(self, operation: Operation, lane: Lane, now: float) -> Ticket | None:
        self._settle_forgotten(now)
        hold = self._ledger.hold(now, operation.scope, lane)
        if hold is None:
            return self._ledger.take(operation, now)
        if hold.final:
            raise _final_error(hold, now)
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
                waiter.error = self._wait_error(
                    waiter.operation, waiter.lane, wait=max_wait, max_wait=max_wait, position=position, now=now
                )
                _finish(waiter.awake)

    def _refuse_long_wait(self, operation: Operation, lane: Lane, max_wait: float, now: float) -> None:
        if math.isinf(max_wait):
            return
        position = self._room.ahead(lane, operation.scope)
        wait = self._forecast(position + 1, operation.scope, lane, now)
        if wait > max_wait:
            raise self._wait_error(operation, lane, wait=wait, max_wait=max_wait, position=position, now=now)

    def _wait_error(
        self, operation: Operation | None, lane: Lane, *, wait: float, max_wait: float, position: int, now: float
    ) -> QuotaWaitTooLongError:
        hold = self._ledger.hold(now, operation.scope if operation else Scope.GENERAL, lane)
        name = hold.window if hold is not None else Window.SECOND
        book = next((window for window in self._ledger.windows if window.window is name), None)
        error = QuotaWaitTooLongError(
            window=name,
            limit=book.limit if book else self.config.rate,
            left=book.left if book else 0,
            resets_in=seconds_to(book.latest if book else hold.until if hold else now, now),
            wait=wait,
            max_wait=max_wait,
            position=position,
        )
        error.operation = operation
        return error

    # --- what the permits report ----------------------------------------------------------------------------

    def _sent(self, ticket: Ticket) -> None:
        with self._store:
            self._ledger.sent(ticket, self._clock())

    def _learn(self, ticket: Ticket, quota: Quota, refusal: Refusal | None) -> None:
        with self._store:
            now = self._clock()
            self._ledger.learn(ticket, now, quota, refusal)
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
        while len(self._room) and again <= now:
            again = self._call_next(now)
        if len(self._room):
            self._set_alarms(again, now)

    def _call_next(self, now: float) -> float:
        """Call one waiter: `now` if there may be more to call, else when to ask again."""
        again = math.inf
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
        return again

    def _refuse_everyone(self, hold: Hold, now: float) -> None:
        for waiter in self._room.everyone():
            self._room.leave(waiter)
            waiter.error = _final_error(hold, now)
            waiter.error.operation = waiter.operation
            self._wake(waiter)

    def _wake(self, waiter: Waiter) -> None:
        if waiter.loop is _running_loop():
            _finish(waiter.awake)
            return
        try:
            waiter.loop.call_soon_threadsafe(_finish, waiter.awake)
        except RuntimeError:  # its loop is closed: nobody waits there any more
            if waiter.ticket is not None:
                self._ledger.give_back(waiter.ticket)

    def _set_alarms(self, at: float, now: float) -> None:
        """See that every loop with waiters asks again at `at`: one of them may be busy or about to end."""
        here = _running_loop()
        for loop in self._room.loops:
            alarm = self._alarms.get(loop)
            if alarm is not None and alarm.at == at:
                continue
            if loop is here:
                if alarm is not None and alarm.handle is not None:
                    alarm.handle.cancel()
                handle = None if math.isinf(at) else loop.call_later(max(0.0, at - now) + _LATE, self._ring, loop)
                self._alarms[loop] = _Alarm(at, handle)
            elif alarm is None or at < alarm.at:
                self._alarms[loop] = _Alarm(at, alarm.handle if alarm else None)
                try:
                    loop.call_soon_threadsafe(self._ring, loop)
                except RuntimeError:
                    self._forget_loop(loop)

    def _forget_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        self._alarms.pop(loop, None)
        for waiter in self._room.everyone():
            if waiter.loop is loop:
                self._room.leave(waiter)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._store:
            alarm = self._alarms.pop(loop, None)
            if alarm is not None and alarm.handle is not None:
                alarm.handle.cancel()
            self._dispatch(self._clock())
        self._report()

    def _report(self) -> None:
        """Tell the listener what has happened. Not under the lock."""
        events = self._ledger.events
        while events:
            event = events.pop(0)
            if self._listener is not None:
                try:
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
                wait = self._forecast(spending.requests, Scope.GENERAL, Lane.INTERACTIVE, now)
                if wait > spending.seconds:
                    raise self._wait_error(
                        None,
                        Lane.INTERACTIVE,
                        wait=wait,
                        max_wait=spending.seconds,
                        position=len(self._room),
                        now=now,
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
        """Seconds until `requests` more will have been sent, after those that wait already."""
        with self._store:
            now = self._clock()
            return self._forecast(requests + self._room.ahead(lane, Scope.GENERAL), Scope.GENERAL, lane, now)

    def _forecast(self, requests: int, scope: Scope, lane: Lane, now: float) -> float:
        ledger = self._ledger
        hold = ledger.hold(now, scope, lane)
        begins = now
        if hold is not None:
            if hold.final:
                return hold.until - now
            if not math.isinf(hold.until) and hold.reason is not HoldReason.RESERVE:
                begins = hold.until
        rate = self.config.rate / (self.config.second + ledger.pace.budget)
        wait = forecast.play(forecast.stretches(ledger.windows, now), requests, now=now, begins=begins, rate=rate)
        group = ledger.groups.get(scope)
        if group is not None:
            wait = max(wait, group.nth_free(requests) - now)
        return wait

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
        self._alarms, self._spreaders = {}, WeakKeyDictionary()
        self._forgotten.clear()


_all: WeakSet[Governor] = WeakSet()


def _after_fork() -> None:
    for governor in list(_all):
        governor._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _final_error(hold: Hold, now: float) -> LushaError:
    kind = TrialLimitError if hold.reason is HoldReason.TRIAL_ENDED else DailyQuotaExhaustedError
    return kind(
        status=429,
        message="known from an earlier answer; nothing was sent",
        retry_after=seconds_to(hold.until, now),
        window=hold.window,
    )


def _finish(awake: asyncio.Future[None]) -> None:
    if not awake.done():
        awake.set_result(None)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
