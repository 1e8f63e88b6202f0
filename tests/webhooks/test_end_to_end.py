"""The sandbox delivers, strangers forge, the receiver is killed and restarted: what is handled is what was charged."""

import asyncio
import os
import random
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from lusha_async import sandbox
from lusha_async.webhooks import Signal, SQLiteInbox
from lusha_async.webhooks.delivery import State, StoredEvent
from lusha_async.webhooks.events import read_event

from .killing import Life
from .sending import payload, signed, until
from .serving import post

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.timeout(120),
    pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL here"),
]

DELAYS = (0.5, 1.0, 2.0)


@asynccontextmanager
async def account() -> AsyncIterator[tuple[sandbox.Server, httpx.AsyncClient, str]]:
    """A sandbox whose account has a webhook secret."""
    async with (
        sandbox.serve(companies=500, webhook_delays=DELAYS) as server,
        httpx.AsyncClient(base_url=server.url, headers={"api_key": server.api_key}, timeout=30) as client,
    ):
        response = (await client.post("/api/account/secret/regenerate")).json()
        yield server, client, response["secret"]


async def subscribe(client: httpx.AsyncClient, port: int) -> str:
    """Subscribe some contacts to promotions; the id of the first subscription."""
    created = await client.post(
        "/api/subscriptions",
        json={
            "defaults": {
                "url": f"http://127.0.0.1:{port}/", "entityType": "contact", "signalTypes": ["promotion"],
            },
            "subscriptions": [{"entityId": one} for one in sandbox.contact_ids(5)],
        },
    )  # fmt: skip
    assert created.status_code == 201, created.text
    return str(created.json()["results"][0]["subscription"]["id"])


def free_port() -> int:
    """A port that is free now, and used again by each life of the receiver."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def all_stored(inbox: SQLiteInbox) -> list[StoredEvent]:
    """Every event that the inbox has."""
    found: list[StoredEvent] = []
    while page := await inbox.list_events(after=found[-1].number if found else 0, page_size=500):
        found += page
    return found


async def forge(port: int, numbers: Any) -> None:
    """A stranger who keeps sending deliveries that he signed himself."""
    while True:
        response = None
        try:
            response = await post(port, *signed(payload(next(numbers)), at=time.time(), secret="whsec_guessed"))
        except OSError:
            await asyncio.sleep(0.02)
        assert response is None or response.status in {0, 401}


async def test_what_is_handled_is_what_was_charged(tmp_path: Path) -> None:
    """1,000 signals, many twice, forged ones between, five kills: each handled, once by id, credits as charged."""
    path, ledger, port = tmp_path / "inbox.db", tmp_path / "handled.txt", free_port()
    async with account() as (server, client, secret):
        await subscribe(client, port)
        life = await Life.start(path, ledger, secret=secret, port=port)
        stranger = asyncio.create_task(forge(port, count(900_000)))
        chance = random.Random(7)
        for burst in range(10):
            fired = await client.post("/_sandbox/signals", json={"count": 100, "duplicates": burst % 2})
            assert fired.json()["fired"] == 100
            if burst % 2:
                await asyncio.sleep(chance.uniform(0.0, 0.3))
                await life.kill()
                await asyncio.sleep(chance.uniform(0.0, 0.4))
                life = await Life.start(path, ledger, secret=secret, port=port)
        async with SQLiteInbox(path) as inbox:
            await until(lambda: _drained(server, inbox), seconds=60)
            stranger.cancel()
            await life.kill()
            events = [read_event(one.body) for one in await all_stored(inbox) if one.body is not None]
        spent = server.sandbox.state.billing.spent
        subscriptions = (await client.get("/api/subscriptions?limit=100")).json()["data"]
    handled = set(ledger.read_text().split())
    assert len(events) == 1000
    assert {event.key for event in events} == handled
    assert sum(event.credits_charged or 0 for event in events if isinstance(event, Signal)) == spent == 1000
    assert all(one["isActive"] for one in subscriptions)


async def _drained(server: sandbox.Server, inbox: SQLiteInbox) -> bool:
    """Whether the sandbox has nothing left to send, and the consumers nothing left to do."""
    counts = await inbox.counts()
    return not server.sandbox.state.webhooks.outbox and (counts.handled, counts.waiting) == (1000, 0)


async def test_a_receiver_that_is_down_for_long_is_blocked_and_heals(tmp_path: Path) -> None:
    """Down longer than the vendor tries, the subscription is blocked; switched on again, events arrive again."""
    path, ledger, port = tmp_path / "inbox.db", tmp_path / "handled.txt", free_port()
    async with account() as (server, client, secret):
        first = await subscribe(client, port)
        await client.post("/_sandbox/signals", json={"count": 1})
        await until(lambda: _is_blocked(server, first), seconds=30)
        blocked = (await client.get(f"/api/subscriptions/{first}")).json()
        assert blocked["blockReason"] == "Max retries exceeded"
        life = await Life.start(path, ledger, secret=secret, port=port)
        await client.patch(f"/api/subscriptions/{first}", json={"isActive": True})
        await client.post("/_sandbox/signals", json={"count": 5})
        tested = (await client.post(f"/api/subscriptions/{first}/test")).json()
        assert tested["isSuccess"] is True
        async with SQLiteInbox(path) as inbox:
            await until(lambda: _handled(inbox, 6), seconds=30)
            events = [
                read_event(one.body) for one in await inbox.list_events(State.HANDLED) if one.body is not None
            ]
        await life.kill()
        assert (await client.get(f"/api/subscriptions/{first}")).json()["isActive"] is True
    assert [event.is_test for event in events].count(True) == 1
    assert server.sandbox.state.billing.spent == 6


async def _is_blocked(server: sandbox.Server, subscription: str) -> bool:
    return not server.sandbox.state.webhooks.subscriptions[subscription].is_active


async def _handled(inbox: SQLiteInbox, wanted: int) -> bool:
    return (await inbox.counts()).handled == wanted
