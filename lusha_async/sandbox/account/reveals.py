"""Revealing e-mails and phones, and what the account pays for them.

The vendor's own data points come first, then those of other providers (the Data Waterfall) at their own price.
The account pays each once, whatever the operation. Source: the vendor's reference and billing pages.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ..api.answers import Answer, standard_error
from .records import PendingPoint
from .state import Call, State

__all__ = ["FIELDS", "Field", "Reveals", "is_revealed", "own_points", "provider_points"]

_Points = tuple[list[dict[str, Any]], str | None]
_NOW_BELOW, _LATER_BELOW = 35, 70  # per cent of the data points that the vendor lacks; no provider has the rest


@frozen(kw_only=True)
class Field:
    """A field that can be revealed: its price keys, and its bits in `State.revealed`."""

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


def is_revealed(state: State, index: int, field: Field) -> bool:
    """Whether the account has paid for the vendor's own data points of the field."""
    return bool(state.revealed[index] & field.bit)


def own_points(state: State, index: int, field: Field) -> list[dict[str, Any]]:
    """The vendor's own data points of a field."""
    people = state.population.people
    return people.emails(index) if field.name == "emails" else people.phones(index)


def provider_points(state: State, index: int, field: Field) -> list[dict[str, Any]]:
    """The data point of another provider."""
    common: dict[str, Any] = {"updateDate": "2026-09-01", "dataSource": "provider-b", "credits": 0}
    if field.name == "emails":
        return [{"email": state.population.people.email(index), "type": "work", "confidence": "A"} | common]
    return [{"number": f"+130355501{index % 100:02d}", "type": "mobile", "doNotCall": False} | common]


def _provided(state: State, index: int, field: Field) -> str:
    """When the other providers have the data point: `now`, `later` or `never`."""
    digest = hashlib.blake2b(
        f"{state.settings.seed}:waterfall:{field.name}:{index}".encode(), digest_size=2
    ).digest()
    draw = int.from_bytes(digest, "big") % 100
    return "now" if draw < _NOW_BELOW else "later" if draw < _LATER_BELOW else "never"


@frozen
class Reveals:
    """The reveals of one call, paid in order while the credits last.

    `waterfall`: use other providers too; `jobs`: also those that answer later.
    """

    _state: State
    _call: Call
    waterfall: bool = field(default=False, kw_only=True)
    jobs: bool = field(default=False, kw_only=True)
    pending: list[PendingPoint] = field(factory=list[PendingPoint], init=False)
    _quantities: dict[str, int] = field(factory=dict[str, int], init=False)
    _counts: dict[str, int] = field(factory=lambda: {"delivered": 0, "unpaid": 0}, init=False)

    def add_charge(self, key: str, quantity: int) -> None:
        """Add a charge before the first reveal. Raises `ErrorAnswer` (402) if too few credits are left."""
        if self._state.billing.price(key, quantity) > self._state.billing.left:
            raise standard_error(402, "Insufficient credits for this operation")
        if quantity:
            self._quantities[key] = quantity

    def reveal(self, index: int, token: str, field: Field) -> _Points:
        """The data points of a field, and the reason if there are none: NOT_FOUND, BILLING_FAILED, None for a job."""
        found = own_points(self._state, index, field)
        if found:
            for point in found:
                point["dataSource"] = "lusha"
            return self._pay(index, found, field.key, field.bit)
        provided = _provided(self._state, index, field) if self.waterfall else "never"
        if provided == "later" and self._state.revealed[index] & field.provider_bit:
            provided = "now"  # paid before
        if provided == "never" or (provided == "later" and not self.jobs):
            return [], "NOT_FOUND"
        if provided == "later":
            self.pending.append(PendingPoint(index=index, token=token, name=field.name))
            return [], None
        found = provider_points(self._state, index, field)
        return self._pay(index, found, field.provider_key, field.provider_bit)

    def _pay(self, index: int, found: list[dict[str, Any]], key: str, bit: int) -> _Points:
        """The data points with their price on the first, or none if too few credits are left."""
        state, cost = self._state, 0
        if not state.revealed[index] & bit:
            cost = state.billing.price(key, 1)
            if self._cost() + cost > state.billing.left:
                self._counts["unpaid"] += 1
                return [], "BILLING_FAILED"
            state.revealed[index] |= bit
            self._quantities[key] = self._quantities.get(key, 0) + 1
        self._counts["delivered"] += 1
        for point in found:
            point["credits"], cost = cost, 0
        return found, None

    def _cost(self) -> int:
        return sum(self._state.billing.price(key, count) for key, count in self._quantities.items())

    def charge(self) -> int:
        """Charge the reveals and return the credits. Raises `ErrorAnswer` (402) if there was not a single credit."""
        nothing_paid = not self._counts["delivered"] and not self._quantities
        if self._counts["unpaid"] and nothing_paid and self._state.billing.left <= 0:
            raise standard_error(402, "Insufficient credits for this operation")
        return self._state.charge(self._call, self._quantities)

    def add_status(self, answer: Answer) -> None:
        """Add `status` to the envelope: of the waterfall, or of credits that ran out."""
        if self.waterfall:
            answer.payload["status"] = "partial" if self.pending else "completed"
        unpaid = self._counts["unpaid"]
        if unpaid:
            status = "PARTIAL_OUT_OF_CREDITS" if self._counts["delivered"] else "OUT_OF_CREDITS"
            answer.payload["status"] = status
            answer.payload["statusDescription"] = f"Credits ran out: {unpaid} data points were not revealed"
