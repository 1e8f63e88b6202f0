"""The durable inbox: a SQLite file, shared by the processes of a host."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import anyio
import anyio.to_thread
from attrs import evolve

from ._group_commit import GroupCommitWriter
from ._retention import PrunedFile
from ._sqlite_file import SQLiteFile
from ._steady_clock import SteadyClock
from .delivery import Counts, Lease, SignedMessage, State, StoredEvent
from .errors import InboxError, InboxFullError, LeaseLostError
from .inbox import Inbox, InboxPolicy, Notifier

__all__ = ["SQLiteInbox"]


class SQLiteInbox(Inbox):
    """An inbox in the SQLite file `path`, which is created with access for its owner only.

    `put` returns when the event is on the disk (WAL, `synchronous=FULL`): it then survives a killed process and a
    power failure, if the disk honours fsync. Concurrent puts share a commit. Any number of processes of one host may
    receive into and consume from the same file, which must be on a local disk.

    - `policy`: retries and retention; see `InboxPolicy`.
    - `max_bytes`: the size of the file and its write-ahead log at which `put` raises `InboxFullError`; looked at
      before each commit.
    - `max_waiting`: the number of operations waiting for the disk at which `put` raises `OverloadedError`.
    - `poll`: seconds between checks for events stored by other processes.
    - `prune_interval`: seconds between checks for what is past its retention, also while nothing arrives.
    - `clock`: returns seconds since 1970; all processes that share the file need the same clock. If it is set back,
      times go on from where they were.

    The file is opened at first use; the constructor does no I/O. Not usable after a fork. A database that fails
    raises `InboxError` from any method. So does a file that was moved, removed or replaced while it was open: nothing
    is reported as stored that is not under its name, and the next call opens, or creates, the file of that name.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        policy: InboxPolicy | None = None,
        max_bytes: int = 4 * 1024**3,
        max_waiting: int = 2000,
        poll: float = 0.25,
        prune_interval: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.policy = policy or InboxPolicy()
        self._max_bytes = max_bytes
        self._poll = poll
        self._clock = SteadyClock(clock)
        self._file = PrunedFile(SQLiteFile(path, max_bytes), self.policy, self._clock, prune_interval)
        self._notifier = Notifier()
        self._writer = GroupCommitWriter(self._file, max_waiting=max_waiting)

    async def put(self, message: SignedMessage) -> bool:
        """See `Inbox.put`."""
        new = await self._writer.submit(lambda connection: self._insert(connection, message), reject_if_full=True)
        if new:
            self._notifier.notify()
        return new

    async def claim(self, *, max_events: int, lease: float) -> tuple[Sequence[Lease], float | None]:
        """See `Inbox.claim`."""
        future = self._writer.submit(lambda connection: self._claim_due(connection, max_events, lease))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            future.add_done_callback(self._release_unclaimed)
            raise

    async def ack(self, lease: Lease) -> None:
        """See `Inbox.ack`."""
        values = ("handled", self._clock())
        await self._update_leased(lease, "state = ?, settled_at = ?, token = '', error = NULL", values)

    async def nack(self, lease: Lease, *, delay: float | None, error: str) -> None:
        """See `Inbox.nack`."""
        now, error = self._clock(), _storable(error)
        if lease.attempt >= self.policy.max_attempts:
            await self._update_leased(lease, "state = 'dead', settled_at = ?, token = '', error = ?", (now, error))
        else:
            due = now + (self.policy.delay(lease.attempt) if delay is None else delay)
            await self._update_leased(lease, "due_at = ?, token = '', error = ?", (due, error))
        self._notifier.notify()

    async def release(self, lease: Lease) -> None:
        """See `Inbox.release`."""
        await asyncio.shield(self._writer.submit(lambda connection: self._release_leases(connection, [lease])))
        self._notifier.notify()

    async def extend(self, lease: Lease, seconds: float) -> Lease:
        """See `Inbox.extend`."""
        expires_at = self._clock() + seconds
        await self._update_leased(lease, "due_at = ?", (expires_at,))
        return evolve(lease, expires_at=expires_at)

    async def list_events(
        self, state: State | None = None, *, after: int = 0, page_size: int = 100
    ) -> Sequence[StoredEvent]:
        """See `Inbox.list_events`."""
        query = "SELECT * FROM events WHERE number > ? AND (? IS NULL OR state = ?) ORDER BY number LIMIT ?"
        values = (after, state, state, page_size)
        return await self._writer.submit(
            lambda connection: [_stored_event(row) for row in connection.execute(query, values)]
        )

    async def requeue(self, key: str) -> bool:
        """See `Inbox.requeue`."""
        query = (
            "UPDATE events SET state = 'waiting', attempts = 0, due_at = ?, settled_at = NULL "
            "WHERE key = ? AND state != 'waiting' AND body IS NOT NULL"
        )
        values = (self._clock(), _storable(key))
        changed = await self._writer.submit(lambda connection: _write(connection, query, values))
        self._notifier.notify()
        return changed > 0

    async def counts(self) -> Counts:
        """See `Inbox.counts`."""
        query = "SELECT state, token != '' AND due_at > ? AS leased, count(*) FROM events GROUP BY 1, 2"
        now = self._clock()
        rows = await self._writer.submit(lambda connection: connection.execute(query, (now,)).fetchall())
        totals = {state: sum(n for name, _, n in rows if name == state) for state in State}
        leased = sum(n for state, held, n in rows if state == State.WAITING and held)
        return Counts(
            waiting=totals[State.WAITING], leased=leased, handled=totals[State.HANDLED], dead=totals[State.DEAD]
        )

    async def aclose(self) -> None:
        """See `Inbox.aclose`."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._writer.close)
        self._notifier.notify()

    async def wait(self, seconds: float | None) -> None:
        """See `Inbox.wait`."""
        await self._notifier.wait(self._poll if seconds is None else min(seconds, self._poll))

    def _release_unclaimed(self, future: "asyncio.Future[tuple[list[Lease], float | None]]") -> None:
        """Release what was leased to a caller that has been cancelled."""
        if future.cancelled() or future.exception() is not None:
            return
        leases, _ = future.result()
        if leases:
            try:
                self._writer.submit(lambda connection: self._release_leases(connection, leases))
            except InboxError:  # closed: the leases expire
                return
            self._notifier.notify()

    async def _update_leased(self, lease: Lease, change: str, values: tuple[Any, ...]) -> None:
        """Update the event if the lease still holds. Cancelling does not undo it."""
        query = f"UPDATE events SET {change} WHERE number = ? AND token = ? AND state = 'waiting'"  # noqa: S608
        all_values = (*values, lease.number, lease.token)
        changed = await asyncio.shield(
            self._writer.submit(lambda connection: _write(connection, query, all_values))
        )
        if not changed:
            raise LeaseLostError

    # The methods below run in the writer's thread.

    def _insert(self, connection: sqlite3.Connection, message: SignedMessage) -> bool:
        now = self._clock()
        if self._file.is_full:
            raise InboxFullError(f"the inbox has reached max_bytes ({self._max_bytes}): handle or remove events")
        new = _write(
            connection,
            "INSERT INTO events (key, due_at, received_at, body, timestamp, signature, signed_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (
                *(message.key, now, now, message.body),
                *(_storable(message.timestamp), _storable(message.signature), message.signed_at),
            ),
        )
        return new > 0

    def _claim_due(
        self, connection: sqlite3.Connection, max_events: int, lease_seconds: float
    ) -> tuple[list[Lease], float | None]:
        now = self._clock()
        due = connection.execute("SELECT min(due_at) FROM events WHERE state = 'waiting'").fetchone()[0]
        if due is None or due > now:
            return [], None if due is None else due - now
        _write(
            connection,
            "UPDATE events SET state = 'dead', settled_at = ?, token = '', "
            "error = 'the lease of the last attempt expired' WHERE state = 'waiting' AND due_at <= ? AND attempts >= ?",
            (now, now, self.policy.max_attempts),
        )
        rows = connection.execute(
            "UPDATE events SET token = ?, due_at = ?, attempts = attempts + 1 WHERE number IN "
            "(SELECT number FROM events WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, number LIMIT ?) "
            "RETURNING *",
            (uuid4().hex, now + lease_seconds, now, max_events),
        ).fetchall()
        return sorted((_lease(row) for row in rows), key=lambda lease: lease.received_at), 0.0

    def _release_leases(self, connection: sqlite3.Connection, leases: Sequence[Lease]) -> None:
        for lease in leases:
            _write(
                connection,
                "UPDATE events SET token = '', due_at = ?, attempts = attempts - 1 "
                "WHERE number = ? AND token = ? AND state = 'waiting'",
                (self._clock(), lease.number, lease.token),
            )


def _write(connection: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> int:
    """Write in the transaction of the batch and return the number of rows changed."""
    if not connection.in_transaction:
        connection.execute("BEGIN IMMEDIATE")
    return connection.execute(query, values).rowcount


def _storable(text: str) -> str:
    """Text that can be stored: a lone surrogate, which UTF-8 has no bytes for, as `\\udxxx`."""
    return text.encode(errors="backslashreplace").decode()


_COLUMNS = (
    "number", "key", "state", "due_at", "token", "attempts", "received_at",
    "settled_at", "error", "body", "timestamp", "signature", "signed_at",
)  # fmt: skip


def _lease(row: tuple[Any, ...]) -> Lease:
    named = dict(zip(_COLUMNS, row, strict=True))
    message = SignedMessage(**{name: named[name] for name in ("body", "timestamp", "signature", "signed_at")})
    return Lease(
        number=named["number"],
        token=named["token"],
        expires_at=named["due_at"],
        attempt=named["attempts"],
        received_at=named["received_at"],
        message=message,
    )


def _stored_event(row: tuple[Any, ...]) -> StoredEvent:
    named = dict(zip(_COLUMNS, row, strict=True))
    names = ("number", "key", "attempts", "received_at", "error", "body", "timestamp", "signature", "signed_at")
    return StoredEvent(state=State(named["state"]), **{name: named[name] for name in names})
