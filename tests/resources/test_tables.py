"""`client.contacts.tables` and `client.companies.tables`: against the sandbox, on the wire, and refused."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest

from lusha_async._bulk.outcome import Outcome
from lusha_async.billing import CreditBudget
from lusha_async.client import LushaClient
from lusha_async.errors import (
    BadRequestError,
    ConflictError,
    InsufficientCreditsError,
    InvalidRequestError,
    NotFoundError,
    PriceUnknownError,
    UnreadableAnswerError,
)
from lusha_async.models.tables import AddedRows, Table
from lusha_async.resources.tables import Tables
from lusha_async.sandbox import company_ids, contact_ids
from lusha_async.sandbox.serve.transport import SandboxTransport
from tests._bulk.test_bulk import with_sandbox

from .recorder import recorded

OWNER = "owner@example.com"
Kind = Literal["contacts", "companies"]
both_kinds = pytest.mark.parametrize("kind", ["contacts", "companies"])


def tables(lusha: LushaClient, kind: Kind) -> Tables:
    """The namespace of one kind."""
    return lusha.contacts.tables if kind == "contacts" else lusha.companies.tables


def some(kind: Kind, count: int) -> list[str]:
    """Ids of people or companies of the sandbox."""
    return contact_ids(count) if kind == "contacts" else company_ids(count)


@both_kinds
def test_life_of_a_table(kind: Kind) -> None:
    """All eleven operations, in the order of a table's life, do what they say."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        api, ids = tables(lusha, kind), some(kind, 60)
        made = await api.create("Q3", owner=OWNER)
        assert (made.name, made.entity_type, made.visibility, made.entity_count) == ("Q3", kind, "private", 0)
        table = made.table_id or ""

        added = await api.add(table, [*ids, "v1.nobody"], owner=OWNER)
        assert (added.added, added.already_present, added.invalid_ids) == (60, 0, ("v1.nobody",))
        assert added.billing is not None
        assert added.billing.credits_charged == (60 if kind == "companies" else 0)
        again = await api.add(table, ids, owner=OWNER)
        assert (again.added, again.already_present) == (0, 60)

        renamed = await api.update(table, owner=OWNER, name="Q4", visibility="shared")
        assert (renamed.name, renamed.visibility, renamed.entity_count) == ("Q4", "shared", 60)
        (listed,) = (await api.list_page(owner=OWNER, name="Q4", status="active")).results
        assert (listed.table_id, listed.columns) == (table, None)

        page = await api.entities_page(table, owner=OWNER, page=1, page_size=25)
        assert [row.id for row in page.results] == ids[25:50]
        assert page.pagination is not None
        assert page.pagination.total == 60
        assert page.billing is not None
        assert page.billing.credits_charged == 1

        column = (await api.columns(table, owner=OWNER)).results[0].column_id or ""
        run = await api.run_column(table, column, owner=OWNER, scope="specific", entity_ids=ids[:10])
        assert (run.column_id, run.run_scope, run.status) == (column, "specific", "processing")
        assert (await api.get(table, owner=OWNER)).is_processing
        await asyncio.sleep(3600)
        done = await api.get(table, owner=OWNER)
        assert not done.is_processing
        assert done.columns is not None
        assert done.columns[0].rows_not_run == 50

        with pytest.raises(BadRequestError, match="default Lusha columns"):
            await api.remove_column(table, column, owner=OWNER)
        removed = await api.remove(table, ids[:2], owner=OWNER)
        assert (removed.removed, removed.invalid_ids) == (2, ())
        gone = await api.delete(table, owner=OWNER)
        assert (gone.table_id, gone.status) == (table, "deleted")
        with pytest.raises(NotFoundError):
            await api.get(table, owner=OWNER)

    with_sandbox(main)


def test_conflicts_and_private_tables() -> None:
    """A taken name is a `ConflictError` with the vendor's code; a private table of another is not found."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        api = lusha.contacts.tables
        table = (await api.create("one", owner=OWNER)).table_id or ""
        with pytest.raises(ConflictError) as conflict:
            await api.create("one", owner=OWNER)
        assert conflict.value.code == "TABLE_NAME_CONFLICT"
        with pytest.raises(NotFoundError) as missing:
            await api.get(table, owner="other@example.com")
        assert missing.value.code == "TABLE_NOT_FOUND"

    with_sandbox(main)


def test_companies_are_all_paid_or_none_is_added() -> None:
    """With credits for some of the new companies only, none is added and none is paid."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        api = lusha.companies.tables
        table = (await api.create("one", owner=OWNER)).table_id or ""
        with pytest.raises(InsufficientCreditsError):
            await api.add(table, company_ids(10), owner=OWNER)
        assert (await api.get(table, owner=OWNER)).entity_count == 0

    with_sandbox(main, credits=5)


