"""Every page stream of the client, against the sandbox: rows, pages, cursor, limit, errors, leaving."""

import asyncio
import gc
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lusha_async._pages.stream import RowStream
from lusha_async._wire.request import Request
from lusha_async._wire.response import Response
from lusha_async.billing import CreditBudget
from lusha_async.client import LushaClient
from lusha_async.errors import (
    AnswerLostError,
    BudgetExceededError,
    CursorError,
    LushaError,
    SessionExpiredError,
    StreamClosedError,
    UnreadableAnswerError,
)
from lusha_async.sandbox import Fault, company_ids, contact_ids
from lusha_async.sandbox.serve.transport import SandboxTransport
from lusha_async.sandbox.webhooks.store import DeliveryLog
from tests._bulk.in_sandbox import with_sandbox
from tests.contract.many_calls import STREAMS as QUERIES

OWNER = "owner@example.com"
PEOPLE = {"contacts": {"include": {"seniorityIds": [9]}}}
FIRMS = {"companies": {"include": {"sizes": [{"min": 201, "max": 500}]}}}
COMPANIES = [{"id": one} for one in company_ids(20)]
DAYS = {"start_date": "2026-05-01", "end_date": "2026-07-01"}
PARTITIONS = {"contacts.include.seniorityIds": [[9], [10]]}

Stream = Callable[..., RowStream[Any]]

STREAMS: Mapping[str, Callable[[LushaClient, str], Stream]] = {
    "contacts.prospect": lambda c, _: lambda **how: c.contacts.prospect(PEOPLE, **how),
    "contacts.prospect_parts": lambda c, _: (
        lambda **how: c.contacts.prospect_parts(FIRMS, partition_by=PARTITIONS, **how)
    ),
    "contacts.lookalikes": lambda c, _: lambda **how: c.contacts.lookalikes({"ids": contact_ids(5)}, **how),
    "contacts.recommendations": lambda c, _: c.contacts.recommendations,
    "contacts.buying_group_people": (
        lambda c, _: lambda **how: c.contacts.buying_group_people(COMPANIES, contacts_limit=9, **how)
    ),
    "contacts.tables.entities": lambda c, table: (
        lambda **how: c.contacts.tables.entities(table, owner=OWNER, **how)
    ),
    "contacts.tables.list": lambda c, _: lambda **how: c.contacts.tables.list(owner=OWNER, page_size=4, **how),
    "companies.prospect": lambda c, _: lambda **how: c.companies.prospect(FIRMS, **how),
    "companies.lookalikes": lambda c, _: lambda **how: c.companies.lookalikes({"ids": company_ids(5)}, **how),
    "companies.recommendations": lambda c, _: c.companies.recommendations,
    "companies.website_visits": (
        lambda c, _: lambda **how: c.companies.website_visits(["shop.example"], page_size=7, **DAYS, **how)
    ),
    "conversations.list": lambda c, _: lambda **how: c.conversations.list(page_size=11, **how),
    "webhooks.list": lambda c, _: c.webhooks.list,
    "webhooks.audit_logs": lambda c, _: c.webhooks.audit_logs,
}
SESSIONS = ("contacts.lookalikes", "companies.lookalikes")
FREE = ("contacts.tables.list", "webhooks.list", "webhooks.audit_logs")
ROWS = 130  # the limit of the streams


