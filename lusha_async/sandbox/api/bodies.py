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
from .schema import Array, Enum, Number, Object, Schema, String

__all__ = ["BODIES"]


_UP_TO_100 = Array(items=STRING, max_items=100)
_UP_TO_500 = Array(items=STRING, max_items=500)
_SEED_CONTACTS = Object(
    members={
        "ids": _UP_TO_100,
        "linkedinUrls": _UP_TO_100,
        "emails": Array(items=EMAIL, max_items=100),
        "contacts": Array(
            items=Object(
                members=dict.fromkeys(
                    ("firstName", "lastName", "companyDomain", "companyName"),
                    STRING,
                ),
                required=("firstName", "lastName"),
            ),
            max_items=100,
        ),
        "contactIds": Array(items=INTEGER, max_items=100),
    },
    nullable=True,
)
_SEED_COMPANIES = Object(members=dict.fromkeys(("domains", "linkedinUrls", "ids"), _UP_TO_100))


def _lookalike(seeds: Object) -> Object:
    return Object(
        members={
            "dedupeSessionId": String(format="uuid", nullable=True),
            "seeds": seeds,
            "exclude": seeds,
            "limit": Number(minimum=1, maximum=100),
            "tableId": STRING,
        },
        required=("seeds",),
    )


def _signals(types: Enum, **more: Schema) -> Object:
    return Object(
        members={
            "ids": IDS,
            "signalTypes": Array(items=types, min_items=1),
            "startDate": DATE,
            "maxResultsPerSignal": Number(minimum=1, maximum=100),
            "tableId": STRING,
            **more,
        },
        required=("ids", "signalTypes"),
    )


def _icp_scores(plural: str, items: Array) -> Object:
    profiles = Array(items=STRING, min_items=1, max_items=3)
    return Object(members={"targetProfileIds": profiles, plural: items}, required=("targetProfileIds", plural))


_SIGNAL_FILTERS = Object(members={"include": Object(members={"intentCategories": STRINGS})})
_RANGE = Object(members={"min": Number(minimum=0), "max": Number(minimum=0)})
_REAL_RANGE = Object(members={"min": Number(minimum=0, integer=False), "max": Number(minimum=0, integer=False)})
_VISITS = Object(
    members={
        "domains": Array(items=STRING, min_items=1),
        "startDate": DATE,
        "endDate": DATE,
        "pagination": pagination(sizes=(1, 150)),
        "sort": Object(members={"by": STRING, "order": Enum(("asc", "desc"))}),
        "filters": Object(
            members={
                "scoreBands": Array(items=Enum(("cold", "warm", "hot"))),
                "visitorCountries": Object(members={"include": STRINGS, "exclude": STRINGS}),
                "avgSessionMinutes": _REAL_RANGE,
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
            }
        ),
    },
    required=("domains", "startDate", "endDate", "pagination"),
)

_RECOMMENDATIONS = Object(
    members={
        "filters": Object(members={"targetIcp": STRINGS, "signals": STRINGS}),
        "sort": Array(
            items=Object(
                members={
                    "by": Enum(("leadScore", "signalScore", "icpFitScore", "targetIcp")),
                    "order": Enum(("asc", "desc")),
                },
                required=("by",),
            ),
            max_items=4,
        ),
        "pagination": Object(
            members={"page": Number(minimum=0, maximum=1000), "size": Number(minimum=10, maximum=100)}
        ),
    }
)

_OWNER = Object(members={"email": EMAIL})
_VISIBILITY = Enum(("private", "shared"))
_TABLE_NAME = String(min_length=1)
_TABLE_BODIES: Mapping[str, Object] = {
    "create{}Table": Object(
        members={
            "name": _TABLE_NAME,
            "visibility": _VISIBILITY,
            "owner": _OWNER,
            "ids": _UP_TO_500,
        },
        required=("name",),
    ),
    "list{}Tables": Object(
        members={
            "owner": _OWNER,
            "page": Number(minimum=0, maximum=100),
            "size": Number(minimum=1, maximum=100),
            "name": STRING,
            "status": Enum(("active", "archived")),
        }
    ),
    "update{}Table": Object(
        members={"name": _TABLE_NAME, "visibility": _VISIBILITY, "archived": BOOLEAN, "owner": _OWNER}
    ),
    "add{}TableEntities": Object(
        members={"entityIds": _UP_TO_500, "companyIds": STRINGS, "owner": _OWNER},
        required=("entityIds",),
    ),
    "remove{}TableEntities": Object(members={"entityIds": _UP_TO_500, "owner": _OWNER}, required=("entityIds",)),
    "run{}TableColumn": Object(
        members={"runScope": Enum(("all", "missing", "specific")), "entityIds": STRINGS, "owner": _OWNER},
        required=("runScope",),
    ),
}

