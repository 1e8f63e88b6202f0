"""The many-forms: any number of inputs in, one `Outcome` for each out.

Inputs are read lazily, put into requests of the operation's largest batch, sent as fast as the governor lets
them through, and answered in input order or as answers come. Memory does not depend on the number of inputs.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from attrs import field, frozen, mutable

from .._call.call import Executor
from .._params import checks
from .._prefetch import ClosableIterator, Prefetcher, PrefetchTask
from ..errors import InvalidRequestError
from ..governor import Lane
from .chunks import Chunks, Source
from .items import BatchCall, BatchFaults, BatchRequest, identity
from .outcome import ItemResult, Outcome, Progress, Status

__all__ = ["MAX_DELAY", "Outcomes", "BulkConfig"]

I = TypeVar("I")  # noqa: E741
V = TypeVar("V")

MAX_DELAY = 1.0
"""Seconds that the first input of a request which is not full waits for others, by default."""

_REMEMBERED = 10_000  # distinct inputs among which a repeated one is not asked again, where that would be paid
_REMEMBERED_FREE = 1_000  # the same where asking again would be free
_MOST_REPEATS = 4  # inputs of one job, in batches, however many of them are repeated


@frozen(kw_only=True)
class BulkConfig:
    """How a many-form runs: see `Bulk` for the meaning of each. Raises `InvalidRequestError`."""

    ordered: bool = True
    dedupe: bool | int = True
    concurrency: int | None = None
    max_delay: float = MAX_DELAY
    on_progress: Callable[[Progress], object] | None = None

    def __attrs_post_init__(self) -> None:
        if self.concurrency is not None and (type(self.concurrency) is not int or self.concurrency < 1):
            raise InvalidRequestError("concurrency", "give a whole number from 1, or None")
        if type(self.max_delay) not in {int, float} or not self.max_delay >= 0:
            raise InvalidRequestError("max_delay", "give seconds from 0")
        checks.callback(self.on_progress, "on_progress")
        if type(self.dedupe) not in {bool, int} or self.dedupe < 0:
            raise InvalidRequestError("dedupe", "give True, False, or how many distinct inputs are remembered")

    def remembered(self, *, free: bool) -> int:
        """How many distinct inputs are known again."""
        if self.dedupe is True:
            return _REMEMBERED_FREE if free else _REMEMBERED
        return int(self.dedupe)


@mutable(eq=False)
class _DistinctItem(Generic[V]):
    """One distinct item: its place in its job, and its answer when there is one."""

    job: "_Batch[Any, V] | None" = field(repr=False)
    place: int
    answer: ItemResult[V] | None = field(default=None, repr=False)
    counted: bool = False


class _Run(Generic[I, V]):
    """The state of one many-form; knows nothing of the iterator in front of it."""

    def __init__(
        self,
        call: BatchCall[V],
        executor: Executor,
        inputs: Source[I],
        encode: Callable[[I], Any],
        plan: BulkConfig,
    ) -> None:
        self.call = call
        self.executor = executor.view(lane=executor.options.lane or Lane.BULK)
        self.plan = plan
        self.faults = BatchFaults()
        self.ahead = Prefetcher(self._begin, self._ended, ordered=plan.ordered, most=plan.concurrency)
        self.chunks = Chunks(inputs, call.size, plan.max_delay, self.ahead.pump)
        self._encode = encode
        self._remembered = plan.remembered(free=call.operation.repeatable)
        self.current: _Batch[I, V] | None = None
        self._known: OrderedDict[Hashable, _DistinctItem[V]] = OrderedDict()
        self._index = 0
        self._error: BaseException | None = None
        self._done = self._requests = self._credits = 0
        self._counts: Counter[Status] = Counter()

    def _begin(self) -> "_Batch[I, V] | None":
        job: _Batch[I, V] = _Batch(self)
        size = self.call.size
        while len(job.items) < size and len(job.rows) < _MOST_REPEATS * size:
            try:
                chunk = self.chunks.take(size - len(job.items))
            except (Exception, asyncio.CancelledError) as error:
                self._error = error
                break
            if chunk is None:
                break
            for given in chunk:
                self._add(job, given)
        return job if job.rows else None

    def _add(self, job: "_Batch[I, V]", given: I) -> None:
        asked = self._place(job, given)
        job.rows.append((self._index, given, asked))
        self._index += 1

    def _place(self, job: "_Batch[I, V]", given: I) -> _DistinctItem[V]:
        try:
            item = self._encode(given)
            key = identity(item) if self._remembered else None
        except InvalidRequestError as error:
            return _DistinctItem(job=None, place=-1, answer=ItemResult[V].failed(error))
        if key is not None:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        asked: _DistinctItem[V] = _DistinctItem(job=job, place=len(job.items))
        job.items.append(item)
        job.asked.append(asked)
        if key is not None:
            self._known[key] = asked
            if len(self._known) > self._remembered:
                self._known.popitem(last=False)
        return asked

    def _ended(self) -> bool:
        if self._error is not None:
            raise self._error
        return self.chunks.ended

    def report(self, job: "_Batch[I, V]") -> None:
        """Count a finished job and tell the caller's callback."""
        self._requests += job.request.requests
        self._credits += job.request.credits
        self._done += len(job.outcomes)
        self._counts.update(outcome.status for outcome in job.outcomes)
        if self.plan.on_progress is not None:
            self.plan.on_progress(
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
        self.ahead.close()
        job, self.current = self.current, None
        if job is not None:
            job.abandon()

    async def aclose(self) -> None:
        self.close()
        await self.chunks.aclose()
        await self.ahead.aclose()


class _Batch(PrefetchTask["_Batch[I, V]"], Generic[I, V]):
    """Some inputs: the distinct new ones as one request, and their outcomes."""

    def __init__(self, run: _Run[I, V]) -> None:
        super().__init__()
        self.rows: list[tuple[int, I, _DistinctItem[V]]] = []
        self.items: list[Any] = []
        self.asked: list[_DistinctItem[V]] = []
        self.outcomes: list[Outcome[I, V]] = []
        self.taken = 0
        self.finished = asyncio.Event()
        self.request = BatchRequest(run.call, run.executor, self.items, run.faults, self.turn.sent)
        self._run = run

    async def run(self) -> "_Batch[I, V]":
        try:
            if self.items:
                await self.request.ask()
                for asked in self.asked:
                    asked.answer = self.request.answers[asked.place]
        finally:
            for asked in self.asked:
                asked.job = None
            self.finished.set()
        for index, given, asked in self.rows:
            if asked.job is not None and asked.job is not self:
                await asked.job.finished.wait()
            self.outcomes.append(_outcome(index, given, asked))
        self._run.report(self)
        return self

    def abandon(self) -> None:
        given = {id(asked) for _, _, asked in self.rows[: self.taken]}
        self.request.abandon(self._run.executor.state.unclaimed, lambda place: id(self.asked[place]) not in given)


def _outcome(index: int, given: I, asked: _DistinctItem[V]) -> Outcome[I, V]:
    answer = asked.answer
    if answer is None:
        raise RuntimeError("an item without an answer")  # a bug of this library: never hide it as a result
    credits, asked.counted = (0 if asked.counted else answer.credits), True
    return Outcome(
        input=given,
        index=index,
        status=answer.status,
        value=answer.value,
        error=answer.error,
        credits=credits,
    )


class Outcomes(ClosableIterator[Outcome[I, V]], Generic[I, V]):
    """An async iterator of outcomes; also usable as `async with`.

    Leaving early, in whatever way, sends nothing further: what was not sent is taken back, what was sent runs
    to its end, and paid answers that were not handed out are in `client.unclaimed()`; so are requests whose answers
    were lost, for inputs whose outcome was not handed out. Being cancelled while waiting for an outcome closes it,
    as with any async generator; `StreamClosedError` from then on. Meant for one task at a time.
    """

    def __init__(
        self,
        call: BatchCall[V],
        executor: Executor,
        inputs: Source[I],
        *,
        encode: Callable[[I], Any],
        plan: BulkConfig,
    ) -> None:
        self._run = _Run(call, executor, inputs, encode, plan)

    async def __anext__(self) -> Outcome[I, V]:
        run = self._run
        while run.current is None or run.current.taken == len(run.current.outcomes):
            try:
                run.current = await run.ahead.next()
            except BaseException:
                if not run.ahead.awaited:  # another task reads this: it goes on
                    run.close()
                raise
        job = run.current
        outcome = job.outcomes[job.taken]
        job.taken += 1
        return outcome

    async def aclose(self) -> None:
        """Leave: see the class. Returns when none of its tasks is left."""
        await self._run.aclose()

    def __del__(self) -> None:
        if hasattr(self, "_run"):
            self._run.ahead.finalize(self._run.close)
