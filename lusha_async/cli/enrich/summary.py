"""The plan of a run and its summary, as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from ...billing import Cost
from ...models.account import Usage
from .columns import CompanyLookup
from .journal import RunJournal
from .plan import EnrichJobOptions

__all__ = ["Summary", "plan_lines"]

_ORDER = ("ok", "not_found", "restricted", "skipped", "failed", "ambiguous")


def plan_lines(
    options: EnrichJobOptions, journal: RunJournal, lookups: Sequence[CompanyLookup], price: Cost, usage: Usage
) -> Iterator[str]:
    """The plan and its maximum price, printed before anything is sent."""
    plan = options.plan
    yield (
        f"{options.source.name}: {len(plan.rows):,} rows name {len(plan.companies):,} companies; "
        f"{plan.repeats:,} rows repeat a company, {plan.skipped:,} name none"
    )
    if repeated := plan.most_repeated:
        lookup, rows = repeated
        yield f"{rows:,} rows name {lookup.value}: check that it is right, they all get the same company"
    if completed := len(plan.companies) - len(lookups):
        yield f"{completed:,} companies have a result from the run that is resumed"
    if possibly_charged := plan.possibly_charged(journal):
        yield (
            f"{possibly_charged:,} companies were in flight when that run ended: they may have been charged, "
            "and looking them up again may charge them again"
        )
    left = usage.credits.remaining if usage.credits is not None else None
    account = "" if left is None else f"; the account has {left:,.0f} left"
    unknown = f", plus {', '.join(price.unknown)}, which the price list lacks" if price.unknown else ""
    yield (
        f"price: at most {price.maximum:,} credits{unknown}, for {len(lookups):,} companies "
        f"in {_plural(price.requests, 'request')}{account}"
    )
    if options.budget is not None:
        yield f"budget: {options.budget:,} credits"


@frozen(kw_only=True)
class Summary:
    """The counts at the end of a run. `rows` and `companies` count the file, `asked` to `seconds` this run.

    `asked` counts the lookups that got a result. `credits` were charged; `credits_unknown` is the maximum that lost
    responses may have cost in addition. `ended` says why the run ended early; None if the output is complete.
    `kept_in` is the path of the journal if it holds something that the output lacks: the results of a run that ended
    early, companies to look up again, or results of `beyond` companies that no row names. `kept` is the number of its
    results.
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
        """The counts as plain values."""
        return asdict(self, value_serializer=lambda _, __, value: str(value) if isinstance(value, Path) else value)

    def lines(self) -> Iterator[str]:
        """The counts as lines of text."""
        if self.ended is None:
            yield f"{self.output}: {self.rows:,} rows"
            for status in sorted(self.statuses, key=_order):
                yield f"  {status.replace('_', ' '):<10} {self.statuses[status]:>9,}"
        cost = f"{self.credits:,} credits"
        if self.credits_unknown:
            cost += f", and up to {self.credits_unknown:,} more for responses that were lost"
        if self.credits_of_all_runs != self.credits:
            cost += f" ({self.credits_of_all_runs:,} with the earlier runs)"
        requests = _plural(self.requests, "request")
        yield f"looked up {self.asked:,} companies in {requests} and {self.seconds:,.1f} s; spent {cost}"
        if self.repeats and self.ended is None:
            yield f"{self.repeats:,} rows repeat a company: looked up and charged once"
        if self.ended is not None:
            yield f"ended early: {self.ended}"
        if self.kept_in is None:
            return
        if self.ended is not None:
            yield (
                f"{self.kept - self.beyond:,} of {self.companies:,} results are kept in {self.kept_in}; "
                "the same command with --resume continues from there and does not pay for them again"
            )
        elif again := self.statuses.get("failed", 0) + self.statuses.get("ambiguous", 0):
            yield (
                f"{again:,} rows have no result; the same command with --resume --force requests these alone, "
                f"the other results are kept in {self.kept_in}"
            )
        if self.beyond:
            yield (
                f"{self.beyond:,} companies that these rows do not name were paid for by earlier runs and stay in "
                f"{self.kept_in}; with their rows, --resume --force does not pay for them again"
            )


def _order(status: str) -> tuple[int, str]:
    return (_ORDER.index(status) if status in _ORDER else len(_ORDER), status)


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
