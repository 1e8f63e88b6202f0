"""Prospecting: pages of the people or companies that match filters.

A page holds at most 50 results, whatever size is requested, and a query reaches at most 50,000. Source: the
vendor's reference and its prose on paging, and recorded pages.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, business_error, standard_error
from ..population.columns import Selection
from . import table_rows
from .common import COMPANIES, CONTACTS, AnyEntities
from .paging import page_window

__all__ = ["HANDLERS", "MAX_REACH"]

MAX_REACH = 50_000
"""The maximum number of results that one query can reach."""
_REFINEMENTS = {"jobChangedAfterDate", "jobChangedLastViewDate", "education", "score"}
_NOT_WITH_CONTACTS = ("searchText", "signals", "intent", "technologies")


def contacts(state: State, call: Call) -> Answer:
    """Previews of people."""
    filters, options = call.body["filters"], call.body.get("options", {})
    if options.get("excludeDnc") and not state.settings.terms.do_not_call_filter:
        raise standard_error(403, "Forbidden", ["excludeDnc is not available on your current plan"])
    if not any(criteria for side in filters.values() for criteria in side.values()):
        raise standard_error(400, "At least one filter must be provided")
    names = set(filters.get("contacts", {}).get("include", {}))
    refinements = names & _REFINEMENTS
    if refinements and not (names - _REFINEMENTS or filters.get("companies", {}).get("include")):
        raise business_error(f"filters.contacts.include.{min(refinements)} must be paired with a base filter")
    return _page(state, call, CONTACTS, lambda: _select_contacts(state, call))


def companies(state: State, call: Call) -> Answer:
    """Previews of companies."""
    filters = call.body["filters"]
    if not filters["companies"]["include"]:
        raise standard_error(400, "At least one filter must be provided")
    if filters.get("contacts"):
        for name in filters["companies"]["include"]:
            if name.startswith(_NOT_WITH_CONTACTS):
                raise business_error(f"filters.contacts cannot be combined with filters.companies {name}")
    return _page(state, call, COMPANIES, lambda: _select_companies(state, call))


def _select_contacts(state: State, call: Call) -> Selection:
    options = call.body.get("options", {})
    by_person = call.body["filters"].get("contacts", {})
    by_company = call.body["filters"].get("companies", {})
    population, today = state.population, state.today()
    members = state.filters.people(by_person.get("include", {}), by_person.get("exclude", {}), today)
    if any(by_company.values()):
        employers = state.filters.companies(by_company.get("include", {}), by_company.get("exclude", {}), today)
        members &= state.filters.staff_of(employers)
    if options.get("excludeDnc"):
        members = state.filters.without_do_not_call(members)
    if not options.get("includePartialProfiles", True):
        members = state.filters.without_partial(members)
    if "maxContactsPerCompany" in options:
        members = state.filters.limit_per_company(members, options["maxContactsPerCompany"])
    return Selection(members, len(population.people))


def _select_companies(state: State, call: Call) -> Selection:
    filters, today = call.body["filters"], state.today()
    by_company, by_person = filters["companies"], filters.get("contacts", {})
    members = state.filters.companies(by_company["include"], by_company.get("exclude", {}), today)
    if any(by_person.values()):
        staff = state.filters.people(by_person.get("include", {}), by_person.get("exclude", {}), today)
        members &= state.filters.employers_of(staff)
    return Selection(members, len(state.companies))


def _page(state: State, call: Call, entities: AnyEntities, select: Callable[[], Selection]) -> Answer:
    """The requested page of the selection, with the signals that its filters request."""
    filters, requested = call.body["filters"], call.body["pagination"]
    selection = state.selection(
        (entities.plural, _canonical(filters), _canonical(call.body.get("options", {}))), select
    )
    page = page_window(state, call, int(requested["page"]), int(requested["size"]), state.settings.page_cap)
    indexes = selection.page(page.start, min(page.size, max(0, MAX_REACH - page.start)))
    results = [entities.preview(state, index) for index in indexes]
    count = 0
    wanted = filters.get(entities.plural, {}).get("include", {}).get("signals")
    if wanted:
        days = state.date_range(wanted)
        names = state.signals.types(entities.kind, wanted.get("types", ("allSignals",)))
        for index, result in zip(indexes, results, strict=True):
            result["signalTypes"] = state.signals.active(entities.kind, index, names, *days)
            count += len(result["signalTypes"])
    charged = state.charge(
        call, {f"{entities.kind}Search": len(results), entities.price_key("showSignals"): count}
    )
    return Answer(
        payload={
            "requestId": call.request_id,
            "results": results,
            "pagination": {"page": int(requested["page"]), "size": page.size, "total": len(selection)},
            **table_rows.write(state, call, [result["id"] for result in results]),
            "billing": {"creditsCharged": charged, "resultsReturned": len(results)},
        }
    )


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True)


HANDLERS = {"prospectingContacts": contacts, "prospectingCompanies": companies}
