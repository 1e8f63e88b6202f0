"""Acknowledged means safe under its name: whatever happens to the file while it is open."""

import asyncio
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

from lusha_async.webhooks import App, InboxError, InboxFullError, InboxPolicy, SQLiteInbox

from .sending import message, payload, signed
from .serving import post, served
from .test_inbox import Clock, take

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(os.name != "posix", reason="open files cannot be moved here"),
]


def files(folder: Path) -> list[Path]:
    """The database, its WAL and its index."""
    return sorted(folder.glob("inbox.db*"))


def remove(path: Path) -> None:
    """All three files."""
    for file in files(path.parent):
        file.unlink()


def remove_the_database(path: Path) -> None:
    """The database only; its WAL stays."""
    path.unlink()


def remove_the_wal(path: Path) -> None:
    """The write-ahead log only."""
    path.with_name("inbox.db-wal").unlink()


def remove_the_index(path: Path) -> None:
    """The shared index of the WAL only."""
    path.with_name("inbox.db-shm").unlink()


def move(path: Path) -> None:
    """As a rotation of logs would."""
    path.rename(path.with_name("old.db"))


def replace(path: Path) -> None:
    """By another inbox, as an editor or a restored backup would."""
    other = path.with_name("other.db")
    sqlite3.connect(other).close()
    other.touch()
    other.replace(path)


def move_the_folder(path: Path) -> None:
    """With all that is in it; an empty one takes its place."""
    path.parent.rename(path.parent.with_name("elsewhere"))
    path.parent.mkdir()


def truncate(path: Path) -> None:
    """`> inbox.db`."""
    os.truncate(path, 0)


HANDS = [
    remove, remove_the_database, remove_the_wal, remove_the_index, move, replace, move_the_folder, truncate,
]  # fmt: skip


async def put_all(inbox: SQLiteInbox, numbers: range) -> set[str]:
    """The keys of those that were reported as stored."""
    stored: set[str] = set()
    for number in numbers:
        try:
            await inbox.put(message(number))
        except InboxError:
            continue
        stored.add(message(number).key)
    return stored


async def keys_in(path: Path) -> set[str]:
    """What is found under the name after a restart."""
    async with SQLiteInbox(path) as inbox:
        return {event.key for event in await inbox.list_events(page_size=1000)}


@pytest.mark.parametrize("hand", HANDS)
async def test_what_is_reported_as_stored_is_under_its_name(tmp_path: Path, hand: Callable[[Path], None]) -> None:
    """After anybody's hand on the file, a put fails once, is heard of, and what is then stored is found again."""
    path = tmp_path / "folder" / "inbox.db"
    path.parent.mkdir()
    async with SQLiteInbox(path) as inbox:
        await put_all(inbox, range(10))
        hand(path)
        with pytest.raises(InboxError, match=r"inbox\.db or its WAL was moved, removed, replaced or truncated"):
            await inbox.put(message(100))
        stored = await put_all(inbox, range(101, 105))
        assert len(stored) == 4
    assert stored <= await keys_in(path)


@pytest.mark.parametrize("hand", [remove_the_wal, remove_the_index, move])
async def test_what_was_stored_before_is_rescued_where_its_file_is(
    tmp_path: Path, hand: Callable[[Path], None]
) -> None:
    """What was only in the WAL is written to the database that it belongs to, wherever that is now."""
    path = tmp_path / "inbox.db"
    async with SQLiteInbox(path) as inbox:
        before = await put_all(inbox, range(10))
        hand(path)
        await put_all(inbox, range(100, 103))
    assert before <= await keys_in(tmp_path / "old.db" if hand is move else path)


_OTHER = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from lusha_async.webhooks import SQLiteInbox
from tests.webhooks.test_sqlite_file import put_all

async def main():
    async with SQLiteInbox(sys.argv[1]) as inbox:
        for line in sys.stdin:
            first = int(line)
            print(*await put_all(inbox, range(first, first + 5)), flush=True)

