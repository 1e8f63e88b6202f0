"""One run of `lusha-async enrich`: tell the plan and its price, ask, write the output, sum up."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from ..client import LushaClient
from ..errors import ConfigurationError, LushaError
from ..governor import Lane
from ..operations import BY_NAME
from .asking import Asking
from .interrupt import Interrupt
from .jsonlines import encode
from .output import write_whole
from .part import Part, part_path
from .plan import Plan, Price, worst_price
from .problem import Problem
from .progress import Reporter, reporter
from .questions import Question
from .rows import Tally, output_lines
from .summary import Summary

__all__ = ["Job", "enrich"]

_OPERATION = BY_NAME["searchAndEnrichCompanies"]
_TRACK = "companies"


@frozen(kw_only=True)
class Job:
    """What the user asked for, checked as far as it can be without the network."""

    source: Path
    output: Path
    plan: Plan
    reveal: tuple[str, ...]
    budget: int | None
    base_url: str | None
    force: bool
    resume: bool
    dry_run: bool
    json: bool


@frozen(kw_only=True)
class _Account:
    """What account usage tells before a run: credits by price key, and credits left (None: not told)."""

    prices: Mapping[str, int]
    remaining: int | None


async def enrich(job: Job) -> int:
    """Do `job` and return the exit status of the command. Raises `Problem` before anything paid is sent."""
    try:
        client = LushaClient(base_url=job.base_url, lane=Lane.BULK)
    except ConfigurationError as error:
        raise Problem(str(error)) from None
    async with client:
        account = await _account(client)
        price = worst_price(account.prices, _OPERATION.prices, premium=len(job.reveal))
        if price is None and job.budget is not None:
            raise Problem("the account's price list lacks a price of this run: --budget cannot be kept")
        part = Part(part_path(job.output), heading=_heading(job), resume=job.resume)
        try:
            questions = job.plan.to_ask(part)
            with reporter() as progress:
                for line in _plan_lines(job, part, questions, price, account.remaining):
                    progress.say(line)
                if job.dry_run:
                    return 0
                return await _ask_and_write(job, client, part, questions, price, progress)
        finally:
            part.close()


def _heading(job: Job) -> dict[str, Any]:
    """What the answers in the part file are answers to."""
    return {"command": "enrich companies", "reveal": list(job.reveal)}


async def _account(client: LushaClient) -> _Account:
    """Ask account usage, which is free: is the vendor reachable, the key accepted, and what are the prices?"""
    try:
        usage = await client.account.usage()
    except LushaError as error:
        raise Problem(str(error)) from None
    prices = {key: price.credits for key, price in usage.pricing.items()}
    return _Account(prices=prices, remaining=usage.credits.remaining)


def _plan_lines(
    job: Job, part: Part, questions: Sequence[Question], price: Price | None, remaining: int | None
) -> Iterator[str]:
    """The plan and its worst price, for people, before anything is sent."""
    plan = job.plan
    yield (
        f"{job.source.name}: {len(plan.rows):,} rows name {len(plan.companies):,} companies; "
        f"{plan.repeats:,} rows repeat one, {plan.skipped:,} name none"
    )
    if often := plan.most_repeated:
        yield f"{often[1]:,} rows name {often[0].value}: if that is not their own, they all get that company"
    if len(part):
        yield f"{len(plan.companies) - len(questions):,} companies are answered by the run that is resumed"
    if unsure := plan.uncertain(part):
        yield (
            f"{unsure:,} companies were under way when that run ended: they may have been charged, "
            "and asking for them again may charge them again"
        )
    if price is None:
        yield "price: not known, the account's price list does not name it"
    else:
        left = "" if remaining is None else f"; the account has {remaining:,} left"
        yield f"price: at most {price.of(len(questions)):,} credits ({price.each} a company){left}"
    if job.budget is not None:
        yield f"budget: {job.budget:,} credits"


async def _ask_and_write(
    job: Job,
    client: LushaClient,
    part: Part,
    questions: Sequence[Question],
    price: Price | None,
    progress: Reporter,
) -> int:
    began = time.monotonic()
    asking = Asking(
        client=client,
        part=part,
        reveal=job.reveal or None,
        price=price,
        budget=job.budget,
        tell=lambda asking: progress.update(_TRACK, asking.answered, f"{asking.spent:,} credits"),
    )
    progress.track(_TRACK, len(questions))
    with Interrupt(asked=lambda: _end(asking, progress), insisted=asking.abandon) as interrupt:
        await asking.ask(questions)
    tally = Tally()
    ended = _write(job, part, tally) if asking.answered == len(questions) else asking.ended
    summary = Summary(
        output=job.output,
        rows=len(job.plan.rows),
        companies=len(job.plan.companies),
        statuses=dict(tally.statuses),
        asked=asking.answered,
        repeats=job.plan.repeats,
        credits=asking.spent,
        credits_unknown=asking.at_risk,
        seconds=time.monotonic() - began,
        ended=ended,
        kept_in=part.path if ended else None,
        kept=len(part),
    )
    for line in summary.lines():
        progress.say(line)
    if job.json:
        sys.stdout.buffer.write(encode(summary.as_json()))
    if ended:
        return interrupt.exit_status or 3
    return 3 if tally.failed else 0


def _end(asking: Asking, progress: Reporter) -> None:
    asking.end("interrupted")
    progress.say("ending: waiting for the answers under way; Ctrl-C again leaves them behind")


def _write(job: Job, part: Part, tally: Tally) -> str | None:
    """Make the output of the part file, which goes then. Returns what hinders it, with the part file kept."""
    try:
        write_whole(job.output, output_lines(job.plan, part, tally), force=job.force)
    except Problem as problem:
        return str(problem)
    except OSError as error:
        return f'"{job.output}" cannot be written: {error.strerror or error}'
    part.remove()
    return None
