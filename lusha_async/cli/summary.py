"""What a run has come to, for people and as JSON."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

__all__ = ["Summary"]

_ORDER = ("ok", "not_found", "restricted", "skipped", "failed", "ambiguous")


@frozen(kw_only=True)
class Summary:
    """The counts at the end. `rows` and `companies` are of the file, `asked` to `seconds` of this run.

    `credits` are surely charged; `credits_unknown` is the most that answers without a bill may have cost beside.
    `ended` says why the run ended early, and `kept_in` where its answers are then; both None for a whole output.
    """

    output: Path
    rows: int
    companies: int
    statuses: Mapping[str, int]
    asked: int
    repeats: int
    credits: int
    credits_unknown: int
    seconds: float
    ended: str | None = None
    kept_in: Path | None = None
    kept: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self, value_serializer=lambda _, __, value: str(value) if isinstance(value, Path) else value)

    def lines(self) -> Iterator[str]:
        """For people."""
        if self.ended is None:
            yield f"{self.output}: {self.rows:,} rows"
            for status in sorted(self.statuses, key=_place):
                yield f"  {status.replace('_', ' '):<10} {self.statuses[status]:>9,}"
        cost = f"{self.credits:,} credits"
        if self.credits_unknown:
            cost += f", and up to {self.credits_unknown:,} more for answers that were lost"
        yield f"asked for {self.asked:,} companies in {self.seconds:,.1f} s and spent {cost}"
        if self.repeats and self.ended is None:
            yield f"{self.repeats:,} rows repeat a company: asked and paid once"
        if self.ended is not None:
            yield f"ended early: {self.ended}"
        if self.kept_in is not None:
            yield (
                f"{self.kept:,} of {self.companies:,} answers are kept in {self.kept_in}; "
                "the same command with --resume goes on from there and pays for none of them again"
            )


def _place(status: str) -> tuple[int, str]:
    return (_ORDER.index(status) if status in _ORDER else len(_ORDER), status)
