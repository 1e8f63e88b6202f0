"""The members of filters: the list of each member's values, and what the vendor accepts but does not apply. Data.

Source: the vendor's prospecting, prospecting filters, signals and recommendations references.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .rules import CodeRule, IdRule, PlaceRule, RangeRule, Rule, ScaleRule, TextRule
from .sources import SIGNAL_TYPES, company, contact, hiring, recommendations

__all__ = ["REFINEMENTS", "RULES", "CHECKED_LOCALLY", "warnings"]

_ALL_SIGNALS = frozenset({"allSignals"})
_COUNTRIES = contact("countries")
_INDUSTRIES = company("industriesLabels")


def _place(rule: PlaceRule) -> dict[str, Rule]:
    """A place is checked as a whole if it is more than a country."""
    return {
        "": rule,
        ".country": TextRule(_COUNTRIES, canonical="name"),
        ".countryIso2": TextRule(_COUNTRIES, canonical="code"),
    }


def _under(name: str, rules: Mapping[str, Rule]) -> dict[str, Rule]:
    return {f"{name}{rest}": rule for rest, rule in rules.items()}


RULES: Mapping[str, Mapping[str, Rule]] = {
    "contacts": {
        "departments": TextRule(contact("departments")),
        "seniorityIds": ScaleRule(contact("seniority")),
        "existingDataPoints": TextRule(contact("existingDataPoints")),
        "countries": CodeRule(_COUNTRIES),
        **_under("locations", _place(PlaceRule(contact("locations")))),
        "geographicDetails.country": CodeRule(_COUNTRIES),
        "signals.types": TextRule(SIGNAL_TYPES["contacts"], unlisted=_ALL_SIGNALS),
    },
    "companies": {
        "names": TextRule(company("names")),
        **_under("locations", _place(PlaceRule(company("locations")))),
        "sizes": RangeRule(company("sizes")),
        "revenues": RangeRule(company("revenues")),
        "technologies": TextRule(company("technologies")),
        "industriesLabels": TextRule(_INDUSTRIES),
        "mainIndustriesIds": IdRule(_INDUSTRIES, ("main_industry_id",)),
        "subIndustriesIds": IdRule(_INDUSTRIES, ("sub_industries", "id")),
        "intentTopics": TextRule(company("intentTopics")),
        "sicCodes": TextRule(company("sics")),
        "naicsCodes": TextRule(company("naics")),
        "signals.types": TextRule(SIGNAL_TYPES["companies"], unlisted=_ALL_SIGNALS),
        **_under("signals.filterByLocation", {"": PlaceRule(hiring("hiringByLocations"))}),
        "signals.filterByLocation.country": TextRule(_COUNTRIES, canonical="name"),
        "signals.filterByDepartment.department": TextRule(hiring("hiringByDepartments")),
        "signals.filterByIntentCategory": TextRule(hiring("intentCategories")),
        "geographicDetails.country": CodeRule(_COUNTRIES),
        "locationsZipcodes.countryIso2": TextRule(_COUNTRIES, canonical="code"),
        "headquarterZipcodes.countryIso2": TextRule(_COUNTRIES, canonical="code"),
    },
    "contact recommendations": {
        "targetIcp": TextRule(recommendations("contacts", "target_icp")),
        "signals": TextRule(recommendations("contacts", "signals")),
    },
    "company recommendations": {
        "targetIcp": TextRule(recommendations("companies", "target_icp")),
        "signals": TextRule(recommendations("companies", "signals")),
    },
    "contact signals": {"signalTypes": TextRule(SIGNAL_TYPES["contacts"], unlisted=_ALL_SIGNALS)},
    "company signals": {
        "signalTypes": TextRule(SIGNAL_TYPES["companies"], unlisted=_ALL_SIGNALS),
        "intentCategories": TextRule(hiring("intentCategories")),
    },
}
"""By kind of filter, then by member; nested members have dotted names. All names are the vendor's."""

CHECKED_LOCALLY = frozenset(
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
"""Members without a list: numbers, and words that are validated before anything is sent."""

REFINEMENTS = frozenset({"jobChangedAfterDate", "jobChangedLastViewDate", "education", "score"})
"""Criteria of contacts that the vendor accepts only together with others."""

_CONDITIONS = {
    "existingDataPointsCondition": "existingDataPoints",
    "technologiesCondition": "technologies",
    "intentTopicsCondition": "intentTopics",
    "intentTopicsOperator": "intentTopics",
}
"""Members that only set how another member is applied."""


def warnings(kind: str, criteria: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The members of `criteria` for `kind` that the vendor accepts but does not apply, each with the reason."""
    if kind == "contacts" and criteria.keys() <= REFINEMENTS:
        for name in criteria:
            yield name, "only refines other criteria of contacts, such as job titles, and there are none"
    for name, base in _CONDITIONS.items():
        if name in criteria and base not in criteria:
            yield name, "has no effect without the member that it applies to"
    for name in ("investors", "types"):
        if name in criteria.get("funding", {}):
            yield f"funding.{name}", "the vendor accepts it but does not apply it today"
    signals = criteria.get("signals", {})
    if "filterByIntentCategory" in signals and not {"linkedinActivityIntent", *_ALL_SIGNALS} & {
        *signals.get("types", ())
    }:
        yield "signals.filterByIntentCategory", "applies only with linkedinActivityIntent in types"
