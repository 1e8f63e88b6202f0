"""An exchange: what a process reports is applied, and it is granted what it may send. Pure.

Slots are granted one by one, in the order of the line, a little before they are free. A process whose turn has not come
is asked to come again when it will. One that has been silent is dropped: what it had in flight counts as lost, and the
slots that it was granted are free again by themselves.
"""

import math

from ...operations import Scope
from ..config import Lane
from ..limiter_state import Hold, HoldReason, LimiterState
from ..pace import Pace
from .board import HEARTBEAT, LATE, SILENT, Board, Peer, spread
from .line import before, bulk_first, line_up, served
from .message import Answer, Batches, Grant, Message, WaitingCall

__all__ = ["exchange"]

_VOID = 0.25
"""Seconds after which a grant that was not used must not be."""
_FORGOTTEN = 1.25
"""Seconds after the last exchange from which on others may have sent without the board: see `share`."""
_SOONEST = 0.002
"""Seconds between two exchanges of a process at least, unless it has something to report."""
_POLL = 0.1
"""Seconds between two looks when only an answer to another process can end a hold."""


def exchange(
    board: Board,
    message: Message,
    batches: Batches,
    own: LimiterState | None,
    now: float,
) -> Answer:
    """Apply the reports of a process and grant what it may send now. `batches` are those of `message` to be changed.

    `own` is the limiter state that a process brings along when it comes to the board.
    """
    if now - board.at > _FORGOTTEN:
        spread(board, now)
    state = board.limiter
    if own is not None:
        _join(board, own, now)
        state = board.limiter
    peer = board.peers.setdefault(message.name, Peer(message.name))
    peer.heard, peer.in_flight, peer.probes = now, message.in_flight, message.probes
    lost = _drop_silent(board, now)
    everyone = board.peers.values()
    state.count_in_flight(sum(p.in_flight for p in everyone), sum(p.probes for p in everyone))
    state.abandon(lost, now)
    for number, reports in batches:
        # Of a batch that was applied by an exchange whose end was not known, only the records are still to be changed.
        affected = state if number > peer.batch else LimiterState(state.config)
        peer.batch = max(peer.batch, number)
        for report in reports:
            report.apply(affected, report.record)
    for demand in message.demands:
        if demand.scope is Scope.GENERAL:
            line_up(board, peer, demand)
    answer = _Grants(board, peer, message, now).run()
    peer.in_flight += state.in_flight - sum(p.in_flight for p in everyone)
    peer.probes += state.breaker.in_flight - sum(p.probes for p in everyone)
    peer.due = answer.due
    board.at = now
    board.used = board.used or bool(answer.grants)
    return answer


def _join(board: Board, own: LimiterState, now: float) -> None:
    """A process kept a limiter state of its own. Both have sent: of their slots, those that are free later count."""
    if not board.used and own.pace.limit == board.limiter.pace.limit:
        board.limiter = own
        lapsed = now + _VOID + own.pace.period
        for pace in _paces(own):
            pace.free_at = [lapsed if at == math.inf else at for at in pace.free_at]
        return
    for ours, theirs in zip(_paces(board.limiter), _paces(own), strict=True):
        for at in sorted(at for at in theirs.free_at if at < math.inf)[-ours.limit :]:
            slot = ours.free_at.index(min(ours.free_at))
            ours.free_at[slot] = max(ours.free_at[slot], at)


def _paces(state: LimiterState) -> tuple[Pace, ...]:
    return (state.pace, *state.groups.values())


def _drop_silent(board: Board, now: float) -> int:
    """Drop the processes that have been silent; returns how many requests they had in flight."""
    silent = [peer for peer in board.peers.values() if now - peer.heard > SILENT]
    for peer in silent:
        del board.peers[peer.name]
    return sum(peer.in_flight for peer in silent)


class _Grants:
    """Grants slots to one process until its turn is over or no slot is free."""

    def __init__(self, board: Board, peer: Peer, message: Message, now: float) -> None:
        self._board, self._peer, self._now = board, peer, now
        self._state = board.limiter
        self._ahead = message.ahead
        self._soonest = now + message.trip
        self._left = message.most
        self._queues = [(demand.lane, demand.scope, list(demand.first)) for demand in message.demands]
        self._grants: list[Grant] = []
        self._due = now + HEARTBEAT
        self._paced = True
        self._final: Hold | None = None

    def run(self) -> Answer:
        while self._left > 0 and self._grant_one():
            pass
        if self._left <= 0:  # it uses these first, and says so
            self._due = min(self._due, self._now + _POLL)
        due = max(self._due, self._now + _SOONEST)
        return Answer(self._grants, due, self._final, self._paced)

    def _grant_one(self) -> bool:
        self._due, self._paced = self._now + HEARTBEAT, True
        first = bulk_first(self._board, self._now)
        order = sorted(self._queues, key=lambda queue: (queue[0] is Lane.BULK) is not first)
        return any(calls and self._grant(lane, scope, calls) for lane, scope, calls in order)

    def _grant(self, lane: Lane, scope: Scope, calls: list[WaitingCall]) -> bool:
        """Grant a slot to the first of `calls`. If that may not be, see when it may."""
        state, now = self._state, self._now
        general = scope is Scope.GENERAL
        ahead = before(self._board, self._peer, lane, now) if general else 0
        crowd = sum(peer.turn(lane).waiting for peer in self._board.peers.values())
        at = now
        hold = state.hold(at, scope, lane, crowd=crowd)
        while hold is not None and hold.reason is HoldReason.PACE and hold.until <= now + self._ahead:
            at = hold.until
            hold = state.hold(at, scope, lane, crowd=crowd)
        if hold is not None:
            self._held(hold, ahead)
            return False
        free = max(at, state.pace.nth_free(ahead + 1))
        if free > now + self._ahead:
            self._due = min(self._due, free - self._ahead)
            return False
        free = max(free, self._soonest)
        record = state.take(calls[0].operation, lane, free, ahead=ahead, latest=free + LATE)
        record.begins, record.expires = free, free + _VOID
        self._grants.append(Grant(calls.pop(0).number, record))
        self._left -= 1
        if general:
            served(self._board, self._peer, lane)
        return True

    def _held(self, hold: Hold, before: int) -> None:
        if hold.final:
            self._final = hold
            return
        if hold.reason is HoldReason.PACE:
            due = max(hold.until, self._state.pace.nth_free(before + 1)) - self._ahead
        else:
            self._paced = False
            due = hold.until if hold.until < math.inf else self._now + _POLL
        self._due = min(self._due, due)
