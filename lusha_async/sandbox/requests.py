"""The body of each operation, from the vendor's API reference. Data only.

What a body has to be beyond its shape (one identifier of several, a filter at least) is decided where the
operation is carried out.
"""

from collections.abc import Mapping

from .shapes import Choice, Flag, Many, Number, Shape, Text, Thing

__all__ = ["BODIES", "COMPANY_SIGNALS", "CONTACT_SIGNALS"]

CONTACT_SIGNALS = ("promotion", "companyChange")
COMPANY_SIGNALS = (
    "linkedinActivityIntent",
    "websiteTrafficDecrease",
    "websiteTrafficIncrease",
    "itSpendIncrease",
    "itSpendDecrease",
    "surgeInHiring",
    "headcountIncrease1m",
    "headcountIncrease3m",
    "headcountIncrease6m",
    "headcountIncrease12m",
    "headcountDecrease1m",
    "headcountDecrease3m",
    "headcountDecrease6m",
    "headcountDecrease12m",
    "surgeInHiringByDepartment",
    "surgeInHiringByLocation",
    "riskNews",
    "commercialActivityNews",
    "corporateStrategyNews",
    "financialEventsNews",
    "peopleNews",
    "marketIntelligenceNews",
    "productActivityNews",
)
_CONTACT_TYPES = Choice(("allSignals", *CONTACT_SIGNALS))
_COMPANY_TYPES = Choice(("allSignals", *COMPANY_SIGNALS))


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TEXT = Text()
_TEXTS = Many(of=_TEXT)
_DATE = Text(form="date")
_EMAIL = Text(form="email")
_FLAG = Flag()
_WHOLE = Number()
_WHOLES = Many(of=_WHOLE)
_REFERENCE = Text(most=256)
_OPTIONS = Thing(members={"includePartialProfiles": _FLAG})
_IDS = Many(of=_TEXT, least=1, most=100)
_RANGES = Many(of=Thing(members={"min": Number(least=0), "max": _WHOLE}))
_YEARS = Many(of=Thing(members={"min": _WHOLE, "max": _WHOLE}))
_PAGES = Thing(
    members={"page": Number(least=0, most=1000), "size": Number(least=10, most=100)}, needs=("page", "size")
)
_LOCATIONS = Many(
    of=Thing(
        members=dict.fromkeys(
            ("city", "state", "country", "continent", "countryGrouping", "region", "countryIso2"), _TEXT
        )
    )
)
_NEARBY = Many(of=Thing(members={"country": _TEXT, "zipcode": _TEXT, "distance": _WHOLE}))
_ZIP_CODES = Many(of=Thing(members={"countryIso2": _TEXT, "zipcode": _TEXT}))

_CONTACT_IDENTITY: Mapping[str, Shape] = {
    "clientReferenceId": _REFERENCE,
    "id": _TEXT,
    "linkedinUrl": _TEXT,
    "email": _EMAIL,
    "firstName": _TEXT,
    "lastName": _TEXT,
    "companyName": _TEXT,
    "companyDomain": _TEXT,
}
_CONTACTS = Many(of=Thing(members=_CONTACT_IDENTITY), least=1, most=100)
_COMPANY_IDENTITY: Mapping[str, Shape] = {
    "clientReferenceId": _REFERENCE,
    "id": _TEXT,
    "name": _TEXT,
    "domain": _TEXT,
}
_COMPANIES = Many(of=Thing(members=_COMPANY_IDENTITY), least=1, most=100)
_SCORED_COMPANIES = Many(of=Thing(members={**_COMPANY_IDENTITY, "email": _EMAIL}), least=1, most=100)

_REVEAL_CONTACT = Many(of=Choice(("emails", "phones")), least=1)
_REVEAL_COMPANY = Many(
    of=Choice(
        (
            "employeesByDepartment",
            "employeesByLocation",
            "employeesBySeniority",
            "competitors",
            "intent",
            "estimatedAnnualItSpend",
            "monthlyWebsiteTraffic",
            "openJobsTotal",
            "directParent",
            "ultimateParent",
        )
    ),
    least=1,
)


def _signals(types: Choice) -> Thing:
    return Thing(
        members={
            "types": Many(of=types, least=1),
            "startDate": _DATE,
            "maxResultsPerSignal": Number(least=1, most=100),
        },
        needs=("types",),
    )


