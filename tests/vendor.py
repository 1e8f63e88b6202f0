"""A scripted vendor for the tests of bulk methods, streams and billing: a `Transport` with faults on demand.

Every credit that it charges is counted in `charged`, whether or not its answer arrives.
"""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

from lusha_async._bulk.items import BatchResult
from lusha_async._bulk.outcome import ItemResult
from lusha_async._call.call import ClientState, Executor
from lusha_async._call.options import Options
from lusha_async._wire.request import Request
from lusha_async._wire.response import Response
from lusha_async._wire.settings import ApiKey, BaseURL
from lusha_async.billing.unclaimed import CallTracker
from lusha_async.errors import AnswerLostError, NotSentError
from lusha_async.governor import Governor
from lusha_async.operations import Operation

__all__ = ["Vendor", "executor", "jitter", "send_batch"]

PRICES = {
    "contactSearch": {"credits": 1, "perQuantity": 25},
    "companySearch": {"credits": 1, "perQuantity": 25},
    "revealEmail": {"credits": 1, "perQuantity": 1},
    "revealPhone": {"credits": 5, "perQuantity": 1},
    "revealCompany": {"credits": 1, "perQuantity": 1},
    "revealCompanyPremiumData": {"credits": 1, "perQuantity": 1},
}


class Vendor:
    """Answers enrich (by id), search (by e-mail), prospecting and lookalikes.

    Ids that begin with `bad` are refused with a 400 for the whole request, `missing` are not found, `gdpr`
    restricted. Enrich costs one credit for each id that was never revealed before, search one for each 25
    found, prospecting one for each 25 rows, lookalikes (in dedupe sessions) one for each 5. `rows` is the number of
    prospects, `largest` the largest page. `peak` is the largest number of requests in flight at once.
    """

    def __init__(self, *, rows: int = 0, largest: int = 50, latency: float = 0.1, connections: int = 256) -> None:
        self.rows = [f"p{number}" for number in range(rows)]
        self.largest = largest
        self.latency: Callable[[], float] = lambda: latency
        self.connections = connections
        self.sent: list[Request] = []
        self.under_way = 0
        self.peak = 0
        self.charged = 0
        self.revealed: set[str] = set()
        self.sessions: dict[str, int] = {}
        self.names_the_item = False
        self.headers: dict[str, str] = {}
        self.total: int | str | None = "exact"
        self.refuse: Callable[[Request], tuple[int, str] | None] = lambda request: None
        self.lose: Callable[[Request], bool] = lambda request: False
        self.unreachable: Callable[[Request], bool] = lambda request: False

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """See `Transport.send`."""
        self.sent.append(request)
        self.under_way += 1
        self.peak = max(self.peak, self.under_way)
        try:
            await asyncio.sleep(self.latency())
            if self.unreachable(request):
                raise NotSentError("cannot connect", "scripted")
            refusal = self.refuse(request)
            status, payload = (refusal[0], {"message": refusal[1]}) if refusal else self.answer(request)
            if self.lose(request):
                raise AnswerLostError("connection reset", "scripted")
            return Response(status=status, headers=self.headers, content=json.dumps(payload).encode())
        finally:
            self.under_way -= 1

    async def aclose(self) -> None:
        """See `Transport.aclose`."""

    def answer(self, request: Request) -> tuple[int, Any]:
        """The status and the payload of the answer, whose credits are charged."""
        name = request.operation.name
        if name == "getAccountUsage":
            return 200, {"credits": {"total": 10_000, "used": self.charged}, "pricing": PRICES}
        if name.startswith("prospecting"):
            return self._prospect(request.body["pagination"])
        if name.endswith("Lookalikes"):
            return self._lookalikes(request.body)
        items = request.body[request.operation.items]
        keys = [item if isinstance(item, str) else item["email"] for item in items]
        for index, key in enumerate(keys):
            if key.startswith("bad"):
                where = f"{request.operation.items}.{index}." if self.names_the_item else "an item "
                return 400, {"name": "BadRequest", "message": f"{where}is malformed", "code": 400, "errors": {}}
        results = [_row(key) for key in keys]
        found = [row["id"] for row in results if "error" not in row]
        if name == "enrichContacts":
            cost = len(set(found) - self.revealed)
            self.revealed.update(found)
        else:
            cost = -(-len(found) // 25)
        self.charged += cost
        return 200, {"results": results, "billing": {"creditsCharged": cost, "resultsReturned": len(found)}}

    def _lookalikes(self, body: dict[str, Any]) -> tuple[int, Any]:
        session = body.get("dedupeSessionId") or f"s{len(self.sessions)}"
        if body.get("dedupeSessionId") not in {None, *self.sessions}:
            return 410, {"code": "DEDUPE_SESSION_INVALID", "message": "The provided dedupeSessionId is invalid"}
        start = self.sessions.get(session, 0)
        rows = self.rows[start : start + body["limit"]]
        self.sessions[session] = start + len(rows)
        cost = -(-len(rows) // 5)
        self.charged += cost
        more = start + len(rows) < len(self.rows)
        return 200, {
            "dedupeSessionId": session,
            "results": [{"id": row} for row in rows],
            "meta": {"returned": len(rows), "hasMore": more},
            "billing": {"creditsCharged": cost},
        }

    def _prospect(self, pagination: dict[str, int]) -> tuple[int, Any]:
        if not (0 <= pagination["page"] <= 1000 and 10 <= pagination["size"] <= 100):
            return 400, {"statusCode": 400, "message": "pagination is out of range"}
        size = min(pagination["size"], self.largest)
        start = pagination["page"] * size
        rows = self.rows[start : start + size]
        cost = -(-len(rows) // 25)
        self.charged += cost
        paging: dict[str, Any] = {"page": pagination["page"], "size": size}
        if self.total == "exact":
            paging["total"] = len(self.rows)
        elif isinstance(self.total, int):
            paging |= {"total": self.total, "totalGuaranteed": False}
        results = [{"id": row} for row in rows]
        return 200, {"results": results, "pagination": paging, "billing": {"creditsCharged": cost}}


def _row(key: str) -> dict[str, Any]:
    if key.startswith("missing"):
        return {"error": {"code": "NOT_FOUND", "message": "Contact not found"}}
    if key.startswith("gdpr"):
        return {"error": {"code": "COMPLIANCE_RESTRICTED", "message": "restricted"}}
    return {"id": key}


def executor(vendor: Vendor, **options: Any) -> Executor:
    """An executor for `vendor` on the running loop, with a governor of its own."""
    core = ClientState(
        key=ApiKey("0a1b2c3d-0000-4000-8000-00000000beef"),
        base_url=BaseURL.resolve("https://api.example"),
        governor=Governor(clock=asyncio.get_running_loop().time),
        transport=vendor,
    )
    return Executor(core, Options(**options))


def jitter(seed: int, low: float, high: float) -> Callable[[], float]:
    """Latencies drawn evenly from `low` to `high` seconds."""
    draw = random.Random(seed)
    return lambda: draw.uniform(low, high)


async def send_batch(
    operation: Operation, calls: Executor, items: list[Any], tracker: CallTracker
) -> BatchResult[str]:
    """Send the items in one request; the value of each result is the row's id."""
    assert operation.items is not None
    reply = await calls.call(operation, body={operation.items: items}, tracker=tracker)
    rows = reply.payload["results"]
    return BatchResult(
        results=[ItemResult.of(row.get("id"), code=row.get("error", {}).get("code")) for row in rows]
    )
