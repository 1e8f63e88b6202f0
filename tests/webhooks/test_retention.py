"""What is kept, how long, and that nothing but time is needed to delete it."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from lusha_async.webhooks import InboxPolicy, MemoryInbox, SQLiteInbox, State
from lusha_async.webhooks.delivery import SignedMessage

from .sending import message, opt_out, payload, signed, until
from .test_inbox import Clock, take
from .test_sqlite_file import files

pytestmark = pytest.mark.asyncio

DAY = 86_400.0


def delivered(content: Any) -> SignedMessage:
    """A verified delivery of a payload."""
    body, headers = signed(content)
    return SignedMessage(body=body, timestamp=headers["X-Lusha-Timestamp"], signature="0" * 64, signed_at=1.0)


async def bodies(inbox: SQLiteInbox) -> list[bool]:
    """Of each event that the inbox still knows, whether its body is there."""
    return [event.body is not None for event in await inbox.list_events()]


async def test_bodies_and_keys_are_kept_as_long_as_the_page_says(tmp_path: Path) -> None:
    """7 days the body of a handled event, 30 that of a dead one, 30 the keys; signals and opt-outs alike."""
    clock = Clock()
    async with SQLiteInbox(tmp_path / "inbox.db", policy=InboxPolicy(max_attempts=1), clock=clock) as inbox:
        for content in (payload(1), opt_out()):
            await inbox.put(delivered(content))
            await (await take(inbox)).ack()
        for content in (payload(2), opt_out(fullName="Other Example")):
            await inbox.put(delivered(content))
            await (await take(inbox)).nack()
        await inbox.put(delivered(payload(3)))
        kept: list[list[bool]] = []
        for day in (6.9, 0.2, 22.8, 0.2, 400):
            clock.now += day * DAY
            await inbox.counts()
            kept.append(await bodies(inbox))
    assert kept == [[True] * 5, [False] * 2 + [True] * 3, [False] * 2 + [True] * 3, [True], [True]]


async def test_a_dead_letter_whose_body_is_gone_is_still_known(tmp_path: Path) -> None:
    """With a longer memory for keys, its replay is recognised, and it cannot be made to wait again."""
    clock, policy = Clock(), InboxPolicy(max_attempts=1, dead_retention=10, body_retention=0)
    async with SQLiteInbox(tmp_path / "inbox.db", policy=policy, clock=clock) as inbox:
        await inbox.put(message(1))
        await (await take(inbox)).nack()
        clock.now += 100
        assert not await inbox.put(message(1))
        assert await bodies(inbox) == [False]
        assert not await inbox.requeue(message(1).key)


async def test_pruning_needs_no_arrivals(tmp_path: Path) -> None:
    """An inbox in which nothing happens deletes all the same."""
    path, clock = tmp_path / "inbox.db", Clock()
    async with SQLiteInbox(path, clock=clock, prune_interval=0.02) as inbox:
        await inbox.put(message(1))
        await (await take(inbox)).ack()
        clock.now += 40 * DAY
        other = sqlite3.connect(path)

        async def nothing_left() -> bool:
            return other.execute("SELECT count(*) FROM events").fetchone() == (0,)

        await until(nothing_left)
        other.close()


async def test_pruning_keeps_up_with_a_thousand_events_a_second(tmp_path: Path) -> None:
    """A minute of such arrivals, all past their retention, is deleted in less than a minute of the clock."""
    path, clock = tmp_path / "inbox.db", Clock()
    async with SQLiteInbox(path, clock=clock) as inbox:
        await inbox.put(message(0))
        row = f"printf('id:%d', value), 'handled', 0, {clock.now}, {clock.now}, 'x', '', '', 0"
        numbers = "WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 60000)"
        columns = "key, state, due_at, received_at, settled_at, body, timestamp, signature, signed_at"
        with sqlite3.connect(path) as other:
            other.execute(f"{numbers} INSERT INTO events ({columns}) SELECT {row} FROM n")
        other.close()
        clock.now += 40 * DAY
        began = clock.now
        while (await inbox.counts()).handled:
            clock.now += 0.1
            assert clock.now < began + 60


async def test_what_is_deleted_is_not_in_the_file(tmp_path: Path) -> None:
    """Neither the database nor its WAL holds the text of an event that is past its retention."""
    clock = Clock()
    async with SQLiteInbox(tmp_path / "inbox.db", clock=clock) as inbox:
        for name in ("Person One" * 600, "Person Two"):
            await inbox.put(delivered(opt_out(fullName=name)))
            await (await take(inbox)).ack()
        clock.now += 8 * DAY
        await inbox.counts()
        assert not [file for file in files(tmp_path) if b"Person" in file.read_bytes()]


async def test_memory_drops_the_oldest_handled_events() -> None:
    """Full of handled events, it takes new ones; those that wait or are dead are never dropped for them."""
    inbox = MemoryInbox(capacity=100, policy=InboxPolicy(max_attempts=1))
    await inbox.put(message(1))
    await (await take(inbox)).nack()
    await inbox.put(message(2))
    waiting = await take(inbox)
    for number in range(3, 500):
        assert await inbox.put(message(number))
        await (await take(inbox)).ack()
    counts = await inbox.counts()
    assert (counts.waiting, counts.dead, counts.handled) == (1, 1, 98)
    numbers = [event.number for event in await inbox.list_events(page_size=1000)]
    assert numbers == [1, 2, *range(402, 500)]
    await waiting.ack()
    assert await inbox.requeue(message(2).key)


async def test_memory_forgets_behind_a_dead_letter() -> None:
    """An old dead letter, or one that waits, does not keep later handled events from being forgotten."""
    clock = Clock()
    inbox = MemoryInbox(policy=InboxPolicy(max_attempts=1, dead_retention=60 * DAY), clock=clock)
    await inbox.put(message(1))
    await (await take(inbox)).nack()
    await inbox.put(message(2))
    await (await take(inbox)).ack()
    for days, left in ((31, {State.DEAD, State.WAITING}), (30, {State.WAITING})):
        clock.now += days * DAY
        await inbox.put(message(3))
        assert {event.state for event in await inbox.list_events()} == left
