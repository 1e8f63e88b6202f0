"""Tables: rows of people or companies with columns that are filled by runs. Pure: `now` is given.

A run takes time: its cells say `processing` until it is over. Source: the vendor's reference on tables.
"""

from collections import Counter
from typing import Any

from attrs import define, field, frozen

from ..clock import iso

__all__ = ["MOST_ROWS", "MOST_TABLES", "Cell", "Column", "Table", "default_columns"]

MOST_TABLES = 500
MOST_ROWS = 50_000
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
    """One column; the default ones are the vendor's own and cannot be removed."""

    id: str
    name: str
    kind: str
    key: str
    default: bool
    added: float


@frozen(kw_only=True)
class Cell:
    """What a run found, or will have found at `done`."""

    done: float
    status: str
    value: Any = None

    def told(self, now: float) -> tuple[str, Any]:
        """Status and value as they are seen now."""
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
        """Add a row; False if it is there already."""
        if entity in self.rows:
            return False
        self.rows[entity] = {}
        return True

    def run(self, column: Column, entities: list[str], now: float, found: dict[str, tuple[str, Any]]) -> None:
        """Fill cells, one after the other at the pace of the vendor's workers (here 50 rows a second)."""
        at = max(now, self._busy_until)
        for entity in entities:
            at += 1 / _ROWS_PER_SECOND
            status, value = found[entity]
            self.rows[entity][column.id] = Cell(done=at, status=status, value=value)
        self._busy_until = at

    def is_processing(self, now: float) -> bool:
        """Whether a run is under way."""
        return now < self._busy_until

    def column_report(self, column: Column, now: float) -> dict[str, Any]:
        """The column with the counts of its cells."""
        counts = Counter(
            cells[column.id].told(now)[0] if column.id in cells else "not_run" for cells in self.rows.values()
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

    def report(self, now: float, *, whole: bool = True) -> dict[str, Any]:
        """The table as JSON; `whole` with counts and columns."""
        told: dict[str, Any] = {
            "tableId": self.id,
            "name": self.name,
            "entityType": self.kind,
            "visibility": self.visibility,
            "status": self.status,
            "owner": {"id": 1 + sum(self.owner.encode()) % 900, "email": self.owner},
            "createdBy": {"surface": "api", "createdByUserId": 1 + sum(self.owner.encode()) % 900},
            "workspaceUrl": f"https://dashboard.example/tables/{self.id}",
        }
        if whole:
            told["entityCount"] = len(self.rows)
            told["isProcessing"] = self.is_processing(now)
            told["columns"] = [self.column_report(column, now) for column in self.columns]
        return told


def default_columns(table_id: str, kind: str, now: float) -> list[Column]:
    """The columns that every table has."""
    return [
        Column(id=f"{table_id}-{key}", name=name, kind="lusha", key=key, default=True, added=now)
        for key, name in _DEFAULTS[kind]
    ]
