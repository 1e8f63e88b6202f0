"""The journal keeps what was paid for, however the run ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lusha_async.cli.enrich.columns import CompanyLookup
from lusha_async.cli.enrich.journal import JournalEntry, RunJournal
from lusha_async.cli.errors import UsageError

HEADER = {"command": "enrich companies", "reveal": []}
A, B, C = (CompanyLookup("domain", f"{name}.example") for name in "abc")


def _make(path: Path, *, resume: bool = False, header: dict[str, object] | None = None) -> RunJournal:
    return RunJournal(path, header=header or HEADER, resume=resume)


def test_entries_are_read_back_after_a_resume(tmp_path: Path) -> None:
    """Status, reason, credits and company are read back unchanged; the last entry of a lookup counts."""
    path = tmp_path / "out.part"
    journal = _make(path)
    journal.begin(A)
    journal.record(A, JournalEntry(status="failed", reason="no luck"))
    journal.record(A, JournalEntry(status="ok", credits=2, company={"name": "Ä \ud800", "n": [1, None]}))
    journal.begin(B)
    journal.close()
    again = _make(path, resume=True)
    assert again.entry(A) == JournalEntry(status="ok", credits=2, company={"name": "Ä \ud800", "n": [1, None]})
    assert again.in_flight == (B,)
    assert (len(again), again.status(A), again.status(B)) == (1, "ok", None)
    again.close()


def test_a_withdrawn_lookup_is_not_in_flight(tmp_path: Path) -> None:
    """A withdrawn lookup does not count as possibly charged."""
    journal = _make(tmp_path / "out.part")
    journal.record(B, JournalEntry(status="ok"))
    journal.begin(A)
    journal.withdraw(A)
    journal.close()
    again = _make(tmp_path / "out.part", resume=True)
    assert again.in_flight == ()
    again.close()


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_cut_short_by_a_kill_is_dropped(tmp_path: Path, cut: int) -> None:
    """The entries before it are kept, and the next one is written over it."""
    path = tmp_path / "out.part"
    journal = _make(path)
    journal.record(A, JournalEntry(status="ok", credits=2))
    journal.record(B, JournalEntry(status="ok", credits=2))
    journal.close()
    os.truncate(path, path.stat().st_size - cut)
    again = _make(path, resume=True)
    assert (again.status(A), again.status(B)) == ("ok", None)
    again.record(C, JournalEntry(status="not_found"))
    again.close()
    lines = path.read_bytes().splitlines()
    assert [json.loads(line).get("status") for line in lines] == [None, "ok", "not_found"]


def test_an_earlier_journal_is_never_overwritten(tmp_path: Path) -> None:
    """Without --resume an existing journal is refused and not changed."""
    path = tmp_path / "out.part"
    journal = _make(path)
    journal.record(A, JournalEntry(status="ok"))
    journal.close()
    before = path.read_bytes()
    with pytest.raises(UsageError, match="--resume"):
        _make(path)
    with pytest.raises(UsageError, match="other --reveal"):
        _make(path, resume=True, header={"command": "enrich companies", "reveal": ["intent"]})
    assert path.read_bytes() == before


def test_nothing_to_resume_is_refused(tmp_path: Path) -> None:
    """A misspelt output name with --resume does not start, and pay for, a new run."""
    with pytest.raises(UsageError, match="nothing to resume"):
        _make(tmp_path / "out.part", resume=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="the lock needs a POSIX system")
def test_two_runs_cannot_write_one_journal(tmp_path: Path) -> None:
    """A second run that resumes the same file while the first is at work would pay for everything twice."""
    path = tmp_path / "out.part"
    journal = _make(path)
    journal.begin(A)
    with pytest.raises(UsageError, match="another run"):
        _make(path, resume=True)
    journal.close()
    _make(path, resume=True).close()


def test_an_empty_journal_is_removed(tmp_path: Path) -> None:
    """A run that was refused leaves no file behind."""
    path = tmp_path / "out.part"
    _make(path).close()
    assert not path.exists()


@pytest.mark.skipif(os.name != "posix", reason="the bound on a file needs a POSIX system")
def test_a_failed_write_leaves_the_lines_before_it(tmp_path: Path) -> None:
    """A full disk raises OSError, and the entries before it stay readable."""
    script = (
        "import resource, signal, sys\n"
        "from lusha_async.cli.enrich.journal import JournalEntry, RunJournal\n"
        "from lusha_async.cli.enrich.columns import CompanyLookup\n"
        "journal = RunJournal(__import__('pathlib').Path(sys.argv[1]), header={'x': 1}, resume=False)\n"
        "journal.record(CompanyLookup('domain', 'a'), JournalEntry(status='ok'))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))\n"
        "try:\n"
        "    journal.record(CompanyLookup('domain', 'b'), JournalEntry(status='ok', company={'text': 'x' * 1000}))\n"
        "except OSError:\n"
        "    journal.record(CompanyLookup('domain', 'c'), JournalEntry(status='ok'))\n"
        "    print(journal.entry(CompanyLookup('domain', 'a')), journal.entry(CompanyLookup('domain', 'c')))\n"
        "journal.close()\n"
    )
    path = tmp_path / "out.part"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], check=False, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("status='ok'") == 2
    assert len(path.read_bytes().splitlines()) == 3