async def prepared(lusha: LushaClient, wire: SandboxTransport, name: str) -> str:
    """Create what the stream lists: 130 people in a table, nine tables, 130 subscriptions or deliveries, or nothing."""
    if "tables" in name:
        for number in range(9):
            made = await lusha.contacts.tables.create(f"table {number}", owner=OWNER)
        async for row in lusha.contacts.tables.add_many(made.table_id or "", contact_ids(ROWS), owner=OWNER):
            assert row.ok
        return made.table_id or ""
    if name == "webhooks.list":
        new = [{"entity_id": str(number)} for number in range(ROWS)]
        hook = {"url": "https://example.com/hook", "entity_type": "contact", "signal_types": ["promotion"]}
        async for row in lusha.webhooks.create_many(new, **hook):  # type: ignore[arg-type]
            assert row.ok
    if name == "webhooks.audit_logs":
        wire.sandbox.state.webhooks._logs.extend(
            DeliveryLog(
                id=f"log{number}",
                subscription_id="s",
                payload_id="p",
                status="success",
                status_code=200,
                url="https://example.com/hook",
                at=wire.sandbox.clock.now() - number,
                duration_ms=20,
                error=None,
            )
            for number in range(ROWS)
        )
    return ""


async def opened(lusha: LushaClient, wire: SandboxTransport, name: str) -> Stream:
    """A function that opens the stream, after its rows were created."""
    made = STREAMS[name](lusha, await prepared(lusha, wire, name))
    return lambda **how: made(**{"limit": ROWS, **how})


def key(row: Any) -> Any:
    """The id of a row of any stream."""
    for name in ("id", "table_id", "conversation_id"):
        if hasattr(row, name):
            return getattr(row, name)
    raise AssertionError(row)


@pytest.mark.parametrize("name", STREAMS)
def test_rows_pages_and_the_first_one(name: str) -> None:
    """Each row is read once, the pages have the same rows, `first` is the first row, and totals and counts fit."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = await opened(lusha, wire, name)
        rows = [key(row) async for row in stream()]
        assert len(rows) == len(set(rows)) > 8
        paged = stream()
        pages = [page async for page in paged.pages()]
        assert [key(row) for page in pages for row in page.rows] == rows
        assert len(pages) > 1
        assert all(json.loads(page.cursor)["v"] == 1 for page in pages)
        assert await stream(limit=0).first() is None
        assert key(await stream(limit=None).first()) == rows[0]
        if name not in SESSIONS and "parts" not in name:
            assert paged.total is not None or "webhooks" in name or "parts" in name
        assert paged.duplicates == 0
        assert paged.rows_read == len(rows)

    with_sandbox(main, companies=2000)


FINGERPRINTS: Mapping[str, str] = {
    "prospectingContacts": "298c385b312f2975",
    "getContactLookalikes": "b00c32d52bd9cb24",
    "getContactRecommendations": "948863c1bb0a0b50",
    "getContactsTableEntities": "ebb9ee648b3bd6c8",
    "listContactsTables": "7bbb5dcbca74f91b",
    "prospectingCompanies": "8266b010b7cd22be",
    "getCompanyLookalikes": "8f18e0037318c5d0",
    "getCompanyRecommendations": "911864b4baf30598",
    "getWebsiteVisits": "fe7198a2c71f4446",
    "searchConversations": "3c7614078616203a",
    "listSubscriptions": "ecdf04d29fb1c81a",
    "getAuditLogs": "2a1d683c34a357d0",
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_stored_cursor_stays_valid(name: str) -> None:
    """The fingerprint of a query is pinned: if it changed, cursors with paid rows and sessions would be refused."""
    lusha = LushaClient("00000000-0000-4000-8000-000000000000", base_url="http://127.0.0.1:9")
    stream: Any = QUERIES[name](lusha)
    assert json.loads(stream.cursor)["q"] == FINGERPRINTS[name]


@pytest.mark.parametrize("name", STREAMS)
def test_left_at_any_row_and_resumed(name: str) -> None:
    """The cursor after each row continues with the next row and its count; that of another query is refused."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = await opened(lusha, wire, name)
        whole: list[Any] = []
        uncut = stream()
        cursors = [uncut.cursor]
        async for row in uncut:
            whole.append(key(row))
            cursors.append(json.loads(json.dumps(uncut.cursor)))
        for cut in sorted({0, 1, 4, 10, 24, 25, 26, 49, 50, 51, 99, 100, len(whole) - 1, len(whole)}):
            if cut <= len(whole):
                # A session goes on from where its last page left it: the cursor in the middle of the last page.
                if name in SESSIONS and cut < len(whole) - 5:
                    continue
                resumed = stream(cursor=cursors[cut])
                assert resumed.rows_read == cut
                rest = [key(row) async for row in resumed]
                assert whole[:cut] + rest == whole, cut
                assert resumed.rows_read == len(whole)
        with pytest.raises(CursorError):
            stream(cursor=cursors[1].replace('"q":"', '"q":"0'))

    with_sandbox(main, companies=2000)


