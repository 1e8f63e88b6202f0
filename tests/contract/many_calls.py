"""The bulk methods, coalesced calls and page streams, each with a few inputs."""

from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from typing import Any

from lusha_async.client import LushaClient

from .account_calls import HOOK, OWNER
from .calls import DAY, FIVE

__all__ = ["MANY", "ONE", "STREAMS"]

PEOPLE: list[dict[str, Any]] = [{"email": f"p{number}@example.com"} for number in range(3)]
FIRMS: list[dict[str, Any]] = [{"domain": f"f{number}.example"} for number in range(3)]
IDS = ["v1.a", "v1.b", "7"]
WHOM = {"contacts": {"include": {"jobTitles": ["Engineer"]}}}
WHICH = {"companies": {"include": {"domains": ["example.com"]}}}

Many = Callable[[LushaClient], AsyncIterable[Any]]

MANY: Mapping[str, Many] = {
    "enrichContacts": lambda c: c.contacts.enrich_many(IDS),
    "searchContacts": lambda c: c.contacts.search_many(PEOPLE),
    "searchAndEnrichContacts": lambda c: c.contacts.search_and_enrich_many(PEOPLE),
    "getContactSignals": lambda c: c.contacts.signals_many(IDS, ["promotion"]),
    "getContactSignalScores": lambda c: c.contacts.signal_scores_many(PEOPLE),
    "getContactIcpFitScores": lambda c: c.contacts.icp_fit_scores_many(PEOPLE, ["p1"]),
    "getContactsBuyingGroup": lambda c: c.contacts.buying_group_many(FIRMS, contacts_limit=5),
    "addContactsTableEntities": lambda c: c.contacts.tables.add_many("1", IDS, owner=OWNER),
    "removeContactsTableEntities": lambda c: c.contacts.tables.remove_many("1", IDS, owner=OWNER),
    "enrichCompanies": lambda c: c.companies.enrich_many(IDS),
    "searchCompanies": lambda c: c.companies.search_many(FIRMS),
    "searchAndEnrichCompanies": lambda c: c.companies.search_and_enrich_many(FIRMS),
    "getCompanySignals": lambda c: c.companies.signals_many(IDS, ["riskNews"]),
    "getCompanySignalScores": lambda c: c.companies.signal_scores_many(FIRMS),
    "getCompanyIcpFitScores": lambda c: c.companies.icp_fit_scores_many(FIRMS, ["p1"]),
    "createSubscription": lambda c: c.webhooks.create_many([{"entity_id": one} for one in IDS], **HOOK),
    "deleteSubscriptions": lambda c: c.webhooks.delete_many(IDS),
}
"""Three inputs each."""

ONE: Mapping[str, Callable[[LushaClient], Awaitable[Any]]] = {
    "enrichContacts": lambda c: c.contacts.enrich_one("v1.a"),
    "searchContacts": lambda c: c.contacts.search_one(PEOPLE[0]),
    "searchAndEnrichContacts": lambda c: c.contacts.search_and_enrich_one(PEOPLE[0]),
    "enrichCompanies": lambda c: c.companies.enrich_one("v1.a"),
    "searchCompanies": lambda c: c.companies.search_one(FIRMS[0]),
    "searchAndEnrichCompanies": lambda c: c.companies.search_and_enrich_one(FIRMS[0]),
}

STREAMS: Mapping[str, Many] = {
    "prospectingContacts": lambda c: c.contacts.prospect(WHOM, limit=60, page_size=50),
    "getContactLookalikes": lambda c: c.contacts.lookalikes({"ids": FIVE}, limit=60, page_size=25),
    "getContactRecommendations": lambda c: c.contacts.recommendations(limit=60),
    "getContactsTableEntities": lambda c: c.contacts.tables.entities("1", owner=OWNER, limit=60),
    "listContactsTables": lambda c: c.contacts.tables.list(owner=OWNER, limit=60),
    "prospectingCompanies": lambda c: c.companies.prospect(WHICH, limit=60),
    "getCompanyLookalikes": lambda c: c.companies.lookalikes({"ids": FIVE}, limit=60),
    "getCompanyRecommendations": lambda c: c.companies.recommendations(limit=60),
    "getWebsiteVisits": lambda c: c.companies.website_visits(
        ["example.com"], start_date=DAY, end_date=DAY, limit=60
    ),
    "searchConversations": lambda c: c.conversations.list(limit=60),
    "listSubscriptions": lambda c: c.webhooks.list(limit=60),
    "getAuditLogs": lambda c: c.webhooks.audit_logs(limit=60),
}
