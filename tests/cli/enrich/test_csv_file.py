"""CSV files as spreadsheets and CRMs export them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.cli.enrich.csv_file import CSVFile, read_csv
from lusha_async.cli.errors import UsageError


def _table_of(tmp_path: Path, content: str | bytes) -> CSVFile:
    path = tmp_path / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_csv(path)


def _records(table: CSVFile) -> list[dict[str, str]]:
    return [table.record(row) for row in table.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_every_delimiter_line_end_and_bom(tmp_path: Path, delimiter: str, line_end: str, bom: bytes) -> None:
    """Each way to write a table is read as the same table."""
    lines = [["Name", "Website"], ["Ärzte, & Co; | x", "a.example"], ["B", ""]]
    text = "".join(delimiter.join(f'"{cell}"' for cell in line) + line_end for line in lines)
    table = _table_of(tmp_path, bom + text.encode())
    assert table.columns == ("Name", "Website")
    assert [row.cells for row in table.rows] == [("Ärzte, & Co; | x", "a.example"), ("B", "")]


def test_quoted_line_breaks_keep_the_line_numbers(tmp_path: Path) -> None:
    """A cell may hold line breaks, and each row knows the line of the file where it starts."""
    table = _table_of(tmp_path, 'Name,Note\r\nA,"one\r\ntwo\nthree"\r\n\r\nB,x\r\n')
    assert [(row.line, row.cells) for row in table.rows] == [(2, ("A", "one\r\ntwo\nthree")), (6, ("B", "x"))]


def test_duplicate_and_blank_headers_stay_distinct(tmp_path: Path) -> None:
    """No cell hides another one in the row's record."""
    table = _table_of(tmp_path, "Website,Website,,Website (2), Website \n1,2,3,4,5\n")
    assert table.columns == ("Website", "Website (2)", "column 3", "Website (2) (2)", "Website (3)")
    assert _records(table) == [dict(zip(table.columns, "12345", strict=True))]


def test_short_and_long_rows_lose_nothing(tmp_path: Path) -> None:
    """A short row's missing cells are empty; a long row's cells get columns of their own."""
    table = _table_of(tmp_path, "a,b\n1\n1,2,3\n,\n")
    assert _records(table) == [
        {"a": "1", "b": "", "column 3": ""},
        {"a": "1", "b": "2", "column 3": "3"},
        {"a": "", "b": "", "column 3": ""},
    ]


def test_excel_names_its_delimiter(tmp_path: Path) -> None:
    """The line `sep=;` is obeyed and is not a row."""
    table = _table_of(tmp_path, "sep=;\r\na,b;c\r\n1,5;2\r\n")
    assert _records(table) == [{"a,b": "1,5", "c": "2"}]


def test_commas_in_cells_do_not_beat_the_semicolon(tmp_path: Path) -> None:
    """The delimiter is the character that splits the rows alike."""
    table = _table_of(tmp_path, "Name;City, Country\nA;Paris, France\nB;Rome\n")
    assert table.columns == ("Name", "City, Country")


def test_a_header_without_rows_is_a_table(tmp_path: Path) -> None:
    """Nothing to do is not a mistake."""
    assert _table_of(tmp_path, "a,b\n").rows == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\r\n  \n", "is empty"),
        (b"Name\nok\ncaf\xe9\n", "not UTF-8, line 3"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "line 3: a quote is opened and never closed"),
        (b'a,b\n"1" x,2\n', "line 2"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """One line names the file, the cause and, where there is one, the line."""
    with pytest.raises(UsageError, match=says) as caught:
        _table_of(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_no_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """The text says which of the two it is."""
    with pytest.raises(UsageError, match="there is no file"):
        read_csv(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="is a folder"):
        read_csv(tmp_path)


def test_an_unknown_column_proposes_the_nearest(tmp_path: Path) -> None:
    """The error for a misspelt column suggests a similar one, or lists the columns."""
    table = _table_of(tmp_path, "Account Name,Website,Region\n")
    with pytest.raises(UsageError, match=r'no column "Web site".*did you mean "Website"'):
        table.index("Web site")
    with pytest.raises(UsageError, match='there are "Account Name", "Website" and "Region"'):
        table.index("qqq")


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=6), min_size=3, max_size=3
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_table_written_by_the_csv_module_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    """Whatever stands in the cells, they come back as they were."""
    import csv

    path = tmp_path_factory.mktemp("table") / "file.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *rows])
    assert [list(row.cells) for row in read_csv(path).rows] == rows
