"""Webhooks, delivered over real sockets to a receiver that is good, bad or slow."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from attrs import define, field

from lusha_async import sandbox
from lusha_async.sandbox.webhooks.store import Attempt, Delivery, Subscription, Webhooks
from lusha_async.sandbox.webhooks.wire import acknowledgement_error


@define
class Receiver:
    """A webhook endpoint; `answer` makes the status and body from a payload."""

    answer: Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]
    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:]
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines if line)
                }
                content = await reader.readexactly(int(headers.get("content-length", 0)))
                self.got.append((headers, content))
                status, data = self.answer(json.loads(content))
                raw = json.dumps(data).encode()
                writer.write(b"HTTP/1.1 %d OK\r\ncontent-length: %d\r\n\r\n" % (status, len(raw)) + raw)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def acknowledge(payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """What a good receiver says."""
    return 201, {"received": True, "timestamp": "2026-11-23T00:00:00Z", "webhookId": payload.get("id")}


@asynccontextmanager
async def receiving(answer: Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]) -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver(answer)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()


Subscribed = tuple[sandbox.Server, httpx.AsyncClient, str]


@asynccontextmanager
async def subscribed(receiver: Receiver, **settings: Any) -> AsyncIterator[Subscribed]:
    """A sandbox with a secret and one subscription to the receiver."""
    async with (
        sandbox.serve(companies=300, **settings) as server,
        httpx.AsyncClient(base_url=server.url, headers={"api_key": server.api_key}) as client,
    ):
        secret = (await client.post("/api/account/secret/regenerate")).json()["secret"]
        wanted = {"url": receiver.url, "entityType": "contact", "signalTypes": ["promotion", "companyChange"]}
        entity = sandbox.contact_ids(1, start=9)[0]
        requested = {"defaults": wanted, "subscriptions": [{"entityId": entity}]}
        made = await client.post("/api/subscriptions", json=requested)
        assert made.json()["successful"] == 1
        yield server, client, secret


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that happens over sockets, at most 20 seconds."""
    async with asyncio.timeout(20):
        while not holds():  # what happens is on the other side of a socket
            await asyncio.sleep(0.01)


