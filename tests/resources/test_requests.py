"""Every request that can be built, least and most of each, is one that the vendor's closed description takes."""

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest

from lusha_async.client import LushaClient
from lusha_async.errors import LushaError
from lusha_async.models.companies import CompanyQuery
from lusha_async.models.contacts import ContactQuery
from lusha_async.models.filters import (
    CompanyCriteria,
    CompanyFilters,
    ContactCriteria,
    ContactFilters,
    ProspectingFilters,
)
from lusha_async.models.model import wire_name
from lusha_async.models.webhooks import NewSubscription

from .closed_contract import body_schema, sample, validate
from .recorder import recorded

OWNER = "owner@example.com"
URL = "https://hooks.example/x"
IDS = ["v1.a", "7"]
PERSON = ContactQuery(
    id="v1.a",
    linkedin_url="https://linkedin.example/in/a",
    email="a@example.com",
    first_name="A",
    last_name="B",
    company_name="C",
    company_domain="c.example",
    client_reference_id="r",
)
FIRM = CompanyQuery(id="v1.b", name="B", domain="b.example", client_reference_id="r")
PREMIUM = ["employeesByDepartment", "competitors", "intent", "directParent"]
IN_US = {"contacts": {"include": {"countries": ["US"]}}}
LARGE = {"companies": {"include": {"sizes": [{"min": 1000}]}}}

Call = Callable[[LushaClient], Awaitable[Any]]
CALLS: list[Call] = [
    lambda lusha: lusha.account.usage(),
    lambda lusha: lusha.contacts.search([{"email": "a@example.com"}]),
    lambda lusha: lusha.contacts.search([PERSON] * 100, partial_profiles=True),
    lambda lusha: lusha.contacts.enrich(IDS, waterfall_enabled=None),
    lambda lusha: lusha.contacts.enrich(IDS, reveal=["emails", "phones"], waterfall_enabled=True, table_id="1"),
    lambda lusha: lusha.contacts.search_and_enrich([{"id": "1"}]),
    lambda lusha: lusha.contacts.search_and_enrich([PERSON], reveal=["phones"], partial_profiles=False),
    lambda lusha: lusha.contacts.prospect_page(IN_US),
    lambda lusha: lusha.contacts.prospect_page(
        IN_US,
        page=1000,
        size=100,
        partial_profiles=True,
        exclude_dnc=True,
        max_contacts_per_company=20,
        table_id="1",
    ),
    lambda lusha: lusha.companies.search([{"domain": "b.example"}]),
    lambda lusha: lusha.companies.search([FIRM] * 100, partial_profiles=True),
    lambda lusha: lusha.companies.enrich(IDS),
    lambda lusha: lusha.companies.enrich(IDS, reveal=PREMIUM, table_id="1"),
    lambda lusha: lusha.companies.search_and_enrich([{"name": "B"}]),
    lambda lusha: lusha.companies.search_and_enrich([FIRM], reveal=PREMIUM, partial_profiles=False),
    lambda lusha: lusha.companies.prospect_page(LARGE),
    lambda lusha: lusha.companies.prospect_page(LARGE, page=1000, size=100, partial_profiles=True, table_id="1"),
    lambda lusha: lusha.webhooks.create([NewSubscription(entity_id="1")], **HOOK),
    lambda lusha: lusha.webhooks.create(
        [NewSubscription(entity_id="1", entity_type="company", signal_types=("riskNews",), name="n")] * 25,
        name="all",
        **HOOK,
    ),
    lambda lusha: lusha.webhooks.list_page(limit=100, offset=1),
    lambda lusha: lusha.webhooks.get("1"),
    lambda lusha: lusha.webhooks.update("1", is_active=True),
    lambda lusha: lusha.webhooks.update(
        "1", signal_types=["promotion"], url=URL, name="n", is_active=False, regenerate_secret=True
    ),
    lambda lusha: lusha.webhooks.test("1"),
    lambda lusha: lusha.webhooks.test("1", mode="direct"),
    lambda lusha: lusha.webhooks.delete(["1"]),
    lambda lusha: lusha.webhooks.audit_logs_page(),
    lambda lusha: lusha.webhooks.audit_logs_page(subscription_id="1", status="failed", limit=1, offset=9),
    lambda lusha: lusha.webhooks.audit_log_stats(),
    lambda lusha: lusha.webhooks.audit_log_stats(subscription_id="1"),
    lambda lusha: lusha.webhooks.secret(),
    lambda lusha: lusha.webhooks.regenerate_secret(),
    lambda lusha: lusha.webhooks.create_opt_out(url=URL),
    lambda lusha: lusha.webhooks.create_opt_out(url=URL, name="n"),
]
HOOK: dict[str, Any] = {"url": URL, "entity_type": "contact", "signal_types": ["promotion"]}


