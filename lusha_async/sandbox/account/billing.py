"""The account's credits and charges. Pure: `now` is an argument, in seconds.

Source: the vendor's billing pages, and price lists and charges recorded in public.
"""

import math
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ..api.answers import standard_error

__all__ = ["Billing", "Charge"]

USAGE_LAG = 4.0
"""Seconds by which account usage lags behind the charges."""


@frozen
class Charge:
    """A line of the ledger: `quantity` units of a price key, for `credits`."""

    at: float
    request_id: str
    operation: str
    key: str
    quantity: int
    credits: int


class Billing:
    """Credits, prices and charges. `lines` holds the newest `keep` charges; the sums are of all."""

    def __init__(self, *, credits: int, prices: Mapping[str, tuple[int, int]], keep: int = 10_000) -> None:
        self.total = credits
        self.prices = dict(prices)
        self.spent = 0
        self.lines: deque[Charge] = deque(maxlen=keep)
        self.charges = 0
        self.by_key: Counter[str] = Counter()
        self.by_operation: Counter[str] = Counter()
        self._history: deque[tuple[float, int]] = deque([(-math.inf, 0)])

    @property
    def left(self) -> int:
        """The credits left."""
        return self.total - self.spent

    def price(self, key: str, quantity: int) -> int:
        """The credits for `quantity` units in one request; a started block costs a full one."""
        credits, block = self.prices[key]
        return -(-quantity // block) * credits

    def charge(self, now: float, request_id: str, operation: str, quantities: Mapping[str, int]) -> int:
        """Charge all quantities and return the credits.

        Raises `ErrorAnswer` (402) and charges nothing if too few credits are left.
        """
        costs = {key: self.price(key, quantity) for key, quantity in quantities.items() if quantity}
        cost = sum(costs.values())
        if cost > self.left:
            raise standard_error(402, "Insufficient credits for this operation")
        for key, credits in costs.items():
            self.lines.append(Charge(now, request_id, operation, key, quantities[key], credits))
            self.charges += 1
            self.by_key[key] += credits
        self.by_operation[operation] += cost
        self.spent += cost
        if cost:
            self._history.append((now, self.spent))
            self.reported(now)
        return cost

    def reported(self, now: float) -> int:
        """The credits used as account usage reports them: as of `USAGE_LAG` seconds ago."""
        while len(self._history) > 1 and self._history[1][0] <= now - USAGE_LAG:
            self._history.popleft()
        return self._history[0][1]

    def report(self, limit: int = 1_000) -> dict[str, Any]:
        """The ledger as JSON: the sums, and the newest `limit` charges, oldest first."""
        lines = list(self.lines)[-limit:]
        return {
            "credits": {"total": self.total, "used": self.spent, "left": self.left},
            "byKey": dict(self.by_key),
            "byOperation": {name: credits for name, credits in self.by_operation.items() if credits},
            "charges": self.charges,
            "lines": [
                {
                    "at": line.at,
                    "requestId": line.request_id,
                    "operation": line.operation,
                    "key": line.key,
                    "quantity": line.quantity,
                    "credits": line.credits,
                }
                for line in lines
            ],
        }
