"""Group commit for SQLite: a thread that owns a connection and commits for many callers at once.

A durable commit waits for the disk (`synchronous=FULL`), so the operations submitted during a commit share the next
one: the latency of the disk is paid once for all of them.
"""

import asyncio
import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from .errors import InboxClosedError, InboxError, OverloadedError

__all__ = ["GroupCommitWriter", "Store"]

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

_MAX_BATCH = 512
_RETRY_SECONDS = 60.0
_LOG_SECONDS = 10.0

_log = logging.getLogger("lusha_async.webhooks")


class _PendingWrite(Generic[T]):
    """An operation, and the future in the event loop of its caller."""

    __slots__ = ("error", "future", "loop", "operation", "result")

    def __init__(self, operation: Operation[T]) -> None:
        self.operation = operation
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.result: T | None = None
        self.error: BaseException | None = None

    def resolve(self) -> None:
        """Resolve the future; runs in the caller's loop."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]


class Store(Protocol):
    """What a writer needs of its database. All methods run in the writer's thread."""

    def connect(self) -> sqlite3.Connection:
        """Open the database."""
        ...

    def check(self) -> None:
        """Raise `InboxError` if what is written to the open connection would be lost."""
        ...

    def maintain(self, connection: sqlite3.Connection) -> float:
        """Do what is due, outside a transaction; return the seconds after which to be called again."""
        ...

    def close(self, connection: sqlite3.Connection) -> None:
        """Close the connection. Never raises."""
        ...


class GroupCommitWriter:
    """Runs operations on one connection of `store` in the order of submission, up to 512 in a transaction.

    The connection is opened at first use. An operation that raises changes nothing and fails alone. If the transaction
    fails, or the store's check before or after it, each of its operations fails, and the connection is opened again.
    `max_waiting` bounds the queue for operations submitted with `reject_if_full`. Without operations, the store is
    still maintained.
    """

    def __init__(self, store: Store, *, max_waiting: int) -> None:
        self._store = store
        self._max_waiting = max_waiting
        self._queue: deque[_PendingWrite[Any]] = deque()
        self._ready = threading.Condition()
        self._thread: threading.Thread | None = None
        self._process = 0
        self._closed = False
        self._logged_at = float("-inf")

    def submit(self, operation: Operation[T], *, reject_if_full: bool = False) -> asyncio.Future[T]:
        """A future, in the running loop, that resolves to the result of `operation` once it is committed.

        The operation runs even if the future is cancelled. Raises `InboxClosedError` after `close`, and
        `OverloadedError` if `reject_if_full` is set and `max_waiting` operations are queued. The future raises
        `InboxError` if the database fails.
        """
        with self._ready:
            if self._closed:
                raise InboxClosedError("the inbox is closed")
            if reject_if_full and len(self._queue) >= self._max_waiting:
                raise OverloadedError(f"{len(self._queue)} operations are waiting for the disk")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="lusha-inbox", daemon=True)
                self._process = os.getpid()
                self._thread.start()
            elif self._process != os.getpid():
                raise InboxError("an inbox cannot be used after a fork: create one in each process")
            write = _PendingWrite(operation)
            self._queue.append(write)
            self._ready.notify()
        return write.future

    def close(self) -> None:
        """Run the queued operations, then close the connection. Blocks; safe to call twice."""
        with self._ready:
            self._closed = True
            self._ready.notify()
        if self._thread is not None and self._process == os.getpid():
            self._thread.join()

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        idle: float | None = None
        while (batch := self._next_batch(idle)) is not None:
            try:
                connection = connection or self._store.connect()
                self._store.check()
                idle = self._store.maintain(connection)
                _commit(connection, batch)
                self._store.check()
            except Exception as error:
                self._log_failure(error)
                for write in batch:
                    write.error = _inbox_error(error)
                if connection is not None:
                    self._store.close(connection)
                connection, idle = None, _RETRY_SECONDS
            _resolve(batch)
        if connection is not None:
            self._store.close(connection)

    def _log_failure(self, error: Exception) -> None:
        """Log it, but not for each batch of a flood."""
        now = time.monotonic()
        if now >= self._logged_at + _LOG_SECONDS:
            self._logged_at = now
            _log.error("%s", _inbox_error(error))

    def _next_batch(self, idle: float | None) -> list[_PendingWrite[Any]] | None:
        """Wait for operations, but at most `idle` seconds; None means closed."""
        with self._ready:
            self._ready.wait_for(lambda: self._queue or self._closed, idle)
            if self._closed and not self._queue:
                return None
            return [self._queue.popleft() for _ in range(min(len(self._queue), _MAX_BATCH))]


def _commit(connection: sqlite3.Connection, batch: list[_PendingWrite[Any]]) -> None:
    for write in batch:
        _apply(connection, write)
    if connection.in_transaction:
        connection.commit()


def _apply(connection: sqlite3.Connection, write: _PendingWrite[Any]) -> None:
    """Run one operation. If it raises, undo it alone; raise only if the whole transaction is lost."""
    nested = connection.in_transaction
    if nested:
        connection.execute("SAVEPOINT operation")
    try:
        write.result = write.operation(connection)
    except Exception as error:
        if _is_of_database(error) or (nested and not connection.in_transaction):
            raise
        write.error = _inbox_error(error)
        if nested:
            connection.execute("ROLLBACK TO operation")
        elif connection.in_transaction:
            connection.rollback()
    if nested:
        connection.execute("RELEASE operation")


def _is_of_database(error: Exception) -> bool:
    """Whether the database failed, and would fail the next operation too. A full disk may have room for a smaller."""
    if type(error) not in {sqlite3.DatabaseError, sqlite3.InternalError, sqlite3.OperationalError}:
        return False
    return getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_FULL


def _resolve(batch: list[_PendingWrite[Any]]) -> None:
    """Wake the loop of each caller once for all of its operations."""
    loops: dict[asyncio.AbstractEventLoop, list[_PendingWrite[Any]]] = {}
    for write in batch:
        loops.setdefault(write.loop, []).append(write)
    for loop, writes in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve_all, writes)
        except RuntimeError:  # the loop is closed: no caller is waiting
            continue


def _resolve_all(writes: list[_PendingWrite[Any]]) -> None:
    for write in writes:
        write.resolve()


def _inbox_error(error: Exception) -> InboxError:
    if isinstance(error, InboxError):
        return error
    return InboxError(f"the database of the inbox failed: {type(error).__name__}: {error}")
