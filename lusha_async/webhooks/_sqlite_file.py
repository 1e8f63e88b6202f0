"""The SQLite file of an inbox: its creation, its schema, and whether the open file is still the one under its name."""

import os
import sqlite3
import stat
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InboxError

try:
    import fcntl
except ImportError:  # Windows, where open files cannot be removed either
    fcntl = None  # type: ignore[assignment]

__all__ = ["SQLiteFile"]

_VERSION = 1
_SCHEMA = """
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'waiting',
    due_at REAL NOT NULL,          -- of a leased event: when the lease expires
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
CREATE INDEX dead ON events (settled_at) WHERE state = 'dead';
"""
_BUSY_SECONDS = 5.0
_PAGE = 4096
_WAL_PAGES = 1000
_WAL_BYTES = 64 * 1024**2

_opening = threading.Lock()
"""Closing any descriptor of a file drops the POSIX locks that SQLite holds on it in this process, so a file is created
while no other inbox of the process opens it, and is never opened by us again."""

_Identity = tuple[int, int] | None


class SQLiteFile:
    """The file at `path`, absolute from now on, with its write-ahead log (WAL). Used by one thread.

    `max_bytes` bounds the pages in use and the WAL together.
    """

    def __init__(self, path: str | os.PathLike[str], max_bytes: int) -> None:
        self.path = Path(os.path.abspath(path))
        self._max_bytes = max_bytes
        self._wal_bytes = min(_WAL_BYTES, max_bytes // 8)
        self._wal = self._shm = self.path
        self._identities: tuple[_Identity, ...] = ()
        self._bytes = 0

    def connect(self) -> sqlite3.Connection:
        """Open the file, or create it with access for its owner only. Raises `InboxError` and `sqlite3.Error`."""
        with self._exclusively():
            target = Path(os.path.realpath(self.path))
            self._wal, self._shm = (target.with_name(target.name + end) for end in ("-wal", "-shm"))
            if not target.exists():
                self._remove_wal()  # of a database that is gone: processes that still have it open must not share it
                os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            before = _identity(self.path)
            self._keep_private()
            connection = sqlite3.connect(target, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            self._prepare(connection)
            self._keep_private()
            self._identities = self._named()
            self._bytes = target.stat().st_size
            if self._identities[0] != before or None in self._identities:
                raise self._moved()
        except BaseException:
            connection.close()
            raise
        return connection

    def check(self) -> None:
        """Raise `InboxError` unless the files under their names are the open ones.

        What is written to a file that was removed, moved or replaced is lost when it is closed. The number of an inode
        is not used again while the file is open, so equal numbers mean the same file. A database that shrinks was
        truncated by somebody.
        """
        if self._named() != self._identities:
            raise self._moved()
        size = os.stat(self.path).st_size
        if size < self._bytes:
            raise self._moved()
        self._bytes = size

    def close(self, connection: sqlite3.Connection) -> None:
        """Close the connection. Never raises.

        First, move the WAL's content into the database that it belongs to, wherever that is now. If another database
        has taken its name, remove the WAL, which would be applied to that one. Only if another process has begun a new
        WAL for the same database, leave it alone.
        """
        with suppress(OSError, sqlite3.Error), self._exclusively():
            (database, *wal), (our_database, *our_wal) = self._named(), self._identities
            if database != our_database or all(
                now in {None, ours} for now, ours in zip(wal, our_wal, strict=True)
            ):
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            if database != our_database and wal == our_wal:
                self._remove_wal()
        with suppress(sqlite3.Error):
            connection.close()

    @contextmanager
    def _exclusively(self) -> Generator[None, None, None]:
        """Keep other inboxes, of this process and of others, from opening and closing files of this folder."""
        with _opening:
            if fcntl is None:
                yield
                return
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                with suppress(OSError):  # a file system without it
                    fcntl.flock(folder, fcntl.LOCK_EX)
                yield
            finally:
                os.close(folder)

    def _remove_wal(self) -> None:
        for path in (self._wal, self._shm):
            path.unlink(missing_ok=True)

    def is_full(self, connection: sqlite3.Connection) -> bool:
        """Whether the pages in use (without the free ones) and the WAL have reached `max_bytes`."""

        def pragma(name: str) -> int:
            return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

        used = (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
        return used + self._wal_size() >= self._max_bytes

    def shrink_wal(self, connection: sqlite3.Connection, *, entirely: bool) -> None:
        """Empty a WAL that is too large, or any, unless another process is reading from it. Does not wait for that."""
        if self._wal_size() > (0 if entirely else self._wal_bytes):
            connection.execute("PRAGMA busy_timeout = 0")
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.execute(f"PRAGMA busy_timeout = {int(1000 * _BUSY_SECONDS)}")

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # on macOS, fsync alone does not flush the disk's cache
        connection.execute("PRAGMA secure_delete = ON")  # what retention deletes is overwritten
        connection.execute(f"PRAGMA journal_size_limit = {self._wal_bytes}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {max(1, min(_WAL_PAGES, self._wal_bytes // _PAGE))}")
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
        elif version != _VERSION:
            raise InboxError(f"{self.path.name} has schema version {version}, this library supports {_VERSION}")
        connection.commit()

    def _keep_private(self) -> None:
        """Take access from everybody but the owner: the files hold personal data. SQLite opens them all alike."""
        if os.name != "posix":
            return
        for path in (self.path, self._wal, self._shm):
            with suppress(FileNotFoundError, PermissionError):  # of another owner, who decides
                mode = stat.S_IMODE(path.stat().st_mode)
                if mode & 0o077:
                    path.chmod(mode & 0o700)

    def _named(self) -> tuple[_Identity, ...]:
        return tuple(_identity(path) for path in (self.path, self._wal, self._shm))

    def _wal_size(self) -> int:
        try:
            return self._wal.stat().st_size
        except OSError:
            return 0

    def _moved(self) -> InboxError:
        return InboxError(
            f"{self.path.name} or its WAL was moved, removed, replaced or truncated while it was open: "
            "it is opened again by its name"
        )


def _identity(path: Path) -> _Identity:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
