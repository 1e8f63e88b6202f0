"""Operations that take a batch: single calls, bulk methods, and coalesced calls."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, Literal, TypedDict, TypeVar, Unpack, cast

from attrs import evolve, frozen

from .._bulk.align import align
from .._bulk.batch import BulkConfig, Outcomes
from .._bulk.chunks import Source
from .._bulk.coalesce import Coalescers
from .._bulk.items import BatchCall, BatchResult
from .._bulk.outcome import ItemResult, Progress, Status
from .._call.call import APIResponse, Executor
from .._call.decode import Row, envelope, read, results
from .._json import as_count, as_list, as_object
from .._params import checks
from .._wire.references import references
from ..billing.unclaimed import CallTracker
from ..errors import InsufficientCreditsError, UnreadableAnswerError
from ..models.common import BaseResponse
from ..models.model import Model
from ..operations import Operation

__all__ = ["REFERENCE", "BatchEndpoint", "BulkOptions"]

I = TypeVar("I")  # noqa: E741
M = TypeVar("M", bound=Model)
R = TypeVar("R", bound=BaseResponse)

REFERENCE = "clientReferenceId"
_OUT_OF_CREDITS = frozenset({"OUT_OF_CREDITS", "PARTIAL_OUT_OF_CREDITS"})


class BulkOptions(TypedDict, total=False):
    """How a bulk method runs. An invalid value raises `InvalidRequestError` when the method is called.

    - `ordered`: True (the default) yields outcomes in input order, False as soon as their request is answered.
    - `dedupe`: True (the default) sends an input that repeats one of the last 10,000 distinct inputs only once (the
      last 1,000 if the operation is free to repeat) and yields the same result for each; `client_reference_id` is
      not compared. A number sets how many inputs, and their results, are remembered. False sends every input.
    - `concurrency`: the maximum number of requests that are in flight or whose outcomes are not read yet, from 1.
      None (the default) follows the rate limit and the vendor's latency.
    - `max_delay`: seconds for which the first input of a request waits for the request to fill up, if the inputs are
      an async iterable. 1.0 by default.
    - `on_progress`: a plain function, called with a `Progress` after each request. An exception from it ends the run.
    """

    ordered: bool
    dedupe: bool | int
    concurrency: int | None
    max_delay: float
    on_progress: Callable[[Progress], object] | None


@frozen(kw_only=True)
class BatchEndpoint(Generic[I, M, R]):
    """An operation that takes a list of items and returns a row for each.

    `row` and `response` are the models of a row and of the whole response. `item` names one item in error paths, and
    `encode(value, path)` turns one into JSON. Rows are matched to items by what they echo: the id, or else the
    client reference. In every method, `body` is the request body without the items.
    """

    operation: Operation
    row: type[M]
    response: type[R]
    item: Literal["id", "contact", "company"]
    encode: Callable[[I, str], Any]

    async def call(
        self,
        executor: Executor,
        items: Iterable[I],
        body: Mapping[str, Any],
        *,
        tracker: CallTracker | None = None,
    ) -> R:
        """One request for 1 item or more, up to the largest batch."""
        request = {self.item_list: self.encode_all(items), **body}
        response = await executor.call(self.operation, body=request, tracker=tracker)
        return envelope(response, self.response)

    def encode_all(self, items: Iterable[I]) -> list[Any]:
        """The items of one request as JSON. Raises `InvalidRequestError` for none, or more than a request takes."""
        name, encode = self.item_list, self.encode
        return [encode(item, f"{name}[{index}]") for index, item in enumerate(checks.batch(self.operation, items))]

    def bulk(
        self,
        executor: Executor,
        items: Source[I],
        body: Mapping[str, Any],
        *,
        max_items: int | None = None,
        **options: Unpack[BulkOptions],
    ) -> Outcomes[I, M]:
        """An outcome for each of any number of items. A request has `max_items` at most."""
        return Outcomes(
            self.batch_call(body, max_items=max_items),
            executor,
            items,
            encode=lambda item: self.encode(item, self.item),
            config=BulkConfig(**options),
        )

    async def coalesced(self, executor: Executor, coalescers: Coalescers, item: I, body: Mapping[str, Any]) -> M:
        """The row of one item, from a request shared with concurrent calls of the same options."""
        call, encoded = self.batch_call(body), self.encode(item, self.item)
        if self._by_id or REFERENCE not in encoded:
            return await coalescers.load(executor, call, encoded)
        unreferenced = {name: value for name, value in encoded.items() if name != REFERENCE}
        row: Any = await coalescers.load(executor, call, unreferenced)
        return cast(M, evolve(row, client_reference_id=encoded[REFERENCE]))

    def batch_call(self, body: Mapping[str, Any], *, max_items: int | None = None) -> BatchCall[M]:
        """One request of a bulk method or of coalesced calls: `BatchCall.send` takes encoded items."""

        async def send(executor: Executor, items: list[Any], tracker: CallTracker) -> BatchResult[M]:
            sent = items
            if not self._by_id:  # in place of the caller's references, which need not be unique
                own = references(len(items))
                sent = [{**item, REFERENCE: reference} for item, reference in zip(items, own, strict=True)]
            request = {**body, self.item_list: sent}
            response = await executor.call(self.operation, body=request, tracker=tracker)
            return await self.interpret(response, items, sent=sent)

        return BatchCall(operation=self.operation, send=send, options=body, max_items=max_items)

    async def interpret(
        self, response: APIResponse, items: Sequence[Any], *, sent: Sequence[Any] | None = None
    ) -> BatchResult[M]:
        """The result of each of `items`, which are encoded, from the response to them.

        `sent` are the same items as the request had them, if that differs in the client reference: rows are matched
        by that of `sent` and carry that of `items`. An item without a row of its own is ambiguous; so is one that
        shares its reference with another item, unless the rows are complete and in order.
        """
        rows = results(response)
        aligned = align(rows, self._keys(items if sent is None else sent), echo="id" if self._by_id else REFERENCE)
        unmatched = _has_unmatched(rows, aligned)
        if unmatched and response.on_drift is not None:
            response.on_drift("a result of none of the items")
        if sent is not None and not self._by_id:
            aligned = [_with_reference_of(item, row) for item, row in zip(items, aligned, strict=True)]
        served = [row for row in aligned if row is not None and not _refused(row)]
        stop = _out_of_credits(response)
        values = iter(await read(served, self.row, response))
        return BatchResult(results=[_result(row, values, stop) for row in aligned], stop=stop, unmatched=unmatched)

    @property
    def item_list(self) -> str:
        """The member of the body that has the items."""
        assert self.operation.items is not None  # noqa: S101
        return self.operation.items

    @property
    def _by_id(self) -> bool:
        return self.item == "id"

    def _keys(self, sent: Sequence[Any]) -> list[str]:
        """The id or reference that the row of each item echoes; if that is missing or shared, one of no row."""
        if self._by_id:
            return [str(item) for item in sent]
        references = [item.get(REFERENCE) for item in sent]
        counts = Counter(references)
        return [
            f"\0{index}" if reference is None or counts[reference] > 1 else str(reference)
            for index, reference in enumerate(references)
        ]


def _has_unmatched(rows: Sequence[Mapping[str, Any]], aligned: Sequence[Mapping[str, Any] | None]) -> bool:
    """Whether a row that may have been paid for belongs to none of the items."""
    matched = {id(row) for row in aligned}
    return not all(id(row) in matched or _refused(row) for row in rows)


def _with_reference_of(item: Mapping[str, Any], row: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """`row` with the reference of `item` in place of the one that was sent."""
    if row is None:
        return None
    rest = {name: value for name, value in row.items() if name != REFERENCE}
    return {REFERENCE: item[REFERENCE], **rest} if REFERENCE in item else rest


def _result(
    row: Mapping[str, Any] | None, values: Iterator[Row[M]], stop: InsufficientCreditsError | None
) -> ItemResult[M]:
    if row is None:
        return ItemResult[M].of(None, code=None)
    if _refused(row):
        error = as_object(row["error"])
        return ItemResult[M].of(
            None, code=str(error.get("code") or "FAILED"), message=str(error.get("message") or "")
        )
    value = next(values)
    if isinstance(value, UnreadableAnswerError):  # paid for: the error's `body` has it
        return ItemResult[M].failed(value)
    if stop is not None and _unpaid(row):
        return evolve(ItemResult[M].skipped(stop), value=value)
    return ItemResult(status=Status.OK, value=value, credits=_credits(row))


def _refused(row: Mapping[str, Any]) -> bool:
    return row.get("error") is not None


def _unpaid(row: Mapping[str, Any]) -> bool:
    """Whether the account had no credits for any data point of the row."""
    missing = [as_object(point).get("status") for point in as_list(row.get("missingDataPoints"))]
    return "BILLING_FAILED" in missing and not row.get("emails") and not row.get("phones")


def _credits(row: Mapping[str, Any]) -> int | None:
    """The sum of the credits that the row's data points state; None if one of them states none."""
    total: int | None = None
    for name in ("emails", "phones"):
        for point in as_list(row.get(name)):
            credits = as_count(as_object(point).get("credits"))
            if credits is None:
                return None
            total = credits + (total or 0)
    return total


def _out_of_credits(response: APIResponse) -> InsufficientCreditsError | None:
    payload = as_object(response.payload)
    status = payload.get("status")
    if not isinstance(status, str) or status not in _OUT_OF_CREDITS:
        return None
    return InsufficientCreditsError(
        status=200,
        code=status,
        message=str(payload.get("statusDescription") or ""),
        operation=response.operation,
        request_id=response.request_id,
        quota=response.quota,
        attempts=response.attempts,
    )
