"""What the account pays to see a person's addresses and numbers, and what it has paid already.

The vendor's own data points are tried first, then those of other providers (the Data Waterfall), which cost
their own price. Each is paid once, by whatever operation. Source: the vendor's reference and billing pages.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ..api.answers import Answer, standard
from .jobs import Pending
from .state import Call, State

__all__ = ["FIELDS", "Field", "Purse", "is_known", "later", "own_points", "provider_points"]

_Points = tuple[list[dict[str, Any]], str | None]
_NOW_BELOW, _LATER_BELOW = 35, 70  # of 100 data points that the vendor lacks; the rest nobody knows


@frozen(kw_only=True)
class Field:
    """One of the fields that can be revealed: its price key, and its bit in the account's memory."""

    name: str
    point: str
    key: str
    bit: int
    provider_key: str
    provider_bit: int


FIELDS: Mapping[str, Field] = {
    "emails": Field(
        name="emails", point="email", key="revealEmail", bit=1, provider_key="waterfallEmail", provider_bit=4
    ),
    "phones": Field(
        name="phones", point="phone", key="revealPhone", bit=2, provider_key="waterfallPhone", provider_bit=8
    ),
}


def is_known(state: State, index: int, what: Field) -> bool:
    """Whether the account has paid for the vendor's own data point."""
    return bool(state.revealed[index] & what.bit)


def own_points(state: State, index: int, what: Field) -> list[dict[str, Any]]:
    """The vendor's own data points of a field."""
    people = state.population.people
    return people.emails(index) if what.name == "emails" else people.phones(index)


def provider_points(state: State, index: int, what: Field) -> list[dict[str, Any]]:
    """The data point that another provider gives."""
    told: dict[str, Any] = {"updateDate": "2026-09-01", "dataSource": "provider-b", "credits": 0}
    if what.name == "emails":
        return [{"email": state.population.people.email(index), "type": "work", "confidence": "A"} | told]
    return [{"number": f"+130355501{index % 100:02d}", "type": "mobile", "doNotCall": False} | told]


def _provided(state: State, index: int, what: Field) -> str:
    """What the other providers make of it: `now`, `later` or `never`."""
    digest = hashlib.blake2b(
        f"{state.settings.seed}:waterfall:{what.name}:{index}".encode(), digest_size=2
    ).digest()
    draw = int.from_bytes(digest, "big") % 100
    return "now" if draw < _NOW_BELOW else "later" if draw < _LATER_BELOW else "never"


def later(state: State, index: int, what: Field) -> bool:
    """Whether the other providers will only know later, and the account has not paid for it before."""
    return _provided(state, index, what) == "later" and not state.revealed[index] & what.provider_bit


@frozen
class Purse:
    """Pays for the data points of one call as long as the credits last, and knows how far they did.

    `waterfall`: other providers are asked too; `jobs`: those that take their time may do so.
    """

    _state: State
    _call: Call
    waterfall: bool = field(default=False, kw_only=True)
    jobs: bool = field(default=False, kw_only=True)
    pending: list[Pending] = field(factory=list[Pending], init=False)
    _owed: dict[str, int] = field(factory=dict[str, int], init=False)
    _counts: dict[str, int] = field(factory=lambda: {"delivered": 0, "unpaid": 0}, init=False)

    def pay_first(self, key: str, quantity: int) -> None:
        """Owe what is due before anything is revealed; 402 if it cannot be paid."""
        if self._state.books.price(key, quantity) > self._state.books.left:
            raise standard(402, "Insufficient credits for this operation")
        if quantity:
            self._owed[key] = quantity

    def points(self, index: int, token: str, what: Field) -> _Points:
        """The data points of a field and, if there are none, why: NOT_FOUND, BILLING_FAILED, None for later."""
        found = own_points(self._state, index, what)
        if found:
            for point in found:
                point["dataSource"] = "lusha"
            return self._paid(index, found, what.key, what.bit)
        if not self.waterfall or _provided(self._state, index, what) == "never":
            return [], "NOT_FOUND"
        if later(self._state, index, what):
            if not self.jobs:
                return [], "NOT_FOUND"
            self.pending.append(Pending(index=index, token=token, name=what.name))
            return [], None
        found = provider_points(self._state, index, what)
        return self._paid(index, found, what.provider_key, what.provider_bit)

    def _paid(self, index: int, found: list[dict[str, Any]], key: str, bit: int) -> _Points:
        """The points with their price on the first, or nothing if it cannot be paid."""
        state, cost = self._state, 0
        if not state.revealed[index] & bit:
            cost = state.books.price(key, 1)
            if self._cost() + cost > state.books.left:
                self._counts["unpaid"] += 1
                return [], "BILLING_FAILED"
            state.revealed[index] |= bit
            self._owed[key] = self._owed.get(key, 0) + 1
        self._counts["delivered"] += 1
        for point in found:
            point["credits"], cost = cost, 0
        return found, None

    def _cost(self) -> int:
        return sum(self._state.books.price(key, count) for key, count in self._owed.items())

    def settle(self) -> int:
        """Charge what is owed, and give the credits. 402 if there was not a single credit left to pay with."""
        books, call = self._state.books, self._call
        if self._counts["unpaid"] and not self._counts["delivered"] and not self._owed and books.left <= 0:
            raise standard(402, "Insufficient credits for this operation")
        return books.charge(call.now, call.request_id, call.operation.name, self._owed)

    def describe(self, answer: Answer) -> None:
        """Add the status of the envelope: of the waterfall, or of credits that ran out in mid-call."""
        if self.waterfall:
            answer.payload["status"] = "partial" if self.pending else "completed"
        unpaid = self._counts["unpaid"]
        if unpaid:
            status = "PARTIAL_OUT_OF_CREDITS" if self._counts["delivered"] else "OUT_OF_CREDITS"
            answer.payload["status"] = status
            answer.payload["statusDescription"] = f"Credits ran out: {unpaid} data points were not revealed"
