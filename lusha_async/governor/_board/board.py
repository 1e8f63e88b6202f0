"""The board: the limiter state that several processes share, and who they are. Pure.

Times are seconds of the clock of the process that reads it; `codec` converts them.
"""

import math

from attrs import define, field

from ..config import GovernorConfig, Instant, Lane
from ..limiter_state import LimiterState
from ..snapshot import PeerSnapshot

__all__ = ["HEARTBEAT", "LATE", "SILENT", "Board", "Peer", "Turn", "begin", "peers_of", "share", "spread"]

SILENT = 5.0
"""Seconds without an exchange after which a process is dropped."""
HEARTBEAT = 1.0
"""Seconds between two exchanges of a process at most."""
LATE = 0.03
"""Seconds by which a process is late at most before its turn passes, or before it reports that it sends later."""


@define
class Turn:
    """What a process has in line in one lane: `waiting` calls, the oldest since `since`. `number`: of its next turn."""

    waiting: int = 0
    since: Instant = math.inf
    number: int = 0


@define
class Peer:
    """One process. `due`: when it was asked to come again, `batch`: the last reports of it that were applied."""

    name: str
    heard: Instant = -math.inf
    due: Instant = math.inf
    in_flight: int = 0
    probes: int = 0
    batch: int = 0
    interactive: Turn = field(factory=Turn)
    bulk: Turn = field(factory=Turn)

    def turn(self, lane: Lane) -> Turn:
        """Its place in the line of `lane`."""
        return self.interactive if lane is Lane.INTERACTIVE else self.bulk

    @property
    def busy(self) -> bool:
        """Whether it has calls that wait or requests in flight."""
        return self.in_flight + self.interactive.waiting + self.bulk.waiting > 0


@define
class Board:
    """The state that the processes share. `limiter.config` is that of the process which began it.

    `at` is the time of the last exchange. `interactive` and `bulk` are the number of the turn that is served, and
    `since_bulk` the interactive grants since the last bulk grant. `used`: a slot was granted.
    """

    limiter: LimiterState
    peers: dict[str, Peer] = field(factory=dict[str, Peer])
    at: Instant = -math.inf
    interactive: int = 0
    bulk: int = 0
    since_bulk: int = 0
    used: bool = False

    def turn_served(self, lane: Lane) -> int:
        """The number of the turn that is served in `lane`."""
        return self.interactive if lane is Lane.INTERACTIVE else self.bulk


def begin(config: GovernorConfig, now: float, *, pause: float) -> Board:
    """A new board, whose slots are free from `pause` seconds from now on."""
    board = Board(LimiterState(config))
    spread(board, now + pause)
    board.at = now
    return board


def spread(board: Board, at: float) -> None:
    """What was sent in the last second is not known: the slots are free one by one, from `at` on."""
    pace = board.limiter.pace
    pace.free_at = [at + number * pace.period / pace.limit for number in range(pace.limit)]


def share(board: Board, name: str, now: float) -> LimiterState:
    """The part of one process while the board cannot be reached, where each of `peers` takes its own.

    Nothing is sent for a period, until what others were granted is over. The plan windows are not divided: what others
    send is seen in the answers.
    """
    state = board.limiter
    names = sorted({*board.peers, name})
    part = LimiterState(state.config)
    part.windows, part.breaker, part.warmed = state.windows, state.breaker, state.warmed
    part.trial_until = state.trial_until
    part.pace = state.pace.part(names.index(name), len(names), now)
    part.groups = {scope: group.part(names.index(name), len(names), now) for scope, group in state.groups.items()}
    return part


def peers_of(board: Board, own: str, now: float) -> tuple[PeerSnapshot, ...]:
    """The processes on a board as values; `own` is the name of this one."""
    return tuple(
        PeerSnapshot(
            name=peer.name.rpartition(":")[0],
            own=peer.name == own,
            in_flight=peer.in_flight,
            waiting_interactive=peer.interactive.waiting,
            waiting_bulk=peer.bulk.waiting,
            heard=max(0.0, now - peer.heard),
        )
        for peer in board.peers.values()
    )
