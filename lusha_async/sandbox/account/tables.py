"""Tables: rows of people or companies with columns that runs fill. Pure: `now` is an argument.

A run takes time; its cells are `processing` until it has ended. Source: the vendor's reference on tables.
"""

from collections import Counter
from typing import Any

from attrs import define, field, frozen

from ..clock import iso

__all__ = ["MAX_ROWS", "MAX_TABLES", "Cell", "Column", "Table", "default_columns"]

MAX_TABLES = 500
MAX_ROWS = 50_000
_ROWS_PER_SECOND = 50.0

_DEFAULTS = {
    "contacts": (("emails", "Emails"), ("phones", "Phones")),
    "companies": (
        ("employeesByDepartment", "Employees by department"),
        ("employeesByLocation", "Employees by location"),
        ("competitors", "Competitors"),
        ("intent", "Intent"),
    ),
}


@frozen(kw_only=True)
class Column:
    """A column; default ones are the vendor's and cannot be removed."""

    id: str
    name: str
    kind: str
    key: str
    default: bool
    added: float


@frozen(kw_only=True)
class Cell:
    """The result of a run, visible from `done` on."""

    done: float
    status: str
    value: Any = None

    def read(self, now: float) -> tuple[str, Any]:
        """The current status and value."""
        return ("processing", None) if now < self.done else (self.status, self.value)


@define(kw_only=True)
class Table:
    """A table of one entity type."""

    id: str
    kind: str
    name: str
    owner: str
    visibility: str = "private"
    status: str = "active"
    columns: list[Column]
    rows: dict[str, dict[str, Cell]] = field(factory=dict[str, dict[str, Cell]])
    """Cells by column id, by entity id, in the order in which the entities were added."""
    _busy_until: float = 0.0

    def add(self, entity: str) -> bool:
        """Add a row; False if it exists already."""
        if entity in self.rows:
            return False
        self.rows[entity] = {}
        return True

    def run(self, column: Column, entities: list[str], now: float, found: dict[str, tuple[str, Any]]) -> None:
        """Fill cells one after the other, 50 a second."""
        at = max(now, self._busy_until)
        for entity in entities:
            at += 1 / _ROWS_PER_SECOND
            status, value = found[entity]
            self.rows[entity][column.id] = Cell(done=at, status=status, value=value)
        self._busy_until = at

    def is_processing(self, now: float) -> bool:
        """Whether a run is in progress."""
        return now < self._busy_until

    def column_report(self, column: Column, now: float) -> dict[str, Any]:
        """The column as JSON, with the counts of its cells."""
        counts = Counter(
            cells[column.id].read(now)[0] if column.id in cells else "not_run" for cells in self.rows.values()
        )
        return {
            "columnId": column.id,
            "name": column.name,
            "type": column.kind,
            "key": column.key,
            "isDefault": column.default,
            "addedAt": iso(column.added),
            "updatedAt": iso(column.added),
            "rowsNotRun": counts["not_run"],
            "rowsProcessing": counts["processing"],
            "rowsSuccess": counts["success"],
            "rowsNoData": counts["no_data"],
            "rowsFailed": counts["failed"],
        }

    def report(self, now: float, *, details: bool = True) -> dict[str, Any]:
        """The table as JSON; `details` adds counts and columns."""
        report: dict[str, Any] = {
            "tableId": self.id,
            "name": self.name,
            "entityType": self.kind,
            "visibility": self.visibility,
            "status": self.status,
            "owner": {"id": 1 + sum(self.owner.encode()) % 900, "email": self.owner},
            "createdBy": {"surface": "api", "createdByUserId": 1 + sum(self.owner.encode()) % 900},
            "workspaceUrl": f"https://dashboard.example/tables/{self.id}",
        }
        if details:
            report["entityCount"] = len(self.rows)
            report["isProcessing"] = self.is_processing(now)
            report["columns"] = [self.column_report(column, now) for column in self.columns]
        return report


def default_columns(table_id: str, kind: str, now: float) -> list[Column]:
    """The columns of a new table."""
    return [
        Column(id=f"{table_id}-{key}", name=name, kind="lusha", key=key, default=True, added=now)
        for key, name in _DEFAULTS[kind]
    ]
