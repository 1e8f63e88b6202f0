"""`client.contacts.tables` and `client.companies.tables`."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from attrs import frozen

from .._call.call import APIResponse, Executor
from .._call.decode import unwrapped
from .._params import checks
from ..errors import InvalidRequestError
from ..models.common import Page, Results
from ..models.tables import (
    AddedRows,
    ColumnRun,
    DeletedTable,
    RemovedColumn,
    RemovedRows,
    Table,
    TableColumn,
    TableRow,
)
from ..operations import BY_NAME, Operation

__all__ = ["Tables", "list_body", "owned_by"]

MOST_IDS = 500
"""Ids in one call."""
LAST_PAGE = 100

Visibility = Literal["private", "shared"]
RunScope = Literal["all", "missing", "specific"]


@frozen(kw_only=True)
class _TableOperations:
    """The operations on tables of one kind of rows."""

    create: Operation
    list_page: Operation
    get: Operation
    update: Operation
    delete: Operation
    entities_page: Operation
    add: Operation
    remove: Operation
    columns: Operation
    remove_column: Operation
    run_column: Operation


_OPERATIONS: Mapping[str, _TableOperations] = {
    "contacts": _TableOperations(
        create=BY_NAME["createContactsTable"],
        list_page=BY_NAME["listContactsTables"],
        get=BY_NAME["getContactsTable"],
        update=BY_NAME["updateContactsTable"],
        delete=BY_NAME["deleteContactsTable"],
        entities_page=BY_NAME["getContactsTableEntities"],
        add=BY_NAME["addContactsTableEntities"],
        remove=BY_NAME["removeContactsTableEntities"],
        columns=BY_NAME["listContactsTableColumns"],
        remove_column=BY_NAME["removeContactsTableColumn"],
        run_column=BY_NAME["runContactsTableColumn"],
    ),
    "companies": _TableOperations(
        create=BY_NAME["createCompaniesTable"],
        list_page=BY_NAME["listCompaniesTables"],
        get=BY_NAME["getCompaniesTable"],
        update=BY_NAME["updateCompaniesTable"],
        delete=BY_NAME["deleteCompaniesTable"],
        entities_page=BY_NAME["getCompaniesTableEntities"],
        add=BY_NAME["addCompaniesTableEntities"],
        remove=BY_NAME["removeCompaniesTableEntities"],
        columns=BY_NAME["listCompaniesTableColumns"],
        remove_column=BY_NAME["removeCompaniesTableColumn"],
        run_column=BY_NAME["runCompaniesTableColumn"],
    ),
}


class Tables:
    """Tables of the account, of people or of companies: at most 500 tables of 50,000 rows. A beta of the vendor.

    `owner` is the e-mail address of a user of the account: an API key stands for no user, so the vendor asks
    each call who acts. It sees that user's tables and the shared ones. Every method raises
    `InvalidRequestError` before anything is sent, `NotFoundError` for a table or column that `owner` cannot
    see, else any `LushaError`. A call that changes something is not repeated when its answer is lost
    (`OutcomeUnknownError`). Source: the vendor's tables reference.
    """

    def __init__(self, executor: Executor, kind: Literal["contacts", "companies"]) -> None:
        self._executor = executor
        self._kind: Literal["contacts", "companies"] = kind
        self._operations = _OPERATIONS[kind]

    async def create(
        self,
        name: str,
        *,
        owner: str,
        visibility: Visibility | None = None,
        ids: Iterable[str] | None = None,
    ) -> Table:
        """A new table, private unless `visibility` says otherwise, with up to 500 rows by id at once.

        Documented as free. Adding companies costs, so what `ids` of companies cost here may depend on the
        account: `add` is under the client's budget, this is not. Raises `ConflictError` when the name is taken.
        """
        body = {
            "name": checks.string(name, "name"),
            "visibility": checks.optional_enum(visibility, "visibility", ("private", "shared")),
            "owner": owned_by(owner),
            "ids": None if ids is None else checks.ids(ids, "ids", maximum=MOST_IDS),
        }
        return unwrapped(await self._call(self._operations.create, body=body), Table)

    async def list_page(
        self,
        *,
        owner: str,
        name: str | None = None,
        status: Literal["active", "archived"] | None = None,
        page: int = 0,
        size: int = 100,
    ) -> Page[Table]:
        """One page (0-100) of the tables that `owner` sees, those whose name contains `name`. Free.

        The largest `size` is not published. `status` None: the vendor's default, active ones.
        """
        body = {**list_body(owner, name, status), **_page(page, size)}
        return unwrapped(await self._call(self._operations.list_page, body=body), Page[Table])

    async def get(self, table_id: str, *, owner: str) -> Table:
        """One table, with its counts, its columns, and whether a column run is under way. Free."""
        return unwrapped(await self._call(self._operations.get, table_id, query=_email(owner)), Table)

    async def update(
        self,
        table_id: str,
        *,
        owner: str,
        name: str | None = None,
        visibility: Visibility | None = None,
        archived: bool | None = None,
    ) -> Table:
        """Rename a table, share it or not, archive it or bring it back. What is None stays. Free."""
        if name is None and visibility is None and archived is None:
            raise InvalidRequestError("", "give name, visibility or archived: nothing would change")
        body = {
            "name": None if name is None else checks.string(name, "name"),
            "visibility": checks.optional_enum(visibility, "visibility", ("private", "shared")),
            "archived": checks.optional_boolean(archived, "archived"),
            "owner": owned_by(owner),
        }
        return unwrapped(await self._call(self._operations.update, table_id, body=body), Table)

    async def delete(self, table_id: str, *, owner: str) -> DeletedTable:
        """Delete a table with all its data, for good. Free. `update(archived=True)` only hides it."""
        return unwrapped(await self._call(self._operations.delete, table_id, query=_email(owner)), DeletedTable)

    async def entities_page(self, table_id: str, *, owner: str, page: int = 0, size: int = 100) -> Page[TableRow]:
        """One page (0-100) of rows with all their cells, in the order in which they were added.

        Costs `tableRead` for each begun 25 rows, every time. The largest `size` is not published.
        """
        query = {**_email(owner), **_page(page, size)}
        return unwrapped(await self._call(self._operations.entities_page, table_id, query=query), Page[TableRow])

    async def add(
        self,
        table_id: str,
        entity_ids: Iterable[str],
        *,
        owner: str,
        company_ids: Iterable[str] | None = None,
    ) -> AddedRows:
        """Add 1-500 people or companies by id; those already there stay, those unknown are `invalid_ids`.

        People are free; a company costs `revealCompany` when it is new to the table, and either all new ones
        can be paid or none is added (`InsufficientCreditsError`). `company_ids`, for people only, names the
        company of each, in the same order.
        """
        listed = checks.ids(entity_ids, "entity_ids", maximum=MOST_IDS)
        body = {
            "entityIds": listed,
            "companyIds": None if company_ids is None else self._company_ids(company_ids, len(listed)),
            "owner": owned_by(owner),
        }
        return unwrapped(await self._call(self._operations.add, table_id, body=body), AddedRows)

    def _company_ids(self, company_ids: Iterable[str], people: int) -> list[str]:
        if self._kind == "companies":
            raise InvalidRequestError("company_ids", "only tables of people have companies beside their rows")
        listed = checks.ids(company_ids, "company_ids", maximum=MOST_IDS)
        if len(listed) != people:
            raise InvalidRequestError("company_ids", f"{len(listed)} given for {people} people: give one for each")
        return listed

    async def remove(self, table_id: str, entity_ids: Iterable[str], *, owner: str) -> RemovedRows:
        """Remove 1-500 rows by id; those not there are `invalid_ids`. Free."""
        body = {"entityIds": checks.ids(entity_ids, "entity_ids", maximum=MOST_IDS), "owner": owned_by(owner)}
        return unwrapped(await self._call(self._operations.remove, table_id, body=body), RemovedRows)

    async def columns(self, table_id: str, *, owner: str) -> Results[TableColumn]:
        """The columns, with their cells counted by status. Free."""
        return unwrapped(
            await self._call(self._operations.columns, table_id, query=_email(owner)), Results[TableColumn]
        )

    async def remove_column(self, table_id: str, column_id: str, *, owner: str) -> RemovedColumn:
        """Remove a column with its cells, for good. Free. The vendor's default columns cannot be removed."""
        reply = await self._call(self._operations.remove_column, table_id, column_id, query=_email(owner))
        return unwrapped(reply, RemovedColumn)

    async def run_column(
        self,
        table_id: str,
        column_id: str,
        *,
        owner: str,
        scope: RunScope,
        entity_ids: Iterable[str] | None = None,
    ) -> ColumnRun:
        """Fill a column for `all` rows, for those where it is `missing`, or for `specific` ones by id (1-500).

        Returns as soon as the vendor has accepted it: `get` tells `is_processing` until it has ended. Costs the
        column's own price for each row; `all` pays again for rows that have a value. A credit budget can bound
        `specific` only, and refuses the others (`PriceUnknownError`).
        """
        if (scope == "specific") != (entity_ids is not None):
            raise InvalidRequestError("entity_ids", "give ids with the scope specific, and with no other")
        body = {
            "runScope": checks.optional_enum(
                checks.string(scope, "scope"), "scope", ("all", "missing", "specific")
            ),
            "entityIds": None if entity_ids is None else checks.ids(entity_ids, "entity_ids", maximum=MOST_IDS),
            "owner": owned_by(owner),
        }
        return unwrapped(await self._call(self._operations.run_column, table_id, column_id, body=body), ColumnRun)

    async def _call(
        self,
        operation: Operation,
        table_id: str = "",
        column_id: str = "",
        *,
        query: dict[str, str | int] | None = None,
        body: dict[str, Any] | None = None,
    ) -> APIResponse:
        path = {"table_id": table_id, "column_id": column_id}
        return await self._executor.call(operation, path=path, query=query, body=body)


def list_body(owner: str, name: str | None, status: str | None) -> dict[str, Any]:
    """The body of a list of tables, but for its page."""
    return {
        "owner": owned_by(owner),
        "name": None if name is None else checks.string(name, "name"),
        "status": checks.optional_enum(status, "status", ("active", "archived")),
    }


def owned_by(email: Any) -> dict[str, str]:
    """Who acts, as each call on a table must say."""
    return {"email": checks.email(email, "owner", whose=" of a user of the account")}


def _email(owner: str) -> dict[str, str | int]:
    """The same as the query of a call without a body."""
    return {**owned_by(owner)}


def _page(page: int, size: int) -> dict[str, int]:
    return {
        "page": checks.integer(page, "page", minimum=0, maximum=LAST_PAGE),
        "size": checks.integer(size, "size", minimum=1),
    }
