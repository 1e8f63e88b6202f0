"""Buying groups: who decides at a company. One credit for each contact that is returned.

Without `contactsLimit` there are up to 60 for each company: the costly default that the vendor has. What
`pagination` counts is not published; here it counts contacts over all companies. Source: the vendor's
reference, and a recorded bill.
"""

from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, business
from . import envelope
from .contacts import preview
from .envelope import COMPANY_NOT_FOUND, echo

__all__ = ["HANDLERS"]

_DEFAULT_LIMIT = 60
_ROLES = ("decision_maker", "potential_champion", "end_user")


def buying_group(state: State, call: Call) -> Answer:
    """Contacts by company, with the roles they play."""
    _exactly_one_identity(call)
    wanted = set(call.body.get("personas", _ROLES))
    limit = int(call.body.get("contactsLimit", _DEFAULT_LIMIT))
    asked = call.body.get("pagination", {})
    page, size = int(asked.get("page", 0)), int(asked.get("size", 100))
    first, position, returned = page * size, 0, 0
    results: list[dict[str, Any]] = []
    for item in call.body["companies"]:
        ref = state.find_company(item)
        if ref is None:
            results.append(echo(item) | {"contacts": [], "error": COMPANY_NOT_FOUND})
            continue
        company = state.companies.get(ref)
        group = [index for index in _staff(state, company.index) if _role(state, index) in wanted][:limit]
        shown = [
            _member(state, index) for place, index in enumerate(group, position) if first <= place < first + size
        ]
        position += len(group)
        returned += len(shown)
        results.append(echo(item) | {"companyId": state.company_token(company), "contacts": shown})
    charged = state.books.charge(call.now, call.request_id, call.operation.name, {"buyingGroupReveal": returned})
    told = {"page": page, "size": size, "total": position}
    answer = envelope.results(call, results, charged, pagination=told)
    answer.payload["billing"]["resultsReturned"] = returned
    return answer


def _exactly_one_identity(call: Call) -> None:
    for position, item in enumerate(call.body["companies"]):
        if bool(item.get("domain")) == bool(item.get("id")):
            raise business(f"companies.{position} must contain exactly one of domain or id")


def _staff(state: State, company: int) -> list[int]:
    people = state.population.people
    everybody = [company + row * len(state.companies) for row in range(people.staff)]
    allowed = [index for index in everybody if not people.restricted(index)]
    return sorted(allowed, key=lambda index: -people.roles.at(index).seniority)


def _role(state: State, index: int) -> str:
    rank = state.population.people.roles.at(index).seniority
    return _ROLES[0] if rank >= 6 else _ROLES[1] if rank == 5 else _ROLES[2]


def _member(state: State, index: int) -> dict[str, Any]:
    rank = state.population.people.roles.at(index).seniority
    return preview(state, index) | {"roles": [_role(state, index)], "score": round(0.3 + 0.07 * rank, 2)}


HANDLERS = {"getContactsBuyingGroup": buying_group}
