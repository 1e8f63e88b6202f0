"""Which company a row names."""

from pathlib import Path

import pytest

from lusha_async.cli.enrich.columns import CompanyColumns, CompanyLookup, parse_map
from lusha_async.cli.enrich.csv_file import read_csv
from lusha_async.cli.errors import UsageError

CONTENT = """Name,Website,Id
Acme,https://www.acme.example,
Acme,,17
  ACME   Corp ,,
acme corp,not a site,
N/A,nowhere,
,,
Acme
"""


def test_a_row_is_looked_up_by_its_most_specific_identifier(tmp_path: Path) -> None:
    """Id before domain before name; spellings of one name are one lookup; a row without a company has a reason."""
    path = tmp_path / "file.csv"
    path.write_text(CONTENT, encoding="utf-8")
    table = read_csv(path)
    columns = CompanyColumns(table, parse_map(["name=Name", "domain=Website", "id=Id"]))
    assert [columns.lookup(row) for row in table.rows] == [
        CompanyLookup("domain", "acme.example"),
        CompanyLookup("id", "17"),
        CompanyLookup("name", "ACME Corp"),
        CompanyLookup("name", "ACME Corp"),
        'no id, "nowhere" is no domain, "N/A" is no name',
        "no id, no domain, no name",
        CompanyLookup("name", "Acme"),
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["domian=Website"], 'no field "domian": did you mean "domain"'),
        (["phone=Phone"], 'there are "id", "domain" and "name"'),
        (["domain"], "field=Column"),
        (["domain="], "field=Column"),
        (["=Website"], "field=Column"),
        (["domain=A", "domain=B"], "twice"),
        ([], "--map domain=Website"),
    ],
)
def test_a_wrong_map_is_refused(options: list[str], says: str) -> None:
    """The error of each mistake says what would be right."""
    with pytest.raises(UsageError, match=says):
        parse_map(options)


def test_a_column_may_hold_an_equals_sign() -> None:
    """Only the first one separates field and column."""
    assert parse_map(["domain = a=b "]) == {"domain": "a=b"}
