"""The options of a run, and its plan: the distinct companies that the rows name."""

from collections import Counter
from pathlib import Path

from attrs import frozen

from .columns import CompanyColumns, CompanyLookup
from .csv_file import CSVFile, Row
from .journal import RunJournal

__all__ = ["EnrichJobOptions", "EnrichPlan"]

_FINAL = frozenset({"ok", "not_found", "restricted"})
"""Statuses that a resumed run keeps; lookups with another status are repeated."""


class EnrichPlan:
    """The rows of a table, the company that each of them names, and the distinct companies."""

    def __init__(self, table: CSVFile, columns: CompanyColumns, *, limit: int | None = None) -> None:
        """The plan for the first `limit` rows; None for all."""
        self.table = table
        self.rows: tuple[Row, ...] = table.rows[:limit]
        self.lookups: tuple[CompanyLookup | str, ...] = tuple(columns.lookup(row) for row in self.rows)
        self._row_counts = Counter(lookup for lookup in self.lookups if isinstance(lookup, CompanyLookup))

    @property
    def companies(self) -> tuple[CompanyLookup, ...]:
        """The distinct companies in the order of their first rows."""
        return tuple(self._row_counts)

    @property
    def skipped(self) -> int:
        """Rows that name no company."""
        return len(self.rows) - self._row_counts.total()

    @property
    def repeats(self) -> int:
        """Rows whose company an earlier row names already."""
        return self._row_counts.total() - len(self._row_counts)

    @property
    def most_repeated(self) -> tuple[CompanyLookup, int] | None:
        """The company named by most rows, if that is 1 % of them: often a web host in place of the own domain."""
        for lookup, rows in self._row_counts.most_common(1):
            if rows >= max(10, len(self.rows) // 100):
                return lookup, rows
        return None

    def pending(self, journal: RunJournal) -> tuple[CompanyLookup, ...]:
        """The companies that have no final result in `journal`."""
        return tuple(lookup for lookup in self._row_counts if journal.status(lookup) not in _FINAL)

    def unlisted(self, journal: RunJournal) -> int:
        """Companies in `journal`, with a result or possibly charged, that no row names."""
        return len((journal.completed | set(journal.in_flight)) - self._row_counts.keys())

    def possibly_charged(self, journal: RunJournal) -> int:
        """Pending companies that an earlier run may have paid for without receiving a result."""
        ambiguous = {lookup for lookup in self.pending(journal) if journal.status(lookup) == "ambiguous"}
        return len(ambiguous | (set(journal.in_flight) & set(self._row_counts)))


@frozen(kw_only=True)
class EnrichJobOptions:
    """What to look up and where to write it, checked as far as possible without the network.

    `reveal` are premium fields; `budget` is in credits, None for no limit; `base_url` None stands for the
    environment's or the vendor's. The others are the command's options of the same name.
    """

    source: Path
    output: Path
    plan: EnrichPlan
    reveal: tuple[str, ...]
    budget: int | None
    base_url: str | None
    force: bool
    resume: bool
    dry_run: bool
    json: bool
