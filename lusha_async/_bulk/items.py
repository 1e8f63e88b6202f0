"""One request's worth of items, answered item by item, whatever becomes of the request.

The vendor refuses a whole batch (400) for one bad item. Refused requests cost nothing, so the batch is taken
apart until the bad item stands alone and the others are served. Where the fault lies in the call itself (an
option that the plan does not have), single items are refused too: three of them settle that.
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

__all__ = ["BatchResult", "BatchCall", "BatchFaults", "BatchRequest", "identity"]

V = TypeVar("V")

STOPS = (
    AccountError,
    BudgetExceededError,
    ClientClosedError,
    ConfigurationError,
    PriceUnknownError,
    QuotaWaitTooLongError,
)
"""After one of these no further request of the same bulk call can succeed now. By themselves they are free."""

_MOST_NAMED = 8

Refusal = BadRequestError | InvalidRequestError
"""A request refused as a whole, by the vendor or before it was sent. Free."""


@frozen(kw_only=True)
class BatchResult(Generic[V]):
    """An answered request: one answer for each item in order, and whether the account can pay for no more.

    `stray`: the answer has results that could not be told to be for one of the items.
    """

    answers: Sequence[ItemResult[V]]
    stop: LushaError | None = None
    stray: bool = False


@frozen(kw_only=True)
class BatchCall(Generic[V]):
    """A batchable call with its options: the operation, and how to ask for some items over a executor.

    `options` are what makes two such calls different: the rest of the body. `most` items go in one request, by
    default as many as the operation takes.
    """

    operation: Operation
    ask: Callable[[Executor, list[Any], CallTracker], Awaitable[BatchResult[V]]]
    options: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    most: int | None = None

    @property
    def size(self) -> int:
        """The most items of one request."""
        assert self.operation.batch is not None  # noqa: S101
        return min(self.most or self.operation.batch, self.operation.batch)


@mutable
class BatchFaults:
    """What the 400s of one bulk call have shown so far, by their text without numbers."""

    of_call: set[str] = field(factory=set[str])
    of_items: set[str] = field(factory=set[str])
    stop: LushaError | None = None
    """Why nothing is sent any more."""
    judging: asyncio.Lock = field(factory=asyncio.Lock)
    """Held while three rows are tried, so that requests refused alike do not all try their own."""


class BatchRequest(Generic[V]):
    """The items of one request on their way; `answers` has one for each, by its place, when `ask` is done."""

    def __init__(
        self,
        call: BatchCall[V],
        executor: Executor,
        items: list[Any],
        faults: BatchFaults,
        went_out: Callable[[], None],
    ) -> None:
        self.answers: dict[int, ItemResult[V]] = {}
        self.requests = 0
        self._call = call
        self._executor = executor
        self._items = items
        self._faults = faults
        self._went_out = went_out
        self._trackers: list[tuple[CallTracker, tuple[int, ...]]] = []

    async def ask(self) -> None:
        """Fill `answers`. Raises only what is no `LushaError`."""
        await self._serve(tuple(range(len(self._items))))

    @property
    def credits(self) -> int:
        """What the answers so far said they cost."""
        return sum(tracker.credits for tracker, _ in self._trackers)

    def abandon(self, store: UnclaimedStore, untaken: Callable[[int], bool]) -> None:
        """Keep in `store` the paid answers with the items that nobody was given."""
        for tracker, rows in self._trackers:
            left = tuple(place for place, row in enumerate(rows) if untaken(row))
            tracker.abandon(store, None if len(left) == len(rows) else left)

    async def _serve(self, rows: tuple[int, ...]) -> None:
        refusal = await self._send(rows)
        if refusal is not None:
            await self._divide(rows, refusal)

    async def _send(self, rows: tuple[int, ...]) -> Refusal | None:
        """One request; gives back a refusal of it as a whole, anything else goes into `answers`."""
        if self._faults.stop is not None:
            self._fill(rows, ItemResult[V].skipped(self._faults.stop))
            return None
        tracker = CallTracker(self._went_out)
        self._trackers.append((tracker, rows))
        try:
            asked = await self._call.ask(self._executor, [self._items[row] for row in rows], tracker)
        except (BadRequestError, InvalidRequestError) as refusal:
            return refusal
        except BudgetExceededError as short:
            affordable = len(rows) * short.remaining // max(short.requested, 1)
            if 0 < affordable < len(rows):
                await self._serve(rows[:affordable])
                await self._serve(rows[affordable:])
            else:
                self._faults.stop = short
                self._fill(rows, ItemResult[V].skipped(short))
        except STOPS as stop:
            self._faults.stop = stop
            self._fill(rows, ItemResult[V].failed(stop) if stop.charged is None else ItemResult[V].skipped(stop))
        except LushaError as error:
            self._fill(rows, ItemResult[V].failed(error))
            tracker.keep_unparsed(self._executor.state.unclaimed)
        else:
            self.requests += 1
            self._take(rows, asked, tracker)
            if asked.stray:  # paid for, though whose they are is not known
                statuses = enumerate(answer.status for answer in asked.answers)
                unserved = tuple(place for place, status in statuses if status is Status.AMBIGUOUS)
                tracker.keep(self._executor.state.unclaimed, unserved)
        return None

    def _take(self, rows: tuple[int, ...], asked: BatchResult[V], tracker: CallTracker) -> None:
        charged = None if tracker.answer is None else tracker.answer.credits
        for row, answer in zip(rows, _shared_out(asked.answers, charged), strict=True):
            self.answers[row] = answer
        if asked.stop is not None:
            self._faults.stop = asked.stop

    def _fill(self, rows: tuple[int, ...], answer: ItemResult[V]) -> None:
        for row in rows:
            self.answers[row] = answer

    async def _divide(self, rows: tuple[int, ...], refusal: Refusal) -> None:
        text = _without_numbers(refusal)
        if len(rows) == 1 or text in self._faults.of_call:
            self._fill(rows, ItemResult[V].failed(refusal))
            return
        named = self._named(rows, refusal)
        if named:
            parts = [tuple(row for row in rows if row not in named), *((row,) for row in named)]
        elif len(rows) <= 3 or text in self._faults.of_items:
            parts = _halves(rows)
        else:
            async with self._faults.judging:
                rest = await self._judge(rows, text)
            if text in self._faults.of_call:
                self._fill(rest, ItemResult[V].failed(refusal))
                return
            parts = [rest] if len(rest) < len(rows) else _halves(rows)  # judged by this request, or by another
        for part in parts:
            if part:
                await self._serve(part)

    async def _judge(self, rows: tuple[int, ...], text: str) -> tuple[int, ...]:
        """Find out, by three single rows, whether the call or some items are refused; the rows still to be served."""
        if text in self._faults.of_call or text in self._faults.of_items:
            return rows
        probes = (rows[0], rows[len(rows) // 2], rows[-1])
        for probe in probes:
            await self._serve((probe,))
        alike = all(self._refused_for(probe, text) for probe in probes)
        (self._faults.of_call if alike else self._faults.of_items).add(text)
        return tuple(row for row in rows if row not in probes)

    def _named(self, rows: tuple[int, ...], refusal: Refusal) -> tuple[int, ...]:
        """The rows that the refusal names by their place, as in `contacts.3.email`; few, or none."""
        name = self._call.operation.items
        places = {int(place) for place in re.findall(rf"\b{name}[.\[](\d{{1,4}})\b", _words(refusal))}
        named = tuple(rows[place] for place in sorted(places) if place < len(rows))
        return named if len(named) <= min(_MOST_NAMED, len(rows) - 1) else ()

    def _refused_for(self, row: int, text: str) -> bool:
        answer = self.answers.get(row)
        return (
            answer is not None
            and answer.status is Status.FAILED
            and isinstance(answer.error, Refusal)
            and _without_numbers(answer.error) == text
        )


def _halves(rows: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [rows[: len(rows) // 2], rows[len(rows) // 2 :]]


def identity(item: Any) -> Hashable:
    """What makes two items the same; the caller's own reference does not count."""
    if isinstance(item, str):
        return item
    members = {name: value for name, value in item.items() if name != "clientReferenceId"}
    return json.dumps(members, sort_keys=True, separators=(",", ":"), default=str)


def _words(refusal: Refusal) -> str:
    return (
        str(refusal) if isinstance(refusal, InvalidRequestError) else " ".join((refusal.message, *refusal.details))
    )


def _without_numbers(refusal: Refusal) -> str:
    return re.sub(r"\d+", "#", _words(refusal))


def _shared_out(answers: Sequence[ItemResult[V]], charged: int | None) -> Sequence[ItemResult[V]]:
    """The answers with their credits, which together are what the request was charged.

    Where the rows do not tell what they cost, the charge is shared out evenly among those that were served.
    """
    if charged is None or sum(answer.credits or 0 for answer in answers) == charged:
        rest = None if charged is None else 0
        return [answer if answer.credits is not None else evolve(answer, credits=rest) for answer in answers]
    served = [place for place, answer in enumerate(answers) if answer.status is Status.OK] or range(len(answers))
    each, more = divmod(charged, len(served))
    shares = {place: each + (turn < more) for turn, place in enumerate(served)}
    return [evolve(answer, credits=shares.get(place, 0)) for place, answer in enumerate(answers)]
