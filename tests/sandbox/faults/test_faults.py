"""Fault injection over real sockets: what a client sees, and what it is charged."""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from lusha_async import sandbox
from lusha_async._wire.request import Request
from lusha_async.errors import AnswerLostError, NotSentError
from lusha_async.operations import BY_NAME
from lusha_async.sandbox.faults.rules import KINDS, Fault, Faults, parse

IDS = sandbox.contact_ids(20, start=300)


def client_of(server: sandbox.Server) -> httpx.AsyncClient:
    """A client that knows nothing of faults."""
    return httpx.AsyncClient(base_url=server.url, headers={"api_key": server.api_key}, timeout=5)


async def enrich(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    """One enrichment."""
    return await client.post("/v3/contacts/enrich", json={"ids": IDS}, headers=headers)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("kind", "status", "charged"),
    [("429-second", 429, False), ("429-trial", 429, False), ("503", 503, False), ("500-after", 500, True),
     ("499-after", 499, True), ("html", 502, False)],
)  # fmt: skip
async def test_error_answers_come_before_or_after_the_charge(kind: str, status: int, charged: bool) -> None:
    """An injected error has its status, and `-after` means that the work was done and paid."""
    async with sandbox.serve(faults=[f"{kind},first=1"]) as server, client_of(server) as client:
        assert (await enrich(client)).status_code == status
        assert (server.sandbox.state.billing.spent > 0) is charged
        assert (await enrich(client)).status_code == 200


@pytest.mark.asyncio
@pytest.mark.parametrize(("kind", "charged"), [("reset", False), ("reset-after", True), ("truncated", True)])
async def test_a_broken_connection_loses_the_answer(kind: str, charged: bool) -> None:
    """A reset or a cut body is seen as a network error, whether or not the account was charged."""
    async with sandbox.serve(faults=[f"{kind},first=1"]) as server, client_of(server) as client:
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await enrich(client)
        assert (server.sandbox.state.billing.spent > 0) is charged
        assert (await enrich(client)).status_code == 200


@pytest.mark.asyncio
async def test_for_a_while_connections_are_refused() -> None:
    """`refused` breaks what is open, refuses new connections for its seconds, and then all is well again."""
    async with sandbox.serve(faults=["refused,seconds=0.4,first=1"]) as server, client_of(server) as client:
        with pytest.raises(httpx.NetworkError):
            await enrich(client)
        with pytest.raises(httpx.ConnectError):
            await enrich(client)
        await asyncio.sleep(0.5)
        assert (await enrich(client)).status_code == 200


@pytest.mark.asyncio
async def test_waits_take_their_time() -> None:
    """Latency and a dripping body delay the answer by their seconds."""
    rules = ["latency,seconds=0.2,nth=1", "drip,seconds=0.3,nth=2"]
    async with sandbox.serve(faults=rules) as server, client_of(server) as client:
        for seconds in (0.2, 0.25):
            began = time.perf_counter()
            answer = await enrich(client)
            assert answer.status_code == 200
            assert time.perf_counter() - began >= seconds
            assert len(answer.json()["results"]) == len(IDS)


@pytest.mark.asyncio
async def test_a_request_can_carry_its_own_fault() -> None:
    """The header hits this request and no other; one that is not understood does nothing."""
    async with sandbox.serve() as server, client_of(server) as client:
        assert (await enrich(client, **{"x-sandbox-fault": "503"})).status_code == 503
        assert (await enrich(client, **{"x-sandbox-fault": "nonsense"})).status_code == 200
        assert server.stats()["faults"] == {"503": 1}


async def ids_of(client: httpx.AsyncClient, pagination: dict[str, int], filters: dict[str, Any]) -> list[str]:
    """The ids on a page of people."""
    requested = {"pagination": pagination, "filters": filters}
    return [
        person["id"]
        for person in (await client.post("/v3/contacts/prospecting", json=requested)).json()["results"]
    ]


@pytest.mark.asyncio
async def test_wrong_answers() -> None:
    """References are swapped, pages overlap, unknown members and values appear, quota headers vanish."""
    rules = ["wrong-echo,operation=companies.search", "shifted-page", "unknown-members,operation=contacts.enrich"]
    rules += ["no-quota-headers,operation=contacts.enrich"]
    async with sandbox.serve(faults=rules) as server, client_of(server) as client:
        names = [{"id": text, "clientReferenceId": text} for text in sandbox.company_ids(3)]
        result = (await client.post("/v3/companies/search", json={"companies": names})).json()["results"]
        assert [item["clientReferenceId"] for item in result] != [item["id"] for item in result]
        filters = {"contacts": {"include": {"seniorityIds": [5]}}}
        first, second = [await ids_of(client, {"page": page, "size": 10}, filters) for page in (0, 1)]
        assert first[-3:] == second[:3]
        answer = await enrich(client)
        assert "futureMember" in answer.json()
        assert not [name for name in answer.headers if name.startswith("x-")]