_EITHER = Choice(("or", "and"))
_COVERAGE = Choice(("last_funding", "any_round", "total_funds", "last_round"))
_ROUND = Choice(
    (
        "pre_seed",
        "seed",
        *(f"series_{letter}" for letter in "abcdefgh"),
        "other",
    )
)
_INVESTMENT = Choice(("angel", "venture", "private_equity", "crowdfunding", "grant", "debt_financing", "other"))
_FUNDING = Thing(
    members={
        "isIpo": _FLAG,
        "ranges": Many(of=Thing(members={"coverage": _COVERAGE, "min": _WHOLE, "max": _WHOLE})),
        "date": Thing(members={"coverage": _COVERAGE, "date": _DATE}),
        "rounds": Many(of=Thing(members={"coverage": _COVERAGE, "round": _ROUND})),
        "names": Many(of=Thing(members={"coverage": _COVERAGE, "name": _INVESTMENT})),
        "investors": _TEXTS,
        "types": _TEXTS,
    }
)

_CONTACT_CRITERIA = Thing(
    members={
        **dict.fromkeys(
            (
                "names",
                "jobTitles",
                "jobTitlesExactMatch",
                "normalizedJobTitles",
                "countries",
                "departments",
                "linkedinUrls",
                "existingDataPoints",
                "previousJobTitle",
                "skills",
                "certifications",
                "awards",
                "ids",
            ),
            _TEXTS,
        ),
        "searchText": Text(most=200),
        "locations": _LOCATIONS,
        "seniorityIds": _WHOLES,
        "signals": Thing(members={"types": Many(of=_CONTACT_TYPES, least=1), "startDate": _DATE}),
        "emails": Many(of=_EMAIL),
        "previousEmails": Many(of=_EMAIL),
        "existingDataPointsCondition": _EITHER,
        "jobChangedAfterDate": _DATE,
        "jobChangedLastViewDate": _DATE,
        "education": Thing(
            members={
                "degrees": _TEXTS,
                "fieldsOfStudy": _TEXTS,
                "schools": _TEXTS,
                "startYearGte": _WHOLE,
                "graduationYearLte": _WHOLE,
            }
        ),
        "score": Thing(
            members={"minScore": Number(least=0, most=100), "maxScore": Number(least=0, most=100)},
        ),
        "geographicDetails": _NEARBY,
    }
)

_COMPANY_SHARED: Mapping[str, Shape] = {
    **dict.fromkeys(
        (
            "names",
            "domains",
            "ids",
            "technologies",
            "intentTopics",
            "sicCodes",
            "naicsCodes",
            "linkedinUrls",
            "keywords",
            "specialities",
            "exactSpecialities",
            "exactKeywords",
            "keywordsSearchFields",
            "previousCompanyDomains",
            "previousCompanyNames",
        ),
        _TEXTS,
    ),
    "locations": _LOCATIONS,
    "sizes": _RANGES,
    "revenues": _RANGES,
    "technologiesCondition": _EITHER,
    "mainIndustriesIds": _WHOLES,
    "subIndustriesIds": _WHOLES,
    "intentTopicsCondition": _EITHER,
    "intentMinScore": Number(least=1, most=100),
    "intentMaxScore": Number(least=1, most=100),
    "intentTopicsOperator": Choice(("or", "and", "any", "all")),
    "topicCountThreshold": _RANGES,
    "foundedYear": _YEARS,
    "businessModel": Many(of=Choice(("B2B", "B2C", "B2G"))),
    "companyType": Many(
        of=Choice(
            ("Government", "Private Company", "Public Company", "Educational", "Non Profit", "Self Employed"),
        )
    ),
    "geographicDetails": _NEARBY,
    "locationsZipcodes": _ZIP_CODES,
    "headquarterZipcodes": _ZIP_CODES,
}
_COMPANY_CRITERIA = Thing(members={**_COMPANY_SHARED, "industriesLabels": _TEXTS, "funding": _FUNDING})
_COMPANY_SEARCH_CRITERIA = Thing(
    members={
        **_COMPANY_SHARED,
        "searchText": Text(most=200),
        "signals": Thing(
            members={
                "types": Many(of=_COMPANY_TYPES, least=1),
                "startDate": _DATE,
                "filterByLocation": Many(of=Thing(members={"country": _TEXT, "state": _TEXT, "startDate": _DATE})),
                "filterByDepartment": Many(
                    of=Thing(members={"department": _TEXT, "startDate": _DATE}, needs=("department",))
                ),
                "filterByIntentCategory": _TEXTS,
            }
        ),
    }
)
_CONTACTS_OF_COMPANY = Thing(
    members={
        **dict.fromkeys(
            _names("jobTitles departments skills existingDataPoints"),
            _TEXTS,
        ),
        "seniorityIds": _WHOLES,
        "locations": _LOCATIONS,
    }
)


