"""The body of each operation, by its id. Data only."""

from collections.abc import Mapping

from .criteria import COMPANY_CRITERIA, COMPANY_SEARCH_CRITERIA, CONTACT_CRITERIA, CONTACTS_OF_COMPANY, sides
from .pieces import (
    COMPANIES,
    COMPANY_TYPES,
    CONTACT_TYPES,
    CONTACTS,
    DATE,
    EMAIL,
    FLAG,
    IDS,
    OPTIONS,
    PAGES,
    REFERENCE,
    REVEAL_COMPANY,
    REVEAL_CONTACT,
    SCORED_COMPANIES,
    TEXT,
    TEXTS,
    WHOLE,
    names,
    signals,
)
from .schema import Choice, Many, Number, Text, Thing

__all__ = ["BODIES"]


_SEED_CONTACTS = Thing(
    members={
        "ids": Many(of=TEXT, most=100),
        "linkedinUrls": Many(of=TEXT, most=100),
        "emails": Many(of=EMAIL, most=100),
        "contacts": Many(
            of=Thing(
                members=dict.fromkeys(
                    names("firstName lastName companyDomain companyName"),
                    TEXT,
                ),
                needs=("firstName", "lastName"),
            ),
            most=100,
        ),
        "contactIds": Many(of=WHOLE, most=100),
    },
    nullable=True,
)
_SEED_COMPANIES = Thing(members={name: Many(of=TEXT, most=100) for name in ("domains", "linkedinUrls", "ids")})


def _lookalike(seeds: Thing) -> Thing:
    return Thing(
        members={
            "dedupeSessionId": Text(form="uuid", nullable=True),
            "seeds": seeds,
            "exclude": seeds,
            "limit": Number(least=1, most=100),
            "tableId": TEXT,
        },
        needs=("seeds",),
    )


