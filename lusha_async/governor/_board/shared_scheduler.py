"""A scheduler whose slots come from a board as soon as another process shares it.

    alone -> on the board -> alone       as other processes come and go (one machine)
    on the board -> off it -> on it      while the store does not answer: this process takes its part of the slots

A thread makes the exchanges: one governor serves many event loops, which end, or are blocked, without an end of their
requests. It refers to the scheduler only while it makes one, and ends with it.
"""

import asyncio
import copy
import logging
import math
import os
import secrets
import socket
import threading
import time
import weakref
from collections.abc import Callable

from attrs import frozen

from ...operations import Operation, Scope
from ..config import GovernorConfig, Lane
from ..events import EventKind, GovernorEvent
from ..limiter_state import LimiterState, RequestRecord
from ..scheduler import Scheduler, finish
from ..snapshot import BoardSnapshot, Connection
from ..wait_queue import Waiter
from . import board as boards
from .board import Board
from .exchange import exchange
from .line import others_ahead
from .loader import Loader
from .message import Answer, Apply, Demand, Message, WaitingCall
from .outbox import Computation, Outbox, computation
from .replica import Replica
from .store import BoardStore, LostStoreError, UnavailableStoreError

__all__ = ["SharedScheduler", "start"]

_LOOK = 0.05
"""Seconds between two looks for company while this process is alone and sends."""
_AHEAD, _MAX_AHEAD = 0.02, 0.9
"""Seconds before a slot is free at which it is asked for: on a fast store, and at most."""
_SLOW = 0.005
"""Seconds of a round trip from which on the processes leave each other time: one commit must have seen the other."""
_MOST = 5
"""Grants that are not used yet, at most; more on a slow store."""
_RIDE = 0.25
"""Seconds for which a report waits for an exchange, while requests are in flight."""
_LOST = 0.25
"""Seconds without a successful exchange after which the store is lost."""
_RETRY, _REJOIN = 0.02, 0.5
"""Seconds between attempts before that, and after."""
_STUCK = 0.1
"""Seconds after which an event loop that was called and has not run is stuck."""

_log = logging.getLogger("lusha_async")


@frozen
class _Exchange:
    """One computation of an exchange; the last one was committed."""

    board: Board
    data: bytes
    answer: Answer
    computation: Computation


