"""What bodies of several operations have in common. Data only."""

from collections.abc import Mapping

from .schema import Choice, Flag, Many, Number, Shape, Text, Thing
from .signal_types import COMPANY_SIGNALS, CONTACT_SIGNALS

__all__ = [
    "COMPANIES",
    "COMPANY_TYPES",
    "CONTACTS",
    "CONTACT_TYPES",
    "DATE",
    "EMAIL",
    "FLAG",
    "IDS",
    "LOCATIONS",
    "NEARBY",
    "OPTIONS",
    "PAGES",
    "RANGES",
    "REFERENCE",
    "REVEAL_COMPANY",
    "REVEAL_CONTACT",
    "SCORED_COMPANIES",
    "TEXT",
    "TEXTS",
    "WHOLE",
    "WHOLES",
    "YEARS",
    "ZIP_CODES",
    "names",
    "signals",
]

CONTACT_TYPES = Choice(("allSignals", *CONTACT_SIGNALS))
COMPANY_TYPES = Choice(("allSignals", *COMPANY_SIGNALS))


def names(text: str) -> tuple[str, ...]:
    """Members in a line of words."""
    return tuple(text.split())


TEXT = Text()
TEXTS = Many(of=TEXT)
DATE = Text(form="date")
EMAIL = Text(form="email")
FLAG = Flag()
WHOLE = Number()
WHOLES = Many(of=WHOLE)
REFERENCE = Text(most=256)
OPTIONS = Thing(members={"includePartialProfiles": FLAG})
IDS = Many(of=TEXT, least=1, most=100)
RANGES = Many(of=Thing(members={"min": Number(least=0), "max": WHOLE}))
YEARS = Many(of=Thing(members={"min": WHOLE, "max": WHOLE}))
PAGES = Thing(
    members={"page": Number(least=0, most=1000), "size": Number(least=10, most=100)}, needs=("page", "size")
)
LOCATIONS = Many(
    of=Thing(
        members=dict.fromkeys(
            ("city", "state", "country", "continent", "countryGrouping", "region", "countryIso2"), TEXT
        )
    )
)
NEARBY = Many(of=Thing(members={"country": TEXT, "zipcode": TEXT, "distance": WHOLE}))
ZIP_CODES = Many(of=Thing(members={"countryIso2": TEXT, "zipcode": TEXT}))

_CONTACT_IDENTITY: Mapping[str, Shape] = {
    "clientReferenceId": REFERENCE,
    "id": TEXT,
    "linkedinUrl": TEXT,
    "email": EMAIL,
    "firstName": TEXT,
    "lastName": TEXT,
    "companyName": TEXT,
    "companyDomain": TEXT,
}
CONTACTS = Many(of=Thing(members=_CONTACT_IDENTITY), least=1, most=100)
_COMPANY_IDENTITY: Mapping[str, Shape] = {
    "clientReferenceId": REFERENCE,
    "id": TEXT,
    "name": TEXT,
    "domain": TEXT,
}
COMPANIES = Many(of=Thing(members=_COMPANY_IDENTITY), least=1, most=100)
SCORED_COMPANIES = Many(of=Thing(members={**_COMPANY_IDENTITY, "email": EMAIL}), least=1, most=100)

REVEAL_CONTACT = Many(of=Choice(("emails", "phones")), least=1)
REVEAL_COMPANY = Many(
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


def signals(types: Choice) -> Thing:
    """Which signals to look for, of these types."""
    return Thing(
        members={
            "types": Many(of=types, least=1),
            "startDate": DATE,
            "maxResultsPerSignal": Number(least=1, most=100),
        },
        needs=("types",),
    )
