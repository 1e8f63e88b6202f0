"""Every bulk method and every stream with page numbers has as many requests in flight as the rate limit allows."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from lusha_async import LushaClient, Request, Response
from lusha_async.governor import Governor
from tests import virtual_clock

OWNER = "owner@example.com"
HOOK: dict[str, Any] = {"url": "https://a.example/x", "entity_type": "contact", "signal_types": ["promotion"]}
PEOPLE = {"contacts": {"include": {"departments": ["Sales"]}}}
FIRMS = {"companies": {"include": {"sizes": [{"min": 201, "max": 500}]}}}
DAYS = {"start_date": "2026-05-01", "end_date": "2026-07-01"}
IDS = [str(number) for number in range(5000)]
BATCHES_OF_25 = IDS[:500]

CALLS: Mapping[str, Callable[[LushaClient], AsyncIterator[Any]]] = {
    "contacts.enrich_many": lambda c: c.contacts.enrich_many(IDS),
    "companies.search_many": lambda c: c.companies.search_many([{"id": id} for id in IDS]),
    "contacts.tables.add_many": lambda c: c.contacts.tables.add_many("t", IDS, owner=OWNER),
    "companies.tables.remove_many": lambda c: c.companies.tables.remove_many("t", IDS, owner=OWNER),
    "webhooks.create_many": lambda c: c.webhooks.create_many([{"entity_id": id} for id in BATCHES_OF_25], **HOOK),
    "webhooks.delete_many": lambda c: c.webhooks.delete_many(BATCHES_OF_25),
    "contacts.prospect": lambda c: c.contacts.prospect(PEOPLE, page_size=100, limit=2000),
    "companies.prospect": lambda c: c.companies.prospect(FIRMS, page_size=100, limit=2000),
    "contacts.recommendations": lambda c: c.contacts.recommendations(page_size=100, limit=2000),
    "companies.website_visits": lambda c: c.companies.website_visits(["a.example"], **DAYS, limit=2000),
    "contacts.buying_group_people": lambda c: c.contacts.buying_group_people(
        [{"id": "1"}], contacts_limit=100, limit=2000
    ),
    "companies.tables.list": lambda c: c.companies.tables.list(owner=OWNER, limit=2000),
    "companies.tables.entities": lambda c: c.companies.tables.entities("t", owner=OWNER, limit=2000),
    "conversations.list": lambda c: c.conversations.list(limit=2000),
    "webhooks.list": lambda c: c.webhooks.list(limit=2000),
    "webhooks.audit_logs": lambda c: c.webhooks.audit_logs(limit=2000),
}


class Busy:
    """A vendor that takes a second for each response; `most` requests were in flight at once."""

    connections = 256

    def __init__(self) -> None:
        self.most = self.in_flight = self.requests = 0

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """See `Transport.send`."""
        self.in_flight += 1
        self.requests += 1
        self.most = max(self.most, self.in_flight)
        first = 100 * self.requests
        await asyncio.sleep(1)
        self.in_flight -= 1
        names = [f"r{first + number}" for number in range(100)]
        rows = [{"id": name, "tableId": name, "contacts": [{"id": name}]} for name in names]
        pages = {"size": 100, "pageSize": 100, "limit": 100, "total": 5000, "hasMore": True}
        payload = {"results": rows, "pagination": pages, "billing": {"creditsCharged": 0}}
        return Response(status=200, headers={}, content=json.dumps(payload).encode())

    async def aclose(self) -> None:
        """See `Transport.aclose`."""


@pytest.mark.parametrize("name", CALLS)
def test_requests_are_prefetched(name: str) -> None:
    """More than three, which is what may wait for the governor: those that were sent make room for others."""

    async def main() -> int:
        vendor = Busy()
        governor = Governor(clock=asyncio.get_running_loop().time)
        key = "00000000-0000-4000-8000-000000000000"
        async with LushaClient(key, base_url="http://127.0.0.1:9", transport=vendor, governor=governor) as lusha:
            async for _ in CALLS[name](lusha):
                pass
        return vendor.most

    assert virtual_clock.run(main()) > 3
