"""Buying groups: the contacts that take part in a company's purchases. One credit for each contact returned.

Without `contactsLimit` there are up to 60 for each company, the vendor's costly default. What `pagination`
counts is not published; here it counts contacts over all companies. Source: the vendor's reference, and a
recorded bill.
"""

from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, business_error
from .common import COMPANY_NOT_FOUND, contact_preview, echo, results
from .paging import page_window

__all__ = ["HANDLERS"]

_DEFAULT_LIMIT = 60
_ROLES = ("decision_maker", "potential_champion", "end_user")


def buying_group(state: State, call: Call) -> Answer:
    """Contacts by company, with their roles and scores."""
    _require_one_identity(call)
    roles = set(call.body.get("personas", _ROLES))
    limit = int(call.body.get("contactsLimit", _DEFAULT_LIMIT))
    pagination = call.body.get("pagination", {})
    number = int(pagination.get("page", 0))
    page = page_window(state, call, number, int(pagination.get("size", 100)))
    position, returned = 0, 0
    items: list[dict[str, Any]] = []
    for item in call.body["companies"]:
        ref = state.find_company(item)
        if ref is None:
            items.append(echo(item) | {"contacts": [], "error": COMPANY_NOT_FOUND})
            continue
        company = state.companies.get(ref)
        group = [index for index in _staff(state, company.index) if _role(state, index) in roles][:limit]
        first = max(0, page.start - position)
        shown = [_member(state, index) for index in group[first : max(0, page.start + page.size - position)]]
        position += len(group)
        returned += len(shown)
        items.append(echo(item) | {"companyId": state.company_token(company), "contacts": shown})
    charged = state.charge(call, {"buyingGroupReveal": returned})
    shown_page = {"page": number, "size": page.size, "total": position}
    answer = results(call, items, charged, pagination=shown_page)
    answer.payload["billing"]["resultsReturned"] = returned
    return answer


def _require_one_identity(call: Call) -> None:
    for position, item in enumerate(call.body["companies"]):
        if bool(item.get("domain")) == bool(item.get("id")):
            raise business_error(f"companies.{position} must contain exactly one of domain or id")


def _staff(state: State, company: int) -> list[int]:
    people = state.population.people
    staff = [company + row * len(state.companies) for row in range(people.staff)]
    allowed = [index for index in staff if not people.restricted(index)]
    return sorted(allowed, key=lambda index: -people.roles.at(index).seniority)


def _role(state: State, index: int) -> str:
    rank = state.population.people.roles.at(index).seniority
    return _ROLES[0] if rank >= 6 else _ROLES[1] if rank == 5 else _ROLES[2]


def _member(state: State, index: int) -> dict[str, Any]:
    rank = state.population.people.roles.at(index).seniority
    return contact_preview(state, index) | {"roles": [_role(state, index)], "score": round(0.3 + 0.07 * rank, 2)}


HANDLERS = {"getContactsBuyingGroup": buying_group}
