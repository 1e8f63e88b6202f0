"""The account's money: what was charged, for what, by which request. Pure: `now` is given, in seconds.

Source: the vendor's billing pages, and the price list and charges that others recorded.
"""

import math
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ..api.answers import standard

__all__ = ["Books", "Charge"]

USAGE_LAG = 4.0
"""Seconds by which account usage trails what was charged."""


@frozen
class Charge:
    """One line of the ledger: `quantity` units of a price key, for `credits`."""

    at: float
    request_id: str
    operation: str
    key: str
    quantity: int
    credits: int


class Books:
    """Credits, prices and charges. The `lines` keep the newest `keep` charges; the sums keep all."""

    def __init__(self, *, credits: int, prices: Mapping[str, tuple[int, int]], keep: int = 10_000) -> None:
        self.total = credits
        self.prices = dict(prices)
        self.spent = 0
        self.lines: deque[Charge] = deque(maxlen=keep)
        self.charges = 0
        self.by_key: Counter[str] = Counter()
        self.by_operation: Counter[str] = Counter()
        self._told: deque[tuple[float, int]] = deque([(-math.inf, 0)])

    @property
    def left(self) -> int:
        """Credits that can still be spent."""
        return self.total - self.spent

    def price(self, key: str, quantity: int) -> int:
        """What `quantity` units cost in one request: whole blocks."""
        credits, block = self.prices[key]
        return -(-quantity // block) * credits

    def charge(self, now: float, request_id: str, operation: str, quantities: Mapping[str, int]) -> int:
        """Charge all of it or, with 402, nothing. Returns the credits."""
        wanted = {key: self.price(key, quantity) for key, quantity in quantities.items() if quantity}
        cost = sum(wanted.values())
        if cost > self.left:
            raise standard(402, "Insufficient credits for this operation")
        for key, credits in wanted.items():
            self.lines.append(Charge(now, request_id, operation, key, quantities[key], credits))
            self.charges += 1
            self.by_key[key] += credits
        self.by_operation[operation] += cost
        self.spent += cost
        if cost:
            self._told.append((now, self.spent))
            self.told(now)
        return cost

    def told(self, now: float) -> int:
        """The credits used as account usage tells them: as they stood some seconds ago."""
        while len(self._told) > 1 and self._told[1][0] <= now - USAGE_LAG:
            self._told.popleft()
        return self._told[0][1]

    def report(self, limit: int = 1_000) -> dict[str, Any]:
        """The ledger as JSON: sums, and the newest `limit` charges, oldest first."""
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
