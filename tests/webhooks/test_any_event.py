"""Whatever is signed can be stored, and nothing that is stored with it fails because of it."""

import asyncio
import json
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lusha_async.webhooks import App, InboxError, MemoryInbox, SQLiteInbox, State
from lusha_async.webhooks.delivery import SignedMessage

from .sending import SECRET, message, signed
from .test_inbox import take

IDS = st.one_of(
    st.text(st.characters(exclude_categories=())),  # surrogates too
    st.integers(),
    st.floats(),
    st.none(),
    st.booleans(),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["\ud800", "a\0b", "\0", "x" * 60_000, "\x1b[31m", "\u202e", "\n", 10**30, "", " "]),
)


def holding(identifier: Any, **members: Any) -> SignedMessage:
    """A delivery of that id."""
    body = json.dumps({"id": identifier, **members}).encode()
    return SignedMessage(body=body, timestamp="1", signature="0" * 64, signed_at=1.0)


@given(identifiers=st.lists(IDS, min_size=1, max_size=8))
@example(identifiers=["\ud800", "good"])
@settings(max_examples=30, deadline=None)
def test_any_id_is_stored_with_its_neighbours(identifiers: list[Any]) -> None:
    """In memory and in SQLite alike: each is stored once, is found by its key, is handled, and is printable."""

    async def run(folder: str) -> None:
        for inbox in (MemoryInbox(), SQLiteInbox(Path(folder) / "inbox.db")):
            async with inbox:
                messages = [holding(identifier) for identifier in identifiers]
                new = await asyncio.gather(*(inbox.put(one) for one in messages))
                keys = {one.key for one in messages}
                assert sum(new) == len(keys)
                assert {event.key for event in await inbox.list_events()} == keys
                for _ in keys:
                    await (await take(inbox)).ack()
                for key in keys:
                    assert key.isprintable()
                    assert await inbox.requeue(key)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(folder))


@given(one=st.text(st.characters(exclude_categories=())), other=st.text(st.characters(exclude_categories=())))
@example(one="\ud800", other="\ud801")
@example(one="x" * 300, other="x" * 301)
def test_different_ids_have_different_keys(one: str, other: str) -> None:
    """A key stands for one id, however it is encoded; an ordinary id can be read in it."""
    assert (holding(one).key == holding(other).key) == (one == other)
    assert holding("abc-1").key == "id:abc-1"


@pytest.mark.asyncio
async def test_the_receiver_acknowledges_any_id(tmp_path: Path) -> None:
    """A lone surrogate, NUL, 60 KiB: 201 for it and for those that arrive with it."""
    app = App(SECRET, tmp_path / "inbox.db")
    statuses: list[int] = []

    async def deliver(content: Any) -> None:
        body, headers = signed(json.dumps(content).encode(), at=time.time())

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(sent: Any) -> None:
            if sent["type"] == "http.response.start":
                statuses.append(sent["status"])

        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await app({"type": "http", "method": "POST", "query_string": b"", "headers": pairs}, receive, send)

    identifiers = ["1", "\ud800", "2", "a\0b", "x" * 60_000, None, {}, 10**400, "3"]
    await asyncio.gather(*(deliver({"id": one, "n": n}) for n, one in enumerate(identifiers)))
    assert statuses == [201] * len(identifiers)
    assert (await app.inbox.counts()).waiting == len(identifiers)
    await app.inbox.aclose()


@pytest.mark.asyncio
async def test_one_that_cannot_be_stored_fails_alone(tmp_path: Path) -> None:
    """Of one batch, what is of no type that the database has fails; the others before and after it are stored."""
    wrong: list[Any] = [float("nan"), object(), 10**30]
    async with SQLiteInbox(tmp_path / "inbox.db") as inbox:
        await inbox.put(message(0))
        gate = threading.Event()
        blocked = inbox._writer.submit(lambda connection: gate.wait(10))
        await asyncio.sleep(0.05)
        puts: list[Any] = []
        for number, signed_at in enumerate(wrong, 1):
            body = message(number).body
            bad = SignedMessage(body=body, timestamp="\ud800", signature="", signed_at=signed_at)
            puts += [inbox.put(bad), inbox.put(message(number + 100))]
        tasks = [asyncio.create_task(put) for put in puts]
        await asyncio.sleep(0)
        gate.set()
        await blocked
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(result, InboxError) for result in results] == [True, False] * len(wrong)
        stored = {event.key for event in await inbox.list_events()}
        assert stored == {message(number).key for number in (0, 101, 102, 103)}


@pytest.mark.asyncio
async def test_what_an_operation_did_before_it_failed_is_undone(tmp_path: Path) -> None:
    """An operation of several statements changes all or nothing, first in its transaction or not."""
    async with SQLiteInbox(tmp_path / "inbox.db") as inbox:
        await inbox.put(message(1))

        def half(connection: Any) -> None:
            if not connection.in_transaction:
                connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM events")
            raise ValueError("then it failed")

        for others in (0, 3):
            jobs = [inbox.put(message(number + 10)) for number in range(others)]
            tasks = [asyncio.create_task(job) for job in jobs]
            await asyncio.sleep(0)
            with pytest.raises(InboxError, match="then it failed"):
                await inbox._writer.submit(half)
            await asyncio.gather(*tasks)
            assert len(await inbox.list_events()) == 1 + others


@pytest.mark.asyncio
async def test_any_error_text_is_stored(tmp_path: Path) -> None:
    """What a consumer reports may hold a lone surrogate; a key that no event has may too."""
    async with SQLiteInbox(tmp_path / "inbox.db") as inbox:
        await inbox.put(message(1))
        await (await take(inbox)).nack(error="bad \ud800")
        (event,) = await inbox.list_events(State.WAITING)
        assert event.error == "bad \\ud800"
        assert not await inbox.requeue("id:\ud800")
