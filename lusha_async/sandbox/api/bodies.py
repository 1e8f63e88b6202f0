"""The schema of each operation's body. Data only. Source: the vendor's reference."""

from collections.abc import Mapping

from .common import (
    BOOLEAN,
    COMPANIES,
    COMPANY_TYPES,
    CONTACT_TYPES,
    CONTACTS,
    DATE,
    EMAIL,
    IDS,
    INTEGER,
    OPTIONS,
    REFERENCE,
    REVEAL_COMPANY,
    REVEAL_CONTACT,
    SCORED_COMPANIES,
    STRING,
    STRINGS,
    pagination,
    signals,
)
from .criteria import COMPANY_CRITERIA, COMPANY_SEARCH_CRITERIA, CONTACT_CRITERIA, CONTACTS_OF_COMPANY, sides
from .schema import Array, Enum, Number, Object, Schema, String, members

__all__ = ["BODIES"]


_UP_TO_100 = Array(STRING, max_items=100)
_UP_TO_500 = Array(STRING, max_items=500)
_SEED_CONTACTS = Object(
    members={
        "ids": _UP_TO_100,
        "linkedinUrls": _UP_TO_100,
        "emails": Array(EMAIL, max_items=100),
        "contacts": Array(
            members(
                "firstName",
                "lastName",
                **dict.fromkeys(("firstName", "lastName", "companyDomain", "companyName"), STRING),
            ),
            max_items=100,
        ),
        "contactIds": Array(INTEGER, max_items=100),
    },
    nullable=True,
)
_SEED_COMPANIES = members(**dict.fromkeys(("domains", "linkedinUrls", "ids"), _UP_TO_100))


def _lookalike(seeds: Object) -> Object:
    return members(
        "seeds",
        dedupeSessionId=String(format="uuid", nullable=True),
        seeds=seeds,
        exclude=seeds,
        limit=Number(1, 100),
        tableId=STRING,
    )


def _signals(types: Enum, **more: Schema) -> Object:
    return members(
        "ids",
        "signalTypes",
        ids=IDS,
        signalTypes=Array(types, min_items=1),
        startDate=DATE,
        maxResultsPerSignal=Number(1, 100),
        tableId=STRING,
        **more,
    )


def _icp_scores(plural: str, items: Array) -> Object:
    profiles = Array(STRING, min_items=1, max_items=3)
    return Object(members={"targetProfileIds": profiles, plural: items}, required=("targetProfileIds", plural))


_SIGNAL_FILTERS = members(include=members(intentCategories=STRINGS))
_RANGE = members(min=Number(minimum=0), max=Number(minimum=0))
_REAL_RANGE = members(min=Number(minimum=0, integer=False), max=Number(minimum=0, integer=False))
_VISITS = members(
    "domains",
    "startDate",
    "endDate",
    "pagination",
    domains=Array(STRING, min_items=1),
    startDate=DATE,
    endDate=DATE,
    pagination=pagination(sizes=(1, 150)),
    sort=members(by=STRING, order=Enum(("asc", "desc"))),
    filters=members(
        scoreBands=Array(Enum(("cold", "warm", "hot"))),
        visitorCountries=members(include=STRINGS, exclude=STRINGS),
        avgSessionMinutes=_REAL_RANGE,
        **dict.fromkeys(
            (
                "score",
                "totalSessions",
                "uniqueVisitors",
                "daysVisited",
                "highIntentPageviews",
                "daysSinceLastVisit",
            ),
            _RANGE,
        ),
    ),
)

_RECOMMENDATIONS = members(
    filters=members(targetIcp=STRINGS, signals=STRINGS),
    sort=Array(
        members(
            "by", by=Enum(("leadScore", "signalScore", "icpFitScore", "targetIcp")), order=Enum(("asc", "desc"))
        ),
        max_items=4,
    ),
    pagination=pagination(max_page=1000, required=False),
)

_OWNER = members(email=EMAIL)
_VISIBILITY = Enum(("private", "shared"))
_TABLE_NAME = String(min_length=1)
_TABLE_BODIES: Mapping[str, Object] = {
    "create{}Table": members("name", name=_TABLE_NAME, visibility=_VISIBILITY, owner=_OWNER, ids=_UP_TO_500),
    "list{}Tables": members(
        owner=_OWNER, page=Number(0, 100), size=Number(1, 100), name=STRING, status=Enum(("active", "archived"))
    ),
    "update{}Table": members(name=_TABLE_NAME, visibility=_VISIBILITY, archived=BOOLEAN, owner=_OWNER),
    "add{}TableEntities": members("entityIds", entityIds=_UP_TO_500, companyIds=STRINGS, owner=_OWNER),
    "remove{}TableEntities": members("entityIds", entityIds=_UP_TO_500, owner=_OWNER),
    "run{}TableColumn": members(
        "runScope", runScope=Enum(("all", "missing", "specific")), entityIds=STRINGS, owner=_OWNER
    ),
}

