"""The part file: every answer of a run, on disk the moment it comes, until the output is whole.

A run may end early: credits or a budget run out, the key is withdrawn, the disk fills, somebody presses Ctrl-C or
kills the process. What was paid for by then is in `OUTPUT.part` and is not asked again by `--resume`. What was
handed to the client and has no answer in the file may have been charged, and `under_way` says so.

JSON lines. The first says what the answers are answers to; then one line for each company handed to the client
(`{"asking": {"domain": "example.com"}}`) or taken back, one for each answer and one for each charge. A last line
cut short by a kill is dropped.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ..errors import Problem
from ..jsonlines import encode
from .columns import CompanyLookup

try:
    import fcntl
except ImportError:  # not on Windows: there two runs on one part file are not kept apart
    fcntl = None  # type: ignore[assignment]

__all__ = ["JournalEntry", "RunJournal", "part_path"]

_SYNC_SECONDS = 1.0


@frozen(kw_only=True, slots=True)
class JournalEntry:
    """What became of a question: status and reason, the company as JSON, and credits charged (None: unknown)."""

    status: str
    reason: str | None = None
    credits: int | None = 0
    company: Mapping[str, Any] | None = field(default=None, repr=False)


def part_path(output: Path) -> Path:
    """Where the part of `output` is: beside it."""
    return output.with_name(output.name + ".part")


class RunJournal:
    """An open part file. Answers are read back one at a time: only their places are held in memory."""

    def __init__(self, path: Path, *, heading: Mapping[str, Any], resume: bool) -> None:
        """Create the file with its `heading`, or with `resume` go on with one that has the same heading.

        Raises `Problem` if it cannot be created, is there already, is in use by another run, or was begun with
        other options.
        """
        self.path = path
        self._places: dict[CompanyLookup, tuple[int, str]] = {}
        self._asking: dict[CompanyLookup, None] = {}
        self._file = _open(path, resume)
        self.spent = 0
        """Credits charged by all runs on this file."""
        self._size = 0
        self._synced = time.monotonic()
        if resume:
            self._read(heading)
        else:
            self._append(heading)

    # --- writing

    def asking(self, question: CompanyLookup) -> None:
        """Note that `question` is about to be sent. Raises OSError."""
        self._append({"asking": question.query})
        self._asking[question] = None

    def add(self, question: CompanyLookup, answer: JournalEntry) -> None:
        """Keep `answer`. On return the process may be killed, a second later the power may fail. Raises OSError."""
        place = self._size
        self._append(
            {
                "asked": question.query,
                "status": answer.status,
                "reason": answer.reason,
                "credits": answer.credits,
                "company": answer.company,
            }
        )
        self._places[question] = (place, answer.status)
        self._asking.pop(question, None)

    def unsent(self, question: CompanyLookup) -> None:
        """Note that `question` surely was not sent after all. Raises OSError."""
        self._append({"unsent": question.query})
        self._asking.pop(question, None)

    def charged(self, credits: int) -> None:
        """Add to what the runs on this file have spent. Raises OSError."""
        if credits:
            self._append({"charged": credits})
            self.spent += credits

    def _append(self, value: Mapping[str, Any]) -> None:
        line = encode(value)
        os.lseek(self._file, self._size, os.SEEK_SET)  # over whatever a failed write left
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self._size += len(line)
        if time.monotonic() - self._synced >= _SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        """Wait until the disk has it all. Raises OSError."""
        os.fsync(self._file)
        self._synced = time.monotonic()

    # --- reading

    def answer(self, question: CompanyLookup) -> JournalEntry:
        """The answer to `question`, read back from the file; KeyError if there is none."""
        os.lseek(self._file, self._places[question][0], os.SEEK_SET)
        with open(self._file, "rb", closefd=False) as lines:
            kept = json.loads(lines.readline())
        return JournalEntry(**{name: kept.get(name) for name in ("status", "reason", "credits", "company")})

    def status(self, question: CompanyLookup) -> str | None:
        """The status of the answer to `question`, or None if there is no answer."""
        place = self._places.get(question)
        return None if place is None else place[1]

    @property
    def under_way(self) -> tuple[CompanyLookup, ...]:
        """Questions handed to the client that have no answer here."""
        return tuple(self._asking)

    @property
    def answered(self) -> Set[CompanyLookup]:
        """Questions that have an answer here."""
        return self._places.keys()

    def __len__(self) -> int:
        return len(self._places)

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it worth keeping."""
        return not self._places and not self._asking

    def _read(self, heading: Mapping[str, Any]) -> None:
        lines = self._lines()
        if next(lines, None) != heading:
            raise Problem(
                f'"{self.path}" was begun by another command or with other --reveal: '
                "repeat that one, or move the file away to pay for everything anew"
            )
        place = self._size
        for line in lines:
            if "asking" in line:
                self._asking[_question(line["asking"])] = None
            elif "charged" in line:
                self.spent += int(line["charged"])
            elif "unsent" in line:
                self._asking.pop(_question(line["unsent"]), None)
            else:
                question = _question(line["asked"])
                self._places[question] = (place, str(line["status"]))
                self._asking.pop(question, None)
            place = self._size

    def _lines(self) -> Iterator[dict[str, Any]]:
        """The whole lines; `_size` is where each ends, and with it where the next write goes."""
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

    # --- the end

    def close(self) -> None:
        """Close the file and leave it where it is, unless it holds nothing. Raises OSError if the disk refuses."""
        if self.empty:
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
        """Close and delete it, and forget its answers: the output has them all, or nothing was asked."""
        self._places.clear()
        self._asking.clear()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self.path.unlink(missing_ok=True)


def _open(path: Path, resume: bool) -> int:
    flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | (0 if resume else os.O_CREAT | os.O_EXCL)
    try:
        file = os.open(path, flags, 0o666)
    except FileExistsError:
        raise Problem(
            f'"{path}" holds answers that an earlier run paid for: '
            "add --resume to go on from there, or move the file away to pay for everything anew"
        ) from None
    except FileNotFoundError as error:
        raise Problem(f'there is nothing to resume, no file "{path}": leave out --resume') from error
    except OSError as error:
        raise Problem(f'"{path}" cannot be written: {error.strerror or error}') from None
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            raise Problem(f'another run is writing "{path}": wait for it to end') from None
    return file


def _question(query: Mapping[str, str]) -> CompanyLookup:
    ((field_name, value),) = query.items()
    return CompanyLookup(field_name, value)
