"""Bulk methods: an iterator of one `Outcome` for each of any number of inputs.

Inputs are read lazily, grouped into requests of the operation's largest batch, and sent as fast as the governor
allows. Memory does not depend on the number of inputs.
"""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from typing import Any, Generic, TypeVar

from attrs import field, frozen, mutable

from .._call.call import Executor
from .._params import checks
from .._prefetch import ClosableIterator, Prefetcher, PrefetchTask
from ..errors import InvalidRequestError
from ..governor import Lane
from .chunks import Chunks, Source
from .items import BatchCall, BatchFaults, BatchRequest, item_key
from .outcome import ItemResult, Outcome, Progress, Status

__all__ = ["BulkConfig", "Outcomes"]

I = TypeVar("I")  # noqa: E741
V = TypeVar("V")

_DEDUPE_ITEMS = 10_000  # distinct items remembered where sending one again would be charged
_DEDUPE_FREE_ITEMS = 1_000  # the same where it would be free
_MAX_INPUTS = 4  # inputs of one batch, as a multiple of its items, however many of them are duplicates


@frozen(kw_only=True)
class BulkConfig:
    """How a bulk method runs; `BulkOptions` describes the members. Raises `InvalidRequestError`."""

    ordered: bool = True
    dedupe: bool | int = True
    concurrency: int | None = None
    max_delay: float = 1.0
    on_progress: Callable[[Progress], object] | None = None

    def __attrs_post_init__(self) -> None:
        if self.concurrency is not None and (type(self.concurrency) is not int or self.concurrency < 1):
            raise InvalidRequestError("concurrency", "must be an integer of at least 1, or None")
        if type(self.max_delay) not in {int, float} or not self.max_delay >= 0:
            raise InvalidRequestError("max_delay", "must be a number of seconds of at least 0")
        checks.callback(self.on_progress, "on_progress")
        if type(self.dedupe) not in {bool, int} or self.dedupe < 0:
            raise InvalidRequestError("dedupe", "must be True, False, or how many distinct inputs to remember")

    def dedupe_items(self, *, free: bool) -> int:
        """How many distinct items are remembered. `free`: sending one again costs nothing."""
        if self.dedupe is True:
            return _DEDUPE_FREE_ITEMS if free else _DEDUPE_ITEMS
        return int(self.dedupe)


@mutable(eq=False)
class _DistinctItem(Generic[V]):
    """One distinct item: its index in the batch that sends it until that has ended, and its result."""

    batch: "_Batch[Any, V] | None" = field(repr=False)
    index: int
    result: ItemResult[V] | None = field(default=None, repr=False)
    credits_reported: bool = False


class _Run(Generic[I, V]):
    """The state of one bulk call. Holds no reference to the public iterator, so that an abandoned one is collected."""

    def __init__(
        self,
        call: BatchCall[V],
        executor: Executor,
        inputs: Source[I],
        encode: Callable[[I], Any],
        config: BulkConfig,
    ) -> None:
        self.call = call
        self.executor = executor.view(lane=executor.options.lane or Lane.BULK)
        self.config = config
        self.faults = BatchFaults()
        self.prefetcher = Prefetcher(
            self._next_batch, self._exhausted, ordered=config.ordered, max_tasks=config.concurrency
        )
        self.chunks = Chunks(inputs, call.size, config.max_delay, self.prefetcher.pump)
        self.current: _Batch[I, V] | None = None
        self._encode = encode
        self._max_known = config.dedupe_items(free=call.operation.repeatable)
        self._known: OrderedDict[Hashable, _DistinctItem[V]] = OrderedDict()
        self._index = 0
        self._error: BaseException | None = None
        self._done = self._requests = self._credits = 0
        self._counts: Counter[Status] = Counter()

    def _next_batch(self) -> "_Batch[I, V] | None":
        batch: _Batch[I, V] = _Batch(self)
        size = self.call.size
        while len(batch.items) < size and len(batch.inputs) < _MAX_INPUTS * size:
            try:
                chunk = self.chunks.take(size - len(batch.items))
            except (Exception, asyncio.CancelledError) as error:
                self._error = error
                break
            if chunk is None:
                break
            for value in chunk:
                batch.inputs.append((self._index, value, self._distinct(batch, value)))
                self._index += 1
        return batch if batch.inputs else None

    def _distinct(self, batch: "_Batch[I, V]", value: I) -> _DistinctItem[V]:
        """The item for an input: a known one, or a new one of `batch`."""
        try:
            item = self._encode(value)
            key = item_key(item) if self._max_known else None
        except InvalidRequestError as error:
            return _DistinctItem(batch=None, index=-1, result=ItemResult[V].failed(error))
        if key is not None:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        distinct: _DistinctItem[V] = _DistinctItem(batch=batch, index=len(batch.items))
        batch.items.append(item)
        batch.distinct.append(distinct)
        if key is not None:
            self._known[key] = distinct
            if len(self._known) > self._max_known:
                self._known.popitem(last=False)
        return distinct

    def _exhausted(self) -> bool:
        if self._error is not None:
            raise self._error
        return self.chunks.exhausted

    def report(self, batch: "_Batch[I, V]") -> None:
        """Count a finished batch and call `on_progress`."""
        self._requests += batch.request.requests
        self._credits += batch.request.credits
        self._done += len(batch.outcomes)
        self._counts.update(outcome.status for outcome in batch.outcomes)
        if self.config.on_progress is not None:
            self.config.on_progress(
                Progress(
                    total=self.chunks.total,
                    read=self.chunks.read,
                    done=self._done,
                    counts=dict(self._counts),
                    requests=self._requests,
                    credits=self._credits,
                )
            )

    def close(self) -> None:
        self.chunks.close()
        self.prefetcher.close()
        batch, self.current = self.current, None
        if batch is not None:
            batch.abandon()

    async def aclose(self) -> None:
        self.close()
        await self.chunks.aclose()
        await self.prefetcher.aclose()


