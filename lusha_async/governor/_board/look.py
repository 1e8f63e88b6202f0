"""A look at a board by a process that does not come to it."""

import time

from ..snapshot import BoardSnapshot, Connection, Snapshot, snapshot_of
from ..wait_queue import WaitQueue
from .board import peers_of
from .codec import Codec
from .store import BoardStore

__all__ = ["look"]


def look(store: BoardStore) -> Snapshot | None:
    """What the processes on a board share; None: there is no board.

    Raises `UnavailableStoreError`, `LostStoreError`, and `ValueError` for a board that cannot be read.
    """
    codec = Codec()
    try:
        data, codec.offset = store.look()
    finally:
        store.close()
    if data is None:
        return None
    board, now = codec.decode(data), time.monotonic()
    shared = BoardSnapshot(
        store=store.name,
        connection=Connection.SHARED,
        reason="",
        age=now - board.at,
        config=board.limiter.config,
        peers=peers_of(board, "", now),
    )
    return snapshot_of(board.limiter, WaitQueue(0.0), now, shared)
