"""Rows of tables in bulk: the request for some of them, and the result of each."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._bulk.items import BatchCall, BatchResult
from .._bulk.outcome import ItemResult, Status
from .._call.call import Executor
from .._call.decode import unwrapped
from .._params import checks
from ..billing.unclaimed import CallTracker
from ..models.tables import AddedRows, RemovedRows
from ..operations import Operation

__all__ = ["paired_row", "row", "rows_call"]


def rows_call(
    operation: Operation, model: type[AddedRows | RemovedRows], table_id: str, owner: Mapping[str, str]
) -> BatchCall[str]:
    """The call that adds or removes rows; `model` is its response."""
    path = {"table_id": checks.entity_id(table_id, "table_id")}

    async def send(executor: Executor, rows: list[Any], tracker: CallTracker) -> BatchResult[str]:
        ids = [item["entityId"] for item in rows]
        companies = [item["companyId"] for item in rows if "companyId" in item]
        body = {"entityIds": ids, "companyIds": companies or None, "owner": owner}
        reply = await executor.call(operation, path=path, body=body, tracker=tracker)
        unknown = frozenset(unwrapped(reply, model).invalid_ids or ())
        return BatchResult(results=[_result(one, one in unknown) for one in ids])

    return BatchCall(operation=operation, send=send, options={**path, "owner": owner})


def row(entity_id: str) -> dict[str, str]:
    """A row by its id."""
    return {"entityId": checks.entity_id(entity_id, "id")}


def paired_row(company_ids: Iterable[str]) -> Callable[[str], dict[str, str]]:
    """`row` with the next of `company_ids` on each call: bulk methods encode each input once, in order."""
    companies = iter(company_ids)

    def encode(entity_id: str) -> dict[str, str]:
        company_id = next(companies)  # before `row`, which may raise
        return {**row(entity_id), "companyId": company_id}

    return encode


def _result(entity_id: str, unknown: bool) -> ItemResult[str]:
    if unknown:
        return ItemResult[str].of(None, code="NOT_FOUND", message="the vendor returned the id as invalid")
    return ItemResult(status=Status.OK, value=entity_id)
