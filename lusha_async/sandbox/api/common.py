"""Names and schemas that several operations share. Data only. Source: the vendor's reference and signals page."""

from collections.abc import Mapping

from ...operations import COMPANY_REVEALS
from .schema import Array, Boolean, Enum, Number, Object, Schema, String, members

__all__ = [
    "COMPANIES",
    "COMPANY_SIGNALS",
    "COMPANY_TYPES",
    "CONTACTS",
    "CONTACT_SIGNALS",
    "CONTACT_TYPES",
    "DATE",
    "EMAIL",
    "BOOLEAN",
    "IDS",
    "LOCATIONS",
    "NEARBY",
    "OPTIONS",
    "RANGES",
    "REFERENCE",
    "REVEAL_COMPANY",
    "REVEAL_CONTACT",
    "SCORED_COMPANIES",
    "STRING",
    "STRINGS",
    "INTEGER",
    "INTEGERS",
    "YEARS",
    "ZIP_CODES",
    "pagination",
    "signals",
]

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

CONTACT_TYPES = Enum(("allSignals", *CONTACT_SIGNALS))
COMPANY_TYPES = Enum(("allSignals", *COMPANY_SIGNALS))

STRING = String()
STRINGS = Array(STRING)
DATE = String(format="date")
EMAIL = String(format="email")
BOOLEAN = Boolean()
INTEGER = Number()
INTEGERS = Array(INTEGER)
REFERENCE = String(max_length=256)
OPTIONS = members(includePartialProfiles=BOOLEAN)
IDS = Array(STRING, min_items=1, max_items=100)
RANGES = Array(members(min=Number(minimum=0), max=INTEGER))
YEARS = Array(members(min=INTEGER, max=INTEGER))
LOCATIONS = Array(
    members(
        **dict.fromkeys(
            ("city", "state", "country", "continent", "countryGrouping", "region", "countryIso2"), STRING
        )
    )
)
NEARBY = Array(members(country=STRING, zipcode=STRING, distance=INTEGER))
ZIP_CODES = Array(members(countryIso2=STRING, zipcode=STRING))

_CONTACT_IDENTITY: Mapping[str, Schema] = {
    "clientReferenceId": REFERENCE,
    "id": STRING,
    "linkedinUrl": STRING,
    "email": EMAIL,
    "firstName": STRING,
    "lastName": STRING,
    "companyName": STRING,
    "companyDomain": STRING,
}
CONTACTS = Array(members(**_CONTACT_IDENTITY), min_items=1, max_items=100)
_COMPANY_IDENTITY: Mapping[str, Schema] = {
    "clientReferenceId": REFERENCE,
    "id": STRING,
    "name": STRING,
    "domain": STRING,
}
COMPANIES = Array(members(**_COMPANY_IDENTITY), min_items=1, max_items=100)
SCORED_COMPANIES = Array(members(**_COMPANY_IDENTITY, email=EMAIL), min_items=1, max_items=100)

REVEAL_CONTACT = Array(Enum(("emails", "phones")), min_items=1)
REVEAL_COMPANY = Array(Enum(COMPANY_REVEALS), min_items=1)


def signals(types: Enum) -> Object:
    """The signals to search for, of these types."""
    return members("types", types=Array(types, min_items=1), startDate=DATE, maxResultsPerSignal=Number(1, 100))


def pagination(
    *, max_page: int | None = None, sizes: tuple[int, int] = (10, 100), required: bool = True
) -> Object:
    """A page number from 0 to `max_page`, and a page size within `sizes`."""
    members = {"page": Number(0, max_page), "size": Number(sizes[0], sizes[1])}
    return Object(members=members, required=("page", "size") if required else ())
