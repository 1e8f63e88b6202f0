"""The members of filters: which list the values of each are from, what is free, what the vendor does not apply. Data.

Source: the vendor's prospecting, prospecting filters, signals and recommendations references.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .rules import Codes, Ids, Located, Rule, Scale, Spans, Texts
from .sources import SIGNAL_TYPES, company, contact, hiring, recommendations

__all__ = ["REFINEMENTS", "RULES", "SETTLED", "warnings"]

_ALL_SIGNALS = frozenset({"allSignals"})
_COUNTRIES = contact("countries")
_INDUSTRIES = company("industriesLabels")


def _place(located: Rule) -> dict[str, Rule]:
    """A place: as a whole if it is more than a country."""
    return {
        "": located,
        ".country": Texts(_COUNTRIES, canonical="name"),
        ".countryIso2": Texts(_COUNTRIES, canonical="code"),
    }


def _under(name: str, rules: Mapping[str, Rule]) -> dict[str, Rule]:
    return {f"{name}{rest}": rule for rest, rule in rules.items()}


RULES: Mapping[str, Mapping[str, Rule]] = {
    "contacts": {
        "departments": Texts(contact("departments")),
        "seniorityIds": Scale(contact("seniority")),
        "existingDataPoints": Texts(contact("existingDataPoints")),
        "countries": Codes(_COUNTRIES),
        **_under("locations", _place(Located(contact("locations")))),
        "geographicDetails.country": Codes(_COUNTRIES),
        "signals.types": Texts(SIGNAL_TYPES["contacts"], always=_ALL_SIGNALS),
    },
    "companies": {
        "names": Texts(company("names")),
        **_under("locations", _place(Located(company("locations")))),
        "sizes": Spans(company("sizes")),
        "revenues": Spans(company("revenues")),
        "technologies": Texts(company("technologies")),
        "industriesLabels": Texts(_INDUSTRIES),
        "mainIndustriesIds": Ids(_INDUSTRIES, ("main_industry_id",)),
        "subIndustriesIds": Ids(_INDUSTRIES, ("sub_industries", "id")),
        "intentTopics": Texts(company("intentTopics")),
        "sicCodes": Texts(company("sics")),
        "naicsCodes": Texts(company("naics")),
        "signals.types": Texts(SIGNAL_TYPES["companies"], always=_ALL_SIGNALS),
        **_under("signals.filterByLocation", {"": Located(hiring("hiringByLocations"))}),
        "signals.filterByLocation.country": Texts(_COUNTRIES, canonical="name"),
        "signals.filterByDepartment.department": Texts(hiring("hiringByDepartments")),
        "signals.filterByIntentCategory": Texts(hiring("intentCategories")),
        "geographicDetails.country": Codes(_COUNTRIES),
        "locationsZipcodes.countryIso2": Texts(_COUNTRIES, canonical="code"),
        "headquarterZipcodes.countryIso2": Texts(_COUNTRIES, canonical="code"),
    },
    "contact recommendations": {
        "targetIcp": Texts(recommendations("contacts", "target_icp")),
        "signals": Texts(recommendations("contacts", "signals")),
    },
    "company recommendations": {
        "targetIcp": Texts(recommendations("companies", "target_icp")),
        "signals": Texts(recommendations("companies", "signals")),
    },
    "contact signals": {"signalTypes": Texts(SIGNAL_TYPES["contacts"], always=_ALL_SIGNALS)},
    "company signals": {
        "signalTypes": Texts(SIGNAL_TYPES["companies"], always=_ALL_SIGNALS),
        "intentCategories": Texts(hiring("intentCategories")),
    },
}
"""By whom is looked for, then by the member, nested ones with dots, in the vendor's names."""

SETTLED = frozenset(
    {
        "existingDataPointsCondition",
        "technologiesCondition",
        "intentTopicsCondition",
        "intentTopicsOperator",
        "intentMinScore",
        "intentMaxScore",
        "topicCountThreshold.min",
        "topicCountThreshold.max",
        "foundedYear.min",
        "foundedYear.max",
        "businessModel",
        "companyType",
        "geographicDetails.distance",
        "score.minScore",
        "score.maxScore",
        "education.startYearGte",
        "education.graduationYearLte",
        "funding.isIpo",
        "funding.date.coverage",
        "funding.investors",
        "funding.types",
        "funding.rounds.coverage",
        "funding.rounds.round",
        "funding.ranges.coverage",
        "funding.ranges.min",
        "funding.ranges.max",
        "funding.names.coverage",
        "funding.names.name",
    }
)
"""Members about which there is nothing to look up: numbers, and words that are checked before anything is sent."""

REFINEMENTS = frozenset({"jobChangedAfterDate", "jobChangedLastViewDate", "education", "score"})
"""Criteria for people that the vendor only takes beside others."""

_PAIRS = {
    "existingDataPointsCondition": "existingDataPoints",
    "technologiesCondition": "technologies",
    "intentTopicsCondition": "intentTopics",
    "intentTopicsOperator": "intentTopics",
}
"""Members that only say how another one is meant."""


def warnings(kind: str, criteria: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the vendor takes in `criteria` for `kind`, but does not apply: the member, and why."""
    if kind == "contacts" and criteria.keys() <= REFINEMENTS:
        for name in criteria:
            yield (
                name,
                "it only refines: the vendor wants another criterion for people, such as job titles, beside it",
            )
    for name, base in _PAIRS.items():
        if name in criteria and base not in criteria:
            yield name, "it has no effect without the member that it is about"
    for name in ("investors", "types"):
        if name in criteria.get("funding", {}):
            yield f"funding.{name}", "the vendor takes it, but does not apply it today"
    signals = criteria.get("signals", {})
    if "filterByIntentCategory" in signals and not {"linkedinActivityIntent", *_ALL_SIGNALS} & {
        *signals.get("types", ())
    }:
        yield "signals.filterByIntentCategory", "it only applies beside linkedinActivityIntent in types"
