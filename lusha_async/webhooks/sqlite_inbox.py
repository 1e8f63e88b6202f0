"""The durable inbox: one SQLite file, nothing to install, shared by the processes of a host."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import anyio.to_thread
from attrs import evolve

from .committer import Committer
from .delivery import Arrival, Counts, Lease, State, Stored
from .errors import InboxError, InboxFullError, LeaseLostError
from .inbox import Bell, Inbox, Policy

__all__ = ["SQLiteInbox"]

_VERSION = 1
_SCHEMA = """
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'waiting',
    due_at REAL NOT NULL,          -- of a leased event: the end of the lease
    token TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    received_at REAL NOT NULL,
    settled_at REAL,
    error TEXT,
    body BLOB,
    timestamp TEXT NOT NULL,
    signature TEXT NOT NULL,
    signed_at REAL NOT NULL
);
CREATE INDEX waiting ON events (due_at, number) WHERE state = 'waiting';
CREATE INDEX handled ON events (settled_at) WHERE state = 'handled';
CREATE INDEX kept ON events (settled_at) WHERE state = 'handled' AND body IS NOT NULL;
"""
_BUSY_SECONDS = 5.0
_PRUNE_SECONDS = 60.0
_PRUNE_ROWS = 1000


class SQLiteInbox(Inbox):
    """An inbox in the file `path`, made with access for its owner only.

    `put` returns when the event is on the disk (WAL, `synchronous=FULL`): it survives a killed process and a
    power cut, as far as the disk keeps its word. Puts that come at once share a commit. Any number of processes
    of one host may receive into and consume from the same file, which must be on a local disk.

    - `max_bytes`: the file's size from which `put` raises `InboxFullError`.
    - `max_waiting`: operations that may wait for the disk before `put` raises `OverloadedError`.
    - `poll`: seconds between looks for what other processes have stored.
    - `clock`: seconds since 1970, the same for all processes of the file.

    The file is opened at first use; the constructor does no I/O. Use it in the process that made it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        policy: Policy | None = None,
        max_bytes: int = 4 * 1024**3,
        max_waiting: int = 2000,
        poll: float = 0.25,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.policy = policy or Policy()
        self._path = Path(path)
        self._max_bytes = max_bytes
        self._poll = poll
        self._clock = clock
        self._pruned_at = float("-inf")
        self._bell = Bell()
        self._committer = Committer(self._connect, most_waiting=max_waiting)

    async def put(self, arrival: Arrival) -> bool:
        """See `Inbox.put`."""
        new = await self._committer.submit(lambda connection: self._insert(connection, arrival), refusable=True)
        if new:
            self._bell.ring()
        return new

    async def claim(self, *, most: int, lease: float) -> tuple[Sequence[Lease], float | None]:
        """See `Inbox.claim`."""
        future = self._committer.submit(lambda connection: self._take(connection, most, lease))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            future.add_done_callback(self._give_back)
            raise

    async def finish(self, lease: Lease) -> None:
        """See `Inbox.finish`."""
        values = ("handled", self._clock())
        await self._settle(lease, "state = ?, settled_at = ?, token = '', error = NULL", values)

    async def retry(self, lease: Lease, *, delay: float | None, error: str) -> None:
        """See `Inbox.retry`."""
        now = self._clock()
        if lease.attempt >= self.policy.max_attempts:
            await self._settle(lease, "state = 'dead', settled_at = ?, token = '', error = ?", (now, error))
        else:
            due = now + (self.policy.delay(lease.attempt) if delay is None else delay)
            await self._settle(lease, "due_at = ?, token = '', error = ?", (due, error))
        self._bell.ring()

    async def release(self, lease: Lease) -> None:
        """See `Inbox.release`."""
        await asyncio.shield(self._committer.submit(lambda connection: self._put_back(connection, [lease])))
        self._bell.ring()

    async def extend(self, lease: Lease, seconds: float) -> Lease:
        """See `Inbox.extend`."""
        until = self._clock() + seconds
        await self._settle(lease, "due_at = ?", (until,))
        return evolve(lease, until=until)

    async def stored(self, state: State | None = None, *, after: int = 0, most: int = 100) -> Sequence[Stored]:
        """See `Inbox.stored`."""
        query = "SELECT * FROM events WHERE number > ? AND (? IS NULL OR state = ?) ORDER BY number LIMIT ?"
        values = (after, state, state, most)
        return await self._committer.submit(
            lambda connection: [_stored(row) for row in connection.execute(query, values)]
        )

    async def requeue(self, key: str) -> bool:
        """See `Inbox.requeue`."""
        query = (
            "UPDATE events SET state = 'waiting', attempts = 0, due_at = ?, settled_at = NULL "
            "WHERE key = ? AND state != 'waiting' AND body IS NOT NULL"
        )
        values = (self._clock(), key)
        done = await self._committer.submit(lambda connection: _write(connection, query, values))
        self._bell.ring()
        return done > 0

    async def counts(self) -> Counts:
        """See `Inbox.counts`."""
        query = "SELECT state, token != '' AND due_at > ? AS leased, count(*) FROM events GROUP BY 1, 2"
        now = self._clock()
        rows = await self._committer.submit(lambda connection: connection.execute(query, (now,)).fetchall())
        found = {state: sum(n for name, _, n in rows if name == state) for state in State}
        leased = sum(n for state, held, n in rows if state == State.WAITING and held)
        return Counts(
            waiting=found[State.WAITING], leased=leased, handled=found[State.HANDLED], dead=found[State.DEAD]
        )

    async def aclose(self) -> None:
        """See `Inbox.aclose`."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._committer.close)
        self._bell.ring()

    async def wait(self, seconds: float | None) -> None:
        """See `Inbox.wait`."""
        await self._bell.wait(self._poll if seconds is None else min(seconds, self._poll))

    def _give_back(self, future: "asyncio.Future[tuple[list[Lease], float | None]]") -> None:
        """What was claimed for a caller that was cancelled meanwhile goes back."""
        if future.cancelled() or future.exception() is not None:
            return
        leases, _ = future.result()
        if leases:
            try:
                self._committer.submit(lambda connection: self._put_back(connection, leases))
            except InboxError:  # closed: their leases end by themselves
                return
            self._bell.ring()

    async def _settle(self, lease: Lease, change: str, values: tuple[Any, ...]) -> None:
        """Change the leased event, if the lease still holds. Cancelling does not undo it."""
        query = f"UPDATE events SET {change} WHERE number = ? AND token = ? AND state = 'waiting'"  # noqa: S608
        all_values = (*values, lease.number, lease.token)
        changed = await asyncio.shield(
            self._committer.submit(lambda connection: _write(connection, query, all_values))
        )
        if not changed:
            raise LeaseLostError(f"the lease of event {lease.number} ran out and somebody else has taken it")

    # What follows runs in the committer's thread.

    def _connect(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = ON")  # on macOS, fsync alone stays in the disk's cache
            connection.execute("PRAGMA journal_size_limit = 67108864")
            connection.execute("BEGIN IMMEDIATE")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
            elif version != _VERSION:
                raise InboxError(f"{self._path.name} is an inbox of another version ({version}) of this library")
            connection.commit()
        except BaseException:
            connection.close()
            raise
        return connection

    def _insert(self, connection: sqlite3.Connection, arrival: Arrival) -> bool:
        now = self._clock()
        self._prune(connection, now)
        if self._size(connection) >= self._max_bytes:
            raise InboxFullError(f"the inbox has reached its {self._max_bytes} bytes: handle or remove events")
        new = _write(
            connection,
            "INSERT INTO events (key, due_at, received_at, body, timestamp, signature, signed_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (arrival.key, now, now, arrival.body, arrival.timestamp, arrival.signature, arrival.signed_at),
        )
        return new > 0

    def _take(self, connection: sqlite3.Connection, most: int, seconds: float) -> tuple[list[Lease], float | None]:
        now = self._clock()
        due = connection.execute("SELECT min(due_at) FROM events WHERE state = 'waiting'").fetchone()[0]
        if due is None or due > now:
            return [], None if due is None else due - now
        _write(
            connection,
            "UPDATE events SET state = 'dead', settled_at = ?, token = '', error = 'its last lease ran out' "
            "WHERE state = 'waiting' AND due_at <= ? AND attempts >= ?",
            (now, now, self.policy.max_attempts),
        )
        rows = connection.execute(
            "UPDATE events SET token = ?, due_at = ?, attempts = attempts + 1 WHERE number IN "
            "(SELECT number FROM events WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, number LIMIT ?) "
            "RETURNING *",
            (uuid4().hex, now + seconds, now, most),
        ).fetchall()
        return sorted((_lease(row) for row in rows), key=lambda lease: lease.received_at), 0.0

    def _put_back(self, connection: sqlite3.Connection, leases: Sequence[Lease]) -> None:
        for lease in leases:
            _write(
                connection,
                "UPDATE events SET token = '', due_at = ?, attempts = attempts - 1 "
                "WHERE number = ? AND token = ? AND state = 'waiting'",
                (self._clock(), lease.number, lease.token),
            )

    def _prune(self, connection: sqlite3.Connection, now: float) -> None:
        """Now and then: drop the bodies and then the keys of what was handled long ago, some at a time."""
        if now < self._pruned_at + _PRUNE_SECONDS:
            return
        self._pruned_at = now
        old = "SELECT number FROM events WHERE state = 'handled' AND settled_at < ?"
        _write(
            connection,
            f"DELETE FROM events WHERE number IN ({old} LIMIT ?)",  # noqa: S608
            (now - max(self.policy.remember, self.policy.keep), _PRUNE_ROWS),
        )
        _write(
            connection,
            f"UPDATE events SET body = NULL WHERE number IN ({old} AND body IS NOT NULL LIMIT ?)",  # noqa: S608
            (now - self.policy.keep, _PRUNE_ROWS),
        )

    def _size(self, connection: sqlite3.Connection) -> int:
        """Bytes in use; pages that were freed count as free."""

        def told(name: str) -> int:
            return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

        return (told("page_count") - told("freelist_count")) * told("page_size")


def _write(connection: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> int:
    """Change rows, in the batch's transaction, and tell how many."""
    if not connection.in_transaction:
        connection.execute("BEGIN IMMEDIATE")
    return connection.execute(query, values).rowcount


_COLUMNS = (
    "number", "key", "state", "due_at", "token", "attempts", "received_at",
    "settled_at", "error", "body", "timestamp", "signature", "signed_at",
)  # fmt: skip


def _lease(row: tuple[Any, ...]) -> Lease:
    named = dict(zip(_COLUMNS, row, strict=True))
    arrival = Arrival(**{name: named[name] for name in ("body", "timestamp", "signature", "signed_at")})
    return Lease(
        number=named["number"],
        token=named["token"],
        until=named["due_at"],
        attempt=named["attempts"],
        received_at=named["received_at"],
        arrival=arrival,
    )


def _stored(row: tuple[Any, ...]) -> Stored:
    named = dict(zip(_COLUMNS, row, strict=True))
    told = {name: named[name] for name in ("number", "key", "attempts", "received_at", "error", "body")}
    sent = {name: named[name] for name in ("timestamp", "signature", "signed_at")}
    return Stored(state=State(named["state"]), **told, **sent)
