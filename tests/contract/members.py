"""The members that each request may have, as we know them: for machines without the vendor's description.

A name with `!` must be there. Lists are not told apart from their items. Where the description is at hand, a test
holds this against it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lusha_async._wire.request import Request

__all__ = ["MEMBERS", "Members", "member_problems"]

Members = Mapping[str, "Members | None"]


def _of(plain: str, /, **inner: Members) -> dict[str, Members | None]:
    """Members by their names; `inner` has those that are objects (`_` ends the name of one that must be there)."""
    told: dict[str, Members | None] = dict.fromkeys(plain.split())
    return {**told, **{name.replace("_", "!"): members for name, members in inner.items()}}


PERSON = _of("clientReferenceId companyDomain companyName email firstName id lastName linkedinUrl")
COMPANY = _of("clientReferenceId domain id name")
IDENTITY = _of("clientReferenceId domain email id name")
SEEN_SIGNALS = _of("maxResultsPerSignal startDate types!")
OPTIONS = _of("includePartialProfiles")
PAGE = _of("page size")
NEEDED_PAGE = _of("page! size!")
SPAN = _of("max min")
PLACE = _of("city continent country countryGrouping countryIso2 region state")
ZIPCODE = _of("countryIso2 zipcode")
AROUND = _of("country distance zipcode")
OWNER = _of("email")

PEOPLE = _of(
    """awards certifications countries departments emails existingDataPoints existingDataPointsCondition ids
    jobChangedAfterDate jobChangedLastViewDate jobTitles jobTitlesExactMatch linkedinUrls names
    normalizedJobTitles previousEmails previousJobTitle searchText seniorityIds skills""",
    education=_of("degrees fieldsOfStudy graduationYearLte schools startYearGte"),
    geographicDetails=AROUND,
    locations=PLACE,
    score=_of("maxScore minScore"),
    signals=_of("startDate types"),
)
PEOPLE_OF_COMPANIES = _of("departments existingDataPoints jobTitles seniorityIds skills", locations=PLACE)
FIRMS = _of(
    """businessModel companyType domains exactKeywords exactSpecialities ids intentMaxScore intentMinScore
    intentTopics intentTopicsCondition intentTopicsOperator keywords keywordsSearchFields linkedinUrls
    mainIndustriesIds naicsCodes names previousCompanyDomains previousCompanyNames sicCodes specialities
    subIndustriesIds technologies technologiesCondition""",
    foundedYear=SPAN,
    geographicDetails=AROUND,
    headquarterZipcodes=ZIPCODE,
    locations=PLACE,
    locationsZipcodes=ZIPCODE,
    revenues=SPAN,
    sizes=SPAN,
    topicCountThreshold=SPAN,
)
FIRMS_OF_PEOPLE = {
    **FIRMS,
    **_of("industriesLabels"),
    "funding": _of(
        "investors isIpo types",
        date=_of("coverage date"),
        names=_of("coverage name"),
        ranges=_of("coverage max min"),
        rounds=_of("coverage round"),
    ),
}
FIRMS_ALONE = {
    **FIRMS,
    **_of("searchText"),
    "signals": _of(
        "filterByIntentCategory startDate types",
        filterByDepartment=_of("department! startDate"),
        filterByLocation=_of("country startDate state"),
    ),
}
CONTACT_SEEDS = _of(
    "contactIds emails ids linkedinUrls", contacts=_of("companyDomain companyName firstName! lastName!")
)
COMPANY_SEEDS = _of("domains ids linkedinUrls")
RECOMMENDATIONS = _of("", filters=_of("signals targetIcp"), pagination=PAGE, sort=_of("by order"))
VISITS = _of(
    "scoreBands",
    visitorCountries=_of("exclude include"),
    **dict.fromkeys(
        (
            "avgSessionMinutes",
            "daysSinceLastVisit",
            "daysVisited",
            "highIntentPageviews",
            "score",
            "totalSessions",
            "uniqueVisitors",
        ),
        SPAN,
    ),
)


def _tables(kind: str) -> dict[str, Members]:
    return {
        f"create{kind}Table": _of("ids name! visibility", owner_=OWNER),
        f"list{kind}Tables": _of("name page size status", owner_=OWNER),
        f"update{kind}Table": _of("archived name visibility", owner_=OWNER),
        f"add{kind}TableEntities": _of("companyIds entityIds!", owner_=OWNER),
        f"remove{kind}TableEntities": _of("entityIds!", owner_=OWNER),
        f"run{kind}TableColumn": _of("entityIds runScope!", owner_=OWNER),
    }


MEMBERS: Mapping[str, Members] = {
    "searchContacts": _of("", contacts_=PERSON, options=OPTIONS, signals=SEEN_SIGNALS),
    "enrichContacts": _of("ids! reveal tableId waterfallEnabled"),
    "searchAndEnrichContacts": _of("reveal", contacts_=PERSON, options=OPTIONS),
    "prospectingContacts": _of(
        "tableId",
        pagination_=NEEDED_PAGE,
        filters_=_of(
            "",
            contacts=_of("", include=PEOPLE, exclude=PEOPLE),
            companies=_of("", include=FIRMS_OF_PEOPLE, exclude=FIRMS_OF_PEOPLE),
        ),
        options=_of("excludeDnc includePartialProfiles maxContactsPerCompany"),
    ),
    "getContactLookalikes": _of("dedupeSessionId limit tableId", seeds_=CONTACT_SEEDS, exclude=CONTACT_SEEDS),
    "getContactsBuyingGroup": _of(
        "contactsLimit personas", companies_=_of("clientReferenceId domain id"), pagination=PAGE
    ),
    "getContactSignals": _of("ids! maxResultsPerSignal signalTypes! startDate tableId"),
    "getContactSignalScores": _of("", contacts_=PERSON),
    "getContactIcpFitScores": _of("targetProfileIds!", contacts_=PERSON),
    "getContactRecommendations": RECOMMENDATIONS,
    "searchCompanies": _of("", companies_=COMPANY, options=OPTIONS, signals=SEEN_SIGNALS),
    "enrichCompanies": _of("ids! reveal tableId"),
    "searchAndEnrichCompanies": _of("reveal", companies_=COMPANY, options=OPTIONS),
    "prospectingCompanies": _of(
        "tableId",
        pagination_=NEEDED_PAGE,
        filters_=_of(
            "",
            companies_=_of("", include_=FIRMS_ALONE, exclude=FIRMS_ALONE),
            contacts=_of("", include=PEOPLE_OF_COMPANIES, exclude=PEOPLE_OF_COMPANIES),
        ),
        options=OPTIONS,
    ),
    "getCompanyLookalikes": _of("dedupeSessionId limit tableId", seeds_=COMPANY_SEEDS, exclude=COMPANY_SEEDS),
    "getCompanySignals": _of(
        "ids! maxResultsPerSignal signalTypes! startDate tableId",
        filters=_of("", include=_of("intentCategories")),
    ),
    "getCompanySignalScores": _of("", companies_=IDENTITY),
    "getWebsiteVisits": _of(
        "domains! endDate! startDate!", filters=VISITS, pagination_=NEEDED_PAGE, sort=_of("by order")
    ),
    "getCompanyIcpFitScores": _of("targetProfileIds!", companies_=IDENTITY),
    "getCompanyRecommendations": RECOMMENDATIONS,
    "searchConversations": _of(
        "companyDomains contactNames conversationIds dateFrom dateTo meetingTitles page pageSize query"
    ),
    "createSubscription": _of(
        "name",
        defaults_=_of("entityType signalTypes url!"),
        subscriptions_=_of("entityId! entityType name signalTypes"),
    ),
    "updateSubscription": _of("isActive name regenerateSecret signalTypes url"),
    "deleteSubscriptions": _of("ids!"),
    "createOptOutSubscription": _of("entityType! name url!"),
    **_tables("Contacts"),
    **_tables("Companies"),
}
"""By the vendor's operation id; an operation that is not here takes no body."""


def member_problems(request: Request) -> list[str]:
    """What a request's body has that is not known, null, an empty list, or lacks."""
    known = MEMBERS.get(request.operation.name)
    if known is None:
        return [] if request.content is None else ["a body where none is known"]
    return [*_problems(request.body, known, "")]


def _problems(value: Any, known: Members | None, path: str) -> Iterator[str]:
    if isinstance(value, list):
        if not value:
            yield f"{path}: empty"
        for place, item in enumerate(value):
            yield from _problems(item, known, f"{path}[{place}]")
    elif isinstance(value, dict) != (known is not None) or value is None:
        yield f"{path}: {type(value).__name__}"
    elif known is not None:
        needed = {name[:-1] for name in known if name.endswith("!")}
        for name in needed - value.keys():
            yield f"{path}.{name}: missing"
        for name, member in value.items():
            told = f"{name}!" if name in needed else name
            if told in known:
                yield from _problems(member, known[told], f"{path}.{name}")
            else:
                yield f"{path}.{name}: not known"
