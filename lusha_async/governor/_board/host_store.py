"""Boards for the processes of one user on one machine: a file for each account, changed under a file lock.

    NAME.lock    held for the moment of a change
    NAME.alone   held by a process as long as it is alone
    NAME.board   the board: there is one from the second process on until the last but one has gone

A lock of a process that ends is released by the system. The clock is the machine's monotonic one, the same for all.
"""

import os
import sys
import time
import zlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from .directory import boot_id, runtime_directory
from .store import Change, LostStoreError, UnavailableStoreError

if sys.platform != "win32":
    import fcntl

__all__ = ["HostStore"]

_PATIENCE = 0.25
"""Seconds for which another process may hold the lock."""
_PAUSE = 0.0005
"""Seconds between two attempts to get the lock."""


class HostStore:
    """The board of one account on this machine. See `BoardStore`."""

    name = "this machine"

    def __init__(self, account: str) -> None:
        self._lock = self._alone = -1
        self._account = account
        self._board = Path()
        self._boot = boot_id()

    def __del__(self) -> None:
        self.close()  # else the locks would last as long as the process, and its next governor would not be alone

    def _directory(self) -> Path:
        if sys.platform == "win32":
            raise UnavailableStoreError("this operating system has no such locks; name a Redis as the governor")
        directory = runtime_directory()
        self._board = directory / f"{self._account}.board"
        return directory

    def enter(self) -> bool:
        """See `BoardStore`."""
        directory = self._directory()
        try:
            self._open()
            with self._locked():
                return not self._board.exists() and _try_lock(self._alone)
        except (OSError, LostStoreError) as error:
            self.close()
            raise UnavailableStoreError(f"the directory {directory} cannot be used: {error}") from error

    def _open(self) -> None:
        self.close()
        self._lock = _open(self._board.with_suffix(".lock"))
        self._alone = _open(self._board.with_suffix(".alone"))

    def company(self) -> bool:
        """See `BoardStore`. Directories of temporary files are cleaned: a lock on a deleted file keeps no one out."""
        if self._board.exists():
            return True
        return _is_deleted(self._alone) and not self.enter()

    def change(self, change: Change) -> float:
        """See `BoardStore`."""
        began = time.monotonic()
        try:
            with self._locked():
                self._write(change(self._read(), 0.0))
                _unlock(self._alone)
        except OSError as error:
            raise LostStoreError(str(error)) from error
        return time.monotonic() - began

    def disband(self, board: bytes) -> bool:
        """See `BoardStore`."""
        with suppress(OSError, LostStoreError), self._locked():
            if self._read() == board and _try_lock(self._alone):
                self._board.unlink()
                return True
        return False

    def look(self) -> tuple[bytes | None, float]:
        """See `BoardStore`."""
        self._directory()
        return self._read(), 0.0

    def close(self) -> None:
        """See `BoardStore`. A forked child closes its handles, and the locks stay with the parent."""
        handles, self._lock, self._alone = (self._lock, self._alone), -1, -1
        for handle in handles:
            if handle >= 0:
                os.close(handle)

    @contextmanager
    def _locked(self) -> Generator[None, None, None]:
        until = time.monotonic() + _PATIENCE
        while not _try_lock(self._lock):
            if time.monotonic() > until:
                raise LostStoreError("another process has held its lock for too long")
            time.sleep(_PAUSE)
        if _is_deleted(self._lock):
            self._open()
            with self._locked():
                yield
            return
        try:
            yield
        finally:
            _unlock(self._lock)

    def _read(self) -> bytes | None:
        """The board; None if there is none, or it is of the time before the machine was started."""
        try:
            head, _, board = self._board.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        if not head.endswith(self._boot.encode()):
            return None
        return board if head == self._head(board) else b"damaged"

    def _write(self, board: bytes) -> None:
        new = self._board.with_suffix(".new")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as file:
            file.write(self._head(board) + b"\n" + board)
        new.replace(self._board)

    def _head(self, board: bytes) -> bytes:
        return f"{zlib.crc32(board):08x} {self._boot}".encode()


def _is_deleted(handle: int) -> bool:
    return os.fstat(handle).st_nlink == 0


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


if sys.platform != "win32":

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
