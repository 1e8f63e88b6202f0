"""What may happen to the files in which the processes of one machine meet."""

import gc
from pathlib import Path

import pytest

from lusha_async.governor import Connection, Governor
from lusha_async.governor._board import host_store
from lusha_async.governor._board.directory import file_system
from lusha_async.governor._board.host_store import HostStore

from .test_processes import send_one

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def _runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LUSHA_RUNTIME_DIR", str(tmp_path / "run"))


def _files(listing: Path) -> int:
    """How many files this process has open, where the system tells it."""
    return len(list(listing.iterdir())) if listing.exists() else 0


def connection_of(governor: Governor) -> Connection:
    board = governor.snapshot().board
    assert board is not None
    return board.connection


async def test_governors_one_after_the_other_are_each_alone() -> None:
    """A program that makes a client for each job: none keeps a lock or a file open beyond its end."""
    listing, handles = Path("/proc/self/fd"), 0
    for number in range(5):
        governor = Governor(_store=HostStore("account"))
        await send_one(governor)
        assert connection_of(governor) is Connection.ALONE
        del governor
        gc.collect()
        if not number:
            handles = _files(listing)
    assert _files(listing) == handles


async def test_processes_meet_although_their_files_were_deleted(tmp_path: Path) -> None:
    """Directories of temporary files are cleaned, whatever is open or locked in them."""
    first = HostStore("account")
    assert first.enter()
    for path in (tmp_path / "run").iterdir():
        path.unlink()
    second = HostStore("account")
    assert second.enter()  # it cannot know of the first
    assert first.company()  # but the first notices
    assert first.change(lambda board, _: b"one" + (board or b"")) >= 0
    assert second.company()
    (tmp_path / "run" / "account.lock").unlink()
    second.change(lambda board, _: b"two" + (board or b""))
    first.change(lambda board, _: b"three" + (board or b""))
    assert first.look()[0] == b"threetwoone"


async def test_a_board_of_another_boot_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its times are of a clock that began anew."""
    before = HostStore("account")
    assert before.enter()
    before.change(lambda _, __: b"board")
    monkeypatch.setattr(host_store, "boot_id", lambda: "another")
    after = HostStore("account")
    assert after.look()[0] is None
    assert before.look()[0] == b"board"


async def test_a_lock_that_is_held_for_too_long_is_a_lost_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was stopped in the middle of a change."""
    monkeypatch.setattr(host_store, "_PATIENCE", 0.05)
    stopped, other = HostStore("account"), HostStore("account")
    assert stopped.enter()
    assert not other.enter()
    with stopped._locked(), pytest.raises(host_store.LostStoreError, match="held its lock for too long"):
        other.change(lambda _, __: b"board")
    other.change(lambda _, __: b"board")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/run/user/0/lusha", "tmpfs"), ("/home/x", "nfs4"), ("/home/x y/z", "fuse.sshfs"), ("/var", "ext4")],
)
async def test_the_file_system_of_a_path_is_that_of_the_longest_mount(path: str, kind: str) -> None:
    """As Linux tells it, spaces escaped."""
    mounts = """22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw
30 22 0:5 / /run rw - tmpfs tmpfs rw
31 22 0:6 / /home rw - nfs4 server:/home rw
32 31 0:7 / /home/x\\040y rw - fuse.sshfs server: rw
"""
    assert file_system(Path(path), mounts) == kind
