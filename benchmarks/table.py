"""Rows of measurements, and the table of them."""

from collections.abc import Iterable

from attrs import frozen

__all__ = ["Row", "print_table"]


@frozen(kw_only=True)
class Row:
    """One measured figure of `subject`; `goal` says what was aimed at, None where it is only a mark.

    `point` is where the row stands in a plot, if the benchmark has one.
    """

    benchmark: str
    subject: str
    figure: str
    goal: str | None = None
    met: bool | None = None
    point: tuple[float, float] | None = None


def print_table(rows: Iterable[Row]) -> None:
    """Print `rows` under one another, in aligned columns, as they are given."""
    taken = [("benchmark", "what", "measured", "goal", "")]
    for row in rows:
        verdict = "" if row.met is None else "met" if row.met else "MISSED"
        taken.append((row.benchmark, row.subject, row.figure, row.goal or "", verdict))
    widths = [max(len(row[column]) for row in taken) for column in range(5)]
    for number, row in enumerate(taken):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
