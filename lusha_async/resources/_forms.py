"""Many-forms and shared forms of calls whose answer is a row for each item."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypedDict, TypeVar, cast

from attrs import evolve

from .._bulk.align import align
from .._bulk.coalesce import Coalescers
from .._bulk.items import BatchCall, BatchResult
from .._bulk.outcome import ItemResult, Progress, Status
from .._call.call import APIResponse, Executor
from .._call.decode import Row, read, results
from .._json import as_count, as_list, as_object
from ..billing.unclaimed import CallTracker
from ..errors import InsufficientCreditsError, UnreadableAnswerError
from ..models.model import Model
from ..operations import Operation

__all__ = ["REFERENCE", "BulkOptions", "load_query", "row_call"]

M = TypeVar("M", bound=Model)

REFERENCE = "clientReferenceId"
_OUT_OF_CREDITS = frozenset({"OUT_OF_CREDITS", "PARTIAL_OUT_OF_CREDITS"})


class BulkOptions(TypedDict, total=False):
    """How a many-form runs.

    - `ordered`: outcomes in input order (the default), or as answers come.
    - `dedupe`: an input that repeats one of the last 10,000 distinct ones (1,000 where asking again is free) is
      not asked again and has the same answer (the default). A number remembers so many, whose answers are then in
      memory; False asks for each input. The caller's own reference makes no difference.
    - `concurrency`: the most requests under way or answered and not read, from 1. By default as many as the rate
      limit and the vendor's latency make them.
    - `max_delay`: seconds that the first input of a request which is not full waits for others (1.0).
    - `on_progress`: called with a `Progress` after each request. What it raises ends the run.
    """

    ordered: bool
    dedupe: bool | int
    concurrency: int | None
    max_delay: float
    on_progress: Callable[[Progress], object] | None


def row_call(
    operation: Operation,
    template: Mapping[str, Any],
    model: type[M],
    *,
    echo: str = REFERENCE,
    most: int | None = None,
) -> BatchCall[M]:
    """The call with `template` as the rest of its body; each result is a `model`.

    Results are matched by what they echo: the id, or a reference of our own in place of the caller's. `most`
    items go in one request.
    """
    assert operation.items is not None  # noqa: S101
    name = operation.items

    async def ask(executor: Executor, given: list[Any], tracker: CallTracker) -> BatchResult[M]:
        sent, keys = (given, [str(item) for item in given]) if echo != REFERENCE else _referenced(given)
        reply = await executor.call(operation, body={**template, name: sent}, tracker=tracker)
        told = results(reply)
        answered = align(told, keys, echo=echo)
        stray = _stray(told, answered)
        if stray and reply.notice is not None:
            reply.notice("a result of none of the items")
        if echo == REFERENCE:
            answered = [_own_reference(row, item) for row, item in zip(answered, given, strict=True)]
        stop = _out_of_credits(reply)
        served = [row for row in answered if row is not None and not _refused(row)]
        values = iter(await read(served, model, reply))
        return BatchResult(results=[_answer(row, values, stop) for row in answered], stop=stop, unmatched=stray)

    return BatchCall(operation=operation, send=ask, options=template, max_items=most)


def _stray(told: Sequence[Mapping[str, Any]], answered: Sequence[Mapping[str, Any] | None]) -> bool:
    """Whether a result that may have been paid for was found to be none of the items'."""
    found = {id(row) for row in answered}
    return not all(id(row) in found or _refused(row) for row in told)


async def load_query(coalescers: Coalescers, executor: Executor, call: BatchCall[M], item: dict[str, Any]) -> M:
    """The value for one query, in a request shared with others; the caller's reference stays its own."""
    unnamed = {name: member for name, member in item.items() if name != REFERENCE}
    value = await coalescers.load(executor, call, unnamed)
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


def _answer(
    row: Mapping[str, Any] | None, values: Iterator[Row[M]], stop: InsufficientCreditsError | None
) -> ItemResult[M]:
    if row is None:
        return ItemResult[M].of(None, code=None)
    if _refused(row):
        fault = as_object(row["error"])
        return ItemResult[M].of(
            None, code=str(fault.get("code") or "FAILED"), message=str(fault.get("message") or "")
        )
    value = next(values)
    if isinstance(value, UnreadableAnswerError):  # paid for: it is in the caller's hands, as the error's `body`
        return ItemResult[M].failed(value)
    if stop is not None and _unpaid(row):
        return evolve(ItemResult[M].skipped(stop), value=value)
    return ItemResult(status=Status.OK, value=value, credits=_told(row))


def _refused(row: Mapping[str, Any]) -> bool:
    return row.get("error") is not None


def _unpaid(row: Mapping[str, Any]) -> bool:
    """Whether the account could pay for nothing of this row."""
    missing = [as_object(point).get("status") for point in as_list(row.get("missingDataPoints"))]
    return "BILLING_FAILED" in missing and not row.get("emails") and not row.get("phones")


def _told(row: Mapping[str, Any]) -> int | None:
    """What the row's data points say they cost; None where they say nothing."""
    total: int | None = None
    for name in ("emails", "phones"):
        for point in as_list(row.get(name)):
            credits = as_count(as_object(point).get("credits"))
            if credits is None:
                return None
            total = credits + (total or 0)
    return total


def _out_of_credits(reply: APIResponse) -> InsufficientCreditsError | None:
    payload = as_object(reply.payload)
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
