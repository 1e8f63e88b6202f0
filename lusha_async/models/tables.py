"""Tables of contacts or companies, their rows and columns. No repr shows the value of a cell or the owner's address.

Source: the vendor's tables reference (beta).
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
    """The owner of a table. The vendor may send only the `id`."""

    id: str | None = numeric_id()
    email: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class TableCreator(Model):
    """Where a table or a row was created: `api`, `mcp`, `workspace`, or another surface."""

    surface: str | None = None
    created_by_user_id: str | None = numeric_id()


@frozen(kw_only=True)
class TableColumn(Model):
    """A column, with the number of its cells by status. Default columns cannot be removed."""

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
    """A table. `status` is active, archived or deleted. `is_processing` is True while a column runs.

    Tables in a list have no `entity_count`, `is_processing` and `columns`.
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
    """The status of a table after it was deleted."""

    table_id: str | None = None
    status: str | None = None


@frozen(kw_only=True)
class TableCell(Model):
    """A cell. `status` is not_run, processing, success, no_data or failed. The shape of `value` is open."""

    id: str | None = None
    name: str | None = None
    type: str | None = None
    source_type: str | None = None
    value: Any = field(default=None, repr=False)
    status: str | None = None


@frozen(kw_only=True)
class TableRow(Model):
    """A row: the `id` of a contact or company, as other calls accept it, and one cell for each column."""

    id: str | None = None
    columns: tuple[TableCell, ...] | None = None


@frozen(kw_only=True)
class AddedRows(BaseResponse):
    """How many rows were added. `invalid_ids`, as they were sent, do not exist; that is no error."""

    added: int | None = None
    already_present: int | None = None
    invalid_ids: tuple[str, ...] | None = None
    added_by: TableCreator | None = None


@frozen(kw_only=True)
class RemovedRows(BaseResponse):
    """How many rows were removed. `invalid_ids`, as they were sent, do not exist; that is no error."""

    removed: int | None = None
    invalid_ids: tuple[str, ...] | None = None


@frozen(kw_only=True)
class RemovedColumn(BaseResponse):
    """Whether a column was removed."""

    table_id: str | None = None
    column_id: str | None = None
    removed: bool | None = None


@frozen(kw_only=True)
class ColumnRun(BaseResponse):
    """An accepted run of a column. The table's `is_processing` is True until it has ended."""

    column_id: str | None = None
    run_scope: str | None = None
    status: str | None = None
