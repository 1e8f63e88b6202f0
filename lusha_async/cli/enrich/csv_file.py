"""Reads a CSV file as spreadsheets and CRMs export them.

UTF-8 with or without BOM; comma, semicolon, tab or bar; LF, CRLF or CR; quoted line breaks; Excel's `sep=`
line; duplicate, blank and missing headers; rows shorter or longer than the header. Ambiguous input is refused, with
its line, rather than guessed: a wrong guess would cost credits.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from attrs import frozen

from ..errors import UsageError, suggestion

__all__ = ["Row", "CSVFile", "read_csv"]

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_RECORDS = 20
"""The number of records from which the delimiter is detected."""


@frozen(slots=True)
class Row:
    """One record: the line of the file on which it starts (from 1), and its cells."""

    line: int
    cells: tuple[str, ...]


@frozen(kw_only=True, slots=True)
class CSVFile:
    """The rows of a file. `columns` are distinct: a repeated header becomes `Website (2)`, a blank one `column 3`."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def index(self, column: str) -> int:
        """The index of `column`. Raises `UsageError` with similar names if there is none."""
        try:
            return self.columns.index(column.strip())
        except ValueError:
            text = f'there is no column "{column}" in the file: {suggestion(column, self.columns)}'
            raise UsageError(text) from None

    def cell(self, row: Row, index: int) -> str:
        """The cell of `row` in a column, stripped; empty if the row is too short."""
        return row.cells[index].strip() if index < len(row.cells) else ""

    def record(self, row: Row) -> dict[str, str]:
        """The row by column name, with the cells unchanged; missing cells of a short row are empty."""
        missing = len(self.columns) - len(row.cells)
        return dict(zip(self.columns, (*row.cells, *[""] * missing), strict=True))


def read_csv(path: Path) -> CSVFile:
    """Read the file at `path`. Raises `UsageError` if it is not a CSV file that can be read unambiguously."""
    text = _decode(path, _bytes_of(path))
    sep_line = re.match(r'"?sep=([,;\t|])"?\r?\n', text)
    delimiter = sep_line.group(1) if sep_line else _delimiter_of(text)
    records = _records(text, delimiter)
    if sep_line:
        next(records)
    try:
        header = next(records, None)
        rows = tuple(records)
    except csv.Error as error:
        raise UsageError(f'"{path}" is not a well-formed CSV file: {error}') from None
    if header is None:
        raise UsageError(f'"{path}" is empty: it needs a header line and rows')
    width = max((len(row.cells) for row in rows), default=0)
    return CSVFile(columns=_distinct(header.cells, width), rows=rows)


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise UsageError(f'"{path}" is a folder: name a CSV file in it')
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f'there is no file "{path}"') from None
    except OSError as error:
        raise UsageError(f'"{path}" cannot be read: {error.strerror or error}') from None


def _decode(path: Path, data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        raise UsageError(f'"{path}" is an Excel workbook or a zip file: save it as "CSV UTF-8" first')
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = " (it looks like UTF-16)" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ""
        raise UsageError(f'"{path}" is not UTF-8, line {line}{hint}: save it as "CSV UTF-8" first') from None


def _records(text: str, delimiter: str) -> Iterator[Row]:
    """The records that are not blank. Raises csv.Error, with the line, for a quote that is never closed."""
    # newline="" leaves the line ends to the csv module, which knows the quoted ones
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cause = str(error)
            if "unexpected end of data" in cause or "field larger than" in cause:
                cause = "a quote is opened and never closed"
            raise csv.Error(f"line {line}: {cause}") from None
        if cells and (len(cells) > 1 or cells[0].strip()):
            yield Row(line, tuple(cells))


def _delimiter_of(text: str) -> str:
    """The delimiter that splits the first records into the most columns, consistently."""

    def columns(delimiter: str) -> float:
        try:
            widths = [len(row.cells) for row in islice(_records(text, delimiter), _SAMPLE_RECORDS)]
        except csv.Error:
            return 0
        return widths[0] * widths.count(widths[0]) / len(widths) if widths else 0

    return max(_DELIMITERS, key=columns)  # on a tie the first: the comma


def _distinct(header: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Distinct column names, as many as the longest row has cells."""
    names: dict[str, None] = {}
    for index in range(max(len(header), width)):
        name = header[index].strip() if index < len(header) else ""
        candidate = name = name or f"column {index + 1}"
        count = 1
        while candidate in names:
            count += 1
            candidate = f"{name} ({count})"
        names[candidate] = None
    return tuple(names)