asyncio.run(main())
"""


@asynccontextmanager
async def another_process(path: Path) -> AsyncIterator[Callable[[int], Awaitable[set[str]]]]:
    """Stores five events from a number on in a process of its own."""
    command = [sys.executable, "-c", _OTHER, str(path), str(Path(__file__).parents[2])]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: ASYNC220
        assert process.stdin is not None
        assert process.stdout is not None

        async def put(first: int) -> set[str]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{first}\n")
            process.stdin.flush()
            return set((await anyio.to_thread.run_sync(process.stdout.readline)).split())

        yield put


@asynccontextmanager
async def another_inbox(path: Path) -> AsyncIterator[Callable[[int], Awaitable[set[str]]]]:
    """The same in this process."""
    async with SQLiteInbox(path) as inbox:
        yield lambda first: put_all(inbox, range(first, first + 5))


@pytest.mark.parametrize(
    ("other", "hand"),
    [*((another_inbox, hand) for hand in HANDS), (another_process, remove_the_database), (another_process, move)],
)
async def test_all_who_have_it_open_find_the_new_file(
    tmp_path: Path, other: Any, hand: Callable[[Path], None]
) -> None:
    """Two who share the file notice at different times; neither harms what the other stores under the name."""
    path = tmp_path / "folder" / "inbox.db"
    path.parent.mkdir()
    async with other(path) as put, SQLiteInbox(path) as inbox:
        await put_all(inbox, range(5))
        await put(5)
        hand(path)
        stored: set[str] = set()
        for first in range(100, 150, 10):
            stored |= await put_all(inbox, range(first, first + 5)) | await put(first + 5)
    assert len(stored) >= 40
    assert stored <= await keys_in(path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_a_folder_that_is_gone_is_refused_until_it_is_back(tmp_path: Path) -> None:
    """No put succeeds without it; when it is there again, the inbox goes on."""
    path = tmp_path / "folder" / "inbox.db"
    path.parent.mkdir()
    async with SQLiteInbox(path) as inbox:
        await put_all(inbox, range(3))
        shutil.rmtree(path.parent)
        assert await put_all(inbox, range(3, 8)) == set()
        path.parent.mkdir()
        stored = await put_all(inbox, range(8, 10))
    assert stored == await keys_in(path) != set()


async def test_a_link_that_points_elsewhere_is_followed(tmp_path: Path) -> None:
    """A symbolic link is a name too, also one whose target is not there yet; the target has its owner's mode."""
    link = tmp_path / "inbox.db"
    link.symlink_to(tmp_path / "one.db")
    async with SQLiteInbox(link) as inbox:
        await put_all(inbox, range(3))
        assert stat.S_IMODE((tmp_path / "one.db").stat().st_mode) == 0o600
        link.unlink()
        link.symlink_to(tmp_path / "two.db")
        stored = await put_all(inbox, range(3, 8))
    assert len(stored) == 4
    assert stored == await keys_in(tmp_path / "two.db")


async def test_a_change_of_folder_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path means the folder in which the inbox was made, even `:memory:` is a file in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("inbox.db", ":memory:"):
        async with SQLiteInbox(name) as inbox:
            monkeypatch.chdir("/")
            assert len(await put_all(inbox, range(3))) == 3
        assert len(await keys_in(tmp_path / name)) == 3
        monkeypatch.chdir(tmp_path)


async def test_the_receiver_answers_503_and_goes_on(tmp_path: Path) -> None:
    """Over a socket: the delivery that finds its file gone is asked for again, and then stored under the name."""
    path = tmp_path / "inbox.db"
    async with served(App("secret", path)) as port:
        statuses: list[int] = []
        for number in (1, 2, 2, 3):
            if len(statuses) == 1:
                remove(path)
            delivery = signed(payload(number), at=time.time(), secret="secret")
            statuses.append((await post(port, *delivery)).status)
    assert statuses == [201, 503, 201, 201]
    assert len(await keys_in(path)) == 2


