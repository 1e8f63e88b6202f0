"""A credit budget: nothing is sent that it might not cover."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..errors import BudgetExceededError, ConfigurationError
from .prices import Price

__all__ = ["CreditBudget", "Reservation"]

_LOCK = threading.Lock()  # one for all: a reservation moves in several nested budgets at once


def _priced(prices: Any) -> Mapping[str, Price]:
    if not isinstance(prices, Mapping):
        raise ConfigurationError("prices: give a mapping of the price list's keys to credits")
    given = cast(Mapping[str, Any], prices)
    return {key: price if isinstance(price, Price) else Price(price) for key, price in given.items()}


class CreditBudget:
    """At most `limit` credits, shared by whatever tasks, clients and threads hold it.

    A paid call reserves the most that it may cost before it is sent, and is refused with `BudgetExceededError`
    when that much is not left. The answer settles it: what was charged is `spent`, the rest is free again. A
    call whose answer was lost keeps its whole reserve, as `uncertain`: it may have been charged.

    `within` is a budget that this one is part of (a job's within a month's): both have to allow a call.
    `prices` are credits for keys that the account's own price list lacks. The limit holds as long as the price
    list is right; data that third parties deliver (the vendor's waterfall) may cost more than the list says,
    and is counted in full when it is told, even if that goes over the limit. Raises `ConfigurationError`.
    """

    def __init__(
        self,
        limit: int,
        *,
        within: "CreditBudget | None" = None,
        prices: Mapping[str, Price | float] | None = None,
    ) -> None:
        if type(limit) is not int or limit < 0:
            raise ConfigurationError("limit: a budget is a whole number of credits, 0 or more")
        if within is not None and not isinstance(cast(Any, within), CreditBudget):
            raise ConfigurationError("within: give a CreditBudget")
        self.limit = limit
        self.within = within
        self.prices: Mapping[str, Price | float] = {
            **({} if within is None else within.prices),
            **({} if prices is None else _priced(prices)),
        }
        self._spent = self._reserved = self._uncertain = 0
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def spent(self) -> int:
        """Credits that answers said were charged."""
        return self._spent

    @property
    def reserved(self) -> int:
        """Credits set aside for calls under way."""
        return self._reserved

    @property
    def uncertain(self) -> int:
        """Credits set aside for what may have been charged (answers lost) or may yet be (waterfall jobs at work)."""
        return self._uncertain

    @property
    def remaining(self) -> int:
        """Credits that may still be reserved here and in the budgets that this one is part of."""
        return min(one.limit - one._spent - one._reserved - one._uncertain for one in self._chain())

    @property
    def in_flight(self) -> bool:
        """Whether calls are under way whose answers may free credits."""
        return any(one._reserved for one in self._chain())

    def reserve(self, credits: int) -> "Reservation":
        """Set `credits` aside here and in every outer budget, or in none: `BudgetExceededError`."""
        with _LOCK:
            for one in self._chain():
                if credits > one.limit - one._spent - one._reserved - one._uncertain:
                    raise BudgetExceededError(
                        asked=credits,
                        spent=one._spent,
                        reserved=one._reserved + one._uncertain,
                        limit=one.limit,
                    )
            for one in self._chain():
                one._reserved += credits
        return Reservation(self, credits)

    async def changed(self) -> None:
        """Wait until some reservation, here or in an outer budget, is settled or freed; not at all without one."""
        future = asyncio.get_running_loop().create_future()
        with _LOCK:  # another thread may settle the last one just now
            if not self.in_flight:
                return
            for one in self._chain():
                one._waiting.append(future)
        try:
            await future
        finally:
            with _LOCK:
                for one in self._chain():
                    one._waiting.remove(future)

    def _chain(self) -> "Iterator[CreditBudget]":
        one: CreditBudget | None = self
        while one is not None:
            yield one
            one = one.within

    def _move(self, *, reserved: int = 0, spent: int = 0, uncertain: int = 0) -> None:
        waiting: list[asyncio.Future[None]] = []
        with _LOCK:
            for one in self._chain():
                one._reserved += reserved
                one._spent += spent
                one._uncertain += uncertain
                waiting += one._waiting
        for future in waiting:
            with contextlib.suppress(RuntimeError):  # its loop is closed
                future.get_loop().call_soon_threadsafe(_wake, future)

    def charge(self, credits: int) -> None:
        """Count credits that were charged without having been reserved."""
        self._move(spent=credits)

    def __repr__(self) -> str:
        return (
            f"<CreditBudget {self._spent} spent, {self._reserved} reserved, {self._uncertain} uncertain "
            f"of {self.limit}>"
        )


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


class Reservation:
    """Credits set aside for one call. Synchronous, and safe to free twice."""

    def __init__(self, budget: CreditBudget, credits: int) -> None:
        self._budget = budget
        self._left = credits
        self._doubted = False

    def spend(self, credits: int) -> None:
        """So much was charged; more than was reserved is counted as well."""
        taken = min(credits, self._left)
        self._left -= taken
        self._take(taken, spent=credits)

    def free(self) -> None:
        """Nothing more will be charged."""
        left, self._left = self._left, 0
        self._take(left)

    def doubt(self) -> None:
        """What is left may have been charged, or may yet be: it waits for no answer under way."""
        if not self._doubted:
            self._doubted = True
            self._budget._move(reserved=-self._left, uncertain=self._left)

    def _take(self, credits: int, *, spent: int = 0) -> None:
        if self._doubted:
            self._budget._move(uncertain=-credits, spent=spent)
        else:
            self._budget._move(reserved=-credits, spent=spent)
