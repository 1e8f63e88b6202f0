"""For each operation, calls that reach it: the minimum that it takes, and all that it takes."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from lusha_async._call.decode import envelope
from lusha_async.client import LushaClient
from lusha_async.models.filters import (
    CompanyCriteria,
    CompanyFilters,
    ContactCriteria,
    ContactFilters,
    Place,
    ProspectingFilters,
    Span,
)
from lusha_async.models.lookalikes import CompanySeeds, ContactSeeds, SeedContact
from lusha_async.models.webhooks import SubscriptionResults
from lusha_async.operations import BY_NAME

from .account_calls import ACCOUNT_CALLS

__all__ = ["CALLS", "SMALLEST", "WHOLE", "whole"]

Call = Callable[[LushaClient], Awaitable[Any]]

IDS = ["v1.a", "v1.b"]
DAY = "2026-05-01"
SIGNALS = {"types": ["allSignals"], "start_date": DAY, "max_results_per_signal": 5}
PERSON = {
    "id": "v1.a",
    "linkedin_url": "https://www.linkedin.example/in/ada",
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Sample",
    "company_name": "Sample Ltd",
    "companyDomain": "example.com",
    "client_reference_id": "r1",
}
COMPANY = {"id": "v1.f", "domain": "example.com", "name": "Sample Ltd", "client_reference_id": "r1"}
IDENTITIES = [{"id": "v1.f"}, {"domain": "example.com"}, {"name": "Sample"}, {"email": "info@example.com"}]
PLACE = Place(city="Boston", state="MA", country="United States", country_iso2="US", continent="North America")
SPAN = Span(min=1, max=10)
PEOPLE = ContactCriteria(
    names=["Ada"],
    job_titles=["Engineer"],
    search_text="python",
    locations=[PLACE],
    seniority_ids=[4, 5],
    departments=["Engineering & Technical"],
    existing_data_points=["phone"],
    existing_data_points_condition="and",
    signals={"types": ["promotion"], "start_date": DAY},
    job_changed_after_date=DAY,
    education={"degrees": ["BSc"], "start_year_gte": 2000},
    score={"min_score": 10, "max_score": 90},
    geographic_details=[{"country": "US", "zipcode": "02101", "distance": 10}],
)
FIRMS = CompanyCriteria(
    names=["Sample"],
    domains=["example.com"],
    locations=[PLACE],
    sizes=[SPAN, Span(min=10)],
    revenues=[SPAN],
    technologies=["Python"],
    technologies_condition="or",
    main_industries_ids=[1],
    intent_topics=["CRM"],
    intent_min_score=50,
    founded_year=[SPAN],
    business_model=["B2B"],
    locations_zipcodes=[{"country_iso2": "US", "zipcode": "02101"}],
)
FUNDED = CompanyCriteria(
    funding={"is_ipo": True, "rounds": [{"coverage": "any_round", "round": "seed"}]},
    industries_labels=["software"],
)
SEEKING = ProspectingFilters(
    contacts=ContactFilters(include=PEOPLE, exclude=ContactCriteria(names=["Bob"])),
    companies=CompanyFilters(include=FIRMS, exclude=FUNDED),
)
FIVE = ["v1.1", "v1.2", "v1.3", "v1.4", "v1.5"]
MANY_SEEDS = ContactSeeds(
    ids=FIVE,
    linkedin_urls=["https://www.linkedin.example/in/ada"],
    emails=["ada@example.com"],
    contacts=[
        SeedContact(first_name="Ada", last_name="Sample", company_name="Sample Ltd", company_domain="s.example")
    ],
    contact_ids=[7],
)
SESSION = "00000000-0000-4000-8000-000000000001"

CALLS: Mapping[str, tuple[Call, ...]] = {
    "searchContacts": (
        lambda c: c.contacts.search([{"id": "v1.a"}]),
        lambda c: c.contacts.search([PERSON], partial_profiles=True, signals=SIGNALS),
    ),
    "enrichContacts": (
        lambda c: c.contacts.enrich(IDS),
        lambda c: c.contacts.enrich(IDS, reveal=["emails", "phones"], waterfall_enabled=True, table_id="7"),
    ),
    "getContactsEnrichJob": (lambda c: c.contacts.enrich_job("j1"),),
    "searchAndEnrichContacts": (
        lambda c: c.contacts.search_and_enrich([{"email": "ada@example.com"}]),
        lambda c: c.contacts.search_and_enrich([PERSON], reveal=["phones"], partial_profiles=False),
    ),
    "prospectingContacts": (
        lambda c: c.contacts.prospect_page({"contacts": {"include": {"jobTitles": ["Engineer"]}}}),
        lambda c: c.contacts.prospect_page(
            SEEKING,
            page=1000,
            page_size=100,
            partial_profiles=False,
            exclude_dnc=True,
            max_contacts_per_company=20,
            table_id="7",
        ),
    ),
    "getContactLookalikes": (
        lambda c: c.contacts.lookalikes_page({"ids": FIVE}),
        lambda c: c.contacts.lookalikes_page(
            MANY_SEEDS, exclude={"ids": IDS}, page_size=100, dedupe_session_id=SESSION, table_id="7"
        ),
    ),
    "getContactsBuyingGroup": (
        lambda c: c.contacts.buying_group([{"domain": "example.com"}], contacts_limit=3),
        lambda c: c.contacts.buying_group(
            [{"id": "v1.f", "client_reference_id": "r"}],
            contacts_limit=1,
            personas=["end_user"],
            page=0,
            page_size=10,
        ),
    ),
    "getContactSignals": (
        lambda c: c.contacts.signals(IDS, ["promotion"]),
        lambda c: c.contacts.signals(IDS, ["allSignals"], start_date=DAY, max_results_per_signal=1, table_id="7"),
    ),
    "getContactSignalTypes": (lambda c: c.contacts.signal_types(),),
    "getContactSignalScores": (lambda c: c.contacts.signal_scores([PERSON]),),
    "getContactFilterTypes": (lambda c: c.contacts.filters.types(refresh=True),),
    "getContactFilterValues": (
        lambda c: c.contacts.filters.values("departments", refresh=True),
        lambda c: c.contacts.filters.values("locations", "bo", refresh=True),
    ),
    "getContactIcpFitScores": (lambda c: c.contacts.icp_fit_scores([PERSON], ["p1", "p2", "p3"]),),
    "getContactRecommendations": (
        lambda c: c.contacts.recommendations_page(),
        lambda c: c.contacts.recommendations_page(
            filters={"target_icp": ["p1"], "signals": ["promotion"]},
            sort=[{"by": "leadScore", "order": "desc"}, {"by": "targetIcp", "order": "desc"}],
            page=1000,
            page_size=100,
        ),
    ),
    "getContactRecommendationFilters": (lambda c: c.contacts.recommendation_filters(),),
    "searchCompanies": (
        lambda c: c.companies.search([{"name": "Sample"}]),
        lambda c: c.companies.search([COMPANY], partial_profiles=True, signals=SIGNALS),
    ),
    "enrichCompanies": (
        lambda c: c.companies.enrich(IDS),
        lambda c: c.companies.enrich(IDS, reveal=["competitors", "directParent"], table_id="7"),
    ),
    "searchAndEnrichCompanies": (
        lambda c: c.companies.search_and_enrich([{"domain": "example.com"}]),
        lambda c: c.companies.search_and_enrich([COMPANY], reveal=["intent"], partial_profiles=True),
    ),
    "prospectingCompanies": (
        lambda c: c.companies.prospect_page({"companies": {"include": {"domains": ["example.com"]}}}),
        lambda c: c.companies.prospect_page(
            {
                "companies": {
                    "include": {"domains": ["example.com"], "sizes": [{"min": 1}]},
                    "exclude": {"ids": IDS},
                },
                "contacts": {"include": {"job_titles": ["Engineer"], "locations": [PLACE]}},
            },
            page=0,
            page_size=10,
            partial_profiles=True,
            table_id="7",
        ),
        lambda c: c.companies.prospect_page(
            {"companies": {"include": {"search_text": "x", "signals": {"types": ["riskNews"], "start_date": DAY}}}}
        ),
    ),
    "getCompanyLookalikes": (
        lambda c: c.companies.lookalikes_page(CompanySeeds(domains=FIVE)),
        lambda c: c.companies.lookalikes_page(
            {"ids": FIVE, "linkedinUrls": ["https://l.example"]},
            exclude={"domains": ["x.example"]},
            page_size=1,
            dedupe_session_id=SESSION,
            table_id="7",
        ),
    ),
    "getCompanySignals": (
        lambda c: c.companies.signals(IDS, ["riskNews"]),
        lambda c: c.companies.signals(
            IDS, ["riskNews"], start_date=DAY, max_results_per_signal=100, table_id="7", intent_categories=["x"]
        ),
    ),
    "getCompanySignalTypes": (lambda c: c.companies.signal_types(),),
    "getCompanySignalFilters": (lambda c: c.companies.filters.signal_filters(refresh=True),),
    "getCompanySignalFilterValues": (
        lambda c: c.companies.filters.signal_filter_values("newsEventTypes", refresh=True),
        lambda c: c.companies.filters.signal_filter_values("hiringByLocations", "bo", refresh=True),
    ),
    "getCompanySignalScores": (lambda c: c.companies.signal_scores(IDENTITIES),),
    "getWebsiteVisits": (
        lambda c: c.companies.website_visits_page(["example.com"], start_date=DAY, end_date="2026-08-01"),
        lambda c: c.companies.website_visits_page(
            ["example.com"],
            start_date=DAY,
            end_date=DAY,
            page=3,
            page_size=150,
            sort={"by": "score", "order": "asc"},
            filters={
                "score_bands": ["hot"],
                "visitor_countries": {"include": ["US"], "exclude": ["IL"]},
                "score": {"min": 1, "max": 5},
                "avg_session_minutes": {"min": 0.5, "max": 5.5},
            },
        ),
    ),
    "getCompanyFilterTypes": (lambda c: c.companies.filters.types(refresh=True),),
    "getCompanyFilterValues": (
        lambda c: c.companies.filters.values("sizes", refresh=True),
        lambda c: c.companies.filters.values("names", "sa", refresh=True),
    ),
    "getCompanyIcpFitScores": (lambda c: c.companies.icp_fit_scores(IDENTITIES, ["p1"]),),
    "getCompanyRecommendations": (lambda c: c.companies.recommendations_page(page_size=10),),
    "getCompanyRecommendationFilters": (lambda c: c.companies.recommendation_filters(),),
    "getAccountUsage": (lambda c: c.account.usage(),),
    "listIcpProfiles": (
        lambda c: c.icp.profiles(),
        lambda c: c.icp.profiles(status="active", access="shared"),
    ),
    "searchConversations": (
        lambda c: c.conversations.list_page(),
        lambda c: c.conversations.list_page(query="price", page=0, page_size=100),
        lambda c: c.conversations.list_page(
            date_from=DAY,
            date_to=DAY,
            company_domains=["example.com"],
            contact_names=["Ada"],
            meeting_titles=["Intro"],
            conversation_ids=["c1"],
        ),
    ),
    "getConversationTranscript": (lambda c: c.conversations.transcript("c1"),),
    **ACCOUNT_CALLS,
}


async def _deleted(lusha: LushaClient) -> SubscriptionResults:
    reply = await lusha.request(BY_NAME["deleteSubscriptions"], body={"ids": ["1"]})
    return envelope(reply, SubscriptionResults)


WHOLE: Mapping[str, Call] = {"deleteSubscriptions": _deleted}
"""Where the method returns one row of its answer, or raises the row's error: a call that returns the whole answer."""

SMALLEST: Mapping[str, Any] = {name: {} for name in CALLS} | {
    "deleteSubscriptions": {"results": [{"index": 0, "success": True}]}
}
"""For each operation the smallest answer that its method returns, rather than raising."""


def whole(name: str) -> Call:
    """A call that returns the whole answer of an operation."""
    return WHOLE.get(name, CALLS[name][0])