@pytest.mark.parametrize("name", STREAMS)
def test_an_error_in_the_middle_carries_the_cursor(name: str) -> None:
    """The answer of a later page is lost: the rows before it come first, and the error has their cursor."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = await opened(lusha, wire, name)
        plain, requests = wire.send, 0
        whole = [key(row) async for row in stream()]

        async def losing(request: Request, timeout: float, leaving: Any = None) -> Response:
            nonlocal requests
            requests += 1
            if requests == 2:
                raise AnswerLostError("connection reset", "scripted")
            return await plain(request, timeout, leaving)

        wire.send = losing  # type: ignore[method-assign]
        got: list[Any] = []
        failed: LushaError | None = None
        rows = stream()
        try:
            async for row in rows:
                got.append(key(row))
        except LushaError as error:
            failed = error
        if failed is not None:  # else the page is free, and was requested again
            assert failed.cursor == rows.cursor
            assert got == whole[: len(got)]
            assert len(got) < len(whole)
            got += [key(row) async for row in stream(cursor=failed.cursor)]
        assert (failed is None) == (name in FREE)
        assert got == whole
        assert requests > 2

    with_sandbox(main, companies=2000)


@pytest.mark.parametrize("name", STREAMS)
def test_leaving_in_the_middle_leaves_nothing(name: str) -> None:
    """After a `break`, also out of `pages()`, nothing more is requested and no task is left, without `aclose`."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = await opened(lusha, wire, name)
        async for _ in stream():
            break
        async for _ in stream().pages():
            break
        gc.collect()
        await lusha.account.usage()
        requests = wire.sandbox.report()["requests"]
        await lusha.account.usage()
        assert wire.sandbox.report()["requests"] == requests + 1

    with_sandbox(main, companies=2000)