@pytest.mark.asyncio
async def test_a_signal_is_delivered_signed_and_charged_once() -> None:
    """The raw bytes verify under the secret, the charge is in the payload and in the ledger."""
    async with receiving(acknowledge) as receiver, subscribed(receiver) as (server, client, secret):
        assert (await client.post("/_sandbox/signals", json={"type": "promotion", "duplicates": 1})).json()[
            "fired"
        ] == 1
        await until(lambda: len(receiver.got) == 2)
        (headers, content), (_, again) = receiver.got
        assert content == again
        timestamp = headers["x-lusha-timestamp"]
        expected = hmac.new(secret.encode(), timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()
        assert headers["x-lusha-signature"] == expected
        assert headers["user-agent"] == "Lusha-Webhooks/1.0"
        payload = json.loads(content)
        assert (payload["type"], payload["billing"]) == ("promotion", {"creditsCharged": 1})
        assert server.sandbox.state.billing.spent == 1
        await until(lambda: len(server.sandbox.state.webhooks.logs(server.sandbox.clock.now())) == 2)
        stats = (await client.get("/api/audit-logs/stats")).json()
        assert stats == {"total": 2, "success": 2, "failed": 0, "successRate": "100.00%"}


@pytest.mark.asyncio
async def test_forged_and_old_deliveries_on_request() -> None:
    """A wrong signature does not verify, and an old timestamp is old."""
    async with receiving(acknowledge) as receiver, subscribed(receiver) as (server, client, secret):
        await client.post("/_sandbox/signals", json={"forged": True, "skew": 900})
        await until(lambda: len(receiver.got) == 1)
        headers, content = receiver.got[0]
        timestamp = headers["x-lusha-timestamp"]
        expected = hmac.new(secret.encode(), timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()
        assert headers["x-lusha-signature"] != expected
        assert 890 < server.sandbox.clock.now() - int(timestamp) < 910


@pytest.mark.asyncio
async def test_a_burst_of_a_thousand_signals_arrives_whole() -> None:
    """Each payload arrives once, with an id of its own."""
    async with receiving(acknowledge) as receiver, subscribed(receiver) as (server, client, _):
        await client.post("/_sandbox/signals", json={"count": 1_000})
        await until(lambda: len(receiver.got) == 1_000)
        assert len({json.loads(content)["id"] for _, content in receiver.got}) == 1_000
        assert server.sandbox.state.billing.by_key == {"showSignalsContact": 1_000}


@pytest.mark.asyncio
async def test_a_test_delivery_reports_how_the_endpoint_did() -> None:
    """`direct` and `full` call the endpoint, `kafka` does not; none of them costs anything."""
    async with receiving(acknowledge) as receiver, subscribed(receiver) as (server, client, _):
        subscription = (await client.get("/api/subscriptions")).json()["data"][0]["id"]
        data = (await client.post(f"/api/subscriptions/{subscription}/test?mode=direct")).json()
        assert data["isSuccess"] is data["flowCheck"]["success"] is True
        assert data["flowCheck"]["statusCode"] == 201
        assert (await client.post(f"/api/subscriptions/{subscription}/test?mode=kafka")).json()[
            "isSuccess"
        ] is True
        assert len(receiver.got) == 1
        receiver.answer = lambda _: (500, {})
        data = (await client.post(f"/api/subscriptions/{subscription}/test")).json()
        assert (data["isSuccess"], data["flowCheck"]["statusCode"]) == (False, 500)
        assert server.sandbox.state.billing.spent == 0


@pytest.mark.asyncio
async def test_a_receiver_that_fails_four_times_is_blocked() -> None:
    """After the first try and three more the subscription is off, and says why; switching it on clears that."""
    async with (
        receiving(lambda _: (200, {"ok": True})) as receiver,
        subscribed(receiver, webhook_delays=(0.05,) * 3) as (
            server,
            client,
            _,
        ),
    ):
        await client.post("/_sandbox/signals")
        await until(lambda: len(receiver.got) == 4)
        assert len({content for _, content in receiver.got}) == 1
        (subscription,) = server.sandbox.state.webhooks.subscriptions.values()
        await until(lambda: not subscription.is_active)
        data = (await client.get(f"/api/subscriptions/{subscription.id}")).json()
        assert (data["isActive"], data["blockReason"]) == (False, "Max retries exceeded")
        logs = (await client.get("/api/audit-logs")).json()["data"]
        assert [log["status"] for log in logs] == ["permanent_failure", "failed", "failed", "failed"]
        data = (await client.patch(f"/api/subscriptions/{subscription.id}", json={"isActive": True})).json()
        assert (data["isActive"], data["blockReason"], data["blockedAt"]) == (True, None, None)


@pytest.mark.asyncio
async def test_an_opt_out_is_a_bare_payload() -> None:
    """It has no envelope and no charge, and lists what has to be forgotten."""
    async with receiving(acknowledge) as receiver, subscribed(receiver) as (server, client, _):
        wanted = {"entityType": "contact", "url": receiver.url}
        assert (await client.post("/api/subscriptions/opt-out", json=wanted)).status_code == 201
        assert (await client.post("/api/subscriptions/opt-out", json=wanted)).status_code == 403
        person = sandbox.contact_ids(1, start=12)[0]
        await client.post("/_sandbox/opt-out", json={"contactId": person})
        await until(lambda: len(receiver.got) == 1)
        payload = json.loads(receiver.got[0][1])
        assert payload["contactId"] == person
        assert not {"id", "billing", "type"} & set(payload)
        assert payload["datapoints"]
        assert server.sandbox.state.billing.spent == 0


@pytest.mark.parametrize(
    ("status", "content", "problem"),
    [
        (201, b'{"received":true,"timestamp":"t","webhookId":"p"}', None),
        (500, b"", "answered 500"),
        (200, b"OK", "the acknowledgement is not JSON"),
        (200, b'{"received":true,"timestamp":"t","webhookId":"q"}', "webhookId is not the payload's id"),
        (200, b'{"received":"yes","timestamp":"t","webhookId":"p"}', "lacks received: true or timestamp"),
    ],
)
def test_an_acknowledgement_has_to_be_right(status: int, content: bytes, problem: str | None) -> None:
    """A status of 2xx is not enough: the body has to name the payload."""
    data = acknowledgement_error(status, content, "p")
    assert data is None if problem is None else problem in str(data)


def test_tries_come_further_and_further_apart() -> None:
    """One, four and sixteen seconds after the try before; the log is kept 90 and 180 days."""
    kept = Webhooks(1)
    subscription = Subscription(
        id="s", entity_type="contact", entity_id="1", signal_types=["promotion"], url="https://x.example", name="",
        created=0.0, updated=0.0,
    )  # fmt: skip
    kept.outbox.append(Delivery(id="p", subscription=subscription, body=b"{}", due=100.0))
    now, tried = 100.0, []
    while kept.outbox:
        now = kept.outbox[0].due
        (delivery,) = kept.due(now)
        tried.append(now)
        kept.record(delivery, now, Attempt(status=500, duration_ms=5, error="answered 500"))
    assert tried == [100.0, 101.0, 105.0, 121.0]
    assert not subscription.is_active
    assert len(kept.logs(now + 179 * 86_400)) == 4
    assert kept.logs(now + 181 * 86_400) == []