def test_a_budget_bounds_a_column_run_of_named_rows_only() -> None:
    """What a run of all rows may cost cannot be known, so a budget refuses it before anything is sent."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        api = lusha.contacts.tables
        table = (await api.create("one", owner=OWNER)).table_id or ""
        await api.add(table, contact_ids(3), owner=OWNER)
        column = (await api.columns(table, owner=OWNER)).results[0].column_id or ""
        with pytest.raises(PriceUnknownError):
            await api.run_column(table, column, owner=OWNER, scope="all")
        await api.run_column(table, column, owner=OWNER, scope="specific", entity_ids=contact_ids(3))

    with_sandbox(main, budget=CreditBudget(100))


def test_removal_is_a_delete_with_a_body() -> None:
    """Rows are named in the JSON body of a DELETE, and the owner with them."""
    (request,), _ = recorded(lambda lusha: lusha.contacts.tables.remove("t/1", ["v1.a", "7"], owner=OWNER))
    assert (request.method, urlsplit(request.url).path) == ("DELETE", "/v3/contacts/tables/t%2F1/entities")
    assert request.body == {"entityIds": ["v1.a", "7"], "owner": {"email": OWNER}}
    assert request.headers["content-type"] == "application/json"


def test_calls_without_a_body_name_the_owner_in_the_query() -> None:
    """GET and DELETE of a table carry `email`, quoted as a query has to be."""
    (request,), _ = recorded(lambda lusha: lusha.companies.tables.delete("9", owner="a+b@example.com"))
    assert request.body is None
    assert parse_qs(urlsplit(request.url).query) == {"email": ["a+b@example.com"]}


def test_what_is_not_passed_is_not_sent() -> None:
    """The smallest bodies hold nothing that the caller did not say, but for the page."""
    (request,), _ = recorded(lambda lusha: lusha.contacts.tables.create("n", owner=OWNER))
    assert request.body == {"name": "n", "owner": {"email": OWNER}}
    (request,), _ = recorded(lambda lusha: lusha.contacts.tables.list_page(owner=OWNER))
    assert request.body == {"owner": {"email": OWNER}, "page": 0, "size": 100}


ANY: Any = None  # for arguments that a type checker would refuse too

REFUSED: list[tuple[str, Callable[[Tables], Awaitable[Any]]]] = [
    ("owner", lambda api: api.get("1", owner="")),
    ("owner", lambda api: api.get("1", owner="nobody")),
    ("owner", lambda api: api.get("1", owner="a b@example.com")),
    ("owner", lambda api: api.get("1", owner="a@b@example.com")),
    ("owner", lambda api: api.get("1", owner=ANY)),
    ("name", lambda api: api.create(" ", owner=OWNER)),
    ("visibility", lambda api: api.create("n", owner=OWNER, visibility="public")),  # type: ignore[arg-type]
    ("ids", lambda api: api.create("n", owner=OWNER, ids=[])),
    ("ids", lambda api: api.create("n", owner=OWNER, ids="v1.a")),
    ("status", lambda api: api.list_page(owner=OWNER, status="deleted")),  # type: ignore[arg-type]
    ("page", lambda api: api.list_page(owner=OWNER, page=101)),
    ("page_size", lambda api: api.list_page(owner=OWNER, page_size=0)),
    ("page", lambda api: api.entities_page("1", owner=OWNER, page=-1)),
    ("table_id", lambda api: api.get("", owner=OWNER)),
    ("table_id", lambda api: api.get("..", owner=OWNER)),
    ("column_id", lambda api: api.remove_column("1", "", owner=OWNER)),
    ("", lambda api: api.update("1", owner=OWNER)),
    ("entity_ids", lambda api: api.add("1", [], owner=OWNER)),
    ("entity_ids", lambda api: api.add("1", "abc", owner=OWNER)),
    ("entity_ids", lambda api: api.add("1", map(str, range(501)), owner=OWNER)),
    ("entity_ids[1]", lambda api: api.add("1", ["a", ""], owner=OWNER)),
    ("entity_ids[0]", lambda api: api.remove("1", [7], owner=OWNER)),  # type: ignore[list-item]
    ("company_ids", lambda api: api.add("1", ["a", "b"], owner=OWNER, company_ids=["c"])),
    ("entity_ids", lambda api: api.run_column("1", "c", owner=OWNER, scope="specific")),
    ("entity_ids", lambda api: api.run_column("1", "c", owner=OWNER, scope="all", entity_ids=["a"])),
    ("scope", lambda api: api.run_column("1", "c", owner=OWNER, scope="every")),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("verb", ["add_many", "remove_many"])
def test_a_bad_owner_or_table_is_refused_before_the_first_row(verb: str) -> None:
    """What is wrong with the whole call is raised by it, not reported for each of a million rows."""
    for table, owner, path in (("t", "nobody", "owner"), ("", OWNER, "table_id")):

        async def ask(lusha: LushaClient, table: str = table, owner: str = owner) -> None:
            getattr(lusha.contacts.tables, verb)(table, ["v1.a"], owner=owner)

        sent, error = recorded(ask)
        assert isinstance(error, InvalidRequestError)
        assert (error.path, sent) == (path, [])


def test_contacts_and_companies_in_bulk_stay_paired() -> None:
    """`company_ids` go with their contacts: over several requests, past repeated contacts and refused ids."""
    people = [str(number) for number in range(600)]
    firms = [f"f{number}" for number in range(600)]

    async def add(lusha: LushaClient) -> list[Outcome[str, str]]:
        entity_ids = [*people[:2], "", people[0], *people[2:]]
        company_ids = [*firms[:2], "unused", firms[0], *firms[2:]]
        api = lusha.contacts.tables
        return [row async for row in api.add_many("1", entity_ids, owner=OWNER, company_ids=iter(company_ids))]

    sent, rows = recorded(add, answer={"data": {"invalidIds": ["7"]}})
    assert [request.body["entityIds"] for request in sent] == [people[:500], people[500:]]
    assert [request.body["companyIds"] for request in sent] == [firms[:500], firms[500:]]
    assert [row.input for row in rows][:5] == ["0", "1", "", "0", "2"]
    assert [row.status.value for row in rows if not row.ok] == ["failed", "not_found"]


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("company_ids", lambda c: c.contacts.tables.add_many("1", ["a", "b"], owner=OWNER, company_ids=["c"])),
        ("company_ids", lambda c: c.contacts.tables.add_many("1", ["a"], owner=OWNER, company_ids="c")),
        ("company_ids", lambda c: c.companies.tables.add_many("1", ["a"], owner=OWNER, company_ids=["c"])),
        ("company_ids[0]", lambda c: c.contacts.tables.add_many("1", ["a"], owner=OWNER, company_ids=[""])),
        ("entity_ids", lambda c: c.contacts.tables.add_many("1", endless(), owner=OWNER, company_ids=["c"])),
        ("entity_ids", lambda c: c.contacts.tables.add_many("1", "a", owner=OWNER, company_ids=["c"])),
    ],
)
def test_unpaired_companies_are_refused_before_the_first_request(
    path: str, call: Callable[[LushaClient], Any]
) -> None:
    """Another number of companies, an async iterable beside them, or a table of companies: raised by the call."""

    async def ask(lusha: LushaClient) -> None:
        call(lusha)

    sent, error = recorded(ask)
    assert isinstance(error, InvalidRequestError)
    assert (error.path, sent) == (path, [])


async def endless() -> AsyncIterator[str]:
    """Ids without end."""
    while True:
        yield "a"


@pytest.mark.parametrize(("path", "call"), REFUSED)
def test_what_the_vendor_would_refuse_is_not_sent(path: str, call: Callable[[Tables], Awaitable[Any]]) -> None:
    """Each bad argument is refused by its path, its value unsaid, and nothing is sent."""
    sent, error = recorded(lambda lusha: call(lusha.contacts.tables))
    assert isinstance(error, InvalidRequestError), error
    assert error.path == path
    assert not sent
    assert "@" not in str(error)


def test_companies_have_no_companies_beside_them() -> None:
    """`company_ids` is for tables of people; with 500 rows it still goes through there."""
    ids = [str(number) for number in range(500)]
    sent, error = recorded(lambda lusha: lusha.companies.tables.add("1", ids, owner=OWNER, company_ids=ids))
    assert isinstance(error, InvalidRequestError)
    assert not sent
    (request,), _ = recorded(lambda lusha: lusha.contacts.tables.add("1", iter(ids), owner=OWNER, company_ids=ids))
    assert request.body["companyIds"] == ids


def test_answers_are_taken_with_or_without_their_wrapper() -> None:
    """Members beside or inside `data`, unknown ones and legacy number ids are read; nothing is lost."""
    told = {"tableId": 7, "owner": {"id": 12, "email": OWNER}, "novel": 1}
    for answer in ({"data": told}, told):
        _, table = recorded(lambda lusha: lusha.contacts.tables.get("7", owner=OWNER), answer=answer)
        assert isinstance(table, Table)
        assert (table.table_id, table.extra) == ("7", {"novel": 1})
        assert OWNER not in repr(table)
    _, added = recorded(
        lambda lusha: lusha.contacts.tables.add("7", ["a"], owner=OWNER), answer={"data": None, "billing": {}}
    )
    assert isinstance(added, AddedRows)
    assert added.added is None


@pytest.mark.parametrize("answer", [[], {"data": 5}, {"data": []}, {"data": {"columns": [{"name": 3}]}}])
def test_anything_but_a_table_is_unreadable(answer: Any) -> None:
    """A wrong shape is an `UnreadableAnswerError` that names the operation; never a table without members."""
    _, error = recorded(lambda lusha: lusha.contacts.tables.get("7", owner=OWNER), answer=answer)
    assert isinstance(error, UnreadableAnswerError)
    assert str(error.operation).startswith("contacts.tables.get ")
    assert error.attempts == 1
