"""The client's many-forms and streams against the sandbox in process, on a virtual clock."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import anyio
import pytest

from lusha_async._bulk.outcome import Status
from lusha_async.billing import CreditBudget
from lusha_async.client import LushaClient
from lusha_async.errors import (
    BudgetExceededError,
    CursorError,
    InsufficientCreditsError,
    InvalidRequestError,
    ItemError,
    QuotaWaitTooLongError,
)
from lusha_async.models.contacts import Contact
from lusha_async.sandbox import company_ids, contact_ids
from lusha_async.sandbox.serve.transport import SandboxTransport
from tests._bulk.in_sandbox import with_sandbox


def test_enrich_many() -> None:
    """Ids come back as people, in order; the credits of the outcomes are those that were charged."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        ids = [*contact_ids(250), "v1.nobody"]
        rows = [row async for row in lusha.contacts.enrich_many(ids, reveal=["emails"])]
        assert [row.input for row in rows] == ids
        assert rows[-1].status is Status.NOT_FOUND
        assert all(row.value is not None and row.value.id == row.input for row in rows if row.ok)
        assert sum(row.ok for row in rows) > 200
        assert sum(row.credits or 0 for row in rows) == lusha.ledger.credits > 100
        again = [row async for row in lusha.contacts.enrich_many(ids, reveal=["emails"])]
        assert sum(row.credits or 0 for row in again) == 0

    with_sandbox(main)


def test_search_many_restores_the_callers_reference() -> None:
    """Rows are matched by references of our own; what comes back carries the caller's, or none."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        people = [
            row.unwrap() async for row in lusha.contacts.search_many([{"id": one} for one in contact_ids(3)])
        ]
        assert [person.client_reference_id for person in people] == [None] * 3
        queries = [{"id": one, "client_reference_id": f"r{place}"} for place, one in enumerate(contact_ids(3))]
        people = [row.unwrap() async for row in lusha.contacts.search_many(queries)]
        assert [person.client_reference_id for person in people] == ["r0", "r1", "r2"]
        assert [person.id for person in people] == contact_ids(3)

    with_sandbox(main)


def test_companies() -> None:
    """Search with enrichment by the domains that a search told; one malformed row fails alone."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        ids = company_ids(5)
        found = [row.unwrap() async for row in lusha.companies.search_many([{"id": one} for one in ids])]
        queries = [*({"domain": company.domain} for company in found), {"name": " "}, {}]
        rows = [row async for row in lusha.companies.search_and_enrich_many(queries, reveal=["competitors"])]
        assert [row.value.domain for row in rows if row.value] == [company.domain for company in found]
        assert isinstance(rows[-1].error, InvalidRequestError)
        assert [row.status for row in rows[:5]] == [Status.OK] * 5
        enriched = [row.unwrap() async for row in lusha.companies.enrich_many(ids)]
        assert [company.id for company in enriched] == ids

    with_sandbox(main)


@pytest.mark.parametrize("page_cap", [50, 25, 100])
def test_prospect(page_cap: int) -> None:
    """The stream has as many rows as its total says, none twice, whatever page the vendor makes."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        filters = {"contacts": {"include": {"seniorityIds": [8, 9, 10]}}}
        people = lusha.contacts.prospect(filters, limit=1010, page_size=100)
        ids = [person.id async for person in people]
        assert len(ids) == len(set(ids)) == 1010
        assert people.total is not None
        assert people.total > 1010
        companies = lusha.companies.prospect(
            {"companies": {"include": {"sizes": [{"min": 11, "max": 50}]}}}, limit=60
        )
        assert len([company async for company in companies]) == 60

    with_sandbox(main, page_cap=page_cap)


def test_arguments_are_refused_when_the_method_is_called() -> None:
    """Not at the first row, and nothing is sent."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        with pytest.raises(InvalidRequestError):
            lusha.contacts.enrich_many([], reveal=[])
        with pytest.raises(InvalidRequestError):
            lusha.contacts.prospect({})
        with pytest.raises(InvalidRequestError):
            lusha.contacts.prospect({"contacts": {"include": {"seniorityIds": [1]}}}, page_size=9)
        with pytest.raises(TypeError):
            lusha.contacts.enrich_many([], orderd=True)  # type: ignore[call-arg]

    with_sandbox(main)


