"""The receiver: stored before acknowledged, bounded in everything, and silent to strangers."""

import asyncio
import json
import logging
import time
from pathlib import Path
from typing import Any

import pytest

from lusha_async.errors import ConfigurationError
from lusha_async.webhooks import (
    App,
    InboxFullError,
    InboxPolicy,
    MemoryInbox,
    ReceiverLimits,
    SecretRing,
    SQLiteInbox,
    State,
)
from lusha_async.webhooks.delivery import SignedMessage

from .sending import SECRET, opt_out, payload, signed
from .serving import post, post_raw, request, served

pytestmark = pytest.mark.asyncio


def fresh(content: Any = None, *, secret: str = SECRET, late: float = 0.0) -> tuple[bytes, dict[str, str]]:
    """A delivery signed now, or `late` seconds ago."""
    return signed(content, at=time.time() - late, secret=secret)


class SlowInbox(MemoryInbox):
    """Takes its time, or fails."""

    def __init__(self, *, seconds: float = 0.0, error: Exception | None = None) -> None:
        super().__init__()
        self.seconds = seconds
        self.error = error

    async def put(self, message: SignedMessage) -> bool:
        """Slow, or failing."""
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return await super().put(message)


async def test_a_delivery_is_stored_and_acknowledged(tmp_path: Path) -> None:
    """Over a real socket: 201, the vendor's acknowledgement, and the event in the durable inbox, headers too."""
    app = App(SECRET, tmp_path / "inbox.db")
    body, headers = fresh()
    async with served(app) as port:
        response = await post(port, body, headers)
        (stored,) = await app.inbox.list_events()
    assert response.status == 201
    assert set(response.json) == {"received", "timestamp", "webhookId"}
    assert response.json["webhookId"] == payload()["id"]
    assert stored.body == body
    assert (stored.timestamp, stored.signature) == (headers["X-Lusha-Timestamp"], headers["X-Lusha-Signature"])


async def test_it_is_on_the_disk_when_it_is_acknowledged(tmp_path: Path) -> None:
    """At the moment the response leaves, another process's connection sees the event."""
    app = App(SECRET, tmp_path / "inbox.db")
    seen: list[int] = []
    body, headers = fresh()

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            async with SQLiteInbox(tmp_path / "inbox.db") as other:
                seen.append((await other.counts()).waiting)

    await app({"type": "http", "method": "POST", "query_string": b"", "headers": raw(headers)}, receive, send)
    await app.inbox.aclose()
    assert seen == [1]


def raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


async def test_retries_are_acknowledged_and_stored_once() -> None:
    """The same id again, with a new signature or not: the same response, one event."""
    app = App(SECRET, MemoryInbox())
    async with served(app) as port:
        first = await post(port, *fresh())
        again = await asyncio.gather(*(post(port, *fresh(late=n * 60)) for n in range(5)))
        assert await app.inbox.counts()
    assert {response.status for response in [first, *again]} == {201}
    assert (app.counts["stored"], app.counts["duplicate"]) == (1, 5)


async def test_opt_outs_and_odd_bodies_are_stored_too() -> None:
    """A bare opt-out echoes the contact's id; genuine bytes that are no event are kept, not refused."""
    app = App(SECRET, MemoryInbox())
    async with served(app) as port:
        bare = await post(port, *fresh(opt_out()))
        odd = await post(port, *fresh(b"[]"))
        parsed = await post(port, json.dumps(payload(3), indent=2).encode(), fresh(payload(3))[1])
    assert (bare.status, bare.json["webhookId"]) == (201, "987654321")
    assert (odd.status, odd.json["received"]) == (201, True)
    assert parsed.status == 201
    assert app.counts["stored"] == 3


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({"X-Lusha-Signature": "0" * 64}, None),
        ({"X-Lusha-Signature": "short"}, None),
        ({"X-Lusha-Signature": ""}, None),
        ({"X-Lusha-Timestamp": "1"}, None),
        ({"X-Lusha-Timestamp": "1500000000"}, None),
        ({}, b"{}"),
        ({}, b"not json"),
    ],
)
async def test_what_is_forged_is_refused_without_detail(change: dict[str, str], body: bytes | None) -> None:
    """Whatever is wrong, a stranger sees the same 401, and nothing is stored."""
    app = App(SECRET, MemoryInbox())
    genuine, headers = fresh()
    async with served(app) as port:
        response = await post(port, genuine if body is None else body, {**headers, **change})
        assert not await app.inbox.list_events()
    assert response.status == 401
    assert response.json == {"error": "unauthorized"}


async def test_an_old_retry_is_taken_a_replay_is_not_stored_twice() -> None:
    """Within a day a genuine delivery is taken however late; one that was handled before is known."""
    inbox = MemoryInbox()
    app = App(SECRET, inbox)
    late = fresh(late=80_000)
    async with served(app) as port:
        assert (await post(port, *late)).status == 201
        leases, _ = await inbox.claim(max_events=1, lease=60)
        await inbox.ack(leases[0])
        assert (await post(port, *late)).status == 201
        assert (await post(port, *fresh(payload(2), late=90_000))).status == 401
    assert len(await inbox.list_events()) == 1
    with pytest.raises(ConfigurationError, match="key_retention"):
        App(SECRET, MemoryInbox(policy=InboxPolicy(key_retention=1000, body_retention=10)))


