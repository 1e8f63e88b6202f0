"""Retention: deletes what the policy no longer keeps from the file of an inbox."""

import sqlite3
from collections.abc import Iterator

from ._sqlite_file import SQLiteFile
from ._steady_clock import SteadyClock
from .delivery import State
from .inbox import InboxPolicy

__all__ = ["PrunedFile"]

_ROWS = 1000
_BACKLOG_SECONDS = 0.1
"""With `_ROWS` at a time, 10,000 events a second are deleted, which is more than arrive."""


class PrunedFile:
    """The file of an inbox, pruned every `interval` seconds, and at once until nothing is left past its retention.

    All methods but `__init__` run in the writer's thread.
    """

    def __init__(self, file: SQLiteFile, policy: InboxPolicy, clock: SteadyClock, interval: float) -> None:
        self._file = file
        self._policy = policy
        self._clock = clock
        self._interval = interval
        self._due_at = float("-inf")
        self.is_full = False
        """Whether the file had reached its size before this batch; it is then pruned soon."""
        self.check = file.check
        self.close = file.close

    def connect(self) -> sqlite3.Connection:
        """Open the file. The clock continues from the latest time in it."""
        connection = self._file.connect()
        latest = connection.execute(
            "SELECT max((SELECT received_at FROM events ORDER BY number DESC LIMIT 1), "
            "coalesce((SELECT max(settled_at) FROM events WHERE state = 'handled'), 0), "
            "coalesce((SELECT max(settled_at) FROM events WHERE state = 'dead'), 0))"
        ).fetchone()[0]
        self._clock.advance_to(latest or 0.0)
        return connection

    def maintain(self, connection: sqlite3.Connection) -> float:
        """Delete some of what is past its retention, if it is time; return the seconds until the next time."""
        now = self._clock()
        if now >= self._due_at:
            pruned = self._prune(connection, now)
            has_backlog = pruned >= _ROWS
            self._due_at = now + (_BACKLOG_SECONDS if has_backlog else self._interval)
            # what was deleted is still in the WAL
            self._file.shrink_wal(connection, entirely=self.is_full or 0 < pruned < _ROWS)
        self.is_full = self._file.is_full(connection)
        if self.is_full:
            self._due_at = min(self._due_at, now + _BACKLOG_SECONDS)
        return self._due_at - now

    def _prune(self, connection: sqlite3.Connection, now: float) -> int:
        """The number of rows deleted or emptied by the statement that changed most."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            changed = max(
                connection.execute(query, (before, _ROWS)).rowcount for query, before in self._deletions(now)
            )
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        return changed

    def _deletions(self, now: float) -> Iterator[tuple[str, float]]:
        policy = self._policy
        for state, kept in ((State.HANDLED, policy.body_retention), (State.DEAD, policy.dead_retention)):
            settled = f"SELECT number FROM events WHERE state = '{state}' AND settled_at < ?"  # noqa: S608
            yield (
                f"DELETE FROM events WHERE number IN ({settled} LIMIT ?)",  # noqa: S608
                now - max(policy.key_retention, kept),
            )
            yield (
                f"UPDATE events SET body = NULL WHERE number IN ({settled} AND body IS NOT NULL LIMIT ?)",  # noqa: S608
                now - kept,
            )
