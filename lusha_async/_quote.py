"""The price of calls: a dry run of the calls themselves, over an executor that sends nothing."""

from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from typing import Any

from attrs import evolve, mutable

from ._call.call import APIResponse, ClientState, Executor
from ._call.options import Options
from ._json import as_count, as_list, as_object
from ._pages.stream import PageStream
from .billing import Cost, PriceList
from .billing.costs import cost
from .operations import Operation

__all__ = ["DryExecutor", "price_of_rows", "quote"]

_MAX_ROWS = 50_000  # of a stream without a limit: no query has more rows that can be reached


@mutable
class _Bill:
    total: Cost
    prices: PriceList


class DryExecutor(Executor):
    """Adds up the price of each request, and answers as if everything was found."""

    dry = True

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
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> APIResponse:
        """Add the price of the request. Sends nothing."""
        price = cost(operation, body or {}, query or {}, self._bill.prices)
        self._bill.total = _added(self._bill.total, price, requests=1)
        payload = _full_answer(operation, {**(query or {}), **(body or {})}, self._bill.total.requests)
        return APIResponse(operation=operation, payload=payload)


def _full_answer(operation: Operation, sent: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The answer to the request of that number: as many rows as were requested, each another one."""
    if operation.items is not None:
        return {"results": [{"index": index} for index, _ in enumerate(as_list(sent.get(operation.items)))]}
    paging = as_object(sent.get("pagination")) or sent
    size = as_count(paging.get("size") or paging.get("limit") or paging.get("pageSize")) or 0
    return {
        "results": [{"id": f"{number}.{index}"} for index in range(size)],
        "dedupeSessionId": "dry",
        "pagination": {"page": as_count(paging.get("page")) or 0, "size": size},
        "meta": {"returned": size, "hasMore": True},
    }


async def price_of_rows(
    executor: Executor, operation: Operation, size: int, filters: Mapping[str, Any], rows: int
) -> Cost:
    """The price of `rows` rows of a paged query, in pages of `size`."""
    prices = await executor.state.meter.prices(executor.usage)
    full, rest = divmod(rows, size)
    total = Cost(requests=0)
    for pages, page_size in ((full, size), (1 if rest else 0, rest)):
        body = {"filters": filters, "pagination": {"page": 0, "size": page_size}}
        total = _added(total, cost(operation, body, {}, prices), requests=pages)
    return _with_seconds(total, executor)


async def quote(executor: Executor, run: Callable[[Executor], AsyncIterable[Any] | Awaitable[Any]]) -> Cost:
    """The price of the calls that `run` makes with the executor it is called with."""
    prices = await executor.state.meter.prices(executor.usage)
    budget = executor.options.budget
    bill = _Bill(Cost(requests=0), prices if budget is None else prices.with_own(budget.prices))
    options = evolve(executor.options, budget=None)
    result = run(DryExecutor(executor.state, options, bill))
    if isinstance(result, AsyncIterable):
        count = 0
        async for _ in result:
            count += 1
            if count == _MAX_ROWS and isinstance(result, PageStream):
                await result.aclose()
    else:
        await result
    return _with_seconds(bill.total, executor)


def _added(total: Cost, price: Cost, *, requests: int) -> Cost:
    """`total` and `requests` times `price`."""
    return evolve(
        total,
        requests=total.requests + requests,
        expected=total.expected + requests * price.expected,
        maximum=total.maximum + requests * price.maximum,
        unknown=tuple(dict.fromkeys((*total.unknown, *price.unknown))),
    )


def _with_seconds(total: Cost, executor: Executor) -> Cost:
    return evolve(total, seconds=executor.state.governor.forecast(total.requests) if total.requests else 0.0)
