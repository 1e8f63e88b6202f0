"""Credit budgets: a paid call is sent only if the budget covers the maximum that it may cost."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any, cast

from .._repr import half_made
from ..errors import BudgetExceededError, ConfigurationError
from .prices import Price

__all__ = ["CreditBudget", "Reservation"]

# One for all budgets: a reservation changes several nested ones at once. Reentrant: the garbage collector may end an
# abandoned `changed` in a thread that holds it.
_LOCK = threading.RLock()


def _priced(prices: Any) -> Mapping[str, Price]:
    if not isinstance(prices, Mapping):
        raise ConfigurationError("prices must be a mapping of price keys to credits")
    by_key = cast(Mapping[str, Any], prices)
    return {key: price if isinstance(price, Price) else Price(price) for key, price in by_key.items()}


class CreditBudget:
    """At most `limit` credits for all tasks, clients and threads that share the budget.

    A paid call reserves the maximum that it may cost before it is sent; it raises `BudgetExceededError` if less than
    that is left. When the answer arrives, the credits charged become `spent` and the rest is available again. If the
    answer is lost, the whole reservation becomes `uncertain`, since the call may have been charged.

    - `limit`: credits, 0 or more.
    - `within`: an outer budget that has to cover each call as well, for instance a month's for a job's.
    - `prices`: credits by price key, for keys that the account's price list lacks.

    The limit holds as far as the price list is right. Data of third parties (the vendor's waterfall) may cost more
    than the list says; it is counted in full when it is reported, even beyond the limit.

    Raises `ConfigurationError` for an invalid argument.
    """

    def __init__(
        self,
        limit: int,
        *,
        within: "CreditBudget | None" = None,
        prices: Mapping[str, Price | float] | None = None,
    ) -> None:
        if type(limit) is not int or limit < 0:
            raise ConfigurationError("limit must be an integer of at least 0, in credits")
        if within is not None and not isinstance(cast(Any, within), CreditBudget):
            raise ConfigurationError("within must be a CreditBudget")
        self.limit = limit
        self.within = within
        self.prices: Mapping[str, Price | float] = {
            **({} if within is None else within.prices),
            **({} if prices is None else _priced(prices)),
        }
        self._spent = self._reserved = self._uncertain = 0
        # Who waits for this budget or one within it, if it is the outermost.
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def spent(self) -> int:
        """Credits that were charged, by the answers."""
        return self._spent

    @property
    def reserved(self) -> int:
        """Credits reserved for calls in flight."""
        return self._reserved

    @property
    def uncertain(self) -> int:
        """Credits that may have been charged (lost answers) or may yet be (waterfall jobs that are not over)."""
        return self._uncertain

    @property
    def remaining(self) -> int:
        """Credits that can still be reserved, here and in every outer budget."""
        return min(budget.limit - budget._spent - budget._reserved - budget._uncertain for budget in self._chain())

    @property
    def in_flight(self) -> bool:
        """Whether calls are in flight whose answers may release credits, here or in an outer budget."""
        return any(budget._reserved for budget in self._chain())

    def reserve(self, credits: int) -> "Reservation":
        """Reserve `credits` here and in every outer budget.

        Raises `BudgetExceededError` if one of them has less left; then nothing is reserved in any.
        """
        with _LOCK:
            for budget in self._chain():
                if credits > budget.limit - budget._spent - budget._reserved - budget._uncertain:
                    raise BudgetExceededError(
                        requested=credits,
                        spent=budget._spent,
                        reserved=budget._reserved + budget._uncertain,
                        limit=budget.limit,
                    )
            for budget in self._chain():
                budget._reserved += credits
        return Reservation(self, credits)

    async def changed(self) -> None:
        """Wait until a reservation here or in an outer budget is captured or voided; return at once without one."""
        future = asyncio.get_running_loop().create_future()
        *_, outermost = self._chain()  # hears of every budget within it
        with _LOCK:  # another thread may settle the last one just now
            if not self.in_flight:
                return
            outermost._waiting.append(future)
        try:
            await future
        finally:
            with _LOCK:
                outermost._waiting.remove(future)

    def _chain(self) -> "Iterator[CreditBudget]":
        budget: CreditBudget | None = self
        while budget is not None:
            yield budget
            budget = budget.within

    def _move(self, *, reserved: int = 0, spent: int = 0, uncertain: int = 0) -> None:
        chain = tuple(self._chain())
        with _LOCK:
            for budget in chain:
                budget._reserved += reserved
                budget._spent += spent
                budget._uncertain += uncertain
            waiting = list(chain[-1]._waiting)
        for future in waiting:
            with contextlib.suppress(RuntimeError):  # its loop is closed
                future.get_loop().call_soon_threadsafe(_wake, future)

    def charge(self, credits: int) -> None:
        """Count credits as spent that were not reserved."""
        self._move(spent=credits)

    @half_made
    def __repr__(self) -> str:
        return (
            f"<CreditBudget {self._spent} spent, {self._reserved} reserved, {self._uncertain} uncertain "
            f"of {self.limit}>"
        )


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


class Reservation:
    """Credits reserved for one call. `void` may be called twice, and after `capture`."""

    def __init__(self, budget: CreditBudget, credits: int) -> None:
        self._budget = budget
        self._left = credits
        self._uncertain = False

    def capture(self, credits: int) -> None:
        """Count `credits` as spent, also beyond what was reserved."""
        taken = min(credits, self._left)
        self._left -= taken
        self._take(taken, spent=credits)

    def void(self) -> None:
        """Nothing more will be charged: release what is left."""
        left, self._left = self._left, 0
        self._take(left)

    def mark_uncertain(self) -> None:
        """Move what is left to `uncertain`: it may have been charged, or may yet be."""
        if not self._uncertain:
            self._uncertain = True
            self._budget._move(reserved=-self._left, uncertain=self._left)

    def _take(self, credits: int, *, spent: int = 0) -> None:
        if self._uncertain:
            self._budget._move(uncertain=-credits, spent=spent)
        else:
            self._budget._move(reserved=-credits, spent=spent)
