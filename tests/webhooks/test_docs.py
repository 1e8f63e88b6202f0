"""docs/webhooks.md: each example runs, the receivers with a real server."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lusha_async import LushaClient, sandbox
from lusha_async.governor import Governor
from lusha_async.webhooks import App, MemoryInbox, SecretRing, SQLiteInbox
from tests.examples import Page

from .sending import SECRET, opt_out, payload, signed, until
from .serving import post, served

PAGE = Page("docs/webhooks.md")

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LUSHA_WEBHOOK_SECRET", SECRET)


async def deliver(app: Any, path: str) -> None:
    """Three events, a retry and a forged one, against a real server."""
    async with served(app) as port:
        for content in (payload(1), payload(2), payload(1), opt_out()):
            response = await post(port, *signed(content, at=time.time()), path=path)
            assert response.status == 201
            assert response.json["received"] is True
        forged = await post(port, *signed(payload(9), at=time.time(), secret="whsec_forged"), path=path)
        assert forged.status == 401


async def test_plain_asgi() -> None:
    """The receiver in three lines stores each event once."""
    await deliver(PAGE.example("plain")["app"], "/")
    async with SQLiteInbox("lusha-inbox.db") as inbox:
        assert (await inbox.counts()).waiting == 3


async def test_fastapi() -> None:
    """In FastAPI, with a consumer for the life of the application: each event is handled once."""
    pytest.importorskip("fastapi")
    names = PAGE.example("fastapi")
    async with served(names["app"]) as port:
        for content in (payload(1), payload(2), payload(1), opt_out()):
            assert (await post(port, *signed(content, at=time.time()), path="/webhooks/lusha")).status == 201
        await until(lambda: _length(names["handled"], 3))


async def _length(items: list[Any], wanted: int) -> bool:
    return len(items) == wanted


async def test_starlette() -> None:
    """In Starlette."""
    names = PAGE.example("starlette")
    await deliver(names["app"], "/webhooks/lusha")
    assert names["receiver"].counts["stored"] == 3
    await names["receiver"].inbox.aclose()


async def test_without_an_inbox() -> None:
    """Verified and acknowledged by hand, each event saved once."""
    names = PAGE.example("own")
    await deliver(names["app"], "/webhooks/lusha")
    assert len(names["saved"]) == 3


async def test_without_an_inbox_an_event_that_could_not_be_saved_is_sent_again() -> None:
    """A save that fails is answered 503 and not remembered: the retry is saved."""
    names = PAGE.example("own")

    class Failing(list[bytes]):
        def append(self, item: bytes) -> None:
            names["saved"] = []
            raise OSError("the disk is full")

    names["saved"] = Failing()
    async with served(names["app"]) as port:
        delivery = signed(payload(1), at=time.time())
        statuses = [(await post(port, *delivery, path="/webhooks/lusha")).status for _ in range(3)]
    assert statuses == [503, 201, 201]
    assert names["saved"] == [delivery[0]]


async def test_a_consumer_that_fails_ends_the_receiver() -> None:
    """The example watches its consumer: a failure asks the server to stop, a cancellation does not."""
    pytest.importorskip("fastapi")
    stop = PAGE.example("fastapi")["stop_without"]
    asked: list[int] = []

    async def consume(seconds: float) -> None:
        await asyncio.sleep(seconds)
        raise RuntimeError("a bug")

    before = signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
    try:
        consumers = [asyncio.create_task(consume(seconds)) for seconds in (0, 3600)]
        for consumer in consumers:
            consumer.add_done_callback(stop)
        consumers[1].cancel()
        await asyncio.wait(consumers)
        await asyncio.sleep(0)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert asked == [signal.SIGTERM]


async def test_litestar() -> None:
    """In Litestar, as the page says of any framework."""
    litestar = pytest.importorskip("litestar")
    receiver = App(SECRET, MemoryInbox())
    mounted = litestar.asgi("/webhooks/lusha", is_mount=True, copy_scope=True)(receiver.__call__)
    await deliver(litestar.Litestar(route_handlers=[mounted], logging_config=None), "/webhooks/lusha")
    assert receiver.counts["stored"] == 3


async def test_the_consumer() -> None:
    """The loop handles the events of the inbox and ends when the inbox is closed."""
    inbox, moved = MemoryInbox(), dict[str, Any]()
    app = App(SECRET, inbox)
    async with served(app) as port:
        await post(port, *signed(payload(1), at=time.time()))
    task = asyncio.create_task(PAGE.example("consumer")["work"](inbox, moved))
    await until(lambda: _length(list(moved), 1))
    await inbox.aclose()
    await task
    assert list(moved.values()) == ["Example Hospitality"]


@asynccontextmanager
async def an_account() -> AsyncIterator[tuple[sandbox.Server, LushaClient]]:
    """A sandbox and a client of it."""
    async with (
        sandbox.serve(companies=300) as server,
        LushaClient(server.api_key, base_url=server.url, governor=Governor()) as client,
    ):
        yield server, client


async def test_the_rotation() -> None:
    """After it, the vendor's new secret and the old one are accepted."""
    async with an_account() as (server, client):
        old = (await client.webhooks.regenerate_secret()).secret or ""
        ring = SecretRing(old)
        await PAGE.example("rotation")["replace_secret"](ring, client)
        assert ring.keys() == ((server.sandbox.state.webhooks.secret or "").encode(), old.encode())


async def test_the_declaration(capsys: pytest.CaptureFixture[str]) -> None:
    """The plan is printed, then the account is as declared."""
    async with an_account() as (_, client):
        await PAGE.example("ensure")["declare"](client, ["1", "2"])
        assert "2 to create" in capsys.readouterr().out
        assert {one.entity_id async for one in client.webhooks.list()} == {"1", "2"}