def _sides(criteria: Thing, *, needs: tuple[str, ...] = ()) -> Thing:
    return Thing(members={"include": criteria, "exclude": criteria}, needs=needs)


_SEED_CONTACTS = Thing(
    members={
        "ids": Many(of=_TEXT, most=100),
        "linkedinUrls": Many(of=_TEXT, most=100),
        "emails": Many(of=_EMAIL, most=100),
        "contacts": Many(
            of=Thing(
                members=dict.fromkeys(
                    _names("firstName lastName companyDomain companyName"),
                    _TEXT,
                ),
                needs=("firstName", "lastName"),
            ),
            most=100,
        ),
        "contactIds": Many(of=_WHOLE, most=100),
    },
    nullable=True,
)
_SEED_COMPANIES = Thing(members={name: Many(of=_TEXT, most=100) for name in ("domains", "linkedinUrls", "ids")})


def _lookalike(seeds: Thing) -> Thing:
    return Thing(
        members={
            "dedupeSessionId": Text(form="uuid", nullable=True),
            "seeds": seeds,
            "exclude": seeds,
            "limit": Number(least=1, most=100),
            "tableId": _TEXT,
        },
        needs=("seeds",),
    )


_RANGE = Thing(members={"min": Number(least=0), "max": Number(least=0)})
_REAL_RANGE = Thing(members={"min": Number(least=0, real=True), "max": Number(least=0, real=True)})
_VISITS = Thing(
    members={
        "domains": Many(of=_TEXT, least=1),
        "startDate": _DATE,
        "endDate": _DATE,
        "pagination": Thing(
            members={"page": Number(least=0), "size": Number(least=1, most=150)}, needs=("page", "size")
        ),
        "sort": Thing(members={"by": _TEXT, "order": Choice(("asc", "desc"))}),
        "filters": Thing(
            members={
                "scoreBands": Many(of=Choice(("cold", "warm", "hot"))),
                "visitorCountries": Thing(members={"include": _TEXTS, "exclude": _TEXTS}),
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
        "filters": Thing(members={"targetIcp": _TEXTS, "signals": _TEXTS}),
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

_OWNER = Thing(members={"email": _EMAIL})
_VISIBILITY = Choice(("private", "shared"))
_TABLE_NAME = Text(least=1)
_TABLE_BODIES: Mapping[str, Thing] = {
    "create{}Table": Thing(
        members={"name": _TABLE_NAME, "visibility": _VISIBILITY, "owner": _OWNER, "ids": Many(of=_TEXT, most=500)},
        needs=("name",),
    ),
    "list{}Tables": Thing(
        members={
            "owner": _OWNER,
            "page": Number(least=0, most=100),
            "size": Number(least=1, most=100),
            "name": _TEXT,
            "status": Choice(("active", "archived")),
        }
    ),
    "update{}Table": Thing(
        members={"name": _TABLE_NAME, "visibility": _VISIBILITY, "archived": _FLAG, "owner": _OWNER}
    ),
    "add{}TableEntities": Thing(
        members={"entityIds": Many(of=_TEXT, most=500), "companyIds": _TEXTS, "owner": _OWNER},
        needs=("entityIds",),
    ),
    "remove{}TableEntities": Thing(
        members={"entityIds": Many(of=_TEXT, most=500), "owner": _OWNER}, needs=("entityIds",)
    ),
    "run{}TableColumn": Thing(
        members={"runScope": Choice(("all", "missing", "specific")), "entityIds": _TEXTS, "owner": _OWNER},
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
                members={"url": _HOOK_URL, "entityType": _ENTITY, "signalTypes": _TEXTS}, needs=("url",)
            ),
            "name": _WEBHOOK_NAME,
            "subscriptions": Many(
                of=Thing(
                    members={
                        "entityId": Text(least=1, most=255),
                        "entityType": _ENTITY,
                        "signalTypes": _TEXTS,
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
            "signalTypes": Many(of=_TEXT, least=1),
            "url": _HOOK_URL,
            "name": _WEBHOOK_NAME,
            "isActive": _FLAG,
            "regenerateSecret": _FLAG,
        }
    ),
    "deleteSubscriptions": Thing(members={"ids": Many(of=_TEXT, least=1, most=25)}, needs=("ids",)),
    "createOptOutSubscription": Thing(
        members={"entityType": Choice(("contact",)), "url": _HOOK_URL, "name": _WEBHOOK_NAME},
        needs=("entityType", "url"),
    ),
}

_CONTACT_BODIES: Mapping[str, Thing] = {
    "searchContacts": Thing(
        members={"contacts": _CONTACTS, "options": _OPTIONS, "signals": _signals(_CONTACT_TYPES)},
        needs=("contacts",),
    ),
    "enrichContacts": Thing(
        members={"ids": _IDS, "reveal": _REVEAL_CONTACT, "waterfallEnabled": _FLAG, "tableId": _TEXT},
        needs=("ids",),
    ),
    "searchAndEnrichContacts": Thing(
        members={"contacts": _CONTACTS, "reveal": _REVEAL_CONTACT, "options": _OPTIONS}, needs=("contacts",)
    ),
    "prospectingContacts": Thing(
        members={
            "pagination": _PAGES,
            "filters": Thing(
                members={"contacts": _sides(_CONTACT_CRITERIA), "companies": _sides(_COMPANY_CRITERIA)}
            ),
            "tableId": _TEXT,
            "options": Thing(
                members={
                    "includePartialProfiles": _FLAG,
                    "excludeDnc": _FLAG,
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
                of=Thing(members={"clientReferenceId": _REFERENCE, "domain": _TEXT, "id": _TEXT}), least=1, most=25
            ),
            "personas": Many(of=Choice(("decision_maker", "potential_champion", "end_user")), least=1),
            "contactsLimit": Number(least=1),
            "pagination": Thing(members={"page": Number(least=0), "size": Number(least=10, most=100)}),
        },
        needs=("companies",),
    ),
    "getContactSignals": Thing(
        members={
            "ids": _IDS,
            "signalTypes": Many(of=_CONTACT_TYPES, least=1),
            "startDate": _DATE,
            "maxResultsPerSignal": Number(least=1, most=100),
            "tableId": _TEXT,
        },
        needs=("ids", "signalTypes"),
    ),
    "getContactSignalScores": Thing(members={"contacts": _CONTACTS}, needs=("contacts",)),
    "getContactIcpFitScores": Thing(
        members={"targetProfileIds": Many(of=_TEXT, least=1, most=3), "contacts": _CONTACTS},
        needs=("targetProfileIds", "contacts"),
    ),
    "getContactRecommendations": _RECOMMENDATIONS,
}

_COMPANY_BODIES: Mapping[str, Thing] = {
    "searchCompanies": Thing(
        members={"companies": _COMPANIES, "options": _OPTIONS, "signals": _signals(_COMPANY_TYPES)},
        needs=("companies",),
    ),
    "enrichCompanies": Thing(members={"ids": _IDS, "reveal": _REVEAL_COMPANY, "tableId": _TEXT}, needs=("ids",)),
    "searchAndEnrichCompanies": Thing(
        members={"companies": _COMPANIES, "options": _OPTIONS, "reveal": _REVEAL_COMPANY}, needs=("companies",)
    ),
    "prospectingCompanies": Thing(
        members={
            "pagination": _PAGES,
            "filters": Thing(
                members={
                    "companies": _sides(_COMPANY_SEARCH_CRITERIA, needs=("include",)),
                    "contacts": _sides(_CONTACTS_OF_COMPANY),
                },
                needs=("companies",),
            ),
            "tableId": _TEXT,
            "options": _OPTIONS,
        },
        needs=("pagination", "filters"),
    ),
    "getCompanyLookalikes": _lookalike(_SEED_COMPANIES),
    "getCompanySignals": Thing(
        members={
            "ids": _IDS,
            "signalTypes": Many(of=_COMPANY_TYPES, least=1),
            "startDate": _DATE,
            "maxResultsPerSignal": Number(least=1, most=100),
            "tableId": _TEXT,
            "filters": Thing(members={"include": Thing(members={"intentCategories": _TEXTS})}),
        },
        needs=("ids", "signalTypes"),
    ),
    "getCompanySignalScores": Thing(members={"companies": _SCORED_COMPANIES}, needs=("companies",)),
    "getWebsiteVisits": _VISITS,
    "getCompanyIcpFitScores": Thing(
        members={"targetProfileIds": Many(of=_TEXT, least=1, most=3), "companies": _SCORED_COMPANIES},
        needs=("targetProfileIds", "companies"),
    ),
    "getCompanyRecommendations": _RECOMMENDATIONS,
}

_ACCOUNT_BODIES: Mapping[str, Thing] = {
    "searchConversations": Thing(
        members={
            "query": _TEXT,
            "dateFrom": _DATE,
            "dateTo": _DATE,
            "companyDomains": _TEXTS,
            "contactNames": _TEXTS,
            "meetingTitles": _TEXTS,
            "conversationIds": _TEXTS,
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
