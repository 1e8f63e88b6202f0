"""The output: one JSON line for each row, with what became of its company; and the counts of them."""

from collections import Counter
from collections.abc import Iterator

from attrs import define, field

from ..jsonlines import encode
from .columns import CompanyLookup
from .journal import JournalEntry, RunJournal
from .plan import EnrichPlan

__all__ = ["Tally", "output_lines"]


@define
class Tally:
    """Rows by status, as the output has them."""

    statuses: Counter[str] = field(factory=Counter[str])

    @property
    def failed(self) -> bool:
        """Whether a row got neither its company nor the word that there is none."""
        return bool(self.statuses["failed"] or self.statuses["ambiguous"])


def output_lines(plan: EnrichPlan, part: RunJournal, tally: Tally) -> Iterator[bytes]:
    """The lines in the order of the rows, counted in `tally` as they are made; `part` has all the answers.

    A company's credits stand in the first row that names it; its further rows cost nothing and say so.
    """
    first_line: dict[CompanyLookup, int] = {}
    for row, asked in zip(plan.rows, plan.asked, strict=True):
        if isinstance(asked, str):
            answer, identifiers = JournalEntry(status="skipped", reason=asked), None
        else:
            answer, identifiers = part.answer(asked), asked.query
        reason, credits = answer.reason, answer.credits
        if isinstance(asked, CompanyLookup):
            first = first_line.setdefault(asked, row.line)
            if first != row.line:
                reason, credits = reason or f"same company as line {first}, paid once", 0
        tally.statuses[answer.status] += 1
        line = {
            "line": row.line,
            "row": plan.table.record(row),
            "asked": identifiers,
            "status": answer.status,
            "reason": reason,
            "credits": credits,
            "company": answer.company,
        }
        yield encode(line)