async def test_consumers_go_on_with_the_new_file(tmp_path: Path) -> None:
    """`consume` survives the removal of its file and handles what comes after."""
    path, handled = tmp_path / "inbox.db", asyncio.Event()
    async with SQLiteInbox(path, poll=0.01) as inbox:
        await inbox.put(message(1))
        keys: list[str] = []

        def handle(event: object) -> None:
            keys.append(getattr(event, "key", ""))
            if len(keys) == 1:
                remove(path)
            if message(9).key in keys:
                loop.call_soon_threadsafe(handled.set)

        loop = asyncio.get_running_loop()
        consumer = asyncio.create_task(inbox.consume(handle))
        with anyio.fail_after(10):
            while not keys:
                await asyncio.sleep(0.01)
            while message(9).key not in await put_all(inbox, range(9, 10)):
                await asyncio.sleep(0.01)
            await handled.wait()
        consumer.cancel()
        await asyncio.wait([consumer])


async def test_opening_a_second_inbox_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    """A process that opens and closes the file otherwise would drop them, and another process could end the WAL."""
    path = tmp_path / "inbox.db"
    other = f"import sqlite3; c = sqlite3.connect({str(path)!r}); c.execute('SELECT * FROM events'); c.close()"
    async with SQLiteInbox(path) as first:
        await first.put(message(1))
        async with SQLiteInbox(path) as second:
            await second.put(message(2))
        wal = path.with_name("inbox.db-wal").stat().st_ino
        await anyio.run_process([sys.executable, "-c", other])
        assert path.with_name("inbox.db-wal").stat().st_ino == wal
        assert await put_all(first, range(3, 5)) == {message(3).key, message(4).key}


async def test_files_that_were_open_to_all_are_closed_to_them(tmp_path: Path) -> None:
    """A database, a WAL and an index with the mode of the umask keep the owner's part of it."""
    path = tmp_path / "inbox.db"
    async with SQLiteInbox(path) as first:
        await first.put(message(1))
        for file in files(tmp_path):
            file.chmod(0o664)
        async with SQLiteInbox(path) as second:
            await second.put(message(2))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files(tmp_path)}
    assert modes == dict.fromkeys(("inbox.db", "inbox.db-wal", "inbox.db-shm"), 0o600)


async def test_the_size_counts_the_wal(tmp_path: Path) -> None:
    """A reader that never ends keeps the WAL from being emptied: the inbox refuses, and goes on when it has ended."""
    path, size = tmp_path / "inbox.db", 1_000_000
    clock = Clock()
    async with SQLiteInbox(path, max_bytes=size, policy=InboxPolicy(body_retention=0), clock=clock) as inbox:
        await inbox.put(message(0))
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM events").fetchall()
        with pytest.raises(InboxFullError):
            for _ in range(1000):
                await inbox.put(message(1, id=str(clock.now), data={"blob": "x" * 3000}))
                await (await take(inbox)).ack()
                clock.now += 61
        on_disk = sum(file.stat().st_size for file in files(tmp_path))
        assert 0.5 * size < on_disk < 1.2 * size
        reader.close()
        clock.now += 61
        assert await inbox.put(message(2))
        assert path.with_name("inbox.db-wal").stat().st_size < 0.3 * size


_FULL = """
import asyncio, resource, signal, sys
from lusha_async.webhooks import InboxError, SQLiteInbox
sys.path.insert(0, sys.argv[2])
from tests.webhooks.sending import message

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    async with SQLiteInbox(sys.argv[1]) as inbox:
        await inbox.put(message(0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        stored, failed = [], 0
        for number in range(1, 200):
            try:
                await inbox.put(message(number, data={"blob": "x" * 2000}))
                stored.append(message(number).key)
            except InboxError:
                failed += 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await inbox.put(message(500))
        print(failed, *stored, message(500).key)

asyncio.run(main())
"""


async def test_a_file_system_that_takes_no_more_is_survived(tmp_path: Path) -> None:
    """What fails is raised, what is reported as stored is there, and with room again the same inbox goes on."""
    path = tmp_path / "inbox.db"
    command = [sys.executable, "-c", _FULL, str(path), str(Path(__file__).parents[2])]
    failed, *stored = (await anyio.run_process(command)).stdout.split()
    assert int(failed) > 10
    assert {key.decode() for key in stored} <= await keys_in(path)