class SharedScheduler(Scheduler):
    """See `Scheduler`. `connection` is how this process keeps the limits together with others."""

    def __init__(
        self,
        config: GovernorConfig,
        clock: Callable[[], float],
        listener: Callable[[GovernorEvent], object] | None,
        store: BoardStore,
    ) -> None:
        self._store = store
        super().__init__(config, clock, listener)

    def _reset(self) -> None:
        super()._reset()
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.connection = Connection.ALONE
        self._reason = ""
        self._board: Board | None = None  # as it was at the last exchange
        self._loader = Loader(self._config, self._store.name)
        self._outbox = Outbox()
        self._own: bytes | None = None  # the limiter state that is brought to the board
        self._entered = False
        self._look_at = -math.inf
        self._wakeup = threading.Event()
        self._unused: dict[RequestRecord, asyncio.AbstractEventLoop] = {}  # grants
        self._called: dict[
            asyncio.AbstractEventLoop, float
        ] = {}  # loops with grants that have not run, since when
        self._trip = self.pause = 0.0
        self._failing_since = math.inf
        self._differs = False

    def after_fork(self) -> None:
        """See `Scheduler`. The child comes to the board as a process of its own."""
        self._store.close()
        if isinstance(self._state, Replica):
            self._state = self._board.limiter if self._board is not None else LimiterState(self._config)
        super().after_fork()

    # --- alone, or not --------------------------------------------------------------------------------------

    def _take_at_once(self, operation: Operation, lane: Lane, now: float) -> RequestRecord | None:
        if now >= self._look_at:
            self._look(now)
        return None if self.connection is Connection.SHARED else super()._take_at_once(operation, lane, now)

    def _dispatch(self, now: float) -> None:
        if now >= self._look_at:
            self._look(now)
        if self.connection is Connection.SHARED:
            self._settle_abandoned(now)
            self._wakeup.set()
        else:
            super()._dispatch(now)

    def _look(self, now: float) -> None:
        """See whether another process is here. Under the lock."""
        self._look_at = now + _LOOK
        try:
            alone = not self._store.company() if self._entered else self._store.enter()
        except UnavailableStoreError as error:
            self._stay(str(error))
            return
        self._entered = True
        if not alone:
            self._look_at = math.inf
            self._share(self._state)
            start(self, self._wakeup)

    def _stay(self, reason: str) -> None:
        self.connection, self._reason, self._look_at = Connection.PROCESS, reason, math.inf
        _log.warning("the rate limits are kept for this process only: %s", reason)

    def _share(self, own: LimiterState) -> None:
        """Come to the board, with what is known so far."""
        self.connection = Connection.SHARED
        if max(own.pace.free_at) > -math.inf:  # it has sent
            self._own = self._loader.write(Board(own))
        self._outbox.begin(own.in_flight, own.breaker.in_flight)
        self._replace(Replica.of(own, self._report))
        self._next_dispatch, self._only_paced = -math.inf, True
        self._wakeup.set()

    def _leave(self, state: LimiterState) -> None:
        """From now on the slots are granted here, from `state`."""
        self._outbox.take_back(state)
        self._unused.clear()
        self._called.clear()
        self._replace(state)
        self._next_dispatch = math.inf

    def _replace(self, state: LimiterState) -> None:
        events, state.events = state.events, self._state.events
        state.events.extend(events)
        self._state = state

    # --- the way of a request -------------------------------------------------------------------------------

    def _report(self, record: RequestRecord, apply: Apply, urgent: bool) -> None:
        self._outbox.report(record, apply)
        used = self._unused.pop(record, None)
        if urgent or (used is not None and not self._unused and self.queue):  # it may have more
            self._wakeup.set()

    async def _smooth(self, loop: asyncio.AbstractEventLoop, record: RequestRecord) -> bool:
        if not await super()._smooth(loop, record):
            return False
        if record.expires >= self._clock():
            return True
        self.release(record)
        return False

    def ahead(self, lane: Lane, scope: Scope, calls: int = 1) -> int:
        """See `Scheduler`."""
        ahead = super().ahead(lane, scope, calls)
        if self.connection is Connection.SHARED and self._board is not None and scope is Scope.GENERAL:
            ahead += others_ahead(self._board, self._name, lane, ahead + calls)
        return ahead

    def board_snapshot(self) -> BoardSnapshot:
        """See `Scheduler`."""
        board = self._board if self.connection in {Connection.SHARED, Connection.LOST} else None
        now = self._clock()
        return BoardSnapshot(
            store=self._store.name,
            connection=self.connection,
            reason=self._reason,
            age=None if board is None else now - board.at,
            config=self._state.config,
            peers=() if board is None else boards.peers_of(board, self._name, now),
        )

    # --- exchanges, in a thread -----------------------------------------------------------------------------

    def step(self) -> float | None:
        """Make one exchange. Returns the seconds until the next, or None if there is none."""
        if self.connection in {Connection.PROCESS, Connection.ALONE}:
            return None
        wait: float | None = None
        try:
            wait = self._exchange()
        except UnavailableStoreError as error:
            self._refused(str(error))
        except Exception:  # calls that wait for this thread would wait without end
            _log.exception("an exchange with the board on %s failed: please report it", self._store.name)
            self._refused("an exchange failed, see the log")
        self._notify()
        return wait

    def _exchange(self) -> float | None:
        with self._lock:
            began = self._clock()
            message, asked = self._message(began)
        made: list[_Exchange] = []
        try:
            took = self._store.change(lambda data, offset: self._change(message, made, data, offset))
        except LostStoreError as error:
            return self._failed(began, str(error))
        return self._committed(made[-1], asked, took)

    def _message(self, now: float) -> tuple[Message, dict[int, Waiter]]:
        self._settle_abandoned(now)
        stuck = self._not_running(now)
        ahead = min(_MAX_AHEAD, _AHEAD + 2 * self._trip + self.pause)
        most = max(0, _MOST + math.ceil(self._state.pace.rate * (ahead - _AHEAD)) - len(self._unused))
        requests, probes = self._outbox.in_flight()
        if self.connection is Connection.LOST:  # it only wants to know whether the store answers
            most, requests, probes = 0, self._state.in_flight, self._state.breaker.in_flight
        demands: list[Demand] = []
        asked: dict[int, Waiter] = {}
        for lane in Lane:
            for scope in Scope:
                waiting, first = self.queue.first(lane, scope, most, stuck)
                calls = [WaitingCall(w.number, w.operation, lane, w.since) for w in first]
                demands.append(Demand(lane, scope, waiting if first else 0, calls))
                asked |= {waiter.number: waiter for waiter in first}
        return Message(
            self._name, self._outbox.batches(), requests, probes, demands, ahead, self._trip, most
        ), asked

    def _not_running(self, now: float) -> set[asyncio.AbstractEventLoop]:
        """The loops that did not run when they were called; the grants to them are taken back."""
        for loop in [loop for loop in self._called if loop.is_closed()]:
            del self._called[loop]
            self._drop_loop(loop)
        stuck = {loop for loop, since in self._called.items() if now - since > _STUCK}
        for record in [record for record, loop in self._unused.items() if loop in stuck or loop.is_closed()]:
            self._state.release(record)
        return stuck

    def _change(self, message: Message, made: list[_Exchange], data: bytes | None, offset: float) -> bytes:
        now = self._clock()
        board = self._loader.load(data, offset, now, self._board)
        own = None if self._own is None else self._loader.read(self._own).limiter
        computed = computation(message.batches)
        answer = exchange(board, message, computed.batches, own, now)
        new = self._loader.write(board, offset)
        made.append(_Exchange(board, new, answer, computed))
        return new

    def _committed(self, made: _Exchange, asked: dict[int, Waiter], took: float) -> float | None:
        with self._lock:
            now = self._clock()
            self._board, self._own, self._failing_since = made.board, None, math.inf
            self._trip = took if took < self._trip else self._trip + (took - self._trip) / 8
            busy = sum(peer.busy for peer in made.board.peers.values())
            self.pause = self._trip * max(0, busy - 1) if self._trip > _SLOW else 0.0
            self._compare(made.board.limiter.config)
            if self.connection is Connection.LOST:
                self._found()
                return 0.0
            self._outbox.committed(made.computation)
            self._replace(Replica.of(made.board.limiter, self._report))
            self._only_paced = made.answer.paced
            self._hand_out(made.answer, asked, now)
            if self._is_alone(made):
                return None
            latest = _RIDE if self._outbox else boards.HEARTBEAT
            return max(0.0, min(made.answer.due - now if self.queue else math.inf, latest))

    def _compare(self, config: GovernorConfig) -> None:
        if not self._differs and config != self._config:
            self._differs = True
            _log.warning("the board on %s has another GovernorConfig, which holds: %r", self._store.name, config)

    def _hand_out(self, answer: Answer, asked: dict[int, Waiter], now: float) -> None:
        for grant in answer.grants:
            waiter = asked[grant.number]
            record = copy.copy(grant.record)
            self._outbox.theirs[record] = grant.record
            if not self.queue.remove(waiter):  # cancelled meanwhile
                self._state.release(record)
                continue
            waiter.record = record
            self._unused[record] = waiter.loop
            try:
                waiter.loop.call_soon_threadsafe(self._use, waiter, record)
            except RuntimeError:  # it is closed
                self._state.release(record)
                self._drop_loop(waiter.loop)
            else:
                self._called.setdefault(waiter.loop, now)
        if answer.final is not None:
            self._refuse_all(answer.final, now)

    def _use(self, waiter: Waiter, record: RequestRecord) -> None:
        """On the loop of a waiter that was granted a slot."""
        with self._lock:
            self._called.pop(waiter.loop, None)
        wait = record.begins - self._clock()
        if wait > 0:
            waiter.loop.call_later(wait, finish, waiter.future)
        else:
            finish(waiter.future)

    def _is_alone(self, made: _Exchange) -> bool:
        """Whether every other process has gone: then the board ends."""
        if set(made.board.peers) != {self._name} or not self._store.disband(made.data):
            return False
        self.connection, self._board = Connection.ALONE, None
        self._leave(made.board.limiter)
        self._look_at = self._clock() + _LOOK
        self._dispatch(self._clock())
        return True

    # --- without the store ----------------------------------------------------------------------------------

    def _failed(self, began: float, reason: str) -> float:
        """The store did not answer. Returns the seconds until the next attempt."""
        with self._lock:
            now = self._clock()
            self._failing_since = min(self._failing_since, began)
            if self.connection is Connection.LOST:
                return _REJOIN
            if now - self._failing_since < _LOST:
                return _RETRY
            board = self._board or Board(self._state)
            self._leave(boards.share(board, self._name, now))
            self.connection = Connection.LOST
            self._state.emit(EventKind.BOARD_LOST)
            _log.warning(
                "the board on %s cannot be reached (%s): until it can, this process takes 1/%d of the rate",
                self._store.name,
                reason,
                len({*board.peers, self._name}),
            )
            self._dispatch(now)
            return _REJOIN

    def _found(self) -> None:
        """The store answers again."""
        self._share(self._state)
        self._state.emit(EventKind.BOARD_FOUND)
        _log.warning("the board on %s is reached again", self._store.name)

    def _refused(self, reason: str) -> None:
        """There can be no board: go on as one process, with what it brought, or its part of what it shared."""
        with self._lock:
            if self._board is not None:
                state = boards.share(self._board, self._name, self._clock())
            else:
                state = self._loader.read(self._own).limiter if self._own else LimiterState(self._config)
            self._leave(state)
            self._stay(reason)
            self._dispatch(self._clock())


def start(scheduler: SharedScheduler, wakeup: threading.Event) -> None:
    """Make its exchanges, in a thread."""
    arguments = (weakref.ref(scheduler), wakeup)
    threading.Thread(target=_run, args=arguments, name="lusha-async board", daemon=True).start()


def _run(scheduler: weakref.ref[SharedScheduler], wakeup: threading.Event) -> None:
    """Make exchanges until the scheduler is no more, or has no use for them."""
    wait: float | None = 0.0
    while wait is not None:
        wakeup.wait(wait)
        wakeup.clear()
        shared = scheduler()
        if shared is None or shared._wakeup is not wakeup:  # it was forked
            return
        wait, pause = shared.step(), shared.pause
        del shared
        if pause:
            time.sleep(pause)
