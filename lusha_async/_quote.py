"""What calls would cost: the calls themselves, run dry over a executor that sends nothing."""

from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, mutable

from ._call.call import APIResponse, ClientState, Executor
from ._call.options import Options
from ._json import as_count, as_list, as_object
from ._pages.stream import PageStream
from .billing import Cost, PriceList
from .billing.costs import cost
from .billing.unclaimed import CallTracker
from .operations import Operation

__all__ = ["DryExecutor", "price_of_rows", "quote"]

_MOST_ROWS = 50_000  # of a stream without a limit: no query reaches further


@mutable
class _Bill:
    total: Cost
    prices: PriceList


class DryExecutor(Executor):
    """Adds up what each request would cost, and answers that everything was found."""

    def __init__(self, state: ClientState, options: Options, bill: _Bill) -> None:
        super().__init__(state, options)
        self._bill = bill

    def view(self, **changes: Any) -> "DryExecutor":
        """See `Executor.view`."""
        return DryExecutor(self.state, evolve(self.options, **changes), self._bill)

    async def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | bool | Sequence[str] | None] | None = None,
        body: Mapping[str, Any] | None = None,
        tracker: CallTracker | None = None,
    ) -> APIResponse:
        """Count the request; nothing is sent."""
        del tracker
        one = cost(operation, body or {}, query or {}, self._bill.prices)
        total = self._bill.total
        self._bill.total = evolve(
            total,
            requests=total.requests + 1,
            expected=total.expected + one.expected,
            maximum=total.maximum + one.maximum,
            unknown=tuple(dict.fromkeys((*total.unknown, *one.unknown))),
        )
        return APIResponse(operation=operation, payload=_everything(operation, {**(query or {}), **(body or {})}))


def _everything(operation: Operation, sent: Mapping[str, Any]) -> dict[str, Any]:
    """An answer with as many rows as were asked for."""
    if operation.items is not None:
        return {"results": [{} for _ in as_list(sent.get(operation.items))]}
    paging = as_object(sent.get("pagination")) or sent
    size = as_count(paging.get("size") or paging.get("limit") or paging.get("pageSize")) or 0
    return {
        "results": [{} for _ in range(size)],
        "dedupeSessionId": "dry",
        "pagination": {"page": as_count(paging.get("page")) or 0, "size": size},
        "meta": {"returned": size, "hasMore": True},
    }


async def price_of_rows(
    executor: Executor, operation: Operation, size: int, filters: Mapping[str, Any], rows: int
) -> Cost:
    """The cost of `rows` rows of a paged query, in pages of `size`."""
    prices = await executor.state.meter.prices(executor.usage)
    full, rest = divmod(rows, size)
    total = Cost(requests=0)
    for pages, each in ((full, size), (1 if rest else 0, rest)):
        body = {"filters": filters, "pagination": {"page": 0, "size": each}}
        one = cost(operation, body, {}, prices)
        total = evolve(
            total,
            requests=total.requests + pages,
            expected=total.expected + pages * one.expected,
            maximum=total.maximum + pages * one.maximum,
            unknown=tuple(dict.fromkeys((*total.unknown, *one.unknown))),
        )
    return evolve(total, seconds=executor.state.governor.forecast(total.requests) if total.requests else 0.0)


async def quote(executor: Executor, run: Callable[[Executor], AsyncIterable[Any] | Awaitable[Any]]) -> Cost:
    """The cost of what `run` does with the executor that it is given."""
    prices = await executor.state.meter.prices(executor.usage)
    budget = executor.options.budget
    bill = _Bill(Cost(requests=0), prices if budget is None else prices.with_own(budget.prices))
    options = evolve(executor.options, budget=None)
    done = run(DryExecutor(executor.state, options, bill))
    if isinstance(done, AsyncIterable):
        count = 0
        async for _ in done:
            count += 1
            if count == _MOST_ROWS and isinstance(done, PageStream):
                await done.aclose()
    else:
        await done
    total = bill.total
    return evolve(total, seconds=executor.state.governor.forecast(total.requests) if total.requests else 0.0)
