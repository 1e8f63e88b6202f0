"""What a run will ask: the companies that the rows name, each once."""

from collections import Counter

from .columns import CompanyColumns, CompanyLookup
from .csv_file import CSVFile, Row
from .journal import RunJournal

__all__ = ["EnrichPlan"]

_SETTLED = frozenset({"ok", "not_found", "restricted"})
"""Answers that a resumed run keeps; the others are asked again."""


class EnrichPlan:
    """The rows of a table with the company that each names, and the companies, each once, in order."""

    def __init__(self, table: CSVFile, columns: CompanyColumns, *, limit: int | None = None) -> None:
        """Of the first `limit` rows, or of all."""
        self.table = table
        self.rows: tuple[Row, ...] = table.rows[:limit]
        self.asked: tuple[CompanyLookup | str, ...] = tuple(columns.question(row) for row in self.rows)
        self._rows_of = Counter(asked for asked in self.asked if isinstance(asked, CompanyLookup))

    @property
    def companies(self) -> tuple[CompanyLookup, ...]:
        """The distinct companies in the order of their first rows."""
        return tuple(self._rows_of)

    @property
    def skipped(self) -> int:
        """Rows that name no company."""
        return len(self.rows) - self._rows_of.total()

    @property
    def repeats(self) -> int:
        """Rows whose company an earlier row names already."""
        return self._rows_of.total() - len(self._rows_of)

    @property
    def most_repeated(self) -> tuple[CompanyLookup, int] | None:
        """The company that most rows name, if many do: often a web host in place of the company's own domain."""
        for question, rows in self._rows_of.most_common(1):
            if rows >= max(10, len(self.rows) // 100):
                return question, rows
        return None

    def to_ask(self, part: RunJournal) -> tuple[CompanyLookup, ...]:
        """The companies that `part` has no settled answer for."""
        return tuple(question for question in self._rows_of if part.status(question) not in _SETTLED)

    def beyond(self, part: RunJournal) -> int:
        """Answers of `part`, or questions that may have been paid for, about companies that no row names."""
        return len((part.answered | set(part.under_way)) - self._rows_of.keys())

    def uncertain(self, part: RunJournal) -> int:
        """Companies to ask that an earlier run may have paid for without keeping an answer."""
        lost = {question for question in self.to_ask(part) if part.status(question) == "ambiguous"}
        return len(lost | (set(part.under_way) & set(self._rows_of)))