class _Batch(PrefetchTask["_Batch[I, V]"], Generic[I, V]):
    """Some inputs and their outcomes: the items among them that are new are sent as one request."""

    def __init__(self, run: _Run[I, V]) -> None:
        super().__init__()
        self.inputs: list[tuple[int, I, _DistinctItem[V]]] = []
        self.items: list[Any] = []
        self.distinct: list[_DistinctItem[V]] = []
        self.outcomes: list[Outcome[I, V]] = []
        self.taken = 0
        self.finished = asyncio.Event()
        self.request = BatchRequest(run.call, run.executor, self.items, run.faults, self.queue_status.sent)
        self._run = run

    async def run(self) -> "_Batch[I, V]":
        try:
            if self.items:
                await self.request.send()
                for distinct in self.distinct:
                    distinct.result = self.request.results[distinct.index]
        finally:
            for distinct in self.distinct:
                distinct.batch = None
            self.finished.set()
        for index, value, distinct in self.inputs:
            if distinct.batch is not None and distinct.batch is not self:
                await distinct.batch.finished.wait()
            self.outcomes.append(_outcome(index, value, distinct))
        self._run.report(self)
        return self

    def abandon(self) -> None:
        taken = {id(distinct) for _, _, distinct in self.inputs[: self.taken]}
        self.request.abandon(
            self._run.executor.state.unclaimed, lambda index: id(self.distinct[index]) not in taken
        )


def _outcome(index: int, value: I, distinct: _DistinctItem[V]) -> Outcome[I, V]:
    result = distinct.result
    if result is None:
        raise RuntimeError("an item without a result")  # a bug of this library: never hide it as an outcome
    credits, distinct.credits_reported = (0 if distinct.credits_reported else result.credits), True
    return Outcome(
        input=value,
        index=index,
        status=result.status,
        value=result.value,
        error=result.error,
        credits=credits,
    )


class Outcomes(ClosableIterator[Outcome[I, V]], Generic[I, V]):
    """What a bulk method returns: an async iterator of one `Outcome` for each input; also an async context manager.

    Order: that of the inputs, or with `ordered=False` that in which requests are answered.

    Raises: an error of one request is in the outcomes of its inputs and ends nothing. What the source of the inputs
    or `on_progress` raises is raised here and closes the iterator.

    Leaving early (`break`, an exception, a cancellation, `aclose()`, or dropping the iterator) sends no further
    request. Requests still queued are cancelled. Requests already sent run to their end in the background; their
    answers, and errors after which a request may have been charged, are then in `client.unclaimed()` for the inputs
    whose outcome was not read. A task that is cancelled while it waits here closes the iterator; reading on raises
    `StreamClosedError`.

    One task reads it at a time; a second reader gets a `RuntimeError`.
    """

    def __init__(
        self,
        call: BatchCall[V],
        executor: Executor,
        inputs: Source[I],
        *,
        encode: Callable[[I], Any],
        config: BulkConfig,
    ) -> None:
        if executor.dry and isinstance(inputs, Iterator | AsyncIterator):
            raise InvalidRequestError(
                "inputs", "can be read only once, and a quote would read it: pass a list of them"
            )
        self._run = _Run(call, executor, inputs, encode, config)

    async def __anext__(self) -> Outcome[I, V]:
        run = self._run
        try:
            if time.monotonic() >= run.prefetcher.yield_at:
                await run.prefetcher.yield_to_loop()
            while run.current is None or run.current.taken == len(run.current.outcomes):
                run.current = await run.prefetcher.next()
        except BaseException as error:
            self._ended = isinstance(error, StopAsyncIteration)
            if not run.prefetcher.awaited:  # else another task reads it, and goes on
                run.close()
            raise
        batch = run.current
        outcome = batch.outcomes[batch.taken]
        batch.taken += 1
        return outcome

    async def aclose(self) -> None:
        """Close the iterator (see the class) and wait until none of its tasks runs. Idempotent."""
        await self._run.aclose()

    def __del__(self) -> None:
        if hasattr(self, "_run"):
            self._run.prefetcher.finalize(self._run.close)
