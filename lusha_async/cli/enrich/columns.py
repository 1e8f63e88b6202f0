"""The `--map` options, and the company that each row of a table names."""

import re
from collections.abc import Iterable

from attrs import frozen

from ..errors import UsageError, suggestion
from .csv_file import CSVFile, Row
from .domains import normalise_domain

__all__ = ["COMPANY_FIELDS", "CompanyColumns", "CompanyLookup", "parse_map"]

COMPANY_FIELDS = ("id", "domain", "name")
"""The identifiers of a company that the vendor accepts, most specific first."""

_EMPTY_NAMES = frozenset({"n/a", "#n/a", "n.a.", "null", "none", "nan", "nil", "unknown", "tbd", "(blank)"})
"""What spreadsheets and people write for an empty cell. As a name, it could match, and charge, an unrelated company."""


@frozen(slots=True)
class CompanyLookup:
    """One company to look up. Equal lookups are sent, and charged, once."""

    field: str
    value: str

    @property
    def query(self) -> dict[str, str]:
        """The identifiers as the client takes them."""
        return {self.field: self.value}


def parse_map(options: Iterable[str]) -> dict[str, str]:
    """Column by field, from options such as `domain=Website`. Raises `UsageError`."""
    columns: dict[str, str] = {}
    for option in options:
        field, equals, column = option.partition("=")
        field, column = field.strip(), column.strip()
        if not equals or not field or not column:
            raise UsageError(f'--map "{option}" is not of the form field=Column, for example domain=Website')
        if field not in COMPANY_FIELDS:
            raise UsageError(f'--map has no field "{field}": {suggestion(field, COMPANY_FIELDS)}')
        if field in columns:
            raise UsageError(f'--map names the field "{field}" twice: leave out one of them')
        columns[field] = column
    if not columns:
        raise UsageError("say which column identifies the companies, for example --map domain=Website")
    return columns


class CompanyColumns:
    """The columns of a table that identify its companies."""

    def __init__(self, table: CSVFile, columns: dict[str, str]) -> None:
        """`columns` as from `parse_map`. Raises `UsageError` for a column that the table does not have."""
        self._table = table
        self._indexes = {field: table.index(columns[field]) for field in COMPANY_FIELDS if field in columns}
        self._lookups: dict[tuple[str, str], CompanyLookup] = {}

    def lookup(self, row: Row) -> CompanyLookup | str:
        """The company of `row`, by the most specific field that it has, or the reason why it names none.

        Names that differ only in case and spacing are one company, looked up in the first spelling.
        """
        missing: list[str] = []
        for field, index in self._indexes.items():
            cell = self._table.cell(row, index)
            value = normalise_domain(cell) if field == "domain" else _identifier(cell)
            if value is None:
                missing.append(f'"{_single_line(cell)[:80]}" is no {field}' if cell else f"no {field}")
                continue
            key = (field, value.casefold() if field == "name" else value)
            return self._lookups.setdefault(key, CompanyLookup(field, value))
        return ", ".join(missing)


def _single_line(cell: str) -> str:
    """One line without control characters, single-spaced."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", cell).split())


def _identifier(cell: str) -> str | None:
    """A name or an id as typed, or None if the cell holds none."""
    text = _single_line(cell)
    if text.casefold() in _EMPTY_NAMES or not any(character.isalnum() for character in text):
        return None
    return text