@pytest.mark.parametrize("name", [name for name in STREAMS if name not in FREE])
def test_what_was_paid_for_and_not_read_is_unclaimed(name: str) -> None:
    """Left in its first page, a stream has each page that was charged in unclaimed: the credits are those charged."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = (await opened(lusha, wire, name))()
        before = wire.sandbox.state.billing.spent
        await anext(stream)
        await stream.aclose()
        await asyncio.sleep(5)  # what is in flight ends by itself
        unclaimed = lusha.take_unclaimed()
        first = next(entry for entry in unclaimed if entry.rows is not None)
        assert first.rows == tuple(range(1, len(first.rows) + 1))
        assert all(entry.rows is None for entry in unclaimed if entry is not first)
        assert sum(entry.credits or 0 for entry in unclaimed) == wire.sandbox.state.billing.spent - before

    with_sandbox(main, companies=2000)


@pytest.mark.parametrize("limit", [1, 10, 26, 50, 51, 75, 101])
@pytest.mark.parametrize("name", ["contacts.prospect", "companies.prospect", "contacts.prospect_parts"])
def test_a_limit_is_never_overpaid(name: str, limit: int) -> None:
    """The credits are those of the limit's blocks of 25 rows."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = await opened(lusha, wire, name)
        assert len([row async for row in stream(limit=limit)]) == limit
        assert wire.sandbox.state.billing.spent == -(-limit // 25)

    with_sandbox(main, companies=2000)


def test_rows_of_several_partitions_are_read_once() -> None:
    """A row of two partitions is read once and counted as a duplicate, and the limit is filled with other rows."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        overlapping = {"contacts.include.seniorityIds": [[9], [9, 10]]}
        both = {key(row) async for row in lusha.contacts.prospect(_with(FIRMS, [9, 10]))}
        one = {key(row) async for row in lusha.contacts.prospect(_with(FIRMS, [9]))}
        limit = len(both) - 3
        assert 0 < len(one) < limit
        union = lusha.contacts.prospect_parts(FIRMS, partition_by=overlapping, limit=limit)
        rows = [key(row) async for row in union]
        assert len(rows) == len(set(rows)) == limit
        assert union.duplicates > 0
        whole = lusha.contacts.prospect_parts(FIRMS, partition_by=overlapping)
        assert {key(row) async for row in whole} == both
        assert whole.duplicates == len(one)
        assert whole.total == len(both) + len(one)

    with_sandbox(main, companies=2000)


def _with(filters: dict[str, Any], seniorities: list[int]) -> dict[str, Any]:
    return {**filters, "contacts": {"include": {"seniorityIds": seniorities}}}


def _corrupting(plain: Any) -> Any:
    """`plain`, with the fourth row of each answer made unreadable."""

    async def send(request: Request, timeout: float, leaving: Any = None) -> Response:
        answer = await plain(request, timeout, leaving)
        payload = json.loads(answer.content)
        payload["results"][3]["firstName"] = {"not": "a name"}
        return Response(status=200, headers=answer.headers, content=json.dumps(payload).encode())

    return send


def test_an_unreadable_row_of_a_partition_counts_towards_the_limit() -> None:
    """It was paid for, as in a stream without partitions; the rest of its partition is read before the next one."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        by = {"contacts.include.seniorityIds": [[9], [10]]}
        whole = [key(row) async for row in lusha.contacts.prospect(_with(FIRMS, [9]), limit=20)]
        wire.send = _corrupting(wire.send)  # type: ignore[method-assign]
        union = lusha.contacts.prospect_parts(FIRMS, partition_by=by, limit=20)
        got = [key(await anext(union)) for _ in range(3)]
        with pytest.raises(UnreadableAnswerError) as caught:
            await anext(union)
        got += [key(row) async for row in union]
        assert got == [*whole[:3], *whole[4:]]
        rest = lusha.contacts.prospect_parts(FIRMS, partition_by=by, limit=20, cursor=caught.value.cursor)
        assert len([row async for row in rest]) == 16
        with pytest.raises(CursorError):
            lusha.contacts.prospect_parts(FIRMS, partition_by=by, exclude_dnc=True, cursor=union.cursor)

    with_sandbox(main, companies=2000)


def test_an_unreadable_row_is_raised_in_order() -> None:
    """The rows around it are read, it is raised with its JSON, and nothing is requested or charged again."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        plain = wire.send
        whole = [key(row) async for row in lusha.contacts.prospect(PEOPLE, limit=60)]
        spent = wire.sandbox.state.billing.spent
        wire.send = _corrupting(plain)  # type: ignore[method-assign]
        stream = lusha.contacts.prospect(PEOPLE, limit=60)
        got: list[Any] = []
        unreadable: list[Any] = []
        cursors: list[str | None] = []
        while len(got) + len(unreadable) < 60:
            try:
                got.append(key(await anext(stream)))
            except LushaError as error:
                unreadable.append(json.loads(error.body)["id"])  # type: ignore[attr-defined]
                cursors.append(error.cursor)
        assert unreadable == [whole[3], whole[53]]
        assert sorted([*got, *unreadable]) == sorted(whole)
        assert wire.sandbox.state.billing.spent == 2 * spent
        wire.send = plain  # type: ignore[method-assign]
        rest = lusha.contacts.prospect(PEOPLE, limit=60, cursor=cursors[0])
        assert [key(row) async for row in rest] == whole[4:]

    with_sandbox(main, companies=2000)


def test_an_expired_session_is_restarted_only_on_request() -> None:
    """After 31 days the session has expired: the error has the cursor, and `restart` continues from it."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        seeds = {"ids": contact_ids(5)}
        stream = lusha.contacts.lookalikes(seeds, limit=60)
        got = [key(await anext(stream)) for _ in range(30)]
        cursor = stream.cursor
        await asyncio.sleep(31 * 86_400)
        rest = lusha.contacts.lookalikes(seeds, limit=60, cursor=cursor)
        got += [key(await anext(rest)) for _ in range(20)]  # these were paid for, and the cursor has them
        with pytest.raises(SessionExpiredError) as caught:
            await anext(rest)
        assert caught.value.cursor == rest.cursor
        restarted = lusha.contacts.lookalikes(seeds, limit=60, cursor=caught.value.cursor, restart=True)
        got += [key(row) async for row in restarted]
        assert restarted.duplicates > 0
        assert len(got) == len(set(got)) == 60
        left = lusha.contacts.lookalikes(seeds, cursor=caught.value.cursor, restart=True, dedupe=False)
        await anext(left)
        await left.aclose()
        (unclaimed,) = [entry for entry in lusha.take_unclaimed() if entry.rows is not None]
        assert unclaimed.rows[0] == 1  # the new session's first page was paid for, and one row of it read

    with_sandbox(main, companies=2000)


def test_a_budget_ends_a_stream_with_the_cursor() -> None:
    """The page that the budget does not cover is not requested; with more credits the stream continues from there."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        whole = [key(row) async for row in lusha.contacts.prospect(PEOPLE, limit=200)]
        before = wire.sandbox.state.billing.spent
        budget = CreditBudget(5)
        short = lusha.with_options(budget=budget).contacts.prospect(PEOPLE, limit=200)
        got: list[Any] = []
        with pytest.raises(BudgetExceededError) as caught:
            async for row in short:
                got.append(key(row))
        assert (caught.value.spent, caught.value.reserved, caught.value.limit) == (4, 0, 5)
        assert got == whole[:100]
        rest = lusha.contacts.prospect(PEOPLE, limit=200, cursor=caught.value.cursor)
        assert got + [key(row) async for row in rest] == whole
        assert wire.sandbox.state.billing.spent == 2 * before

    with_sandbox(main, companies=2000)


@pytest.mark.parametrize("sizes", [(7, 7), (15, 15), (110, 110), (30, None), (1, 9)])
@pytest.mark.parametrize("name", STREAMS)
def test_every_stream_with_page_sizes_of_the_vendor(name: str, sizes: tuple[int, int | None]) -> None:
    """The vendor uses a fixed, a least or a largest page size: the rows are the same, and also after a resumption."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = await opened(lusha, wire, name)
        whole = [key(row) async for row in stream()]
        object.__setattr__(wire.sandbox.settings, "page_min", sizes[0])
        object.__setattr__(wire.sandbox.settings, "page_max", sizes[1])
        uncut = stream()
        got = [key(row) async for row in uncut]
        assert (got, uncut.duplicates) == (whole, 0)
        if name not in SESSIONS:
            async with stream() as first:
                part = [key(await anext(first)) for _ in range(5)]
            assert part + [key(row) async for row in stream(cursor=first.cursor)] == whole

    with_sandbox(main, companies=2000)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (name, fault)
        for name in STREAMS
        for fault in (["session-repeats"] if name in SESSIONS else ["page-ignored", "pages-repeat"])
    ],
)
def test_every_stream_ends_when_pages_do_not_advance(name: str, fault: str) -> None:
    """Two pages without a new row end the stream: the rows before come first, and the cursor continues later."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = await opened(lusha, wire, name)
        whole = [key(row) async for row in stream(limit=None)]
        requests = wire.sandbox.report()["requests"]
        wire.sandbox.faults.add(Fault(kind=fault), wire.sandbox.clock.now())
        rows = stream(limit=None)
        got: list[Any] = []
        with pytest.raises(StreamClosedError, match="no new row") as caught:
            async for row in rows:
                got.append(key(row))
        assert got == whole[: len(got)]
        assert 0 < len(got) < len(whole)
        assert rows.duplicates > 0
        useful = 1 if fault == "page-ignored" else 2
        assert wire.sandbox.report()["requests"] - requests <= useful + 2 + 2 * (useful - 1)
        assert caught.value.charged == (0 if name in FREE else caught.value.charged)
        wire.sandbox.faults.rules.clear()
        rest = stream(limit=None, cursor=caught.value.cursor)
        if name not in SESSIONS:
            assert got + [key(row) async for row in rest] == whole

    with_sandbox(main, companies=2000, page_max=40)


@pytest.mark.parametrize("fault", ["total-shrinks", "total-text", "total-negative", "total-missing"])
@pytest.mark.parametrize("name", [name for name in STREAMS if name not in SESSIONS])
def test_every_stream_reads_all_rows_whatever_the_total_says(name: str, fault: str) -> None:
    """A total that shrinks, is no number, -1 or missing leaves out no row, raises nothing, and is counted as drift."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = await opened(lusha, wire, name)
        whole = [key(row) async for row in stream(limit=None)]
        wire.sandbox.faults.add(Fault(kind=fault), wire.sandbox.clock.now())
        assert [key(row) async for row in stream(limit=None)] == whole
        assert ("total of another kind" in str(lusha.drift())) == (fault in {"total-text", "total-negative"})

    with_sandbox(main, companies=2000)