def test_out_of_credits_stops_with_the_reason() -> None:
    """When the account's credits end, paid rows are served and the others say why, by status 402 or 200 alike."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        rows = [row async for row in lusha.contacts.enrich_many(contact_ids(3000), reveal=["emails"])]
        assert len(rows) == 3000
        skipped = [row for row in rows if row.status is Status.SKIPPED]
        assert len(skipped) > 1000
        assert all(isinstance(row.error, InsufficientCreditsError) for row in skipped)
        assert sum(row.credits or 0 for row in rows) == wire.sandbox.state.billing.spent == 777

    with_sandbox(main, credits=777)


def test_a_budget_and_a_tag() -> None:
    """A view with a budget spends no more than it; the ledger tells what its tag cost, by kind."""
    budget = CreditBudget(500)

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        view = lusha.with_options(budget=budget, tag="spring")
        rows = [row async for row in view.contacts.enrich_many(contact_ids(2000))]
        assert budget.spent <= 500
        assert isinstance(rows[-1].error, BudgetExceededError)
        spent = lusha.ledger.by_tag()["spring"]
        assert spent.credits == budget.spent
        assert set(spent.kinds) == {"revealEmail", "revealPhone"}
        assert spent.kinds == {key: sum_ for key, sum_ in wire.sandbox.state.billing.by_key.items() if sum_}

    with_sandbox(main)


def test_unclaimed_through_the_client() -> None:
    """What a caller that left had paid for is told to the hook and given once."""
    told: list[Any] = []

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        lusha._state.unclaimed.hook = told.append
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.07):
                await lusha.contacts.enrich(contact_ids(3), reveal=["emails"])
        await asyncio.sleep(1)
        (kept,) = lusha.unclaimed()
        assert lusha.take_unclaimed() == (kept,)
        assert told == [kept]
        assert kept.inputs["ids"] == contact_ids(3)
        assert kept.credits == lusha.ledger.credits
        assert len(kept.answer["results"]) == 3
        assert lusha.take_unclaimed() == ()

    with_sandbox(main)


def test_one_forms_share_requests() -> None:
    """500 handlers that ask for one person each cost five requests; each hears of its own row."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        ids = contact_ids(499)
        asks = (lusha.contacts.enrich_one(one, reveal=["emails"]) for one in ids)
        people = await asyncio.gather(*asks, return_exceptions=True)
        for one, person in zip(ids, people, strict=True):
            restricted = isinstance(person, ItemError) and person.code == "COMPLIANCE_RESTRICTED"
            assert restricted or (isinstance(person, Contact) and person.id == one)
        with pytest.raises(ItemError, match="NOT_FOUND"):
            await lusha.contacts.enrich_one("v1.nobody", reveal=["emails"])
        assert lusha.ledger.spent(operation="contacts.enrich").requests == 6
        queries = [{"id": ids[place % 3], "client_reference_id": f"r{place}"} for place in range(9)]
        found = await asyncio.gather(*(lusha.contacts.search_one(query) for query in queries))
        assert [person.client_reference_id for person in found] == [f"r{place}" for place in range(9)]
        assert lusha.ledger.spent(operation="contacts.search").results == 3
        (company,) = [await lusha.companies.enrich_one(one) for one in company_ids(1)]
        assert (await lusha.companies.search_and_enrich_one({"id": company.id})).id == company.id
        assert (await lusha.companies.search_one({"id": company.id})).id == company.id
        assert (await lusha.contacts.search_and_enrich_one({"id": ids[0]})).id == ids[0]
        await asyncio.sleep(0)
        assert len(lusha._shared.coalescers) == 0

    with_sandbox(main)


