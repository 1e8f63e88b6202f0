"""What people and companies are filtered by. Data only."""

from collections.abc import Mapping

from .pieces import (
    COMPANY_TYPES,
    CONTACT_TYPES,
    DATE,
    EMAIL,
    FLAG,
    LOCATIONS,
    NEARBY,
    RANGES,
    TEXT,
    TEXTS,
    WHOLE,
    WHOLES,
    YEARS,
    ZIP_CODES,
    names,
)
from .schema import Choice, Many, Number, Shape, Text, Thing

__all__ = ["COMPANY_CRITERIA", "COMPANY_SEARCH_CRITERIA", "CONTACTS_OF_COMPANY", "CONTACT_CRITERIA", "sides"]

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
        "isIpo": FLAG,
        "ranges": Many(of=Thing(members={"coverage": _COVERAGE, "min": WHOLE, "max": WHOLE})),
        "date": Thing(members={"coverage": _COVERAGE, "date": DATE}),
        "rounds": Many(of=Thing(members={"coverage": _COVERAGE, "round": _ROUND})),
        "names": Many(of=Thing(members={"coverage": _COVERAGE, "name": _INVESTMENT})),
        "investors": TEXTS,
        "types": TEXTS,
    }
)

CONTACT_CRITERIA = Thing(
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
            TEXTS,
        ),
        "searchText": Text(most=200),
        "locations": LOCATIONS,
        "seniorityIds": WHOLES,
        "signals": Thing(members={"types": Many(of=CONTACT_TYPES, least=1), "startDate": DATE}),
        "emails": Many(of=EMAIL),
        "previousEmails": Many(of=EMAIL),
        "existingDataPointsCondition": _EITHER,
        "jobChangedAfterDate": DATE,
        "jobChangedLastViewDate": DATE,
        "education": Thing(
            members={
                "degrees": TEXTS,
                "fieldsOfStudy": TEXTS,
                "schools": TEXTS,
                "startYearGte": WHOLE,
                "graduationYearLte": WHOLE,
            }
        ),
        "score": Thing(
            members={"minScore": Number(least=0, most=100), "maxScore": Number(least=0, most=100)},
        ),
        "geographicDetails": NEARBY,
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
        TEXTS,
    ),
    "locations": LOCATIONS,
    "sizes": RANGES,
    "revenues": RANGES,
    "technologiesCondition": _EITHER,
    "mainIndustriesIds": WHOLES,
    "subIndustriesIds": WHOLES,
    "intentTopicsCondition": _EITHER,
    "intentMinScore": Number(least=1, most=100),
    "intentMaxScore": Number(least=1, most=100),
    "intentTopicsOperator": Choice(("or", "and", "any", "all")),
    "topicCountThreshold": RANGES,
    "foundedYear": YEARS,
    "businessModel": Many(of=Choice(("B2B", "B2C", "B2G"))),
    "companyType": Many(
        of=Choice(
            ("Government", "Private Company", "Public Company", "Educational", "Non Profit", "Self Employed"),
        )
    ),
    "geographicDetails": NEARBY,
    "locationsZipcodes": ZIP_CODES,
    "headquarterZipcodes": ZIP_CODES,
}
COMPANY_CRITERIA = Thing(members={**_COMPANY_SHARED, "industriesLabels": TEXTS, "funding": _FUNDING})
COMPANY_SEARCH_CRITERIA = Thing(
    members={
        **_COMPANY_SHARED,
        "searchText": Text(most=200),
        "signals": Thing(
            members={
                "types": Many(of=COMPANY_TYPES, least=1),
                "startDate": DATE,
                "filterByLocation": Many(of=Thing(members={"country": TEXT, "state": TEXT, "startDate": DATE})),
                "filterByDepartment": Many(
                    of=Thing(members={"department": TEXT, "startDate": DATE}, needs=("department",))
                ),
                "filterByIntentCategory": TEXTS,
            }
        ),
    }
)
CONTACTS_OF_COMPANY = Thing(
    members={
        **dict.fromkeys(
            names("jobTitles departments skills existingDataPoints"),
            TEXTS,
        ),
        "seniorityIds": WHOLES,
        "locations": LOCATIONS,
    }
)


def sides(criteria: Thing, *, needs: tuple[str, ...] = ()) -> Thing:
    """What is wanted and what is not, by the same criteria."""
    return Thing(members={"include": criteria, "exclude": criteria}, needs=needs)
