"""Tables of people and companies, their rows and columns. Source: the vendor's tables reference (beta).

Cells hold what was revealed of people: their values are in no repr, nor is the owner's address.
"""

from typing import Any

from attrs import field, frozen

from .common import BaseResponse
from .model import Model, numeric_id

__all__ = [
    "AddedRows",
    "ColumnRun",
    "DeletedTable",
    "RemovedColumn",
    "RemovedRows",
    "Table",
    "TableCell",
    "TableColumn",
    "TableCreator",
    "TableOwner",
    "TableRow",
]


@frozen(kw_only=True)
class TableOwner(Model):
    """Whose table it is. The vendor may tell no more than the `id`."""

    id: str | None = numeric_id()
    email: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class TableCreator(Model):
    """Where the table or a row came from: `api`, `mcp`, `workspace`, or one that is new."""

    surface: str | None = None
    created_by_user_id: str | None = numeric_id()


@frozen(kw_only=True)
class TableColumn(Model):
    """A column, with its cells counted by status. Default columns cannot be removed."""

    column_id: str | None = None
    name: str | None = None
    type: str | None = None
    key: str | None = None
    is_default: bool | None = None
    added_at: str | None = None
    updated_at: str | None = None
    rows_not_run: int | None = None
    rows_processing: int | None = None
    rows_success: int | None = None
    rows_no_data: int | None = None
    rows_failed: int | None = None


@frozen(kw_only=True)
class Table(BaseResponse):
    """A table. `status` is active, archived or deleted; `is_processing` while a column run is under way.

    Tables in a list carry no `entity_count`, `is_processing` and `columns`.
    """

    table_id: str | None = None
    name: str | None = None
    entity_type: str | None = None
    visibility: str | None = None
    status: str | None = None
    owner: TableOwner | None = None
    created_by: TableCreator | None = None
    workspace_url: str | None = None
    entity_count: int | None = None
    is_processing: bool | None = None
    columns: tuple[TableColumn, ...] | None = None


@frozen(kw_only=True)
class DeletedTable(BaseResponse):
    """What became of a table that was to be deleted."""

    table_id: str | None = None
    status: str | None = None


@frozen(kw_only=True)
class TableCell(Model):
    """One cell. `status` is not_run, processing, success, no_data or failed; the shape of `value` is open."""

    id: str | None = None
    name: str | None = None
    type: str | None = None
    source_type: str | None = None
    value: Any = field(default=None, repr=False)
    status: str | None = None


@frozen(kw_only=True)
class TableRow(Model):
    """A row: the person's or company's `id`, fit for any other call, and a cell for each column."""

    id: str | None = None
    columns: tuple[TableCell, ...] | None = None


@frozen(kw_only=True)
class AddedRows(BaseResponse):
    """What adding did. `invalid_ids` were not found, which is no error; they are as they were sent."""

    added: int | None = None
    already_present: int | None = None
    invalid_ids: tuple[str, ...] | None = None
    added_by: TableCreator | None = None


@frozen(kw_only=True)
class RemovedRows(BaseResponse):
    """What removing did. `invalid_ids` were not found, which is no error; they are as they were sent."""

    removed: int | None = None
    invalid_ids: tuple[str, ...] | None = None


@frozen(kw_only=True)
class RemovedColumn(BaseResponse):
    """What became of a column that was to be removed."""

    table_id: str | None = None
    column_id: str | None = None
    removed: bool | None = None


@frozen(kw_only=True)
class ColumnRun(BaseResponse):
    """A run was accepted. It goes on for a while: the table's `is_processing` tells when it has ended."""

    column_id: str | None = None
    run_scope: str | None = None
    status: str | None = None
