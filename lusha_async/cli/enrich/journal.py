"""The journal of a run, `OUTPUT.part`: every result on disk as soon as it arrives, until the output is complete.

A run may end early: credits or the budget run out, the key is revoked, the disk fills, somebody presses Ctrl-C or
kills the process. `--resume` reads what was paid for from the journal and does not request it again. A company that
was passed to the client and has no result in the journal may have been charged; `in_flight` lists these.

The file holds JSON lines. The first is a header with the options that the results depend on. Then there is one line
for each company passed to the client (`{"asking": {"domain": "example.com"}}`) or withdrawn (`unsent`), for each
result (`asked`) and for each charge (`charged`). An incomplete last line, left by a kill, is dropped.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ..errors import UsageError
from ..output import json_line
from .columns import CompanyLookup

try:
    import fcntl
except ImportError:  # Windows: two runs on one journal are not detected there
    fcntl = None  # type: ignore[assignment]

__all__ = ["JournalEntry", "RunJournal", "journal_path"]

_SYNC_SECONDS = 1.0


@frozen(kw_only=True, slots=True)
class JournalEntry:
    """The result of a lookup: status, reason, the company as JSON, and the credits charged (None: unknown)."""

    status: str
    reason: str | None = None
    credits: int | None = 0
    company: Mapping[str, Any] | None = field(default=None, repr=False)


def journal_path(output: Path) -> Path:
    """The path of the journal, beside the output."""
    return output.with_name(output.name + ".part")


class RunJournal:
    """An open journal. Entries are read back one at a time: only their offsets are held in memory."""

    def __init__(self, path: Path, *, header: Mapping[str, Any], resume: bool) -> None:
        """Create the file with its `header`, or with `resume` continue a file that has the same header.

        Raises `UsageError` if the file cannot be created, exists already, is used by another run, or has another
        header.
        """
        self.path = path
        self._entries: dict[CompanyLookup, tuple[int, str]] = {}
        """The offset of each entry, and its status."""
        self._in_flight: dict[CompanyLookup, None] = {}
        self._file = _open(path, resume)
        self.spent = 0
        """Credits charged by all runs on this file."""
        self._size = 0
        self._synced_at = time.monotonic()
        if resume:
            self._read(header)
        else:
            self._append(header)

    # --- writing

    def begin(self, lookup: CompanyLookup) -> None:
        """Record that `lookup` is about to be sent. Raises OSError."""
        self._append({"asking": lookup.query})
        self._in_flight[lookup] = None

    def record(self, lookup: CompanyLookup, entry: JournalEntry) -> None:
        """Record a result. On return it survives a kill, and after a second a power failure. Raises OSError."""
        offset = self._size
        self._append(
            {
                "asked": lookup.query,
                "status": entry.status,
                "reason": entry.reason,
                "credits": entry.credits,
                "company": entry.company,
            }
        )
        self._entries[lookup] = (offset, entry.status)
        self._in_flight.pop(lookup, None)

    def withdraw(self, lookup: CompanyLookup) -> None:
        """Record that `lookup` was not sent after all. Raises OSError."""
        self._append({"unsent": lookup.query})
        self._in_flight.pop(lookup, None)

    def add_charge(self, credits: int) -> None:
        """Add to the credits spent by the runs on this file. Raises OSError."""
        if credits:
            self._append({"charged": credits})
            self.spent += credits

    def _append(self, value: Mapping[str, Any]) -> None:
        line = json_line(value)
        os.lseek(self._file, self._size, os.SEEK_SET)  # overwrite what a failed write left
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self._size += len(line)
        if time.monotonic() - self._synced_at >= _SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        """Flush the file to the disk. Raises OSError."""
        os.fsync(self._file)
        self._synced_at = time.monotonic()

    # --- reading

    def entry(self, lookup: CompanyLookup) -> JournalEntry:
        """The last entry of `lookup`, read from the file. Raises KeyError if there is none."""
        os.lseek(self._file, self._entries[lookup][0], os.SEEK_SET)
        with open(self._file, "rb", closefd=False) as lines:
            stored = json.loads(lines.readline())
        return JournalEntry(**{name: stored.get(name) for name in ("status", "reason", "credits", "company")})

    def status(self, lookup: CompanyLookup) -> str | None:
        """The status of the last entry of `lookup`; None if there is none."""
        entry = self._entries.get(lookup)
        return None if entry is None else entry[1]

    @property
    def in_flight(self) -> tuple[CompanyLookup, ...]:
        """Lookups passed to the client that have no entry."""
        return tuple(self._in_flight)

    @property
    def completed(self) -> Set[CompanyLookup]:
        """Lookups that have an entry."""
        return self._entries.keys()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def is_empty(self) -> bool:
        """Whether the journal holds nothing worth keeping."""
        return not self._entries and not self._in_flight

    def _read(self, header: Mapping[str, Any]) -> None:
        lines = self._lines()
        if next(lines, None) != header:
            raise UsageError(
                f'"{self.path}" was written by another command or with other --reveal options: '
                "use the same options, or move the file away to pay for everything again"
            )
        offset = self._size
        for line in lines:
            if "asking" in line:
                self._in_flight[_lookup(line["asking"])] = None
            elif "charged" in line:
                self.spent += int(line["charged"])
            elif "unsent" in line:
                self._in_flight.pop(_lookup(line["unsent"]), None)
            else:
                lookup = _lookup(line["asked"])
                self._entries[lookup] = (offset, str(line["status"]))
                self._in_flight.pop(lookup, None)
            offset = self._size

    def _lines(self) -> Iterator[dict[str, Any]]:
        """The complete lines. `_size` is the end of the line yielded last, where the next write goes."""
        with open(self._file, "rb", closefd=False) as lines:
            for line in lines:
                try:
                    value = json.loads(line)
                except ValueError:
                    return
                if not line.endswith(b"\n"):
                    return
                self._size += len(line)
                yield value

    # --- closing

    def close(self) -> None:
        """Close the file and keep it, unless it is empty. Raises OSError if the disk fails."""
        if self.is_empty:
            self.remove()
        if self._file < 0:
            return
        file, self._file = self._file, -1
        try:
            os.ftruncate(file, self._size)
            os.fsync(file)
        finally:
            os.close(file)

    def remove(self) -> None:
        """Close and delete the file and forget its entries: the output has them all, or there are none."""
        self._entries.clear()
        self._in_flight.clear()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self.path.unlink(missing_ok=True)


def _open(path: Path, resume: bool) -> int:
    flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)  # a link may lead anywhere
    try:
        file = os.open(path, flags | (0 if resume else os.O_CREAT | os.O_EXCL), 0o600)
    except FileExistsError:
        raise UsageError(
            f'"{path}" holds paid results of an earlier run: '
            "add --resume to continue it, or move the file away to pay for everything again"
        ) from None
    except FileNotFoundError as error:
        raise UsageError(f'there is nothing to resume, no file "{path}": leave out --resume') from error
    except OSError as error:
        raise UsageError(f'"{path}" cannot be written: {error.strerror or error}') from None
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            raise UsageError(f'another run is writing "{path}": wait for it to end') from None
    return file


def _lookup(query: Mapping[str, str]) -> CompanyLookup:
    ((field_name, value),) = query.items()
    return CompanyLookup(field_name, value)
