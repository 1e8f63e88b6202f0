"""The line of the calls that wait, over all processes of a board. Pure.

Interactive calls come before bulk calls, and within a lane one call of each process in turn, whatever their numbers. A
process that does not come in time when it is its turn is passed.
"""

import math

from ..config import Lane
from .board import LATE, Board, Peer
from .message import Demand

__all__ = ["before", "bulk_first", "line_up", "others_ahead", "served"]

_SHARE_OF_AGED = 10
"""One of so many grants is to a bulk call, if one has aged, however many interactive calls wait."""


def line_up(board: Board, peer: Peer, demand: Demand) -> None:
    """So many calls of `peer` wait. One that had none takes its turn now: it has saved up none."""
    turn = peer.turn(demand.lane)
    if not turn.waiting:
        turn.number = max(turn.number, board.turn_served(demand.lane))
    turn.waiting = demand.waiting
    turn.since = demand.first[0].since if demand.first else math.inf


def served(board: Board, peer: Peer, lane: Lane) -> None:
    """A slot was granted to the next call of `peer` in `lane`."""
    turn = peer.turn(lane)
    if lane is Lane.BULK:
        board.bulk, board.since_bulk = max(board.bulk, turn.number), 0
    else:
        board.interactive, board.since_bulk = max(board.interactive, turn.number), board.since_bulk + 1
    turn.number += 1
    turn.waiting -= 1


def _in_line(board: Board, now: float, but: str) -> list[Peer]:
    """The other processes that come in time when it is their turn."""
    return [peer for peer in board.peers.values() if peer.name != but and now <= peer.due + LATE]


def bulk_first(board: Board, now: float) -> bool:
    """Whether the next grant is to a bulk call: one has waited long, and interactive calls were granted meanwhile."""
    return board.since_bulk >= _SHARE_OF_AGED - 1 and any(
        _has_aged(board, peer, now) for peer in board.peers.values()
    )


def _has_aged(board: Board, peer: Peer, now: float) -> bool:
    return peer.bulk.waiting > 0 and peer.bulk.since <= now - board.limiter.config.ageing


def before(board: Board, peer: Peer, lane: Lane, now: float) -> int:
    """How many calls of other processes, and interactive ones of its own, come before the next one of `peer`."""
    mine = peer.turn(lane)
    others = _in_line(board, now, peer.name)
    calls = sum(
        min(turn.waiting, max(0, mine.number - turn.number + (other.name < peer.name)))
        for other in others
        for turn in (other.turn(lane),)
    )
    if lane is Lane.BULK:
        interactive = peer.interactive.waiting + sum(other.interactive.waiting for other in others)
        aged = _has_aged(board, peer, now)
        calls += min(interactive, max(0, _SHARE_OF_AGED - 1 - board.since_bulk)) if aged else interactive
    elif bulk_first(board, now):
        calls += 1
    return calls


def others_ahead(board: Board, name: str, lane: Lane, own: int) -> int:
    """About how many calls of other processes are sent before `own` more calls of process `name`."""
    ahead = 0
    for peer in board.peers.values():
        if peer.name != name:
            ahead += min(peer.turn(lane).waiting, own)
            ahead += peer.interactive.waiting if lane is Lane.BULK else 0
    return ahead
