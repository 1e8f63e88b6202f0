"""The output file is either complete or absent."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lusha_async.cli.enrich.journal import RunJournal
from lusha_async.cli.errors import UsageError
from lusha_async.cli.output import check_output, write_atomically


def test_the_output_is_whole(tmp_path: Path) -> None:
    """All lines are there under the name, and nothing else is left in the folder."""
    path = tmp_path / "out.jsonl"
    write_atomically(path, iter([b"1\n", b"2\n"]), force=False)
    assert path.read_bytes() == b"1\n2\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("end", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_output_leaves_the_old_one(tmp_path: Path, end: BaseException) -> None:
    """A disk error or Ctrl-C while writing leaves what was there before, and no litter."""
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"old")

    def lines() -> Iterator[bytes]:
        assert path.read_bytes() == b"old"
        yield b"new\n"
        raise end

    with pytest.raises(type(end)):
        write_atomically(path, lines(), force=True)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appeared_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """Without --force, a file that another program created is kept."""
    path = tmp_path / "out.jsonl"

    def lines() -> Iterator[bytes]:
        path.write_bytes(b"theirs")
        yield b"ours\n"

    with pytest.raises(UsageError, match="was created during the run"):
        write_atomically(path, lines(), force=False)
    assert path.read_bytes() == b"theirs"


@pytest.mark.skipif(os.name != "posix", reason="modes of files are those of POSIX")
def test_the_output_is_private_and_keeps_a_mode(tmp_path: Path) -> None:
    """A new file is for its owner only, whatever the umask; a replaced one keeps its mode."""
    path = tmp_path / "out.jsonl"
    before = os.umask(0)
    try:
        write_atomically(path, [b"1\n"], force=False)
        assert path.stat().st_mode & 0o777 == 0o600
        path.chmod(0o640)
        write_atomically(path, [b"2\n"], force=True)
        assert (path.stat().st_mode & 0o777, path.read_bytes()) == (0o640, b"2\n")
    finally:
        os.umask(before)


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_no_link_is_followed(tmp_path: Path) -> None:
    """A link under a name that may be used is written through neither by the temporary file nor by the journal."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    for name in (".out.jsonl.tmp", ".out.jsonl.part"):
        (tmp_path / name).symlink_to(victim)
    write_atomically(tmp_path / "out.jsonl", [b"1\n"], force=False)
    link = tmp_path / "journal"
    link.symlink_to(victim)
    for resume in (False, True):
        with pytest.raises(UsageError):
            RunJournal(link, header={}, resume=resume)
    assert victim.read_bytes() == b"precious"


def test_outputs_that_cannot_be_are_refused_at_once(tmp_path: Path) -> None:
    """A folder, a missing folder, an existing file, the input itself and a device are refused before any cost."""
    source = tmp_path / "in.csv"
    source.write_text("a\n")
    existing = tmp_path / "out.jsonl"
    existing.write_text("")
    cases = [
        (tmp_path, False, "is a folder"),
        (tmp_path / "none" / "out.jsonl", False, "there is no folder"),
        (existing, False, "--force"),
        (source, True, "is the input itself"),
        (Path("/dev/null"), True, "not a regular file"),
    ]
    for path, force, says in cases:
        with pytest.raises(UsageError, match=says):
            check_output(path, source=source, force=force)
    check_output(existing, source=source, force=True)
    check_output(tmp_path / "new.jsonl", source=source, force=False)
