"""The price list of an account, from its account usage. Prices differ between accounts: none is written here."""

import math
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from .._json import as_count, as_object
from .._validators import count, number

__all__ = ["Price", "PriceList"]


@frozen
class Price:
    """`credits` for each started block of `per` units. Raises `ConfigurationError` for an invalid number."""

    credits: float = field(validator=number(min_=0, below=math.inf))
    per: int = field(default=1, validator=count(1))

    def of(self, units: int) -> int:
        """Credits for `units` in one request; a started block costs the whole block."""
        return math.ceil(-(-units // self.per) * self.credits)


@frozen
class PriceList:
    """Prices by the vendor's keys, for instance `revealEmail`."""

    prices: Mapping[str, Price] = field(factory=dict[str, Price])

    @classmethod
    def read(cls, payload: Any) -> "PriceList":
        """The list in an answer of account usage. Malformed entries are left out, and so unknown."""
        found: dict[str, Price] = {}
        for key, entry in as_object(as_object(payload).get("pricing")).items():
            credits: Any = as_object(entry).get("credits")
            per: Any = as_object(entry).get("perQuantity", 1)
            if as_count(credits) is not None and type(per) is int and per >= 1:
                found[key] = Price(credits, per)
        return cls(found)

    def with_own(self, own: Mapping[str, "Price | float"]) -> "PriceList":
        """With the prices `own` for keys that the account's list lacks."""
        added = {key: price if isinstance(price, Price) else Price(price) for key, price in own.items()}
        return PriceList({**added, **self.prices})
