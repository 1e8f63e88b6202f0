"""The schemas of prospecting filters. Data only. Source: the vendor's reference."""

from collections.abc import Mapping

from .common import (
    BOOLEAN,
    COMPANY_TYPES,
    CONTACT_TYPES,
    DATE,
    EMAIL,
    INTEGER,
    INTEGERS,
    LOCATIONS,
    NEARBY,
    RANGES,
    STRING,
    STRINGS,
    YEARS,
    ZIP_CODES,
)
from .schema import Array, Enum, Number, Object, Schema, String, members

__all__ = ["COMPANY_CRITERIA", "COMPANY_SEARCH_CRITERIA", "CONTACTS_OF_COMPANY", "CONTACT_CRITERIA", "sides"]

_EITHER = Enum(("or", "and"))
_COVERAGE = Enum(("last_funding", "any_round", "total_funds", "last_round"))
_ROUND = Enum(
    (
        "pre_seed",
        "seed",
        *(f"series_{letter}" for letter in "abcdefgh"),
        "other",
    )
)
_INVESTMENT = Enum(("angel", "venture", "private_equity", "crowdfunding", "grant", "debt_financing", "other"))
_FUNDING = members(
    isIpo=BOOLEAN,
    ranges=Array(members(coverage=_COVERAGE, min=INTEGER, max=INTEGER)),
    date=members(coverage=_COVERAGE, date=DATE),
    rounds=Array(members(coverage=_COVERAGE, round=_ROUND)),
    names=Array(members(coverage=_COVERAGE, name=_INVESTMENT)),
    investors=STRINGS,
    types=STRINGS,
)

CONTACT_CRITERIA = members(
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
        STRINGS,
    ),
    searchText=String(max_length=200),
    locations=LOCATIONS,
    seniorityIds=INTEGERS,
    signals=members(types=Array(CONTACT_TYPES, min_items=1), startDate=DATE),
    emails=Array(EMAIL),
    previousEmails=Array(EMAIL),
    existingDataPointsCondition=_EITHER,
    jobChangedAfterDate=DATE,
    jobChangedLastViewDate=DATE,
    education=members(
        degrees=STRINGS, fieldsOfStudy=STRINGS, schools=STRINGS, startYearGte=INTEGER, graduationYearLte=INTEGER
    ),
    score=members(minScore=Number(0, 100), maxScore=Number(0, 100)),
    geographicDetails=NEARBY,
)

_COMPANY_SHARED: Mapping[str, Schema] = {
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
        STRINGS,
    ),
    "locations": LOCATIONS,
    "sizes": RANGES,
    "revenues": RANGES,
    "technologiesCondition": _EITHER,
    "mainIndustriesIds": INTEGERS,
    "subIndustriesIds": INTEGERS,
    "intentTopicsCondition": _EITHER,
    "intentMinScore": Number(1, 100),
    "intentMaxScore": Number(1, 100),
    "intentTopicsOperator": Enum(("or", "and", "any", "all")),
    "topicCountThreshold": RANGES,
    "foundedYear": YEARS,
    "businessModel": Array(Enum(("B2B", "B2C", "B2G"))),
    "companyType": Array(
        Enum(("Government", "Private Company", "Public Company", "Educational", "Non Profit", "Self Employed"))
    ),
    "geographicDetails": NEARBY,
    "locationsZipcodes": ZIP_CODES,
    "headquarterZipcodes": ZIP_CODES,
}
COMPANY_CRITERIA = members(**_COMPANY_SHARED, industriesLabels=STRINGS, funding=_FUNDING)
COMPANY_SEARCH_CRITERIA = members(
    **_COMPANY_SHARED,
    searchText=String(max_length=200),
    signals=members(
        types=Array(COMPANY_TYPES, min_items=1),
        startDate=DATE,
        filterByLocation=Array(members(country=STRING, state=STRING, startDate=DATE)),
        filterByDepartment=Array(members("department", department=STRING, startDate=DATE)),
        filterByIntentCategory=STRINGS,
    ),
)
CONTACTS_OF_COMPANY = members(
    **dict.fromkeys(("jobTitles", "departments", "skills", "existingDataPoints"), STRINGS),
    seniorityIds=INTEGERS,
    locations=LOCATIONS,
)


def sides(criteria: Object, *, required: tuple[str, ...] = ()) -> Object:
    """Filters that include and exclude by the same criteria."""
    return Object(members={"include": criteria, "exclude": criteria}, required=required)
