"""Contacts: search, enrich, and both at once. Source: the vendor's reference, and recorded charges."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..account.reveals import FIELDS, Purse, is_known
from ..account.state import Call, State
from ..api.answers import Answer, business
from . import envelope, table_rows, waterfall
from .envelope import CONTACT_NOT_FOUND, RESTRICTED, echo

__all__ = ["HANDLERS", "identified", "preview"]


def search(state: State, call: Call) -> Answer:
    """Previews of the people that were identified; charged by blocks of those found."""
    results: list[dict[str, Any]] = []
    matched = 0
    wanted = call.body.get("signals")
    for item in identified(call.body["contacts"]):
        index = _searched(state, call, item)
        if index is None or state.population.people.restricted(index):
            results.append(echo(item) | {"error": CONTACT_NOT_FOUND if index is None else RESTRICTED})
            continue
        told = preview(state, index)
        if wanted is not None:
            names = state.signals.types("contact", wanted["types"])
            told["signalTypes"] = state.signals.active("contact", index, names, *state.span(wanted))
            if not told["signalTypes"]:
                results.append(echo(item) | {"error": CONTACT_NOT_FOUND})
                continue
            matched += len(told["signalTypes"])
        results.append(echo(item) | told)
    quantities = {"contactSearch": envelope.count_found(results), "showSignalsContact": matched}
    charged = state.books.charge(call.now, call.request_id, call.operation.name, quantities)
    return envelope.results(call, results, charged)


def enrich(state: State, call: Call) -> Answer:
    """Addresses and numbers by id. A data point is charged once; a repeat is free."""
    asked = call.body.get("reveal", tuple(FIELDS))
    others = state.settings.waterfall and call.body.get("waterfallEnabled", True)
    purse = Purse(state, call, waterfall=others, jobs=True)
    results = [_enriched(state, purse, text, asked) for text in call.body["ids"]]
    charged = purse.settle()
    ids = [result["id"] for result in results if "error" not in result]
    answer = envelope.results(call, results, charged, **table_rows.write(state, call, ids))
    purse.describe(answer)
    if purse.pending:
        answer.payload["job"] = waterfall.start(state, call, purse.pending)
    return answer


def search_and_enrich(state: State, call: Call) -> Answer:
    """Both at once: the search is paid each time, the data points once. Never starts a job."""
    asked = call.body.get("reveal", tuple(FIELDS))
    items = identified(call.body["contacts"])
    indexes = [_searched(state, call, item) for item in items]
    found = sum(index is not None and not state.population.people.restricted(index) for index in indexes)
    purse = Purse(state, call, waterfall=state.settings.waterfall)
    purse.pay_first("contactSearch", found)
    results: list[dict[str, Any]] = []
    for item, index in zip(items, indexes, strict=True):
        if index is None:
            results.append(echo(item) | {"error": CONTACT_NOT_FOUND})
            continue
        told = _enriched(state, purse, state.person_token(index), asked)
        if "error" in told:
            del told["id"]
        else:
            for name in FIELDS:
                told.setdefault(name, [])  # a field that was not asked for is empty here, not absent
        results.append(echo(item) | told)
    answer = envelope.results(call, results, purse.settle())
    purse.describe(answer)
    return answer


def _enriched(state: State, purse: Purse, text: str, asked: Sequence[str]) -> dict[str, Any]:
    index = state.population.person(text)
    if index is None:
        return {"id": text, "error": CONTACT_NOT_FOUND}
    if state.population.people.restricted(index):
        return {"id": text, "error": RESTRICTED}
    result = state.population.people.profile(index, text, _employer_token(state, index))
    missing: list[dict[str, str]] = []
    for name, what in FIELDS.items():
        if name in asked:
            result[name], problem = purse.points(index, text, what)
            if problem is not None:
                missing.append({"type": what.point, "status": problem})
    if missing:
        result["missingDataPoints"] = missing
    return result


def preview(state: State, index: int) -> dict[str, Any]:
    """What a search tells of a person, with what the account would pay to reveal more."""
    told = state.population.people.preview(index, state.person_token(index), _employer_token(state, index))
    told["canReveal"] = [
        {"field": name, "credits": 0 if is_known(state, index, what) else state.books.prices[what.key][0]}
        for name, what in FIELDS.items()
        if name in told["has"]
    ]
    return told


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


def _employer_token(state: State, index: int) -> str:
    return state.population.ids.token("company", index % len(state.companies))


HANDLERS = {"searchContacts": search, "enrichContacts": enrich, "searchAndEnrichContacts": search_and_enrich}
