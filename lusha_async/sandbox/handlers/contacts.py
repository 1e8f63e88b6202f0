"""Contacts: search, enrich, and both at once. Source: the vendor's reference, and recorded charges."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field

from ..answers import Answer, business, standard
from ..population.signals import DEFAULT_DAYS, day_number
from ..state import Call, State

__all__ = ["HANDLERS", "NOT_FOUND", "RESTRICTED", "identified", "preview", "preview_can_reveal"]

NOT_FOUND = {"code": "NOT_FOUND", "message": "Contact not found"}
RESTRICTED = {
    "code": "COMPLIANCE_RESTRICTED",
    "message": "We are unable to process this contact request due to our GDPR regulations",
}
_FIELDS = ("emails", "phones")
_BITS = {"emails": 1, "phones": 2}
_KEYS = {"emails": "revealEmail", "phones": "revealPhone"}
_TYPES = {"emails": "email", "phones": "phone"}


def search(state: State, call: Call) -> Answer:
    """Previews of the people that were identified; charged by blocks of those found."""
    results: list[dict[str, Any]] = []
    found = matched = 0
    wanted = call.body.get("signals")
    for item in identified(call.body["contacts"]):
        index = _searched(state, call, item)
        result = _echo(item)
        if index is None:
            results.append(result | {"error": NOT_FOUND})
            continue
        if state.population.people.restricted(index):
            results.append(result | {"error": RESTRICTED})
            continue
        told = preview(state, index)
        if wanted is not None:
            told["signalTypes"] = _signal_types(state, index, wanted)
            if not told["signalTypes"]:
                results.append(result | {"error": NOT_FOUND})
                continue
            matched += len(told["signalTypes"])
        found += 1
        results.append(result | told)
    charged = state.books.charge(
        call.now, call.request_id, call.operation.name, {"contactSearch": found, "showSignalsContact": matched}
    )
    return _told(call, results, charged, found)


def enrich(state: State, call: Call) -> Answer:
    """Addresses and numbers by id. A data point is charged once; a repeat is free."""
    fields = call.body.get("reveal", _FIELDS)
    purse = _Purse(state, call)
    results = [_enriched(state, purse, text, fields) for text in call.body["ids"]]
    return purse.settle(results)


def search_and_enrich(state: State, call: Call) -> Answer:
    """Both at once: the search is paid each time, the data points once."""
    fields = call.body.get("reveal", _FIELDS)
    items = identified(call.body["contacts"])
    indexes = [_searched(state, call, item) for item in items]
    found = sum(index is not None and not state.population.people.restricted(index) for index in indexes)
    purse = _Purse(state, call)
    purse.pay_first("contactSearch", found)
    results: list[dict[str, Any]] = []
    for item, index in zip(items, indexes, strict=True):
        result = _echo(item)
        if index is None:
            results.append(result | {"error": NOT_FOUND})
        else:
            told = _enriched(state, purse, state.person_token(index), fields)
            if "error" in told:
                del told["id"]
            elif len(fields) == 1:
                told.setdefault("phones" if fields[0] == "emails" else "emails", [])
            results.append(result | told)
    return purse.settle(results)


@define
class _Purse:
    """Reveals data points as long as the credits last, and says how far they did."""

    _state: State
    _call: Call
    _owed: dict[str, int] = field(factory=dict[str, int], init=False)
    _cost: int = field(default=0, init=False)
    _delivered: int = field(default=0, init=False)
    _refused: int = field(default=0, init=False)

    def pay_first(self, key: str, quantity: int) -> None:
        """Owe something that is due before anything is revealed; 402 if it cannot be paid."""
        cost = self._state.books.price(key, quantity)
        if cost > self._state.books.left:
            raise standard(402, "Insufficient credits for this operation")
        if quantity:
            self._owed[key] = quantity
        self._cost += cost

    def reveal(self, index: int, name: str) -> int | None:
        """Reveal a field of a person: the credits that it costs, None if there are too few."""
        state, bit = self._state, _BITS[name]
        if state.revealed[index] & bit:
            self._delivered += 1
            return 0
        price = state.books.price(_KEYS[name], 1)
        if self._cost + price > state.books.left:
            self._refused += 1
            return None
        state.revealed[index] |= bit
        self._owed[_KEYS[name]] = self._owed.get(_KEYS[name], 0) + 1
        self._cost += price
        self._delivered += 1
        return price

    def settle(self, results: list[dict[str, Any]]) -> Answer:
        """Charge what is owed, and answer."""
        books, call = self._state.books, self._call
        if self._refused and not self._delivered and not self._cost and books.left <= 0:
            raise standard(402, "Insufficient credits for this operation")
        charged = books.charge(call.now, call.request_id, call.operation.name, self._owed)
        answer = _told(call, results, charged, sum("error" not in result for result in results))
        if self._refused:
            out = "PARTIAL_OUT_OF_CREDITS" if self._delivered else "OUT_OF_CREDITS"
            answer.payload["status"] = out
            answer.payload["statusDescription"] = f"Credits ran out: {self._refused} data points were not revealed"
        return answer


def _enriched(state: State, purse: _Purse, text: str, fields: Sequence[str]) -> dict[str, Any]:
    index = state.population.person(text)
    people = state.population.people
    if index is None:
        return {"id": text, "error": NOT_FOUND}
    if people.restricted(index):
        return {"id": text, "error": RESTRICTED}
    result = people.profile(index, text, _employer_token(state, index))
    missing: list[dict[str, str]] = []
    for name in _FIELDS:
        if name not in fields:
            continue
        held = people.emails(index) if name == "emails" else people.phones(index)
        cost = purse.reveal(index, name) if held else 0
        if not held or cost is None:
            missing.append({"type": _TYPES[name], "status": "NOT_FOUND" if not held else "BILLING_FAILED"})
            held = []
        for position, point in enumerate(held):
            point["dataSource"] = "lusha"
            point["credits"] = cost if position == 0 else 0
        result[name] = held
    if missing:
        result["missingDataPoints"] = missing
    return result


def preview(state: State, index: int) -> dict[str, Any]:
    """What a search tells of a person, with what the account would pay to reveal more."""
    told = state.population.people.preview(index, state.person_token(index), _employer_token(state, index))
    told["canReveal"] = preview_can_reveal(state, index, told["has"])
    return told


def preview_can_reveal(state: State, index: int, has: Sequence[str]) -> list[dict[str, Any]]:
    """The price of each field that can be revealed: 0 if the account has paid for it."""
    revealed = state.revealed[index]
    return [
        {"field": name, "credits": 0 if revealed & _BITS[name] else state.books.prices[_KEYS[name]][0]}
        for name in _FIELDS
        if name in has
    ]


def identified(items: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The items, each of which has to identify a person; 400 otherwise."""
    for position, item in enumerate(items):
        by_name = item.get("firstName") and item.get("lastName")
        at = item.get("companyName") or item.get("companyDomain")
        if not (item.get("id") or item.get("linkedinUrl") or item.get("email") or (by_name and at)):
            raise business(
                f"contacts.{position} must contain id, linkedinUrl, email, or firstName + lastName + "
                "(companyName | companyDomain)"
            )
    return items


def _searched(state: State, call: Call, item: Mapping[str, Any]) -> int | None:
    index = state.find_person(item)
    partial_too = call.body.get("options", {}).get("includePartialProfiles", True)
    if index is not None and not partial_too and state.population.people.partial.at(index):
        return None
    return index


def _signal_types(state: State, index: int, wanted: Mapping[str, Any]) -> list[str]:
    today = state.today()
    start = day_number(wanted["startDate"]) if "startDate" in wanted else today - DEFAULT_DAYS
    names = state.signals.types("contact", wanted["types"])
    return state.signals.active("contact", index, names, start, today)


def _employer_token(state: State, index: int) -> str:
    return state.population.ids.token("company", index % len(state.companies))


def _echo(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"clientReferenceId": item["clientReferenceId"]} if "clientReferenceId" in item else {}


def _told(call: Call, results: list[dict[str, Any]], charged: int, found: int) -> Answer:
    return Answer(
        payload={
            "requestId": call.request_id,
            "results": results,
            "billing": {"creditsCharged": charged, "resultsReturned": found},
        }
    )


HANDLERS = {"searchContacts": search, "enrichContacts": enrich, "searchAndEnrichContacts": search_and_enrich}
