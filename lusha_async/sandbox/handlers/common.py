"""What most handlers share: item errors, the envelope of a batch, and how contacts and companies differ."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import frozen

from ..account.reveals import FIELDS, is_revealed
from ..account.state import Call, State
from ..api.answers import Answer, business_error
from ..population import StandIn

__all__ = [
    "COMPANIES",
    "COMPANY_NOT_FOUND",
    "CONTACTS",
    "CONTACT_NOT_FOUND",
    "AnyEntities",
    "RESTRICTED",
    "Entities",
    "company_preview",
    "contact_preview",
    "echo",
    "employer_token",
    "paid_results",
    "results",
]

Ref = TypeVar("Ref")
Item = Mapping[str, Any]

CONTACT_NOT_FOUND = {"code": "NOT_FOUND", "message": "Contact not found"}
COMPANY_NOT_FOUND = {"code": "NOT_FOUND", "message": "Company not found"}
RESTRICTED = {
    "code": "COMPLIANCE_RESTRICTED",
    "message": "We are unable to process this contact request due to our GDPR regulations",
}


def echo(item: Item) -> dict[str, Any]:
    """The client's reference of an item, if it has one."""
    return {"clientReferenceId": item["clientReferenceId"]} if "clientReferenceId" in item else {}


def results(call: Call, items: Sequence[Item], charged: int, **members: Any) -> Answer:
    """The envelope of a batch, with `members` beside the results."""
    billing = {"creditsCharged": charged, "resultsReturned": sum("error" not in item for item in items)}
    return Answer(payload={"requestId": call.request_id, "results": items, **members, "billing": billing})


def paid_results(
    state: State,
    call: Call,
    items: Sequence[Item],
    key: str,
    more: Mapping[str, int] | None = None,
    **members: Any,
) -> Answer:
    """The envelope of a batch, after charging the items without error under `key`, and the quantities of `more`."""
    found = sum("error" not in item for item in items)
    return results(call, items, state.charge(call, {key: found, **(more or {})}), **members)


@frozen(kw_only=True)
class Entities(Generic[Ref]):
    """How contacts and companies differ for handlers that treat them alike."""

    kind: str
    plural: str
    by_id: Callable[[State, str], Ref | None]
    find: Callable[[State, Call, Item], Ref | None]
    """The entity that an item of a search identifies."""
    index: Callable[[State, Ref], int]
    error: Callable[[State, Ref | None], dict[str, str] | None]
    """The error of an unknown or restricted entity."""
    preview: Callable[[State, Ref], dict[str, Any]]
    summary: Callable[[State, Ref], dict[str, Any]]
    """The members that identify it among scores."""
    identified: Callable[[Sequence[Item]], Sequence[Item]]
    """The items of a search. Raises `ErrorAnswer` (400) unless each identifies an entity."""
    identified_once: Callable[[Sequence[Item]], Sequence[Item]]
    """The items of a scoring. Raises `ErrorAnswer` (400) unless each identifies an entity in one way."""
    requested_id: Callable[[Item], dict[str, str]]
    """The member `id` of an unknown entity among scores."""
    size: Callable[[State], int]

    def price_key(self, prefix: str) -> str:
        """The price key of this kind, such as `contactSearch` or `showSignalsContact`."""
        return f"{prefix}{self.kind.capitalize()}"


def contact_preview(state: State, index: int) -> dict[str, Any]:
    """The search result of a person, with the price of revealing more."""
    preview = state.population.people.preview(index, state.person_token(index), employer_token(state, index))
    preview["canReveal"] = [
        {"field": name, "credits": 0 if is_revealed(state, index, field) else state.billing.prices[field.key][0]}
        for name, field in FIELDS.items()
        if name in preview["has"]
    ]
    return preview


def employer_token(state: State, index: int) -> str:
    """The id of the company at which a person works."""
    return state.population.ids.token("company", index % len(state.companies))


def company_preview(state: State, ref: int | StandIn) -> dict[str, Any]:
    """The search result of a company."""
    company = state.companies.get(ref)
    return state.companies.preview(company, state.company_token(company))


def _company_summary(state: State, ref: int | StandIn) -> dict[str, Any]:
    company = state.companies.get(ref)
    return {"id": state.company_token(company), "name": company.name, "domain": company.domain}


def _contact_summary(state: State, index: int) -> dict[str, Any]:
    first, last = state.population.people.name(index)
    company = _company_summary(state, index % len(state.companies))
    return {"id": state.person_token(index), "fullName": f"{first} {last}", "company": company}


def _contact_error(state: State, index: int | None) -> dict[str, str] | None:
    if index is None:
        return CONTACT_NOT_FOUND
    return RESTRICTED if state.population.people.restricted(index) else None


def _find_contact(state: State, call: Call, item: Item) -> int | None:
    index = state.find_person(item)
    allow_partial = call.body.get("options", {}).get("includePartialProfiles", True)
    return None if index is not None and not allow_partial and state.population.people.partial.at(index) else index


def _find_company(state: State, call: Call, item: Item) -> int | StandIn | None:
    return state.find_company({"domain": _domain_of(item["email"])} if "email" in item else item)


def _domain_of(email: str) -> str:
    return email.rpartition("@")[2]


def _requested_company(item: Item) -> dict[str, str]:
    if "email" in item:
        return {"id": _domain_of(item["email"])}
    return {"id": next(str(item[name]) for name in ("id", "domain", "name") if name in item)}


def _identified_contacts(items: Sequence[Item]) -> Sequence[Item]:
    for index, item in enumerate(items):
        by_name = item.get("firstName") and item.get("lastName")
        employer = item.get("companyName") or item.get("companyDomain")
        if not (item.get("id") or item.get("linkedinUrl") or item.get("email") or (by_name and employer)):
            raise business_error(
                f"contacts.{index} must contain id, linkedinUrl, email, or firstName + lastName + "
                "(companyName | companyDomain)"
            )
    return items


def _identified_companies(items: Sequence[Item]) -> Sequence[Item]:
    for index, item in enumerate(items):
        if not (item.get("id") or item.get("name") or item.get("domain")):
            raise business_error(f"companies.{index} must contain id, name, or domain")
    return items


def _identified_once(items: Sequence[Item]) -> Sequence[Item]:
    for index, item in enumerate(items):
        if sum(bool(item.get(name)) for name in ("id", "domain", "name", "email")) != 1:
            raise business_error(f"companies.{index} must contain exactly one of id, domain, name, or email")
    return items


CONTACTS: Entities[int] = Entities(
    kind="contact",
    plural="contacts",
    by_id=lambda state, text: state.population.person(text),
    find=_find_contact,
    index=lambda _, index: index,
    error=_contact_error,
    preview=contact_preview,
    summary=_contact_summary,
    identified=_identified_contacts,
    identified_once=_identified_contacts,
    requested_id=lambda item: {"id": item["id"]} if "id" in item else {},
    size=lambda state: len(state.population.people),
)
COMPANIES: Entities[int | StandIn] = Entities(
    kind="company",
    plural="companies",
    by_id=lambda state, text: state.population.company(text),
    find=_find_company,
    index=lambda state, ref: state.companies.get(ref).index,
    error=lambda _, ref: COMPANY_NOT_FOUND if ref is None else None,
    preview=company_preview,
    summary=_company_summary,
    identified=_identified_companies,
    identified_once=_identified_once,
    requested_id=_requested_company,
    size=lambda state: len(state.companies),
)
AnyEntities = Entities[int] | Entities[int | StandIn]
"""Contacts or companies, by index."""