_WEBHOOK_NAME = String(max_length=100)
_HOOK_URL = String(format="url", max_length=2048)
_ENTITY = Enum(("contact", "company"))
_WEBHOOK_BODIES: Mapping[str, Object] = {
    "createSubscription": Object(
        members={
            "defaults": Object(
                members={"url": _HOOK_URL, "entityType": _ENTITY, "signalTypes": STRINGS}, required=("url",)
            ),
            "name": _WEBHOOK_NAME,
            "subscriptions": Array(
                items=Object(
                    members={
                        "entityId": String(min_length=1, max_length=255),
                        "entityType": _ENTITY,
                        "signalTypes": STRINGS,
                        "name": _WEBHOOK_NAME,
                    },
                    required=("entityId",),
                ),
                min_items=1,
                max_items=25,
            ),
        },
        required=("defaults", "subscriptions"),
    ),
    "updateSubscription": Object(
        members={
            "signalTypes": Array(items=STRING, min_items=1),
            "url": _HOOK_URL,
            "name": _WEBHOOK_NAME,
            "isActive": BOOLEAN,
            "regenerateSecret": BOOLEAN,
        }
    ),
    "deleteSubscriptions": Object(
        members={"ids": Array(items=STRING, min_items=1, max_items=25)}, required=("ids",)
    ),
    "createOptOutSubscription": Object(
        members={"entityType": Enum(("contact",)), "url": _HOOK_URL, "name": _WEBHOOK_NAME},
        required=("entityType", "url"),
    ),
}

_CONTACT_BODIES: Mapping[str, Object] = {
    "searchContacts": Object(
        members={"contacts": CONTACTS, "options": OPTIONS, "signals": signals(CONTACT_TYPES)},
        required=("contacts",),
    ),
    "enrichContacts": Object(
        members={"ids": IDS, "reveal": REVEAL_CONTACT, "waterfallEnabled": BOOLEAN, "tableId": STRING},
        required=("ids",),
    ),
    "searchAndEnrichContacts": Object(
        members={"contacts": CONTACTS, "reveal": REVEAL_CONTACT, "options": OPTIONS}, required=("contacts",)
    ),
    "prospectingContacts": Object(
        members={
            "pagination": pagination(max_page=1000),
            "filters": Object(members={"contacts": sides(CONTACT_CRITERIA), "companies": sides(COMPANY_CRITERIA)}),
            "tableId": STRING,
            "options": Object(
                members={
                    "includePartialProfiles": BOOLEAN,
                    "excludeDnc": BOOLEAN,
                    "maxContactsPerCompany": Number(minimum=1, maximum=20),
                }
            ),
        },
        required=("pagination", "filters"),
    ),
    "getContactLookalikes": _lookalike(_SEED_CONTACTS),
    "getContactsBuyingGroup": Object(
        members={
            "companies": Array(
                items=Object(members={"clientReferenceId": REFERENCE, "domain": STRING, "id": STRING}),
                min_items=1,
                max_items=25,
            ),
            "personas": Array(items=Enum(("decision_maker", "potential_champion", "end_user")), min_items=1),
            "contactsLimit": Number(minimum=1),
            "pagination": pagination(required=False),
        },
        required=("companies",),
    ),
    "getContactSignals": _signals(CONTACT_TYPES),
    "getContactSignalScores": Object(members={"contacts": CONTACTS}, required=("contacts",)),
    "getContactIcpFitScores": _icp_scores("contacts", CONTACTS),
    "getContactRecommendations": _RECOMMENDATIONS,
}

_COMPANY_BODIES: Mapping[str, Object] = {
    "searchCompanies": Object(
        members={"companies": COMPANIES, "options": OPTIONS, "signals": signals(COMPANY_TYPES)},
        required=("companies",),
    ),
    "enrichCompanies": Object(
        members={"ids": IDS, "reveal": REVEAL_COMPANY, "tableId": STRING}, required=("ids",)
    ),
    "searchAndEnrichCompanies": Object(
        members={"companies": COMPANIES, "options": OPTIONS, "reveal": REVEAL_COMPANY}, required=("companies",)
    ),
    "prospectingCompanies": Object(
        members={
            "pagination": pagination(max_page=1000),
            "filters": Object(
                members={
                    "companies": sides(COMPANY_SEARCH_CRITERIA, needs=("include",)),
                    "contacts": sides(CONTACTS_OF_COMPANY),
                },
                required=("companies",),
            ),
            "tableId": STRING,
            "options": OPTIONS,
        },
        required=("pagination", "filters"),
    ),
    "getCompanyLookalikes": _lookalike(_SEED_COMPANIES),
    "getCompanySignals": _signals(COMPANY_TYPES, filters=_SIGNAL_FILTERS),
    "getCompanySignalScores": Object(members={"companies": SCORED_COMPANIES}, required=("companies",)),
    "getWebsiteVisits": _VISITS,
    "getCompanyIcpFitScores": _icp_scores("companies", SCORED_COMPANIES),
    "getCompanyRecommendations": _RECOMMENDATIONS,
}

_ACCOUNT_BODIES: Mapping[str, Object] = {
    "searchConversations": Object(
        members={
            "query": STRING,
            "dateFrom": DATE,
            "dateTo": DATE,
            "companyDomains": STRINGS,
            "contactNames": STRINGS,
            "meetingTitles": STRINGS,
            "conversationIds": STRINGS,
            "page": Number(minimum=0),
            "pageSize": Number(minimum=1, maximum=100),
        }
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
