"""A thread that owns a SQLite connection and commits for many callers at once.

A durable commit waits for the disk (`synchronous=FULL`), so everything that came in during one commit goes into
the next: the disk's latency is paid once for all of it.
"""

import asyncio
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .errors import InboxClosedError, InboxError, OverloadedError

__all__ = ["Committer"]

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

_LARGEST_BATCH = 512


class _PendingWrite(Generic[T]):
    """One operation, and the future in its caller's loop."""

    __slots__ = ("error", "future", "loop", "operation", "result")

    def __init__(self, operation: Operation[T]) -> None:
        self.operation = operation
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.result: T | None = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """In the caller's loop: hand over what became of it."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]


class Committer:
    """Runs operations on one connection, in the order they came, up to 512 in a transaction.

    `connect` opens the connection, in the thread, at first use. When a batch fails, each of its operations is
    failed and undone. `most_waiting` bounds those that may be refused.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], *, most_waiting: int) -> None:
        self._connect = connect
        self._most_waiting = most_waiting
        self._jobs: deque[_PendingWrite[Any]] = deque()
        self._ready = threading.Condition()
        self._thread: threading.Thread | None = None
        self._process = 0
        self._closed = False

    def submit(self, operation: Operation[T], *, refusable: bool = False) -> asyncio.Future[T]:
        """A future, in the running loop, of what `operation` returns, after it is committed.

        The operation runs even if the future is cancelled. Raises `InboxClosedError`, and `OverloadedError` for a
        refusable one when too many wait; the future raises `InboxError` if the database fails.
        """
        with self._ready:
            if self._closed:
                raise InboxClosedError("the inbox was closed")
            if refusable and len(self._jobs) >= self._most_waiting:
                raise OverloadedError(f"{len(self._jobs)} operations wait for the disk")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="lusha-inbox", daemon=True)
                self._process = os.getpid()
                self._thread.start()
            elif self._process != os.getpid():
                raise InboxError("this inbox was in use before the process forked: make one in each process")
            job = _PendingWrite(operation)
            self._jobs.append(job)
            self._ready.notify()
        return job.future

    def close(self) -> None:
        """Finish what was submitted, then close the connection. Blocks; safe to call twice."""
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
                for job in batch:
                    job.error = _translated(error)
            _settle(batch)
        if connection is not None:
            connection.close()

    def _next_batch(self) -> list[_PendingWrite[Any]]:
        """The jobs that wait; none when closed and all done."""
        with self._ready:
            while not self._jobs and not self._closed:
                self._ready.wait()
            return [self._jobs.popleft() for _ in range(min(len(self._jobs), _LARGEST_BATCH))]


def _commit(connection: sqlite3.Connection, batch: list[_PendingWrite[Any]]) -> None:
    """Run the operations in one transaction. Those that raise an `InboxError` change nothing and fail alone."""
    for job in batch:
        try:
            job.result = job.operation(connection)
        except InboxError as error:
            job.error = error
    if connection.in_transaction:
        connection.commit()


def _settle(batch: list[_PendingWrite[Any]]) -> None:
    """Wake each caller's loop once for all of its jobs."""
    loops: dict[asyncio.AbstractEventLoop, list[_PendingWrite[Any]]] = {}
    for job in batch:
        loops.setdefault(job.loop, []).append(job)
    for loop, jobs in loops.items():
        try:
            loop.call_soon_threadsafe(_settle_all, jobs)
        except RuntimeError:  # the loop was closed meanwhile: nobody waits any more
            continue


def _settle_all(jobs: list[_PendingWrite[Any]]) -> None:
    for job in jobs:
        job.settle()


def _translated(error: Exception) -> InboxError:
    if isinstance(error, InboxError):
        return error
    return InboxError(f"the inbox's database failed: {type(error).__name__}: {error}")
