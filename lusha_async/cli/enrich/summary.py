"""What a run is going to do, and what it has come to."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from ...billing import Cost
from ...models.account import Usage
from .columns import CompanyLookup
from .job import EnrichJobOptions
from .journal import RunJournal

__all__ = ["Summary", "plan_lines"]

_ORDER = ("ok", "not_found", "restricted", "skipped", "failed", "ambiguous")


def plan_lines(
    job: EnrichJobOptions, part: RunJournal, questions: Sequence[CompanyLookup], price: Cost, usage: Usage
) -> Iterator[str]:
    """The plan and the most that it can cost, for people, before anything is sent."""
    plan = job.plan
    yield (
        f"{job.source.name}: {len(plan.rows):,} rows name {len(plan.companies):,} companies; "
        f"{plan.repeats:,} rows repeat one, {plan.skipped:,} name none"
    )
    if often := plan.most_repeated:
        yield f"{often[1]:,} rows name {often[0].value}: if that is not their own, they all get that company"
    if answered := len(plan.companies) - len(questions):
        yield f"{answered:,} companies are answered by the run that is resumed"
    if unsure := plan.uncertain(part):
        yield (
            f"{unsure:,} companies were under way when that run ended: they may have been charged, "
            "and asking for them again may charge them again"
        )
    left = usage.credits.remaining if usage.credits is not None else None
    account = "" if left is None else f"; the account has {left:,.0f} left"
    unknown = f", and what {', '.join(price.unknown)} costs: the price list does not say" if price.unknown else ""
    yield (
        f"price: at most {price.maximum:,} credits{unknown}, for {len(questions):,} companies "
        f"in {_counted(price.requests, 'request')}{account}"
    )
    if job.budget is not None:
        yield f"budget: {job.budget:,} credits"


@frozen(kw_only=True)
class Summary:
    """The counts at the end. `rows` and `companies` are of the file, `asked` to `seconds` of this run.

    `credits` are surely charged; `credits_unknown` is the most that answers without a bill may have cost beside.
    `ended` says why the run ended early, None for a whole output. `kept_in` is the part file, if it has something
    that the output has not: `kept` answers of a run that ended early, companies to be asked for again, or answers
    about `beyond` companies that no row names. None: there is no such file.
    """

    output: Path
    rows: int
    companies: int
    statuses: Mapping[str, int]
    asked: int
    repeats: int
    requests: int
    credits: int
    credits_of_all_runs: int
    credits_unknown: int
    seconds: float
    ended: str | None = None
    kept_in: Path | None = None
    kept: int = 0
    beyond: int = 0

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
        if self.credits_of_all_runs != self.credits:
            cost += f" ({self.credits_of_all_runs:,} with the runs before it)"
        requests = _counted(self.requests, "request")
        yield f"asked for {self.asked:,} companies in {requests} and {self.seconds:,.1f} s; spent {cost}"
        if self.repeats and self.ended is None:
            yield f"{self.repeats:,} rows repeat a company: asked and paid once"
        if self.ended is not None:
            yield f"ended early: {self.ended}"
        if self.kept_in is None:
            return
        if self.ended is not None:
            yield (
                f"{self.kept - self.beyond:,} of {self.companies:,} answers are kept in {self.kept_in}; "
                "the same command with --resume goes on from there and pays for none of them again"
            )
        elif again := self.statuses.get("failed", 0) + self.statuses.get("ambiguous", 0):
            yield (
                f"{again:,} rows have no answer; the same command with --resume --force asks for these alone, "
                f"the other answers are kept in {self.kept_in}"
            )
        if self.beyond:
            yield (
                f"{self.beyond:,} companies that these rows do not name were paid for by earlier runs and stay in "
                f"{self.kept_in}; with their rows, --resume --force pays for none of them again"
            )


def _place(status: str) -> tuple[int, str]:
    return (_ORDER.index(status) if status in _ORDER else len(_ORDER), status)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