def of_tables(of: Callable[[LushaClient], Any]) -> list[Call]:
    """The calls of one kind of tables."""
    return [
        lambda lusha: of(lusha).create("n", owner=OWNER),
        lambda lusha: of(lusha).create("n", owner=OWNER, visibility="shared", ids=IDS),
        lambda lusha: of(lusha).list_page(owner=OWNER),
        lambda lusha: of(lusha).list_page(owner=OWNER, name="n", status="archived", page=100, size=1),
        lambda lusha: of(lusha).get("1", owner=OWNER),
        lambda lusha: of(lusha).update("1", owner=OWNER, archived=False),
        lambda lusha: of(lusha).update("1", owner=OWNER, archived=True, name="n", visibility="private"),
        lambda lusha: of(lusha).delete("1", owner=OWNER),
        lambda lusha: of(lusha).entities_page("1", owner=OWNER, page=100, size=1),
        lambda lusha: of(lusha).add("1", IDS * 250, owner=OWNER),
        lambda lusha: of(lusha).remove("1", IDS, owner=OWNER),
        lambda lusha: of(lusha).columns("1", owner=OWNER),
        lambda lusha: of(lusha).remove_column("1", "c", owner=OWNER),
        lambda lusha: of(lusha).run_column("1", "c", owner=OWNER, scope="all"),
        lambda lusha: of(lusha).run_column("1", "c", owner=OWNER, scope="specific", entity_ids=IDS),
    ]


CALLS += of_tables(lambda lusha: lusha.contacts.tables)
CALLS += of_tables(lambda lusha: lusha.companies.tables)
CALLS.append(lambda lusha: lusha.contacts.tables.add("1", IDS, owner=OWNER, company_ids=IDS))


@pytest.mark.parametrize("place", range(len(CALLS)))
def test_requests_are_exact(place: int) -> None:
    """What goes out has every member that the vendor needs and none that it does not know."""
    (request,), told = recorded(CALLS[place])
    assert not isinstance(told, LushaError), told
    validate(request)


@pytest.mark.parametrize(
    ("operation", "kind", "criteria"),
    [
        ("prospectingContacts", "contacts", ContactCriteria),
        ("prospectingContacts", "companies", CompanyCriteria),
        ("prospectingCompanies", "contacts", ContactCriteria),
        ("prospectingCompanies", "companies", CompanyCriteria),
    ],
)
@pytest.mark.parametrize("side", ["include", "exclude"])
def test_typed_filters_are_the_vendors(operation: str, kind: str, criteria: type[Any], side: str) -> None:
    """Every criterion that the vendor knows has a field, and what the fields say is what the vendor takes."""
    members = body_schema(operation, "filters", kind, side)["properties"]
    fields = {wire_name(name): name for name in attrs.fields_dict(criteria) if name != "extra"}
    assert set(members) <= set(fields)
    given = criteria(**{fields[name]: sample(schema) for name, schema in members.items()})
    firms = {"include": CompanyCriteria(names=["x"])}
    if kind == "contacts":
        filters = ProspectingFilters(contacts=ContactFilters(**{side: given}), companies=CompanyFilters(**firms))
    else:
        filters = ProspectingFilters(companies=CompanyFilters(**{**firms, side: given}))
    pages: dict[str, Call] = {
        "prospectingContacts": lambda lusha: lusha.contacts.prospect_page(filters),
        "prospectingCompanies": lambda lusha: lusha.companies.prospect_page(filters),
    }
    (request,), told = recorded(pages[operation])
    assert not isinstance(told, LushaError), told
    assert len(request.body["filters"][kind][side]) == len(members)
    validate(request)
