"""Prospecting: pages of the people or companies that filters describe.

A page holds at most 50 results, whatever size was asked for, and a query reaches no further than 50,000.
Source: the vendor's reference and its prose on paging, and recorded pages.
"""

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ..account.state import Call, State
from ..api.answers import Answer, business, standard
from ..population.columns import Selection
from . import companies, contacts, table_rows

__all__ = ["FURTHEST", "HANDLERS"]

FURTHEST = 50_000
"""Results that one query can reach."""
_REFINEMENTS = {"jobChangedAfterDate", "jobChangedLastViewDate", "education", "score"}
_NOT_WITH_CONTACTS = ("searchText", "signals", "intent", "technologies")


def people(state: State, call: Call) -> Answer:
    """Previews of people."""
    filters, options = call.body["filters"], call.body.get("options", {})
    if options.get("excludeDnc") and not state.settings.terms.do_not_call_filter:
        raise standard(403, "Forbidden", ["excludeDnc is not available on your current plan"])
    _need_a_filter(filters)
    named = filters.get("contacts", {}).get("include", {})
    if set(named) & _REFINEMENTS and not (
        set(named) - _REFINEMENTS or filters.get("companies", {}).get("include")
    ):
        raise business(
            f"filters.contacts.include.{min(set(named) & _REFINEMENTS)} must be paired with a base filter"
        )
    selection = state.selection(
        ("contacts", _canonical(filters), _canonical(options)), lambda: _people(state, call)
    )
    page = _page(state, call, selection)
    results = [contacts.preview(state, index) for index in page.indexes]
    return _answer(state, call, page, results)


def firms(state: State, call: Call) -> Answer:
    """Previews of companies."""
    filters = call.body["filters"]
    if not filters["companies"]["include"]:
        raise standard(400, "At least one filter must be provided")
    if filters.get("contacts"):
        for name in filters["companies"]["include"]:
            if name.startswith(_NOT_WITH_CONTACTS):
                raise business(f"filters.contacts cannot be combined with filters.companies {name}")
    key = ("companies", _canonical(filters), _canonical(call.body.get("options", {})))
    selection = state.selection(key, lambda: _firms(state, call))
    page = _page(state, call, selection)
    results = [companies.preview(state, index) for index in page.indexes]
    return _answer(state, call, page, results)


def _need_a_filter(filters: Mapping[str, Any]) -> None:
    if not any(criteria for side in filters.values() for criteria in side.values()):
        raise standard(400, "At least one filter must be provided")


def _people(state: State, call: Call) -> Selection:
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
        members = state.filters.whole_profiles(members)
    if "maxContactsPerCompany" in options:
        members = state.filters.at_most(members, options["maxContactsPerCompany"])
    return Selection(members, len(population.people))


def _firms(state: State, call: Call) -> Selection:
    filters, today = call.body["filters"], state.today()
    by_company, by_person = filters["companies"], filters.get("contacts", {})
    members = state.filters.companies(by_company["include"], by_company.get("exclude", {}), today)
    if any(by_person.values()):
        staff = state.filters.people(by_person.get("include", {}), by_person.get("exclude", {}), today)
        members &= state.filters.employers_of(staff)
    return Selection(members, len(state.companies))


@frozen
class _Page:
    indexes: list[int]
    told: dict[str, Any]


def _page(state: State, call: Call, selection: Selection) -> _Page:
    asked = call.body["pagination"]
    size = min(int(asked["size"]), state.settings.page_cap)
    offset = max(0, int(asked["page"]) * size - call.shift)
    indexes = selection.page(offset, min(size, max(0, FURTHEST - offset)))
    return _Page(indexes, {"page": int(asked["page"]), "size": size, "total": len(selection)})


def _answer(state: State, call: Call, page: _Page, results: list[dict[str, Any]]) -> Answer:
    kind, plural = (
        ("contact", "contacts") if call.operation.name == "prospectingContacts" else ("company", "companies")
    )
    matched = 0
    side = call.body["filters"].get(plural, {})
    wanted = side.get("include", {}).get("signals")
    if wanted:
        span = state.span(wanted)
        names = state.signals.types(kind, wanted.get("types", ("allSignals",)))
        for index, result in zip(page.indexes, results, strict=True):
            result["signalTypes"] = state.signals.active(kind, index, names, *span)
            matched += len(result["signalTypes"])
    quantities = {f"{kind}Search": len(results), f"showSignals{kind.capitalize()}": matched}
    charged = state.books.charge(call.now, call.request_id, call.operation.name, quantities)
    return Answer(
        payload={
            "requestId": call.request_id,
            "results": results,
            "pagination": page.told,
            **table_rows.write(state, call, [result["id"] for result in results]),
            "billing": {"creditsCharged": charged, "resultsReturned": len(results)},
        }
    )


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


HANDLERS = {"prospectingContacts": people, "prospectingCompanies": firms}
