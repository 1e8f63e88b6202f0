"""Contacts: enrich, and search and enrich at once. Source: the vendor's reference, and recorded charges."""

from collections.abc import Sequence
from typing import Any

from ..account.reveals import FIELDS, Reveals
from ..account.state import Call, State
from ..api.answers import Answer
from . import table_rows, waterfall
from .common import CONTACT_NOT_FOUND, CONTACTS, echo, employer_token, results

__all__ = ["HANDLERS"]


def enrich(state: State, call: Call) -> Answer:
    """E-mails and phones by id. A data point is charged once; a repeat is free."""
    fields = call.body.get("reveal", tuple(FIELDS))
    use_providers = state.settings.waterfall and call.body.get("waterfallEnabled", True)
    reveals = Reveals(state, call, waterfall=use_providers, jobs=True)
    items = [_enriched(state, reveals, text, fields) for text in call.body["ids"]]
    charged = reveals.charge()
    ids = [item["id"] for item in items if "error" not in item]
    answer = results(call, items, charged, **table_rows.write(state, call, ids))
    reveals.add_status(answer)
    if reveals.pending:
        answer.payload["job"] = waterfall.start(state, call, reveals.pending)
    return answer


def search_and_enrich(state: State, call: Call) -> Answer:
    """Both at once: the search is charged each time, the data points once. Never starts a job."""
    fields = call.body.get("reveal", tuple(FIELDS))
    requested = CONTACTS.identified(call.body["contacts"])
    indexes = [CONTACTS.find(state, call, item) for item in requested]
    reveals = Reveals(state, call, waterfall=state.settings.waterfall)
    reveals.add_charge("contactSearch", sum(CONTACTS.error(state, index) is None for index in indexes))
    items: list[dict[str, Any]] = []
    for item, index in zip(requested, indexes, strict=True):
        if index is None:
            items.append(echo(item) | {"error": CONTACT_NOT_FOUND})
            continue
        contact = _enriched(state, reveals, state.person_token(index), fields)
        if "error" in contact:
            del contact["id"]
        else:
            for name in FIELDS:
                contact.setdefault(name, [])  # here a field that was not requested is empty, not absent
        items.append(echo(item) | contact)
    answer = results(call, items, reveals.charge())
    reveals.add_status(answer)
    return answer


def _enriched(state: State, reveals: Reveals, text: str, fields: Sequence[str]) -> dict[str, Any]:
    index = CONTACTS.by_id(state, text)
    error = CONTACTS.error(state, index)
    if index is None or error is not None:
        return {"id": text, "error": error}
    contact = state.population.people.profile(index, text, employer_token(state, index))
    missing: list[dict[str, str]] = []
    for name, field in FIELDS.items():
        if name in fields:
            contact[name], reason = reveals.reveal(index, text, field)
            if reason is not None:
                missing.append({"type": field.point, "status": reason})
    if missing:
        contact["missingDataPoints"] = missing
    return contact


HANDLERS = {"enrichContacts": enrich, "searchAndEnrichContacts": search_and_enrich}
