"""What only a file can promise: processes, durability, failures of the disk."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import anyio
import pytest

from lusha_async.webhooks import InboxError, InboxFullError, InboxPolicy, OverloadedError, SQLiteInbox, State

from .sending import message, until
from .test_inbox import Clock, handled, take

pytestmark = pytest.mark.asyncio


async def test_events_outlive_the_inbox(tmp_path: Path) -> None:
    """What was put is there when the file is opened again, bytes and headers alike."""
    path = tmp_path / "inbox.db"
    one = message(1, at=1_800_000_000.0)
    async with SQLiteInbox(path) as inbox:
        assert await inbox.put(one)
    async with SQLiteInbox(path) as inbox:
        assert not await inbox.put(one)
        delivery = await take(inbox)
        assert delivery.message == one


async def test_the_file_is_its_owners_and_durable(tmp_path: Path) -> None:
    """Mode 600 (it holds people's data), WAL, and every commit waits for the disk."""
    path = tmp_path / "inbox.db"
    async with SQLiteInbox(path) as inbox:
        await inbox.put(message())
        if os.name == "posix":
            for file in path.parent.glob("inbox.db*"):
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        modes = await inbox._writer.submit(
            lambda connection: [
                connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
            ]
        )
    assert modes == ["wal", 2]


async def test_concurrent_puts_share_commits(tmp_path: Path) -> None:
    """A hundred deliveries at once are written in a few commits, not in a hundred."""
    async with SQLiteInbox(tmp_path / "inbox.db") as inbox:
        await inbox.put(message(0))
        commits = 0

        def count(connection: sqlite3.Connection) -> None:
            def saw(statement: str) -> None:
                nonlocal commits
                commits += statement == "COMMIT"

            connection.set_trace_callback(saw)

        await inbox._writer.submit(count)
        results = await asyncio.gather(*(inbox.put(message(number)) for number in range(1, 101)))
        assert all(results)
        assert 1 <= commits <= 20


async def test_a_duplicate_in_the_same_commit_is_recognised(tmp_path: Path) -> None:
    """Of the same delivery many times at once, one is new."""
    async with SQLiteInbox(tmp_path / "inbox.db") as inbox:
        results = await asyncio.gather(*(inbox.put(message(7)) for _ in range(50)))
        assert results.count(True) == 1


async def test_more_than_may_wait_is_refused(tmp_path: Path) -> None:
    """When the disk is slow, puts are refused rather than queued without end; what was taken is stored."""
    async with SQLiteInbox(tmp_path / "inbox.db", max_waiting=10) as inbox:
        await inbox.put(message(0))
        gate = threading.Event()
        blocked = inbox._writer.submit(lambda connection: gate.wait(10))
        await asyncio.sleep(0.05)
        puts = [asyncio.create_task(inbox.put(message(number))) for number in range(1, 31)]
        await asyncio.sleep(0)
        gate.set()
        results = await asyncio.gather(*puts, return_exceptions=True)
        await blocked
        refused = [result for result in results if isinstance(result, OverloadedError)]
        assert len(refused) == 20
        assert (await inbox.counts()).waiting == 11


async def test_a_full_inbox_refuses_and_still_gives_out(tmp_path: Path) -> None:
    """At its size it takes no more, but what is there can be handled, and then there is room again."""
    clock = Clock()
    policy = InboxPolicy(body_retention=0.0, key_retention=1.0)
    async with SQLiteInbox(tmp_path / "inbox.db", max_bytes=200_000, policy=policy, clock=clock) as inbox:
        number, full = 0, False
        while not full:
            try:
                await inbox.put(message(number, data={"blob": "x" * 4000}))
                number += 1
            except InboxFullError:
                full = True
        assert 10 < number < 100
        for _ in range(number):
            await (await take(inbox)).ack()
        clock.now += 1000
        assert await inbox.put(message(5000))
        assert (await inbox.counts()).waiting == 1


async def test_a_failed_batch_is_raised_to_all_in_it(tmp_path: Path) -> None:
    """When the database fails, each put of the batch raises and none of it is stored; later ones work."""
    async with SQLiteInbox(tmp_path / "inbox.db") as inbox:
        await inbox.put(message(0))
        gate = threading.Event()
        blocked = inbox._writer.submit(lambda connection: gate.wait(10))
        await asyncio.sleep(0.05)
        puts = [asyncio.create_task(inbox.put(message(number))) for number in range(1, 6)]
        await asyncio.sleep(0)
        broken = inbox._writer.submit(lambda connection: connection.execute("SELECT * FROM nowhere"))
        gate.set()
        await blocked
        results = await asyncio.gather(*puts, broken, return_exceptions=True)
        assert all(isinstance(result, InboxError) for result in results)
        assert (await inbox.counts()).waiting == 1
        assert await inbox.put(message(1))


@pytest.mark.parametrize("content", [b"this is no database, but long enough to look at" * 30, None])
async def test_an_unusable_path_is_reported(tmp_path: Path, content: bytes | None) -> None:
    """A file that is no database, or a folder that is not there, fails each put; nothing is taken as stored."""
    path = tmp_path / "inbox.db" if content else tmp_path / "nowhere" / "inbox.db"
    if content:
        path.write_bytes(content)
    async with SQLiteInbox(path) as inbox:
        for _ in range(2):
            with pytest.raises(InboxError, match="database of the inbox failed"):
                await inbox.put(message())


async def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    """An inbox that a later version of the library wrote is refused, not read wrongly."""
    path = tmp_path / "inbox.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    async with SQLiteInbox(path) as inbox:
        with pytest.raises(InboxError, match="schema version 99"):
            await inbox.put(message())


async def test_a_cancelled_claim_releases_its_event(tmp_path: Path) -> None:
    """A consumer that is cancelled while it claims leaves nothing leased."""
    async with SQLiteInbox(tmp_path / "inbox.db", policy=InboxPolicy(max_attempts=1)) as inbox:
        await inbox.put(message())
        gate = threading.Event()
        blocked = inbox._writer.submit(lambda connection: gate.wait(10))
        await asyncio.sleep(0.05)
        claim = asyncio.create_task(inbox.claim(max_events=1, lease=3600))
        await asyncio.sleep(0.01)
        claim.cancel()
        with pytest.raises(asyncio.CancelledError):
            await claim
        gate.set()
        await blocked
        with anyio.fail_after(5):
            leases = []
            while not leases:
                leases, _ = await inbox.claim(max_events=1, lease=60)
                await asyncio.sleep(0.005)
        assert leases[0].attempt == 1


async def test_a_cancelled_put_leaves_the_inbox_sound(tmp_path: Path) -> None:
    """The sender that left may have stored its event; the next delivery of it is handled correctly either way."""
    async with SQLiteInbox(tmp_path / "inbox.db") as inbox:
        for number in range(50):
            task = asyncio.create_task(inbox.put(message(number)))
            for _ in range(number % 4):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        results = await asyncio.gather(*(inbox.put(message(number)) for number in range(50)))
        assert (await inbox.counts()).waiting == 50
        assert results.count(False) + results.count(True) == 50


async def test_bodies_of_handled_events_are_dropped(tmp_path: Path) -> None:
    """After `keep` seconds only the key of a handled event is left; one without a body cannot be replayed."""
    clock = Clock()
    policy = InboxPolicy(body_retention=10.0, key_retention=1000.0)
    async with SQLiteInbox(tmp_path / "inbox.db", policy=policy, clock=clock) as inbox:
        await inbox.put(message(1))
        await (await take(inbox)).ack()
        (stored,) = await inbox.list_events(State.HANDLED)
        assert stored.body == message(1).body
        clock.now += 100
        await inbox.put(message(2))
        (stored,) = await inbox.list_events(State.HANDLED)
        assert stored.body is None
        assert not await inbox.requeue(stored.key)


async def test_two_loops_and_two_inboxes_on_one_file(tmp_path: Path) -> None:
    """What one loop's inbox stores, another thread's consumer with its own inbox gets, each event once."""
    path = tmp_path / "inbox.db"
    got: list[str] = []

    async def consumer() -> None:
        async with SQLiteInbox(path, poll=0.01) as inbox:
            async for delivery in inbox:
                async with delivery:
                    got.append(delivery.key)
                if len(got) >= 40:
                    return

    thread = threading.Thread(target=lambda: asyncio.run(consumer()))
    async with SQLiteInbox(path) as inbox:
        await inbox.put(message(0))
        thread.start()
        for number in range(1, 40):
            await inbox.put(message(number))
        await anyio.to_thread.run_sync(thread.join)
    assert sorted(got) == sorted(message(number).key for number in range(40))


_CONSUMER = """
import asyncio, sys
from lusha_async.webhooks import SQLiteInbox

async def main():
    async with SQLiteInbox(sys.argv[1], poll=0.02) as inbox:
        await inbox.counts()
        print("up", flush=True)
        async for delivery in inbox:
            async with delivery:
                print(delivery.key, flush=True)

asyncio.run(main())
"""


async def test_several_processes_share_a_file(tmp_path: Path) -> None:
    """Three consumer processes on one inbox: each event goes to one of them, none is left."""
    path = tmp_path / "inbox.db"
    processes = [
        subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-c", _CONSUMER, str(path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    try:
        async with SQLiteInbox(path) as inbox:
            await inbox.counts()
            for process in processes:
                assert process.stdout is not None
                assert await anyio.to_thread.run_sync(process.stdout.readline) == "up\n"
            for number in range(60):
                await inbox.put(message(number))
            await until(lambda: handled(inbox, 60))
    finally:
        for process in processes:
            process.terminate()
        keys = [key for process in processes for key in process.communicate()[0].split()]
    assert sorted(key for key in keys if key != "up") == sorted(message(number).key for number in range(60))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
async def test_an_inbox_does_not_cross_a_fork(tmp_path: Path) -> None:
    """Used in a forked child it refuses, instead of waiting for a thread that is not there."""
    code = f"""
import asyncio, os, sys
from lusha_async.webhooks import InboxError, SQLiteInbox
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.webhooks.sending import message
inbox = SQLiteInbox({str(tmp_path / "inbox.db")!r})
asyncio.run(inbox.put(message(1)))
pid = os.fork()
if pid == 0:
    try:
        asyncio.run(inbox.put(message(2)))
    except InboxError:
        os._exit(7)
    os._exit(1)
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status))
"""
    done = await anyio.run_process([sys.executable, "-W", "ignore", "-c", code])
    assert done.stdout.strip() == b"7"