def test_different_options_never_mix() -> None:
    """Who asks for e-mail addresses shares no request with who asks for phone numbers."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        ids = contact_ids(10)
        asks = [
            lusha.contacts.enrich_one(one, reveal=["emails" if place % 2 else "phones"])
            for place, one in enumerate(ids)
        ]
        people = await asyncio.gather(*asks)
        assert lusha.ledger.spent().requests == 2
        assert all(
            person.phones is None if place % 2 else person.emails is None for place, person in enumerate(people)
        )

    with_sandbox(main)


def test_quotes() -> None:
    """What a call, a many-form and a stream would cost, before anything is paid; and no more is charged then."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        ids = contact_ids(250)
        one = await lusha.quote(lambda dry: dry.contacts.enrich(ids[:10]))
        assert (one.minimum, one.maximum, one.requests, one.unknown) == (0, 60, 1, ())
        many = await lusha.quote(lambda dry: dry.contacts.enrich_many(ids, reveal=["emails"]))
        assert (many.maximum, many.requests) == (250, 3)
        filters = {"contacts": {"include": {"seniorityIds": [9, 10]}}}
        stream = await lusha.quote(lambda dry: dry.contacts.prospect(filters, limit=510))
        assert (stream.maximum, stream.requests) == (21, 11)
        everything = await lusha.quote(lambda dry: dry.contacts.prospect(filters))
        assert (everything.maximum, everything.requests) == (2000, 1000)
        assert everything.seconds == pytest.approx(40, rel=0.05)
        single = await lusha.quote(lambda dry: dry.contacts.enrich_one(ids[0]))
        assert (single.maximum, single.requests) == (6, 1)
        free = await lusha.quote(lambda dry: dry.account.usage())
        assert (free.maximum, free.requests) == (0, 1)
        assert wire.sandbox.state.billing.spent == 0
        assert lusha.ledger.spent().requests == 1
        async for _ in lusha.contacts.enrich_many(ids, reveal=["emails"]):
            pass
        assert wire.sandbox.state.billing.spent <= many.maximum

    with_sandbox(main)


def test_a_partitioned_query() -> None:
    """Parts are planned with rows and price, streamed as one, and cut and resumed without loss."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        filters = {"companies": {"include": {"sizes": [{"min": 1, "max": 10}]}}}
        by = {"contacts.include.seniorityIds": [[9], [10], [8]]}
        whole = {
            person.id
            async for person in lusha.contacts.prospect(
                {**filters, "contacts": {"include": {"seniorityIds": [8, 9, 10]}}}
            )
        }
        union = lusha.contacts.prospect_parts(filters, partition_by=by)
        plan = await union.plan()
        assert [part.filters["contacts"]["include"]["seniorityIds"] for part in plan] == [[9], [10], [8]]
        assert sum(part.total or 0 for part in plan) == len(whole)
        assert all(part.reachable and part.cost.maximum > 0 for part in plan)
        first = [(await anext(union)).id for _ in range(len(whole) * 2 // 3)]
        rest = lusha.contacts.prospect_parts(filters, partition_by=by, cursor=union.cursor)
        await union.aclose()
        second = [person.id async for person in rest]
        assert len(first) + len(second) == len(whole)
        assert {*first, *second} == whole
        some = lusha.contacts.prospect_parts(filters, partition_by=by, limit=70)
        assert len([person async for person in some]) == 70
        with pytest.raises(CursorError):
            lusha.contacts.prospect_parts({"companies": {}}, partition_by=by, cursor=some.cursor)
        with pytest.raises(InvalidRequestError):
            lusha.contacts.prospect_parts(filters, partition_by={"companies.include.sizes": [[{"min": 1}]]})
        with pytest.raises(InvalidRequestError):
            lusha.contacts.prospect_parts(filters, partition_by={})

    with_sandbox(main, companies=2000)


def test_tables_in_bulk() -> None:
    """1,200 people go into a table in three requests, are read back page by page, and are removed again."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        owner = "owner@example.com"
        table = await lusha.contacts.tables.create("people", owner=owner)
        assert table.table_id is not None
        ids = [*contact_ids(1200), "v1.nobody"]
        added = [row async for row in lusha.contacts.tables.add_many(table.table_id, ids, owner=owner)]
        assert [row.input for row in added] == ids
        assert [row.status for row in added if not row.ok] == [Status.NOT_FOUND]
        rows = [row.id async for row in lusha.contacts.tables.entities(table.table_id, owner=owner)]
        assert set(rows) == {row.value for row in added if row.ok}  # requests run in parallel: the order is theirs
        assert [one.name async for one in lusha.contacts.tables.list(owner=owner)] == ["people"]
        removed = [
            row.ok async for row in lusha.contacts.tables.remove_many(table.table_id, ids[:600], owner=owner)
        ]
        assert sum(removed) == 600

    with_sandbox(main)