@pytest.mark.parametrize("query", ["challenge=abc", "x=1&challenge=abc"])
async def test_the_probe_is_answered(query: str) -> None:
    """`GET ?challenge=` is echoed as JSON that no browser runs; a plain GET returns ok."""
    app = App(SECRET, MemoryInbox())
    async with served(app) as port:
        response = await request(port, "GET", f"/?{query}", {})
        plain = await request(port, "GET", "/", {})
        long = await request(port, "GET", "/?challenge=" + "x" * 5000, {})
        script = await request(port, "GET", "/?challenge=%3Cscript%3E", {})
        head = await request(port, "HEAD", "/?challenge=abc", {})
        wrong = await request(port, "DELETE", "/", {})
    assert (response.status, response.json) == (200, {"challenge": "abc"})
    assert (plain.status, plain.json) == (200, {"ok": True})
    assert len(long.body) < 1000
    assert "application/json" in script.head
    assert "nosniff" in script.head
    assert (head.status, head.body) == (200, b"")
    assert wrong.status == 405


async def test_large_bodies_are_refused_unread_or_half_read() -> None:
    """A body is refused by its announced length at once, and by its real one when it goes beyond."""
    app = App(SECRET, MemoryInbox(), limits=ReceiverLimits(max_body=1000))
    _, headers = fresh()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    announced = f"POST / HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: 100000000\r\n\r\n".encode()
    chunked = f"POST / HTTP/1.1\r\nHost: x\r\n{lines}Transfer-Encoding: chunked\r\n\r\n".encode()
    chunk = b"200\r\n" + b"x" * 512 + b"\r\n"
    async with served(app) as port:
        assert (await post_raw(port, announced)).status == 413
        assert (await post_raw(port, chunked + 20 * chunk)).status == 413
    assert app.counts["too large"] == 2


async def test_slow_bodies_end() -> None:
    """A body that drips is cut off after the time for reading, and its memory is free again."""
    app = App(SECRET, MemoryInbox(), limits=ReceiverLimits(read_timeout=0.2))
    body, headers = fresh()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST / HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode()
    async with served(app) as port:
        started = time.monotonic()
        responses = await asyncio.gather(*(post_raw(port, head + body[:10]) for _ in range(20)))
        assert time.monotonic() - started < 5
        assert {response.status for response in responses} == {408}
        assert (app._requests, app._buffered) == (0, 0)
        assert (await post(port, body, headers)).status == 201


async def test_huge_headers_are_refused() -> None:
    """Headers beyond the bound are refused by the receiver, or by the server before it."""
    app = App(SECRET, MemoryInbox())
    body, headers = fresh()
    async with served(app) as port:
        response = await post(port, body, {**headers, "X-Padding": "x" * 20_000})
        assert response.status == 431
        assert (await post(port, body, {**headers, "X-Padding": "x" * 1_000_000})).status in {0, 400, 431}
        assert (await post(port, body, headers)).status == 201


async def test_bodies_together_have_a_bound() -> None:
    """However many send at once, no more than the bound is held: the others get 503, and all of it is freed."""
    app = App(SECRET, SlowInbox(seconds=0.3), limits=ReceiverLimits(max_buffered=3000))
    deliveries = [fresh(payload(number)) for number in range(30)]
    async with served(app) as port:
        responses = await asyncio.gather(*(post(port, *delivery) for delivery in deliveries))
        statuses = [response.status for response in responses]
        assert set(statuses) == {201, 503}
        assert (
            sum(len(delivery[0]) for delivery, status in zip(deliveries, statuses, strict=True) if status == 201)
            <= 3000
        )
        assert app._buffered == 0
        assert (await post(port, *fresh(payload(99)))).status == 201


async def test_requests_together_have_a_bound() -> None:
    """More requests at once than the bound are answered 503 with a time to come again."""
    app = App(SECRET, SlowInbox(seconds=0.3), limits=ReceiverLimits(max_requests=5))
    async with served(app) as port:
        responses = await asyncio.gather(*(post(port, *fresh(payload(number))) for number in range(20)))
    assert [response.status for response in responses].count(201) == 5
    refused = [response for response in responses if response.status == 503]
    assert len(refused) == 15
    assert all("retry-after" in response.head for response in refused)


@pytest.mark.parametrize("error", [InboxFullError("full"), OSError("disk"), ValueError("bug")])
async def test_what_is_not_stored_is_never_acknowledged(error: Exception) -> None:
    """Whatever the inbox raises, the response is 503, so that the vendor sends it again."""
    app = App(SECRET, SlowInbox(error=error))
    async with served(app) as port:
        response = await post(port, *fresh())
    assert response.status == 503
    assert response.json == {"error": "try again later"}


