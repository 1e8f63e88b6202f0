"""One run of `lusha-async enrich`: tell the plan and its price, ask, write the output, sum up."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

import anyio

from ..._call.retry import RetryPolicy
from ..._wire.settings import BaseURL
from ...billing import CreditBudget
from ...client import LushaClient
from ...errors import ConfigurationError, LushaError, TransportError
from ..errors import Problem
from ..jsonlines import encode
from ..output import write_whole
from ..progress import Reporter, reporter
from ..signals import INTERRUPTED, Interrupt
from ..watching import watching
from .columns import CompanyLookup
from .job import EnrichJobOptions
from .journal import RunJournal, part_path
from .rows import Tally, output_lines
from .summary import Summary, plan_lines
from .worker import Asking

__all__ = ["enrich"]

T = TypeVar("T")

_OPERATION = "companies.search_and_enrich"
_PATIENCE_SECONDS = 10.0
_FIRST = RetryPolicy(attempts=2)
"""A wrong address or key is told soon; a 429 is waited out as always."""


async def enrich(job: EnrichJobOptions) -> int:
    """Do `job` and return the exit status of the command. Raises `Problem` before anything paid is sent."""
    budget = None if job.budget is None else CreditBudget(job.budget)
    try:
        client = LushaClient(base_url=job.base_url, budget=budget)
    except ConfigurationError as error:
        raise Problem(str(error)) from None
    status = INTERRUPTED
    with anyio.CancelScope() as patience:
        async with client:
            status = await _enrich(job, client, patience)
    return status


async def _enrich(job: EnrichJobOptions, client: LushaClient, patience: anyio.CancelScope) -> int:
    progress = reporter()
    usage = await _asked_first(client.with_options(retry=_FIRST).account.usage(), job, progress)
    part = RunJournal(part_path(job.output), heading=_heading(job), resume=job.resume)
    try:
        questions = job.plan.to_ask(part)
        queries = [question.query for question in questions]
        dry = client.quote(lambda dry: dry.companies.search_and_enrich_many(queries, reveal=job.reveal or None))
        price = await _asked_first(dry, job, progress)
        for line in plan_lines(job, part, questions, price, usage):
            progress.say(line)
        if price.unknown and job.budget is not None:
            raise Problem(f"the account's price list lacks {', '.join(price.unknown)}: --budget cannot be kept")
        return 0 if job.dry_run else await _ask_and_write(job, client, part, questions, progress, patience)
    finally:
        part.close()


async def _asked_first(asked: Awaitable[T], job: EnrichJobOptions, progress: Reporter) -> T:
    """What account usage tells, which is free: is the vendor reachable, the key accepted, what are the prices?"""
    waiting = "no answer yet; the vendor answers account usage five times a minute at most"
    patience = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, progress.say, waiting)
    try:
        return await asked
    except TransportError as error:
        raise Problem(f"no answer from {BaseURL.resolve(job.base_url)}: {error}") from None
    except LushaError as error:
        raise Problem(str(error)) from None
    finally:
        patience.cancel()


def _heading(job: EnrichJobOptions) -> dict[str, Any]:
    """What the answers in the part file are answers to."""
    return {"command": "enrich companies", "reveal": list(job.reveal)}


async def _ask_and_write(
    job: EnrichJobOptions,
    client: LushaClient,
    part: RunJournal,
    questions: Sequence[CompanyLookup],
    progress: Reporter,
    patience: anyio.CancelScope,
) -> int:
    began, ledger = time.monotonic(), client.ledger
    asking = Asking(client=client, part=part, reveal=job.reveal or None)
    with (
        progress,
        watching(
            progress,
            client,
            "companies",
            len(questions),
            done=lambda: asking.answered,
            note=lambda: f"{ledger.credits:,} credits",
        ),
        Interrupt(asked=lambda: _end(asking, progress), insisted=patience.cancel) as interrupt,
    ):
        await asking.ask(questions)
    tally = Tally()
    ended = _write(job, part, tally) if asking.answered == len(questions) else asking.ended
    beyond = job.plan.beyond(part)
    if ended is None and not tally.failed and not beyond:
        part.remove()  # all that was paid for is in the output
    spent = ledger.spent(operation=_OPERATION)
    summary = Summary(
        output=job.output,
        rows=len(job.plan.rows),
        companies=len(job.plan.companies),
        statuses=dict(tally.statuses),
        asked=asking.answered,
        repeats=job.plan.repeats,
        requests=spent.requests,
        credits=spent.credits,
        credits_of_all_runs=part.spent,
        credits_unknown=spent.uncertain,
        seconds=time.monotonic() - began,
        ended=ended,
        kept_in=None if part.empty else part.path,
        kept=len(part),
        beyond=beyond,
    )
    for line in summary.lines():
        progress.say(line)
    if job.json:
        sys.stdout.buffer.write(encode(summary.as_json()))
    if ended:
        return interrupt.exit_status or 3
    return 3 if tally.failed else 0


def _end(asking: Asking, progress: Reporter) -> None:
    progress.say("ending: waiting for the answers under way; Ctrl-C again leaves them behind")
    asking.end("interrupted")


def _write(job: EnrichJobOptions, part: RunJournal, tally: Tally) -> str | None:
    """Make the output of the part file. Returns what hinders it."""
    try:
        write_whole(job.output, output_lines(job.plan, part, tally), force=job.force)
    except Problem as problem:
        return str(problem)
    except OSError as error:
        return f'"{job.output}" cannot be written: {error.strerror or error}'
    return None
