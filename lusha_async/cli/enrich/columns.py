"""What is asked for each row of a table: the `--map` options, and the company that a row names."""

import re
from collections.abc import Iterable

from attrs import frozen

from ..errors import Problem, nearest
from .csv_file import CSVFile, Row
from .domains import normalise_domain

__all__ = ["COMPANY_FIELDS", "CompanyColumns", "CompanyLookup", "parse_map"]

COMPANY_FIELDS = ("id", "domain", "name")
"""The identifiers of a company that the vendor takes, the surest first: a row is asked by its first one."""

_NO_NAME = frozenset({"n/a", "#n/a", "n.a.", "null", "none", "nan", "nil", "unknown", "tbd", "(blank)"})
"""What spreadsheets and people write for "nothing here"; asking for it might find, and charge, a stranger."""


@frozen(slots=True)
class CompanyLookup:
    """One company to ask for. Equal questions are asked, and paid, once."""

    field: str
    value: str

    @property
    def query(self) -> dict[str, str]:
        """The identifiers as the client takes them."""
        return {self.field: self.value}


def parse_map(options: Iterable[str]) -> dict[str, str]:
    """Field by column from options such as `domain=Website`. Raises `Problem`."""
    columns: dict[str, str] = {}
    for option in options:
        field, equals, column = option.partition("=")
        field, column = field.strip(), column.strip()
        if not equals or not field or not column:
            raise Problem(f'--map "{option}" is not of the form field=Column, for instance domain=Website')
        if field not in COMPANY_FIELDS:
            raise Problem(f'--map knows no field "{field}": {nearest(field, COMPANY_FIELDS)}')
        if field in columns:
            raise Problem(f'--map names the field "{field}" twice: leave one of them out')
        columns[field] = column
    if not columns:
        raise Problem("say which column names the companies, for instance --map domain=Website")
    return columns


class CompanyColumns:
    """Which columns of a table name its companies."""

    def __init__(self, table: CSVFile, columns: dict[str, str]) -> None:
        """`columns` as from `parse_map`. Raises `Problem` for a column that the table does not have."""
        self._table = table
        self._places = {field: table.index(columns[field]) for field in COMPANY_FIELDS if field in columns}
        self._spelling: dict[tuple[str, str], CompanyLookup] = {}

    def question(self, row: Row) -> CompanyLookup | str:
        """The company of `row`, or why it names none.

        Names that differ only in case and spacing are one company, asked for in the first spelling.
        """
        missing: list[str] = []
        for field, place in self._places.items():
            cell = self._table.cell(row, place)
            value = normalise_domain(cell) if field == "domain" else _plain(cell)
            if value is None:
                missing.append(f'"{_plain_text(cell)[:80]}" is no {field}' if cell else f"no {field}")
                continue
            key = (field, value.casefold() if field == "name" else value)
            return self._spelling.setdefault(key, CompanyLookup(field, value))
        return ", ".join(missing)


def _plain_text(cell: str) -> str:
    """One line without control characters, single-spaced."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", cell).split())


def _plain(cell: str) -> str | None:
    """A name or an id as typed, or None if the cell holds none."""
    text = _plain_text(cell)
    if text.casefold() in _NO_NAME or not any(character.isalnum() for character in text):
        return None
    return text
