"""`client.contacts.tables` and `client.companies.tables` with their many-forms and streams."""

from functools import partial
from typing import Any, Literal, Unpack

from .._bulk.batch import BulkConfig, Outcomes
from .._bulk.chunks import Source
from .._bulk.items import BatchCall, BatchResult
from .._bulk.outcome import ItemResult, Status
from .._call.call import Executor
from .._call.decode import unwrapped
from .._pages.paging import FetchedPage, PageSpec, PagingRules
from .._pages.stream import PageStream, Query
from .._params import checks
from ..billing.unclaimed import CallTracker
from ..models.common import Page
from ..models.tables import AddedRows, RemovedRows, Table, TableRow
from ..operations import Operation
from . import tables
from ._forms import BulkOptions
from ._queries import StreamOptions, pagination_of

__all__ = ["Tables"]

_PAGES = PagingRules(min_size=1, max_size=100, last_page=tables.LAST_PAGE)


class Tables(tables.Tables):
    """Tables: single calls, many-forms and streams."""

    def add_many(
        self, table_id: str, entity_ids: Source[str], *, owner: str, **how: Unpack[BulkOptions]
    ) -> Outcomes[str, str]:
        """`add` for any number of ids, 500 in a request; the value of an outcome is the id. Credits as there.

        An id that the vendor does not know is `not_found`. A lost answer is not sent again: its ids are
        ambiguous. Source: the vendor's tables reference.
        """
        return self._rows(
            self._operations.add, AddedRows, table_id, entity_ids, owner=owner, plan=BulkConfig(**how)
        )

    def remove_many(
        self, table_id: str, entity_ids: Source[str], *, owner: str, **how: Unpack[BulkOptions]
    ) -> Outcomes[str, str]:
        """`remove` for any number of ids, 500 in a request; the value of an outcome is the id. Free.

        An id that is not in the table is `not_found`. Source: the vendor's tables reference.
        """
        operation = self._operations.remove
        return self._rows(operation, RemovedRows, table_id, entity_ids, owner=owner, plan=BulkConfig(**how))

    def _rows(
        self,
        operation: Operation,
        model: type[AddedRows | RemovedRows],
        table_id: str,
        ids: Source[str],
        *,
        owner: str,
        plan: BulkConfig,
    ) -> Outcomes[str, str]:
        options = {"table": checks.entity_id(table_id, "table_id"), "owner": tables.owned_by(owner)}

        async def ask(executor: Executor, some: list[Any], tracker: CallTracker) -> BatchResult[str]:
            body = {"entityIds": some, "owner": options["owner"]}
            reply = await executor.call(operation, path={"table_id": table_id}, body=body, tracker=tracker)
            unknown = frozenset(unwrapped(reply, model).invalid_ids or ())
            return BatchResult(results=[_answer(one, one in unknown) for one in some])

        call = BatchCall(operation=operation, send=ask, options=options)
        return Outcomes(call, self._executor, ids, encode=partial(checks.entity_id, path="id"), config=plan)

    def entities(
        self, table_id: str, *, owner: str, page_size: int = 100, **how: Unpack[StreamOptions]
    ) -> PageStream[TableRow]:
        """All rows of a table with their cells, in the order in which they were added.

        Costs `tableRead` for each begun 25 rows of a page, every time. `how`: see `StreamOptions`. Source: the
        vendor's tables reference.
        """

        checks.entity_id(table_id, "table_id")
        tables.owned_by(owner)
        operation = self._operations.entities_page

        async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[TableRow]:
            query: dict[str, str | int] = {**tables.owned_by(owner), "page": page.number, "size": page.size}
            reply = await executor.call(operation, path={"table_id": table_id}, query=query, tracker=tracker)
            answer = unwrapped(reply, Page[TableRow])
            return pagination_of(answer.results, answer.pagination)

        asks = {"table": table_id, "owner": owner}
        query = Query(
            operation=operation,
            rules=_PAGES,
            size=page_size,
            params=asks,
            fetch=fetch,
            identity=lambda row: row.id,
        )
        return PageStream(query, self._executor, **how)

    def list(
        self,
        *,
        owner: str,
        name: str | None = None,
        status: Literal["active", "archived"] | None = None,
        page_size: int = 100,
        **how: Unpack[StreamOptions],
    ) -> PageStream[Table]:
        """All tables that `owner` sees, those whose name contains `name`. Free. `how`: see `StreamOptions`.

        Source: the vendor's tables reference.
        """

        body = tables.list_body(owner, name, status)
        operation = self._operations.list_page

        async def fetch(executor: Executor, page: PageSpec, tracker: CallTracker) -> FetchedPage[Table]:
            paged = {**body, "page": page.number, "size": page.size}
            answer = unwrapped(await executor.call(operation, body=paged, tracker=tracker), Page[Table])
            return pagination_of(answer.results, answer.pagination)

        asks = {"owner": owner, "name": name, "status": status}
        query = Query(
            operation=operation,
            rules=_PAGES,
            size=page_size,
            params=asks,
            fetch=fetch,
            identity=lambda row: row.table_id,
        )
        return PageStream(query, self._executor, **how)


def _answer(one: str, unknown: bool) -> ItemResult[str]:
    if unknown:
        return ItemResult[str].of(None, code="NOT_FOUND", message="no such id")
    return ItemResult(status=Status.OK, value=one)