_WEBHOOK_NAME = String(max_length=100)
_WEBHOOK_URL = String(format="url", max_length=2048)
_ENTITY = Enum(("contact", "company"))
_WEBHOOK_BODIES: Mapping[str, Object] = {
    "createSubscription": members(
        "defaults",
        "subscriptions",
        defaults=members("url", url=_WEBHOOK_URL, entityType=_ENTITY, signalTypes=STRINGS),
        name=_WEBHOOK_NAME,
        subscriptions=Array(
            members(
                "entityId",
                entityId=String(min_length=1, max_length=255),
                entityType=_ENTITY,
                signalTypes=STRINGS,
                name=_WEBHOOK_NAME,
            ),
            min_items=1,
            max_items=25,
        ),
    ),
    "updateSubscription": members(
        signalTypes=Array(STRING, min_items=1),
        url=_WEBHOOK_URL,
        name=_WEBHOOK_NAME,
        isActive=BOOLEAN,
        regenerateSecret=BOOLEAN,
    ),
    "deleteSubscriptions": members("ids", ids=Array(STRING, min_items=1, max_items=25)),
    "createOptOutSubscription": members(
        "entityType", "url", entityType=Enum(("contact",)), url=_WEBHOOK_URL, name=_WEBHOOK_NAME
    ),
}

_CONTACT_BODIES: Mapping[str, Object] = {
    "searchContacts": members("contacts", contacts=CONTACTS, options=OPTIONS, signals=signals(CONTACT_TYPES)),
    "enrichContacts": members("ids", ids=IDS, reveal=REVEAL_CONTACT, waterfallEnabled=BOOLEAN, tableId=STRING),
    "searchAndEnrichContacts": members("contacts", contacts=CONTACTS, reveal=REVEAL_CONTACT, options=OPTIONS),
    "prospectingContacts": members(
        "pagination",
        "filters",
        pagination=pagination(max_page=1000),
        filters=members(contacts=sides(CONTACT_CRITERIA), companies=sides(COMPANY_CRITERIA)),
        tableId=STRING,
        options=members(includePartialProfiles=BOOLEAN, excludeDnc=BOOLEAN, maxContactsPerCompany=Number(1, 20)),
    ),
    "getContactLookalikes": _lookalike(_SEED_CONTACTS),
    "getContactsBuyingGroup": members(
        "companies",
        companies=Array(members(clientReferenceId=REFERENCE, domain=STRING, id=STRING), min_items=1, max_items=25),
        personas=Array(Enum(("decision_maker", "potential_champion", "end_user")), min_items=1),
        contactsLimit=Number(minimum=1),
        pagination=pagination(required=False),
    ),
    "getContactSignals": _signals(CONTACT_TYPES),
    "getContactSignalScores": members("contacts", contacts=CONTACTS),
    "getContactIcpFitScores": _icp_scores("contacts", CONTACTS),
    "getContactRecommendations": _RECOMMENDATIONS,
}

_COMPANY_BODIES: Mapping[str, Object] = {
    "searchCompanies": members("companies", companies=COMPANIES, options=OPTIONS, signals=signals(COMPANY_TYPES)),
    "enrichCompanies": members("ids", ids=IDS, reveal=REVEAL_COMPANY, tableId=STRING),
    "searchAndEnrichCompanies": members("companies", companies=COMPANIES, options=OPTIONS, reveal=REVEAL_COMPANY),
    "prospectingCompanies": members(
        "pagination",
        "filters",
        pagination=pagination(max_page=1000),
        filters=members(
            "companies",
            companies=sides(COMPANY_SEARCH_CRITERIA, required=("include",)),
            contacts=sides(CONTACTS_OF_COMPANY),
        ),
        tableId=STRING,
        options=OPTIONS,
    ),
    "getCompanyLookalikes": _lookalike(_SEED_COMPANIES),
    "getCompanySignals": _signals(COMPANY_TYPES, filters=_SIGNAL_FILTERS),
    "getCompanySignalScores": members("companies", companies=SCORED_COMPANIES),
    "getWebsiteVisits": _VISITS,
    "getCompanyIcpFitScores": _icp_scores("companies", SCORED_COMPANIES),
    "getCompanyRecommendations": _RECOMMENDATIONS,
}

_ACCOUNT_BODIES: Mapping[str, Object] = {
    "searchConversations": members(
        query=STRING,
        dateFrom=DATE,
        dateTo=DATE,
        companyDomains=STRINGS,
        contactNames=STRINGS,
        meetingTitles=STRINGS,
        conversationIds=STRINGS,
        page=Number(minimum=0),
        pageSize=Number(1, 100),
    ),
}

BODIES: Mapping[str, Object] = {
    **_CONTACT_BODIES,
    **_COMPANY_BODIES,
    **_ACCOUNT_BODIES,
    **_WEBHOOK_BODIES,
    **{
        name.format(title): schema for name, schema in _TABLE_BODIES.items() for title in ("Contacts", "Companies")
    },
}
"""The schema of the JSON body by operation id; operations not listed take no body."""