@pytest.mark.asyncio
async def test_faults_are_set_and_taken_back_while_it_runs() -> None:
    """The endpoints under /_sandbox/faults add, disable, list and remove faults."""
    async with sandbox.serve() as server, client_of(server) as client:
        made = (await client.post("/_sandbox/faults", json={"kind": "500", "operation": "contacts.*"})).json()
        assert (await enrich(client)).status_code == 500
        await client.patch(f"/_sandbox/faults/{made['id']}", json={"enabled": False})
        assert (await enrich(client)).status_code == 200
        assert (await client.get("/_sandbox/faults")).json()[0]["hits"] == 1
        assert (await client.delete(f"/_sandbox/faults/{made['id']}")).json() == []
        assert (await client.post("/_sandbox/faults", json={"kind": "nonsense"})).status_code == 400


@pytest.mark.asyncio
async def test_another_site_may_not_use_the_admin_api() -> None:
    """A browser that shows another page cannot change the sandbox."""
    async with sandbox.serve() as server, client_of(server) as client:
        answer = await client.post("/_sandbox/reset", headers={"origin": "https://evil.example"})
        assert answer.status_code == 403
        assert (await client.post("/_sandbox/reset", headers={"origin": server.url})).status_code == 200


def test_the_same_seed_gives_the_same_bad_day() -> None:
    """Which requests are hit, and for how long, follows from the seed alone."""

    def day(seed: int) -> list[Any]:
        rules = [parse("500,share=0.3"), parse("latency,share=0.5,seconds=2,spread=exponential")]
        faults = Faults(seed, rules)
        hits = [faults.injection(BY_NAME["enrichContacts"], 0.0) for _ in range(60)]
        return [(hit.kinds, hit.after) for hit in hits]

    assert day(1) == day(1) != day(2)
    assert 8 <= sum("500" in kinds for kinds, _ in day(1)) <= 30


def test_rules_are_about_some_requests_only() -> None:
    """Only the n-th, the first few, those of some seconds, or of one operation are hit."""
    enrich_, search = BY_NAME["enrichContacts"], BY_NAME["searchContacts"]
    faults = Faults(
        1, [Fault(kind="500", operation="contacts.enrich", nth=2), Fault(kind="502", first=2, until=10.0)]
    )
    kinds = [faults.injection(operation, at).kinds for operation, at in
             [(search, 0.0), (enrich_, 1.0), (enrich_, 2.0), (search, 3.0)]]  # fmt: skip
    assert kinds == [["502"], ["502"], ["500"], []]
    assert Faults(1, [Fault(kind="502", until=10.0)]).injection(search, 11.0).kinds == []


@pytest.mark.parametrize(
    "text",
    ["nonsense", "500,share=2", "500,nth=0", "500,share", "latency,seconds=-1", "500,colour=red", "500,nth=x"],
)
def test_a_rule_that_makes_no_sense_is_refused(text: str) -> None:
    """Invalid faults raise ValueError."""
    with pytest.raises(ValueError, match=r"must|cannot|counts|may have"):
        parse(text)


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", KINDS)
async def test_in_process_each_fault_looks_as_over_sockets(kind: str) -> None:
    """The transport without sockets gives an answer, or the error that the real one would give."""
    carrier = sandbox.transport(companies=300, faults=[f"{kind},seconds=0.01"])
    operation = BY_NAME["enrichContacts"]
    request = Request(
        operation=operation,
        method=operation.method,
        url=carrier.base_url + operation.path,
        headers={"api_key": carrier.api_key, "content-type": "application/json"},
        content=json.dumps({"ids": sandbox.contact_ids(3)}).encode(),
    )
    if kind == "refused":
        with pytest.raises(NotSentError):
            await carrier.send(request, 5)
    elif kind in {"reset", "reset-after", "truncated"}:
        with pytest.raises(AnswerLostError):
            await carrier.send(request, 5)
    else:
        answer = await carrier.send(request, 5)
        assert str(answer.status) == (
            kind.partition("-")[0] if kind[0].isdigit() else "502" if kind == "html" else "200"
        )
    assert carrier.sandbox.stats.faults[kind] == 1


@pytest.mark.asyncio
async def test_in_process_a_slow_answer_is_lost() -> None:
    """An answer that takes longer than the timeout ends as one lost, and its charge stays."""
    carrier = sandbox.transport(companies=300, faults=["latency,seconds=30"])
    operation = BY_NAME["enrichContacts"]
    request = Request(
        operation=operation,
        method=operation.method,
        url=carrier.base_url + operation.path,
        headers={"api_key": carrier.api_key, "content-type": "application/json"},
        content=json.dumps({"ids": sandbox.contact_ids(9, start=30)}).encode(),
    )
    with pytest.raises(AnswerLostError):
        await carrier.send(request, 0.05)
    assert carrier.sandbox.state.billing.spent > 0
