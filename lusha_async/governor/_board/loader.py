"""The board as it is in a store, or a new one; what a clock that was set has to do with it."""

import logging
import math

from ..config import GovernorConfig
from .board import Board, begin
from .codec import Codec, DamagedBoardError, OtherVersionError
from .store import UnavailableStoreError

__all__ = ["Loader"]

_INVITATION = 0.25
"""Seconds that a new board waits for a process that has been alone."""
_STEP = 0.25
"""Seconds by which a clock is wrong at least to have been set."""

_log = logging.getLogger("lusha_async")


class Loader:
    """Reads and writes boards with the times of this process's clock. For one thread."""

    def __init__(self, config: GovernorConfig, store: str) -> None:
        self._config = config
        self._store = store
        self._codec = Codec()

    def write(self, board: Board, offset: float = 0.0) -> bytes:
        """`board` for a store whose times differ from this clock by `offset`."""
        self._codec.offset = offset
        return self._codec.encode(board)

    def read(self, data: bytes, offset: float = 0.0) -> Board:
        """See `write`. Raises what `Codec.decode` raises."""
        self._codec.offset = offset
        return self._codec.decode(data)

    def load(self, data: bytes | None, offset: float, now: float, known: Board | None) -> Board:
        """The board that a store holds; if it holds none, `known` without its processes, or a new one.

        Raises `UnavailableStoreError` for a board of another version.
        """
        if data is not None:
            try:
                board = self.read(data, offset)
            except OtherVersionError as error:
                raise UnavailableStoreError(f"the board on {self._store} cannot be read: {error}") from error
            except DamagedBoardError:
                _log.warning("the board on %s was damaged and is begun anew", self._store)
            else:
                wrong = self._wrong(board, now, known)
                return board if abs(wrong) < _STEP else self.read(data, offset - wrong)
        if known is None:
            return begin(self._config, now, pause=_INVITATION)
        board = self.read(self.write(known))
        board.peers.clear()
        board.at = -math.inf
        return board

    def _wrong(self, board: Board, now: float, known: Board | None) -> float:
        """Seconds by which the times of `board` are ahead: the store's clock was set, or the machine started anew."""
        if board.at > now:
            return board.at - now
        return min(0.0, board.at - known.at) if known is not None else 0.0
