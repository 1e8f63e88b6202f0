"""Sending the items of one batch so that each gets a result of its own, whatever happens to the request.

The vendor refuses a whole batch (400) for one bad item. Refused requests are free, so the batch is divided until
the bad item is alone and the others are served. If the fault is in the call itself (an option that the plan does not
include), single items are refused too; three single items decide which it is.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import evolve, field, frozen, mutable

from .._call.call import Executor
from ..billing.unclaimed import CallTracker, UnclaimedStore
from ..errors import (
    AccountError,
    BadRequestError,
    BudgetExceededError,
    ClientClosedError,
    ConfigurationError,
    InvalidRequestError,
    LushaError,
    PriceUnknownError,
    QuotaWaitTooLongError,
)
from ..operations import Operation
from .outcome import ItemResult, Status

__all__ = ["BatchCall", "BatchFaults", "BatchRequest", "BatchResult", "item_key", "with_credits"]

V = TypeVar("V")

_STOP_ERRORS = (
    AccountError,
    BudgetExceededError,
    ClientClosedError,
    ConfigurationError,
    PriceUnknownError,
    QuotaWaitTooLongError,
)
"""After one of these no further request of the same bulk call can succeed now. Each is free by itself."""

_MAX_NAMED = 8  # items that one refusal may name; more of them say nothing about single items

Refusal = BadRequestError | InvalidRequestError
"""A request refused as a whole, by the vendor or before it was sent. Free."""


@frozen(kw_only=True)
class BatchResult(Generic[V]):
    """The results of a batch, one for each item in order.

    `stop`: why the account can pay for no further request. `unmatched`: the answer has results that were matched to
    none of the items.
    """

    results: Sequence[ItemResult[V]]
    stop: LushaError | None = None
    unmatched: bool = False


@frozen(kw_only=True)
class BatchCall(Generic[V]):
    """A call that takes a batch: its operation, and how to send some items.

    `options` is the rest of the body, which tells two calls of an operation apart. `max_items` bounds the size of
    a batch below the operation's largest.
    """

    operation: Operation
    send: Callable[[Executor, list[Any], CallTracker], Awaitable[BatchResult[V]]]
    options: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    max_items: int | None = None

    @property
    def size(self) -> int:
        """The largest number of items of one request."""
        assert self.operation.batch is not None  # noqa: S101
        return min(self.max_items or self.operation.batch, self.operation.batch)


@mutable
class BatchFaults:
    """What one bulk call has learned from refusals. Their texts are compared without numbers."""

    of_call: set[str] = field(factory=set[str])
    """Texts of refusals that every item gets."""
    of_items: set[str] = field(factory=set[str])
    """Texts of refusals that single items cause."""
    stop: LushaError | None = None
    """Why no further request is sent."""
    probing: asyncio.Lock = field(factory=asyncio.Lock)
    """Held while three items are sent alone, so that several batches refused alike do not each send three."""


class BatchRequest(Generic[V]):
    """The items of one batch being sent. `results` has one for each item, by its index, once `send` has returned.

    `on_sent` is called when a request is sent.
    """

    def __init__(
        self,
        call: BatchCall[V],
        executor: Executor,
        items: list[Any],
        faults: BatchFaults,
        on_sent: Callable[[], None],
    ) -> None:
        self.results: dict[int, ItemResult[V]] = {}
        self.requests = 0
        self._call = call
        self._executor = executor
        self._items = items
        self._faults = faults
        self._on_sent = on_sent
        self._trackers: list[tuple[CallTracker, tuple[int, ...]]] = []

    async def send(self) -> None:
        """Fill `results`. A `LushaError` becomes the result of its items; other exceptions are raised."""
        await self._serve(tuple(range(len(self._items))))

    @property
    def credits(self) -> int:
        """The credits that the answers so far report."""
        return sum(tracker.credits for tracker, _ in self._trackers)

    def abandon(self, store: UnclaimedStore, untaken: Callable[[int], bool]) -> None:
        """Keep the paid answers in `store`, with the items for whose index `untaken` is true."""
        for tracker, indexes in self._trackers:
            rows = tuple(row for row, index in enumerate(indexes) if untaken(index))
            tracker.abandon(store, None if len(rows) == len(indexes) else rows)

    async def _serve(self, indexes: tuple[int, ...]) -> None:
        refusal = await self._send(indexes)
        if refusal is not None:
            await self._divide(indexes, refusal)

    async def _send(self, indexes: tuple[int, ...]) -> Refusal | None:
        """Send one request. A refusal of it as a whole is returned; every other result goes into `results`."""
        if self._faults.stop is not None:
            self._fill(indexes, ItemResult[V].skipped(self._faults.stop))
            return None
        tracker = CallTracker(self._on_sent)
        self._trackers.append((tracker, indexes))
        try:
            batch = await self._call.send(self._executor, [self._items[index] for index in indexes], tracker)
        except (BadRequestError, InvalidRequestError) as refusal:
            return refusal
        except BudgetExceededError as short:
            affordable = len(indexes) * short.remaining // max(short.requested, 1)
            if 0 < affordable < len(indexes):
                await self._serve(indexes[:affordable])
                await self._serve(indexes[affordable:])
            else:
                self._faults.stop = short
                self._fill(indexes, ItemResult[V].skipped(short))
        except _STOP_ERRORS as stop:
            self._faults.stop = stop
            self._fill(
                indexes, ItemResult[V].failed(stop) if stop.charged is None else ItemResult[V].skipped(stop)
            )
        except LushaError as error:
            self._fill(indexes, ItemResult[V].failed(error))
            tracker.keep_unparsed(self._executor.state.unclaimed)
        else:
            self.requests += 1
            self._take(indexes, batch, tracker)
            if batch.unmatched:  # paid for, and it is not known for which item
                statuses = enumerate(result.status for result in batch.results)
                unserved = tuple(row for row, status in statuses if status is Status.AMBIGUOUS)
                tracker.keep(self._executor.state.unclaimed, unserved)
        return None

    def _take(self, indexes: tuple[int, ...], batch: BatchResult[V], tracker: CallTracker) -> None:
        charged = None if tracker.answer is None else tracker.answer.credits
        for index, result in zip(indexes, with_credits(batch.results, charged), strict=True):
            self.results[index] = result
        if batch.stop is not None:
            self._faults.stop = batch.stop

    def _fill(self, indexes: tuple[int, ...], result: ItemResult[V]) -> None:
        for index in indexes:
            self.results[index] = result

    async def _divide(self, indexes: tuple[int, ...], refusal: Refusal) -> None:
        text = _without_numbers(refusal)
        if len(indexes) == 1 or text in self._faults.of_call:
            self._fill(indexes, ItemResult[V].failed(refusal))
            return
        named = self._named(indexes, refusal)
        if named:
            parts = [tuple(index for index in indexes if index not in named), *((index,) for index in named)]
        elif len(indexes) <= 3 or text in self._faults.of_items:
            parts = _halves(indexes)
        else:
            async with self._faults.probing:
                rest = await self._probe(indexes, text)
            if text in self._faults.of_call:
                self._fill(rest, ItemResult[V].failed(refusal))
                return
            parts = [rest] if len(rest) < len(indexes) else _halves(indexes)  # probed by this request, or another
        for part in parts:
            if part:
                await self._serve(part)

    async def _probe(self, indexes: tuple[int, ...], text: str) -> tuple[int, ...]:
        """Send three items alone to learn whether the call or single items are refused. Returns the other items."""
        if text in self._faults.of_call or text in self._faults.of_items:
            return indexes
        probes = (indexes[0], indexes[len(indexes) // 2], indexes[-1])
        for probe in probes:
            await self._serve((probe,))
        alike = all(self._refused_for(probe, text) for probe in probes)
        (self._faults.of_call if alike else self._faults.of_items).add(text)
        return tuple(index for index in indexes if index not in probes)

    def _named(self, indexes: tuple[int, ...], refusal: Refusal) -> tuple[int, ...]:
        """The items that the refusal names by their position, as in `contacts.3.email`; few, or none."""
        name = self._call.operation.items
        rows = {int(row) for row in re.findall(rf"\b{name}[.\[](\d{{1,4}})\b", _text(refusal))}
        named = tuple(indexes[row] for row in sorted(rows) if row < len(indexes))
        return named if len(named) <= min(_MAX_NAMED, len(indexes) - 1) else ()

    def _refused_for(self, index: int, text: str) -> bool:
        result = self.results.get(index)
        return (
            result is not None
            and result.status is Status.FAILED
            and isinstance(result.error, Refusal)
            and _without_numbers(result.error) == text
        )


def item_key(item: Any) -> Hashable:
    """The key of an item: equal for items that are the same but for the caller's own reference."""
    if isinstance(item, str):
        return item
    members = {name: value for name, value in item.items() if name != "clientReferenceId"}
    return json.dumps(members, sort_keys=True, separators=(",", ":"), default=str)


def _halves(indexes: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [indexes[: len(indexes) // 2], indexes[len(indexes) // 2 :]]


def _text(refusal: Refusal) -> str:
    return (
        str(refusal) if isinstance(refusal, InvalidRequestError) else " ".join((refusal.message, *refusal.details))
    )


def _without_numbers(refusal: Refusal) -> str:
    return re.sub(r"\d+", "#", _text(refusal))


def with_credits(results: Sequence[ItemResult[V]], charged: int | None) -> Sequence[ItemResult[V]]:
    """The results with their credits, whose sum is what the request was charged.

    If the rows do not report credits with that sum, the charge is split evenly among the items served.
    """
    if charged is None or sum(result.credits or 0 for result in results) == charged:
        unreported = None if charged is None else 0
        return [result if result.credits is not None else evolve(result, credits=unreported) for result in results]
    served = [index for index, result in enumerate(results) if result.status is Status.OK] or range(len(results))
    share, remainder = divmod(charged, len(served))
    credits = {index: share + (count < remainder) for count, index in enumerate(served)}
    return [evolve(result, credits=credits.get(index, 0)) for index, result in enumerate(results)]