@pytest.mark.parametrize("dedupe", [True, False])
def test_sessions_that_expire_at_once_end_a_stream_that_restarts(dedupe: bool) -> None:
    """Each call finds its session expired: the new sessions begin with the same rows, and are not paid without end."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        plain = wire.send

        async def forgetting(request: Request, timeout: float, leaving: Any = None) -> Response:
            wire.sandbox.state.sessions.clear()
            return await plain(request, timeout, leaving)

        wire.send = forgetting  # type: ignore[method-assign]
        stream = lusha.contacts.lookalikes({"ids": contact_ids(5)}, restart=True, dedupe=dedupe)
        got: list[Any] = []
        with pytest.raises(StreamClosedError, match="no new row"):
            async for row in stream:
                got.append(key(row))
        assert got
        assert len(set(got)) == (len(got) if dedupe else len(got) // 2)
        paid = wire.sandbox.state.billing.by_operation["getContactLookalikes"]
        assert wire.sandbox.state.billing.lines[-1].quantity == len(set(got))
        assert paid == 4 * wire.sandbox.state.billing.lines[-1].credits

    with_sandbox(main, companies=2000)


def test_a_single_page_with_a_total_of_another_kind() -> None:
    """A paid page is not refused because of its total: it is unknown, and as it came in `extra`."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        page = await lusha.contacts.prospect_page(PEOPLE, page=0, page_size=10)
        assert len(page.results) == 10
        assert page.pagination is not None
        assert (page.pagination.total, page.pagination.size) == (None, 10)
        assert page.pagination.extra["total"].isdigit()

    with_sandbox(main, companies=2000, faults=["total-text"])


def test_a_page_that_begins_elsewhere_is_kept() -> None:
    """Where the vendor has a least page size, a smaller page has rows of later pages: they are unclaimed."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = lusha.contacts.prospect(PEOPLE, limit=60)
        assert len({key(row) async for row in stream}) == 60
        missed, rest = lusha.take_unclaimed()
        assert missed.rows is None
        assert rest.rows == tuple(range(10, 25))  # larger than the limit needed
        assert missed.inputs["pagination"] == {"page": 5, "size": 10}
        assert wire.sandbox.state.billing.spent == 2 + 1 + 1

    with_sandbox(main, companies=2000, page_min=25)
