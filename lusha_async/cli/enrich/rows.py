"""The output: one JSON line for each row with the result of its company, and the rows counted by status."""

from collections import Counter
from collections.abc import Iterator

from attrs import define, field

from ..output import json_line
from .columns import CompanyLookup
from .journal import JournalEntry, RunJournal
from .plan import EnrichPlan

__all__ = ["RowCounts", "output_lines"]


@define
class RowCounts:
    """The rows of the output by status."""

    statuses: Counter[str] = field(factory=Counter[str])

    @property
    def failed(self) -> bool:
        """Whether a row has no result: neither its company nor that there is none."""
        return bool(self.statuses["failed"] or self.statuses["ambiguous"])


def output_lines(plan: EnrichPlan, journal: RunJournal, counts: RowCounts) -> Iterator[bytes]:
    """The lines in the order of the rows, added to `counts` as they are made. `journal` must have every result.

    The credits of a company stand in the first row that names it; its further rows have 0.
    """
    first_line: dict[CompanyLookup, int] = {}
    for row, lookup in zip(plan.rows, plan.lookups, strict=True):
        if isinstance(lookup, str):
            entry, identifiers = JournalEntry(status="skipped", reason=lookup), None
        else:
            entry, identifiers = journal.entry(lookup), lookup.query
        reason, credits = entry.reason, entry.credits
        if isinstance(lookup, CompanyLookup):
            first = first_line.setdefault(lookup, row.line)
            if first != row.line:
                reason, credits = reason or f"same company as line {first}, paid once", 0
        counts.statuses[entry.status] += 1
        line = {
            "line": row.line,
            "row": plan.table.record(row),
            "asked": identifiers,
            "status": entry.status,
            "reason": reason,
            "credits": credits,
            "company": entry.company,
        }
        yield json_line(line)