_RANGE = Thing(members={"min": Number(least=0), "max": Number(least=0)})
_REAL_RANGE = Thing(members={"min": Number(least=0, real=True), "max": Number(least=0, real=True)})
_VISITS = Thing(
    members={
        "domains": Many(of=TEXT, least=1),
        "startDate": DATE,
        "endDate": DATE,
        "pagination": Thing(
            members={"page": Number(least=0), "size": Number(least=1, most=150)}, needs=("page", "size")
        ),
        "sort": Thing(members={"by": TEXT, "order": Choice(("asc", "desc"))}),
        "filters": Thing(
            members={
                "scoreBands": Many(of=Choice(("cold", "warm", "hot"))),
                "visitorCountries": Thing(members={"include": TEXTS, "exclude": TEXTS}),
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
    needs=("domains", "startDate", "endDate", "pagination"),
)

_RECOMMENDATIONS = Thing(
    members={
        "filters": Thing(members={"targetIcp": TEXTS, "signals": TEXTS}),
        "sort": Many(
            of=Thing(
                members={
                    "by": Choice(("leadScore", "signalScore", "icpFitScore", "targetIcp")),
                    "order": Choice(("asc", "desc")),
                },
                needs=("by",),
            ),
            most=4,
        ),
        "pagination": Thing(members={"page": Number(least=0, most=1000), "size": Number(least=10, most=100)}),
    }
)

_OWNER = Thing(members={"email": EMAIL})
_VISIBILITY = Choice(("private", "shared"))
_TABLE_NAME = Text(least=1)
_TABLE_BODIES: Mapping[str, Thing] = {
    "create{}Table": Thing(
        members={"name": _TABLE_NAME, "visibility": _VISIBILITY, "owner": _OWNER, "ids": Many(of=TEXT, most=500)},
        needs=("name",),
    ),
    "list{}Tables": Thing(
        members={
            "owner": _OWNER,
            "page": Number(least=0, most=100),
            "size": Number(least=1, most=100),
            "name": TEXT,
            "status": Choice(("active", "archived")),
        }
    ),
    "update{}Table": Thing(
        members={"name": _TABLE_NAME, "visibility": _VISIBILITY, "archived": FLAG, "owner": _OWNER}
    ),
    "add{}TableEntities": Thing(
        members={"entityIds": Many(of=TEXT, most=500), "companyIds": TEXTS, "owner": _OWNER},
        needs=("entityIds",),
    ),
    "remove{}TableEntities": Thing(
        members={"entityIds": Many(of=TEXT, most=500), "owner": _OWNER}, needs=("entityIds",)
    ),
    "run{}TableColumn": Thing(
        members={"runScope": Choice(("all", "missing", "specific")), "entityIds": TEXTS, "owner": _OWNER},
        needs=("runScope",),
    ),
}

_WEBHOOK_NAME = Text(most=100)
_HOOK_URL = Text(form="url", most=2048)
_ENTITY = Choice(("contact", "company"))
_WEBHOOK_BODIES: Mapping[str, Thing] = {
    "createSubscription": Thing(
        members={
            "defaults": Thing(
                members={"url": _HOOK_URL, "entityType": _ENTITY, "signalTypes": TEXTS}, needs=("url",)
            ),
            "name": _WEBHOOK_NAME,
            "subscriptions": Many(
                of=Thing(
                    members={
                        "entityId": Text(least=1, most=255),
                        "entityType": _ENTITY,
                        "signalTypes": TEXTS,
                        "name": _WEBHOOK_NAME,
                    },
                    needs=("entityId",),
                ),
                least=1,
                most=25,
            ),
        },
        needs=("defaults", "subscriptions"),
    ),
    "updateSubscription": Thing(
        members={
            "signalTypes": Many(of=TEXT, least=1),
            "url": _HOOK_URL,
            "name": _WEBHOOK_NAME,
            "isActive": FLAG,
            "regenerateSecret": FLAG,
        }
    ),
    "deleteSubscriptions": Thing(members={"ids": Many(of=TEXT, least=1, most=25)}, needs=("ids",)),
    "createOptOutSubscription": Thing(
        members={"entityType": Choice(("contact",)), "url": _HOOK_URL, "name": _WEBHOOK_NAME},
        needs=("entityType", "url"),
    ),
}

_CONTACT_BODIES: Mapping[str, Thing] = {
    "searchContacts": Thing(
        members={"contacts": CONTACTS, "options": OPTIONS, "signals": signals(CONTACT_TYPES)},
        needs=("contacts",),
    ),
    "enrichContacts": Thing(
        members={"ids": IDS, "reveal": REVEAL_CONTACT, "waterfallEnabled": FLAG, "tableId": TEXT},
        needs=("ids",),
    ),
    "searchAndEnrichContacts": Thing(
        members={"contacts": CONTACTS, "reveal": REVEAL_CONTACT, "options": OPTIONS}, needs=("contacts",)
    ),
    "prospectingContacts": Thing(
        members={
            "pagination": PAGES,
            "filters": Thing(members={"contacts": sides(CONTACT_CRITERIA), "companies": sides(COMPANY_CRITERIA)}),
            "tableId": TEXT,
            "options": Thing(
                members={
                    "includePartialProfiles": FLAG,
                    "excludeDnc": FLAG,
                    "maxContactsPerCompany": Number(least=1, most=20),
                }
            ),
        },
        needs=("pagination", "filters"),
    ),
    "getContactLookalikes": _lookalike(_SEED_CONTACTS),
    "getContactsBuyingGroup": Thing(
        members={
            "companies": Many(
                of=Thing(members={"clientReferenceId": REFERENCE, "domain": TEXT, "id": TEXT}), least=1, most=25
            ),
            "personas": Many(of=Choice(("decision_maker", "potential_champion", "end_user")), least=1),
            "contactsLimit": Number(least=1),
            "pagination": Thing(members={"page": Number(least=0), "size": Number(least=10, most=100)}),
        },
        needs=("companies",),
    ),
    "getContactSignals": Thing(
        members={
            "ids": IDS,
            "signalTypes": Many(of=CONTACT_TYPES, least=1),
            "startDate": DATE,
            "maxResultsPerSignal": Number(least=1, most=100),
            "tableId": TEXT,
        },
        needs=("ids", "signalTypes"),
    ),
    "getContactSignalScores": Thing(members={"contacts": CONTACTS}, needs=("contacts",)),
    "getContactIcpFitScores": Thing(
        members={"targetProfileIds": Many(of=TEXT, least=1, most=3), "contacts": CONTACTS},
        needs=("targetProfileIds", "contacts"),
    ),
    "getContactRecommendations": _RECOMMENDATIONS,
}

_COMPANY_BODIES: Mapping[str, Thing] = {
    "searchCompanies": Thing(
        members={"companies": COMPANIES, "options": OPTIONS, "signals": signals(COMPANY_TYPES)},
        needs=("companies",),
    ),
    "enrichCompanies": Thing(members={"ids": IDS, "reveal": REVEAL_COMPANY, "tableId": TEXT}, needs=("ids",)),
    "searchAndEnrichCompanies": Thing(
        members={"companies": COMPANIES, "options": OPTIONS, "reveal": REVEAL_COMPANY}, needs=("companies",)
    ),
    "prospectingCompanies": Thing(
        members={
            "pagination": PAGES,
            "filters": Thing(
                members={
                    "companies": sides(COMPANY_SEARCH_CRITERIA, needs=("include",)),
                    "contacts": sides(CONTACTS_OF_COMPANY),
                },
                needs=("companies",),
            ),
            "tableId": TEXT,
            "options": OPTIONS,
        },
        needs=("pagination", "filters"),
    ),
    "getCompanyLookalikes": _lookalike(_SEED_COMPANIES),
    "getCompanySignals": Thing(
        members={
            "ids": IDS,
            "signalTypes": Many(of=COMPANY_TYPES, least=1),
            "startDate": DATE,
            "maxResultsPerSignal": Number(least=1, most=100),
            "tableId": TEXT,
            "filters": Thing(members={"include": Thing(members={"intentCategories": TEXTS})}),
        },
        needs=("ids", "signalTypes"),
    ),
    "getCompanySignalScores": Thing(members={"companies": SCORED_COMPANIES}, needs=("companies",)),
    "getWebsiteVisits": _VISITS,
    "getCompanyIcpFitScores": Thing(
        members={"targetProfileIds": Many(of=TEXT, least=1, most=3), "companies": SCORED_COMPANIES},
        needs=("targetProfileIds", "companies"),
    ),
    "getCompanyRecommendations": _RECOMMENDATIONS,
}

_ACCOUNT_BODIES: Mapping[str, Thing] = {
    "searchConversations": Thing(
        members={
            "query": TEXT,
            "dateFrom": DATE,
            "dateTo": DATE,
            "companyDomains": TEXTS,
            "contactNames": TEXTS,
            "meetingTitles": TEXTS,
            "conversationIds": TEXTS,
            "page": Number(least=0),
            "pageSize": Number(least=1, most=100),
        }
    ),
}

BODIES: Mapping[str, Thing] = {
    **_CONTACT_BODIES,
    **_COMPANY_BODIES,
    **_ACCOUNT_BODIES,
    **_WEBHOOK_BODIES,
    **{name.format(title): shape for name, shape in _TABLE_BODIES.items() for title in ("Contacts", "Companies")},
}
"""The shape of the JSON body by operation; an operation that is not named here has none."""
