"""Many-forms of calls whose answer is a row for each item, and streams of calls that answer with pages."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypedDict, TypeVar, cast

from attrs import evolve

from ..align import align
from ..coalesce import ask_one
from ..errors import InsufficientCreditsError, UnreadableAnswerError
from ..itemwise import Asked, Call
from ..loose import items, members, whole
from ..models.common import Pagination
from ..models.converter import structure
from ..models.model import Model
from ..operations import Operation
from ..outcome import Answer, Progress, Status
from ..paging import Fetched
from ..pipeline import Pipeline, Reply

__all__ = ["REFERENCE", "Bulk", "Reading", "one", "page_of", "pagination_of", "row_call"]

M = TypeVar("M", bound=Model)
R = TypeVar("R")

REFERENCE = "clientReferenceId"
_ROWS_AT_ONCE = 10
_OUT_OF_CREDITS = frozenset({"OUT_OF_CREDITS", "PARTIAL_OUT_OF_CREDITS"})


class Bulk(TypedDict, total=False):
    """How a many-form runs.

    - `ordered`: outcomes in input order (the default), or as answers come.
    - `dedupe`: an input that repeats one of the last 10,000 distinct ones (1,000 where asking again is free) is
      not asked again and has the same answer (the default). The caller's own reference makes no difference.
    - `concurrency`: the most requests under way or answered and not read. By default as many as the rate limit
      and the vendor's latency make them.
    - `max_delay`: seconds that the first input of a request which is not full waits for others (1.0).
    - `on_progress`: called with a `Progress` after each request. What it raises ends the run.
    """

    ordered: bool
    dedupe: bool
    concurrency: int | None
    max_delay: float
    on_progress: Callable[[Progress], object] | None


class Reading(TypedDict, total=False):
    """How a page stream is read.

    - `limit`: the most rows, counted from the stream's beginning, whatever the cursor. No page is asked for that
      the limit does not need, and the last ones are as small as it allows.
    - `cursor`: where to go on: a `stream.cursor` of the same query.
    - `dedupe`: rows that shifted between pages and were handed out before are left out (the default).
    """

    limit: int | None
    cursor: str | None
    dedupe: bool


def row_call(
    operation: Operation,
    template: Mapping[str, Any],
    model: type[M],
    *,
    echo: str = REFERENCE,
    most: int | None = None,
) -> Call[M]:
    """The call with `template` as the rest of its body; each result is a `model`.

    Results are matched by what they echo: the id, or a reference of our own in place of the caller's. `most`
    items go in one request.
    """
    assert operation.items is not None  # noqa: S101
    name = operation.items

    async def ask(pipeline: Pipeline, given: list[Any]) -> Asked[M]:
        sent, keys = (given, [str(item) for item in given]) if echo != REFERENCE else _referenced(given)
        reply = await pipeline.call(operation, body={**template, name: sent})
        answered = align(_results(reply), keys, echo=echo)
        if echo == REFERENCE:
            answered = [_own_reference(row, item) for row, item in zip(answered, given, strict=True)]
        stop = _out_of_credits(reply)
        answers = [_answer(row, model, reply, stop) async for row in _by_and_by(answered)]
        return Asked(answers=answers, stop=stop)

    return Call(operation=operation, ask=ask, options=template, most=most)


async def one(pipeline: Pipeline, call: Call[M], item: dict[str, Any]) -> M:
    """The value for one query, in a request shared with others; the caller's reference stays its own."""
    value = await ask_one(pipeline, call, {name: member for name, member in item.items() if name != REFERENCE})
    return evolve(cast(Any, value), client_reference_id=item[REFERENCE]) if REFERENCE in item else value


def _referenced(given: list[Any]) -> tuple[list[Any], list[str]]:
    keys = [str(place) for place in range(len(given))]
    return [{**item, REFERENCE: key} for item, key in zip(given, keys, strict=True)], keys


def _own_reference(row: Mapping[str, Any] | None, item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """`row` with the caller's reference instead of ours."""
    if row is None:
        return None
    rest = {name: value for name, value in row.items() if name != REFERENCE}
    return {REFERENCE: item[REFERENCE], **rest} if REFERENCE in item else rest


def _results(reply: Reply) -> Sequence[Mapping[str, Any]]:
    results: Any = members(reply.payload).get("results")
    if not isinstance(results, list) or not all(isinstance(row, dict) for row in items(results)):
        error = UnreadableAnswerError("results: a list of objects was expected")
        error.operation = reply.operation
        raise error
    return items(results)


def _answer(
    row: Mapping[str, Any] | None, model: type[M], reply: Reply, stop: InsufficientCreditsError | None
) -> Answer[M]:
    if row is None:
        return Answer[M].of(None, code=None)
    if row.get("error") is not None:
        fault = members(row["error"])
        return Answer[M].of(None, code=str(fault.get("code") or "FAILED"), message=str(fault.get("message") or ""))
    try:
        value = structure(row, model, notice=reply.notice)
    except UnreadableAnswerError as error:
        error.body = json.dumps(row).encode()  # paid for: it is in the caller's hands after all
        return Answer[M].failed(error)
    if stop is not None and _unpaid(row):
        return evolve(Answer[M].skipped(stop), value=value)
    return Answer(status=Status.OK, value=value, credits=_told(row))


def _unpaid(row: Mapping[str, Any]) -> bool:
    """Whether the account could pay for nothing of this row."""
    missing = [members(point).get("status") for point in items(row.get("missingDataPoints"))]
    return "BILLING_FAILED" in missing and not row.get("emails") and not row.get("phones")


def _told(row: Mapping[str, Any]) -> int | None:
    """What the row's data points say they cost; None where they say nothing."""
    points = [members(point) for name in ("emails", "phones") for point in items(row.get(name))]
    told = [whole(point.get("credits")) for point in points]
    return None if not told or None in told else sum(credits or 0 for credits in told)


def _out_of_credits(reply: Reply) -> InsufficientCreditsError | None:
    payload = members(reply.payload)
    status = payload.get("status")
    if not isinstance(status, str) or status not in _OUT_OF_CREDITS:
        return None
    return InsufficientCreditsError(
        status=200,
        code=status,
        message=str(payload.get("statusDescription") or ""),
        operation=reply.operation,
        request_id=reply.request_id,
        quota=reply.quota,
    )


async def page_of(reply: Reply, model: type[M]) -> Fetched[M]:
    """A page of results as the paging sees it."""
    try:
        told = structure(members(members(reply.payload).get("pagination")), Pagination, notice=reply.notice)
        rows = [structure(row, model, notice=reply.notice) async for row in _by_and_by(_results(reply))]
    except UnreadableAnswerError as error:
        error.operation = reply.operation
        raise
    return pagination_of(rows, told)


def pagination_of(rows: Sequence[M], told: Pagination | None) -> Fetched[M]:
    """Rows with what the answer told of their page."""
    if told is None:
        return Fetched(rows=rows)
    return Fetched(rows=rows, size=told.size, total=told.total, exact=told.total_guaranteed is not False)


async def _by_and_by(rows: Sequence[R]) -> AsyncIterator[R]:
    """The rows, letting other tasks run now and then: a hundred models at once would hold up the event loop.

    Requests that leave late because of that arrive too close together at the vendor.
    """
    for place, row in enumerate(rows):
        if place and place % _ROWS_AT_ONCE == 0:
            await asyncio.sleep(0)
        yield row
