"""Group commit for SQLite: a thread that owns a connection and commits for many callers at once.

A durable commit waits for the disk (`synchronous=FULL`), so the operations submitted during a commit share the next
one: the latency of the disk is paid once for all of them.
"""

import asyncio
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .errors import InboxClosedError, InboxError, OverloadedError

__all__ = ["GroupCommitWriter"]

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

_MAX_BATCH = 512


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


class GroupCommitWriter:
    """Runs operations on one connection in the order of submission, up to 512 in a transaction.

    `connect` opens the connection, in the writer's thread, at first use. If a transaction fails, it is rolled back and
    each of its operations fails. `max_waiting` bounds the queue for operations submitted with `reject_if_full`.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], *, max_waiting: int) -> None:
        self._connect = connect
        self._max_waiting = max_waiting
        self._queue: deque[_PendingWrite[Any]] = deque()
        self._ready = threading.Condition()
        self._thread: threading.Thread | None = None
        self._process = 0
        self._closed = False

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
        while batch := self._next_batch():
            try:
                connection = connection or self._connect()
                _commit(connection, batch)
            except Exception as error:
                if connection is not None and connection.in_transaction:
                    connection.rollback()
                for write in batch:
                    write.error = _inbox_error(error)
            _resolve(batch)
        if connection is not None:
            connection.close()

    def _next_batch(self) -> list[_PendingWrite[Any]]:
        """Wait for operations; an empty batch means closed."""
        with self._ready:
            while not self._queue and not self._closed:
                self._ready.wait()
            return [self._queue.popleft() for _ in range(min(len(self._queue), _MAX_BATCH))]


def _commit(connection: sqlite3.Connection, batch: list[_PendingWrite[Any]]) -> None:
    """Run the operations in one transaction. One that raises an `InboxError` changes nothing and fails alone."""
    for write in batch:
        try:
            write.result = write.operation(connection)
        except InboxError as error:
            write.error = error
    if connection.in_transaction:
        connection.commit()


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