def test_subscriptions_in_bulk() -> None:
    """60 subscriptions are made in three requests, streamed newest first, and deleted."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        new = [{"entity_id": str(number)} for number in range(60)]
        made = lusha.webhooks.create_many(
            [*new, new[0]],
            url="https://example.com/hook",
            entity_type="contact",
            signal_types=["promotion"],
            dedupe=False,
        )
        outcomes = [row async for row in made]
        assert sum(row.ok for row in outcomes) == 60
        assert outcomes[-1].status is Status.FAILED
        listed = [one.id async for one in lusha.webhooks.list()]
        assert len(set(listed)) == 60
        assert [one async for one in lusha.webhooks.audit_logs()] == []
        gone = [row.ok async for row in lusha.webhooks.delete_many([one or "" for one in listed])]
        assert gone == [True] * 60

    with_sandbox(main)


def test_the_ledger_is_what_account_usage_tells() -> None:
    """Some seconds later the vendor's own count of used credits is the client's, by whatever was called."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        ids = contact_ids(150)
        async for _ in lusha.contacts.enrich_many(ids, reveal=["phones"]):
            pass
        async for _ in lusha.contacts.prospect({"contacts": {"include": {"seniorityIds": [9]}}}, limit=130):
            pass
        await lusha.companies.search_and_enrich_one({"id": company_ids(1)[0]})
        await asyncio.sleep(10)
        usage = await lusha.account.usage()
        assert usage.credits is not None
        assert usage.credits.used == lusha.ledger.credits == sum(lusha.ledger.spent().kinds.values())

    with_sandbox(main)


def test_a_waterfall_job_is_settled_when_it_is_told() -> None:
    """What third parties deliver later is in the ledger and the budget, under the tag that asked for it."""
    budget = CreditBudget(5000)

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        view = lusha.with_options(tag="later")
        answer = await view.contacts.enrich(
            contact_ids(60), reveal=["emails", "phones"], waterfall_enabled=True, wait_for_job=True
        )
        assert answer.job is not None
        assert answer.job.status == "complete"
        assert answer.billing is not None
        assert answer.billing.credits_charged == lusha.ledger.by_tag()["later"].credits == budget.spent
        assert (budget.reserved, budget.uncertain) == (0, 0)

    with_sandbox(main, budget=budget, waterfall=True)


def test_ten_thousand_cancelled_callers() -> None:
    """A web-like load whose callers leave at random: the client stays usable, and its books are the sandbox's."""
    draw = random.Random(7)

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        ids = contact_ids(2000)

        async def handler(number: int) -> None:
            await asyncio.sleep(draw.uniform(0, 60))
            with anyio.move_on_after(draw.uniform(0, 0.4)), suppress(ItemError, QuotaWaitTooLongError):
                if number % 10 == 0:
                    await lusha.contacts.search([{"id": ids[number % 2000]}])
                else:
                    await lusha.contacts.enrich_one(ids[number % 2000], reveal=["emails"])

        await asyncio.gather(*(handler(number) for number in range(10_000)))
        await asyncio.sleep(30)
        assert lusha.governor.snapshot().in_flight == 0
        assert (await lusha.contacts.enrich(ids[:1], reveal=["emails"])).results
        assert len(lusha.take_unclaimed()) > 0

    with_sandbox(main)
