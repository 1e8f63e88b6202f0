"""`client.contacts.tables` and `client.companies.tables`."""

from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, Unpack

from .._bulk.batch import BulkConfig, Outcomes
from .._bulk.chunks import Source
from .._call.call import APIResponse, Executor
from .._call.decode import unwrapped
from .._pages.paging import FetchedPage, PageSpec, PagingRules
from .._pages.stream import PageStream, Query
from .._params import checks
from ..billing.unclaimed import CallTracker
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
from ..operations import Operation
from ._forms import BulkOptions
from ._queries import StreamOptions, by_id, pagination_of
from ._table_operations import TABLE_OPERATIONS, TableKind
from ._table_rows import paired_row, row, rows_call

__all__ = ["Tables"]

_MAX_IDS = 500
_LAST_PAGE = 100
_PAGES = PagingRules(min_size=1, max_size=100, last_page=_LAST_PAGE)

TableStatus: TypeAlias = Literal["active", "archived"]
Visibility: TypeAlias = Literal["private", "shared"]
RunScope: TypeAlias = Literal["all", "missing", "specific"]


class Tables:
    """Tables of contacts or of companies: at most 500 in an account, 50,000 rows in each. A beta of the vendor.

    `owner` is the e-mail address of a user of the account. An API key belongs to no user, so each call names the
    user that it acts for; it reaches the tables of that user and the shared ones. Calls are free unless their
    documentation states a cost. Pages are numbered 0-100; the vendor does not publish the largest `page_size` of
    a page, streams take 1-100.

    Every method raises `InvalidRequestError` before anything is sent for an argument that the vendor would refuse,
    `NotFoundError` for a table or column that `owner` cannot see, or another `LushaError`. A call that changes
    something is not repeated if its response is lost: it raises `OutcomeUnknownError`. For bulk methods and streams
    see `Outcomes` and `PageStream`: their errors, order and cancellation.

    Source: the vendor's tables reference.
    """

    def __init__(self, executor: Executor, kind: TableKind) -> None:
        self._executor = executor
        self._kind: TableKind = kind
        self._operations = TABLE_OPERATIONS[kind]

    async def create(
        self,
        name: str,
        *,
        owner: str,
        visibility: Visibility | None = None,
        ids: Iterable[str] | None = None,
    ) -> Table:
        """Create a table with up to 500 rows by id; private unless `visibility` is shared.

        Documented as free. As `add` charges for companies, `ids` of companies may be charged too; a credit budget
        covers `add`, but not `create`. Raises `ConflictError` if the name is taken.
        """
        body = {
            "name": checks.string(name, "name"),
            "visibility": checks.optional_enum(visibility, "visibility", ("private", "shared")),
            "owner": _owner(owner),
            "ids": None if ids is None else checks.ids(ids, "ids", maximum=_MAX_IDS),
        }
        return unwrapped(await self._call(self._operations.create, body=body), Table)

    async def list_page(
        self,
        *,
        owner: str,
        name: str | None = None,
        status: TableStatus | None = None,
        page: int = 0,
        page_size: int = 100,
    ) -> Page[Table]:
        """One page of the tables that `owner` can see and whose name contains `name`.

        The vendor lists active tables unless `status` is archived.
        """
        return await self._fetch_tables(
            self._executor, {**_list_body(owner, name, status), **_page(page, page_size)}
        )

    async def get(self, table_id: str, *, owner: str) -> Table:
        """A table with its row count, its columns, and whether a column run is in progress."""
        return unwrapped(await self._call(self._operations.get, table_id, query=_owner(owner)), Table)

    async def update(
        self,
        table_id: str,
        *,
        owner: str,
        name: str | None = None,
        visibility: Visibility | None = None,
        archived: bool | None = None,
    ) -> Table:
        """Rename, share, archive or restore a table. Arguments that are None leave their value unchanged."""
        if name is None and visibility is None and archived is None:
            raise InvalidRequestError("", "pass at least one of name, visibility and archived")
        body = {
            "name": _optional_name(name),
            "visibility": checks.optional_enum(visibility, "visibility", ("private", "shared")),
            "archived": checks.optional_boolean(archived, "archived"),
            "owner": _owner(owner),
        }
        return unwrapped(await self._call(self._operations.update, table_id, body=body), Table)

    async def delete(self, table_id: str, *, owner: str) -> DeletedTable:
        """Delete a table and its data permanently. `update(archived=True)` only hides it."""
        return unwrapped(await self._call(self._operations.delete, table_id, query=_owner(owner)), DeletedTable)

    async def entities_page(
        self, table_id: str, *, owner: str, page: int = 0, page_size: int = 100
    ) -> Page[TableRow]:
        """One page of rows with all their cells, in the order in which they were added.

        Costs `tableRead` for every 25 rows or part of 25, on each call.
        """
        query: dict[str, str | int] = {**_owner(owner), **_page(page, page_size)}
        return await self._fetch_rows(self._executor, table_id, query)

    async def add(
        self,
        table_id: str,
        entity_ids: Iterable[str],
        *,
        owner: str,
        company_ids: Iterable[str] | None = None,
    ) -> AddedRows:
        """Add 1-500 contacts or companies by id. Ids that the vendor does not know are returned in `invalid_ids`.

        Contacts are free. A company that is new to the table costs `revealCompany`; if the credits do not suffice
        for all new companies, none is added and `InsufficientCreditsError` is raised. `company_ids`, for tables of
        contacts only, holds the company of each contact, in the same order.
        """
        contacts = checks.ids(entity_ids, "entity_ids", maximum=_MAX_IDS)
        companies = None if company_ids is None else self._company_ids(company_ids, len(contacts))
        body = {"entityIds": contacts, "companyIds": companies, "owner": _owner(owner)}
        return unwrapped(await self._call(self._operations.add, table_id, body=body), AddedRows)

    def add_many(
        self,
        table_id: str,
        entity_ids: Source[str],
        *,
        owner: str,
        company_ids: Iterable[str] | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[str, str]:
        """`add` for any number of ids, 500 in a request. The value of an outcome is its id; costs are those of `add`.

        With `company_ids`, which holds the company of each contact in the same order, `entity_ids` must be a plain
        iterable; both are read at once. `InvalidRequestError` is raised before the first request if their lengths
        differ. An id that the vendor does not know is `not_found`. Ids whose response was lost are `ambiguous` and
        not sent again.
        """
        encode: Callable[[str], Any] = row
        if company_ids is not None:
            if isinstance(entity_ids, AsyncIterable):
                raise InvalidRequestError("entity_ids", "must be a plain iterable if company_ids is given")
            entity_ids = checks.as_list(entity_ids, "entity_ids")
            encode = paired_row(self._company_ids(company_ids, len(entity_ids)))
        call = rows_call(self._operations.add, AddedRows, table_id, _owner(owner))
        return Outcomes(call, self._executor, entity_ids, encode=encode, config=BulkConfig(**options))

    async def remove(self, table_id: str, entity_ids: Iterable[str], *, owner: str) -> RemovedRows:
        """Remove 1-500 rows by id. Ids that are not in the table are returned in `invalid_ids`."""
        body = {"entityIds": checks.ids(entity_ids, "entity_ids", maximum=_MAX_IDS), "owner": _owner(owner)}
        return unwrapped(await self._call(self._operations.remove, table_id, body=body), RemovedRows)

    def remove_many(
        self, table_id: str, entity_ids: Source[str], *, owner: str, **options: Unpack[BulkOptions]
    ) -> Outcomes[str, str]:
        """`remove` for any number of ids, 500 in a request. The value of an outcome is its id.

        An id that is not in the table is `not_found`. Ids whose response was lost are `ambiguous` and not sent again.
        """
        call = rows_call(self._operations.remove, RemovedRows, table_id, _owner(owner))
        return Outcomes(call, self._executor, entity_ids, encode=row, config=BulkConfig(**options))

    async def columns(self, table_id: str, *, owner: str) -> Results[TableColumn]:
        """The columns of a table, each with its number of cells by status."""
        return unwrapped(
            await self._call(self._operations.columns, table_id, query=_owner(owner)), Results[TableColumn]
        )

    async def remove_column(self, table_id: str, column_id: str, *, owner: str) -> RemovedColumn:
        """Remove a column and its cells permanently. The vendor refuses its default columns."""
        reply = await self._call(self._operations.remove_column, table_id, column_id, query=_owner(owner))
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
        """Fill a column for `all` rows, for the rows where it is `missing`, or for 1-500 `specific` rows by id.

        Returns once the vendor has accepted the run; `get` returns `is_processing` True until the run has ended.
        Costs the price of the column for each row; `all` also charges for rows that have a value. Under a credit
        budget only `specific` is possible: `PriceUnknownError` is raised for the others.
        """
        if (scope == "specific") != (entity_ids is not None):
            raise InvalidRequestError("entity_ids", "must be given with scope specific, and with no other scope")
        body = {
            "runScope": checks.optional_enum(
                checks.string(scope, "scope"), "scope", ("all", "missing", "specific")
            ),
            "entityIds": None if entity_ids is None else checks.ids(entity_ids, "entity_ids", maximum=_MAX_IDS),
            "owner": _owner(owner),
        }
        return unwrapped(await self._call(self._operations.run_column, table_id, column_id, body=body), ColumnRun)

    def list(
        self,
        *,
        owner: str,
        name: str | None = None,
        status: TableStatus | None = None,
        page_size: int = 100,
        **options: Unpack[StreamOptions],
    ) -> PageStream[Table]:
        """The tables that `owner` can see and whose name contains `name`, as a stream; see `StreamOptions`."""
        body = _list_body(owner, name, status)

        async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[Table]:
            paged = {**body, "page": page.number, "size": page.size}
            fetched = await self._fetch_tables(executor, paged, tracker)
            return pagination_of(fetched.results, fetched.pagination)

        query = Query(
            operation=self._operations.list_page,
            rules=_PAGES,
            size=page_size,
            params={"owner": owner, "name": name, "status": status},
            fetch=fetch,
            identity=lambda table: table.table_id,
        )
        return PageStream(query, self._executor, **options)

    def entities(
        self, table_id: str, *, owner: str, page_size: int = 100, **options: Unpack[StreamOptions]
    ) -> PageStream[TableRow]:
        """The rows of a table with their cells, as a stream, in the order in which they were added.

        Costs `tableRead` for every 25 rows or part of 25 of a page. See `StreamOptions`.
        """
        checks.entity_id(table_id, "table_id")
        acting = _owner(owner)

        async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[TableRow]:
            query: dict[str, str | int] = {**acting, "page": page.number, "size": page.size}
            fetched = await self._fetch_rows(executor, table_id, query, tracker)
            return pagination_of(fetched.results, fetched.pagination)

        query = Query(
            operation=self._operations.entities_page,
            rules=_PAGES,
            size=page_size,
            params={"table": table_id, "owner": owner},
            fetch=fetch,
            identity=by_id,
        )
        return PageStream(query, self._executor, **options)

    async def _call(
        self,
        operation: Operation,
        table_id: str = "",
        column_id: str = "",
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> APIResponse:
        path = {"table_id": table_id, "column_id": column_id}
        return await self._executor.call(operation, path=path, query=query, body=body)

    async def _fetch_tables(
        self, executor: Executor, body: Mapping[str, Any], tracker: CallTracker | None = None
    ) -> Page[Table]:
        return unwrapped(await executor.call(self._operations.list_page, body=body, tracker=tracker), Page[Table])

    async def _fetch_rows(
        self,
        executor: Executor,
        table_id: str,
        query: Mapping[str, str | int],
        tracker: CallTracker | None = None,
    ) -> Page[TableRow]:
        path = {"table_id": table_id}
        reply = await executor.call(self._operations.entities_page, path=path, query=query, tracker=tracker)
        return unwrapped(reply, Page[TableRow])

    def _company_ids(self, company_ids: Iterable[str], contacts: int) -> Sequence[str]:
        if self._kind == "companies":
            raise InvalidRequestError("company_ids", "is for tables of contacts only")
        companies = checks.as_list(company_ids, "company_ids")
        if len(companies) != contacts:
            raise InvalidRequestError(
                "company_ids", f"must have {contacts} ids, as entity_ids, not {len(companies)}"
            )
        return [checks.entity_id(one, f"company_ids[{index}]") for index, one in enumerate(companies)]


def _list_body(owner: str, name: str | None, status: TableStatus | None) -> dict[str, Any]:
    return {
        "owner": _owner(owner),
        "name": _optional_name(name),
        "status": checks.optional_enum(status, "status", ("active", "archived")),
    }


def _optional_name(name: str | None) -> str | None:
    return None if name is None else checks.string(name, "name")


def _owner(email: Any) -> dict[str, str]:
    """The user that a call acts for: a member of its body, or its query if it has no body."""
    return {"email": checks.email(email, "owner", whose=" of a user of the account")}


def _page(page: int, page_size: int) -> dict[str, int]:
    return {
        "page": checks.integer(page, "page", minimum=0, maximum=_LAST_PAGE),
        "size": checks.integer(page_size, "page_size", minimum=1),
    }