async def test_a_store_that_hangs_is_answered_within_the_vendors_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The response is sent before the vendor gives up, as a 503."""
    monkeypatch.setattr("lusha_async.webhooks.receiver._RESPONSE_SECONDS", 0.3)
    app = App(SECRET, SlowInbox(seconds=60))
    async with served(app) as port:
        started = time.monotonic()
        assert (await post(port, *fresh())).status == 503
        assert time.monotonic() - started < 5


async def test_a_hanging_handler_delays_no_acknowledgement(tmp_path: Path) -> None:
    """Consumers that never come back, async or in threads, leave the receiver quick."""
    app = App(SECRET, tmp_path / "inbox.db")
    stuck = asyncio.Event()

    async def hang(event: Any) -> None:
        stuck.set()
        await asyncio.sleep(3600)

    consumer = asyncio.create_task(app.inbox.consume(hang, concurrency=2))
    async with served(app) as port:
        await post(port, *fresh())
        await stuck.wait()
        started = time.monotonic()
        responses = await asyncio.gather(*(post(port, *fresh(payload(number))) for number in range(2, 30)))
        assert time.monotonic() - started < 5
        assert {response.status for response in responses} == {201}
        consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer
        assert (await app.inbox.counts()).waiting == 29
        assert (await app.inbox.counts()).leased == 0


async def test_rotation_loses_nothing() -> None:
    """Deliveries signed with the new secret wait until it is known; the old one is accepted for a while after."""
    now = 1000.0
    ring = SecretRing(SECRET, clock=lambda: now)
    app = App(ring, MemoryInbox())
    new = "whsec_new"
    async with served(app) as port:
        async with ring.rotating():
            early = [asyncio.create_task(post(port, *fresh(payload(n), secret=new))) for n in range(5)]
            forged = asyncio.create_task(post(port, *fresh(payload(9), secret="whsec_forged")))
            await asyncio.sleep(0.2)
            assert not any(task.done() for task in early)
            ring.add(new, grace_period=60)
            assert {response.status for response in await asyncio.gather(*early)} == {201}
            assert not forged.done()
        assert (await forged).status == 401
        assert (await post(port, *fresh(payload(10)))).status == 201
        now += 60
        assert (await post(port, *fresh(payload(11)))).status == 401
        assert (await post(port, *fresh(payload(11), secret=new))).status == 201
    assert SECRET not in repr(ring)


async def test_a_rotation_that_takes_long_asks_for_a_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be verified while the secret is unknown is answered 503, not 401: it may be genuine."""
    monkeypatch.setattr("lusha_async.webhooks.receiver._RESPONSE_SECONDS", 3.2)
    ring = SecretRing(SECRET)
    app = App(ring, MemoryInbox())
    async with served(app) as port, ring.rotating():
        assert (await post(port, *fresh(secret="whsec_new"))).status == 503


async def test_a_sender_that_leaves_is_forgotten() -> None:
    """A connection that breaks in the body holds nothing."""
    app = App(SECRET, MemoryInbox())
    body, headers = fresh()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    async with served(app) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"POST / HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body[:9]
        )
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.1)
        assert (app._requests, app._buffered, app.counts["gone"]) == (0, 0, 1)


async def test_refusals_fill_no_log_and_show_no_person(caplog: pytest.LogCaptureFixture) -> None:
    """A flood of forged deliveries is a line in ten seconds, without what they carry."""
    app = App(SECRET, MemoryInbox())
    body, headers = fresh(opt_out())
    headers["X-Lusha-Signature"] = "0" * 64
    with caplog.at_level(logging.DEBUG, "lusha_async"):
        async with served(app) as port:
            await asyncio.gather(*(post(port, body, headers) for _ in range(50)))
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("lusha_async")]
    assert len(lines) == 1
    assert "Avery" not in lines[0]


async def test_lifespan_and_websockets() -> None:
    """Without a lifespan the app opens its inbox by itself; a websocket is turned away."""
    app = App(SECRET, MemoryInbox())
    async with served(app, lifespan="off") as port:
        assert (await post(port, *fresh())).status == 201
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_dead_letters_do_not_stop_the_others(tmp_path: Path) -> None:
    """An event that always fails ends as a dead letter beside the handled ones."""
    inbox = SQLiteInbox(tmp_path / "inbox.db", policy=InboxPolicy(max_attempts=2, retry_delay=0.01))
    app = App(SECRET, inbox)
    handled: list[str] = []

    async def handle(event: Any) -> None:
        if event.webhook_id == payload(3)["id"]:
            raise ValueError
        handled.append(event.key)

    consumer = asyncio.create_task(inbox.consume(handle))
    async with served(app) as port:
        await asyncio.gather(*(post(port, *fresh(payload(number))) for number in range(6)))
        async with asyncio.timeout(10):
            while not await inbox.list_events(State.DEAD):
                await asyncio.sleep(0.01)
    await inbox.aclose()
    await consumer
    assert len(handled) == 5
