"""One run of `lusha-async enrich`: print the plan and its price, do the lookups, write the output, sum up."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

import anyio

from ..._call.retry import RetryPolicy
from ..._wire.settings import BaseURL
from ...billing import CreditBudget
from ...client import LushaClient
from ...errors import ConfigurationError, LushaError, TransportError
from ..errors import UsageError
from ..output import write_atomically
from ..progress import ProgressReporter, progress_reporter, track_progress
from ..signals import EXIT_INTERRUPTED, InterruptHandler
from ..text import say_json
from .columns import CompanyLookup
from .journal import RunJournal, journal_path
from .plan import EnrichJobOptions
from .rows import RowCounts, output_lines
from .summary import Summary, plan_lines
from .worker import EnrichWorker

__all__ = ["enrich"]

T = TypeVar("T")

_OPERATION = "companies.search_and_enrich"
_SLOW_RESPONSE_SECONDS = 10.0
_FIRST_REQUEST_RETRY = RetryPolicy(attempts=2)
"""A wrong address or key is reported soon; a 429 is waited out as always."""


async def enrich(options: EnrichJobOptions) -> int:
    """Run with `options` and return the exit status of the command.

    Raises `UsageError` before anything paid is sent.
    """
    budget = None if options.budget is None else CreditBudget(options.budget)
    try:
        client = LushaClient(base_url=options.base_url, budget=budget)
    except ConfigurationError as error:
        raise UsageError(str(error)) from None
    status = EXIT_INTERRUPTED
    with anyio.CancelScope() as hard_stop:
        try:
            status = await _enrich(options, client, hard_stop)
        finally:
            if not hard_stop.cancel_called:  # else the user waits for nothing more
                await client.aclose()
    return status


async def _enrich(options: EnrichJobOptions, client: LushaClient, hard_stop: anyio.CancelScope) -> int:
    progress = progress_reporter()
    first_request = client.with_options(retry=_FIRST_REQUEST_RETRY).account.usage()
    usage = await _usage_response(first_request, options, progress)
    journal = RunJournal(journal_path(options.output), header=_header(options), resume=options.resume)
    try:
        lookups = options.plan.pending(journal)
        queries = [lookup.query for lookup in lookups]
        quote = client.quote(
            lambda dry: dry.companies.search_and_enrich_many(queries, reveal=options.reveal or None)
        )
        price = await _usage_response(quote, options, progress)
        for line in plan_lines(options, journal, lookups, price, usage):
            progress.write_line(line)
        if price.unknown and options.budget is not None:
            raise UsageError(
                f"the account's price list lacks {', '.join(price.unknown)}, so --budget cannot be enforced"
            )
        if options.dry_run:
            return 0
        return await _run_and_write(options, client, journal, lookups, progress, hard_stop)
    finally:
        journal.close()


async def _usage_response(response: Awaitable[T], options: EnrichJobOptions, progress: ProgressReporter) -> T:
    """Await a response of account usage, which is free, or what is computed from it.

    Raises `UsageError` if the vendor cannot be reached or refuses the key.
    """
    notice = "no response yet: the vendor allows five requests of account usage a minute"
    slow = asyncio.get_running_loop().call_later(_SLOW_RESPONSE_SECONDS, progress.write_line, notice)
    try:
        return await response
    except TransportError as error:
        raise UsageError(f"no response from {BaseURL.resolve(options.base_url)}: {error}") from None
    except LushaError as error:
        raise UsageError(str(error)) from None
    finally:
        slow.cancel()


def _header(options: EnrichJobOptions) -> dict[str, Any]:
    """The options that the results in the journal depend on."""
    return {"command": "enrich companies", "reveal": list(options.reveal)}


async def _run_and_write(
    options: EnrichJobOptions,
    client: LushaClient,
    journal: RunJournal,
    lookups: Sequence[CompanyLookup],
    progress: ProgressReporter,
    hard_stop: anyio.CancelScope,
) -> int:
    began, ledger = time.monotonic(), client.ledger
    worker = EnrichWorker(client=client, journal=journal, reveal=options.reveal or None)
    with (
        progress,
        track_progress(
            progress,
            client,
            "companies",
            len(lookups),
            done=lambda: worker.completed,
            note=lambda: f"{ledger.credits:,} credits",
        ),
        InterruptHandler(on_first=lambda: _stop(worker, progress), on_repeat=hard_stop.cancel) as interrupt,
    ):
        await worker.run(lookups)
    counts = RowCounts()
    ended = _write(options, journal, counts) if worker.completed == len(lookups) else worker.stop_reason
    unlisted = options.plan.unlisted(journal)
    if ended is None and not counts.failed and not unlisted:
        journal.remove()  # everything paid for is in the output
    spent = ledger.spent(operation=_OPERATION)
    summary = Summary(
        output=options.output,
        rows=len(options.plan.rows),
        companies=len(options.plan.companies),
        statuses=dict(counts.statuses),
        asked=worker.completed,
        repeats=options.plan.repeats,
        requests=spent.requests,
        credits=spent.credits,
        credits_of_all_runs=journal.spent,
        credits_unknown=spent.uncertain,
        seconds=time.monotonic() - began,
        ended=ended,
        kept_in=None if journal.is_empty else journal.path,
        kept=len(journal),
        beyond=unlisted,
    )
    for line in summary.lines():
        progress.write_line(line)
    if options.json:
        say_json(summary.as_json())
    if ended:
        return interrupt.exit_status or 3
    return 3 if counts.failed else 0


def _stop(worker: EnrichWorker, progress: ProgressReporter) -> None:
    progress.write_line("stopping: waiting for the requests in flight; press Ctrl-C again to abandon them")
    worker.stop("interrupted")


def _write(options: EnrichJobOptions, journal: RunJournal, counts: RowCounts) -> str | None:
    """Write the output from the journal. Returns the reason if that fails."""
    try:
        write_atomically(options.output, output_lines(options.plan, journal, counts), force=options.force)
    except UsageError as error:
        return str(error)
    except OSError as error:
        return f'"{options.output}" cannot be written: {error.strerror or error}'
    return None
