"""The filters of prospecting.

A value must be spelled as the vendor spells it: an unknown one is no error, it matches nothing.
`client.contacts.filters` and `client.companies.filters` list the values and check filters against them. A value that
the vendor would refuse raises `InvalidRequestError` with its path before anything is sent. A mapping of the members
is accepted in place of each class.

Source: the vendor's prospecting reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from .model import RequestModel

__all__ = [
    "CompanyCriteria",
    "CompanyFilters",
    "CompanySignalFilter",
    "ContactCriteria",
    "ContactFilters",
    "ContactSignalFilter",
    "Education",
    "Funding",
    "FundingDate",
    "FundingKind",
    "FundingRange",
    "FundingRound",
    "HiringDepartment",
    "HiringPlace",
    "Nearby",
    "Place",
    "ProspectingFilters",
    "ScoreSpan",
    "Span",
    "ZipCode",
]


def _date() -> Any:
    """A date as YYYY-MM-DD."""
    return field(default=None, metadata={"date": True})


def _among(*words: str) -> Any:
    """One or several of `words`; the vendor refuses others."""
    return field(default=None, metadata={"among": words})


def _integer(minimum: int | None, maximum: int | None = None, *, above: str | None = None) -> Any:
    """An integer from `minimum` to `maximum`, and not below the member `above`."""
    bounds = {} if minimum is None else {"range": (minimum, maximum)}
    return field(default=None, metadata={**bounds, "above": above})


def _emails() -> Any:
    """E-mail addresses of people, which no repr shows."""
    return field(default=None, repr=False, metadata={"email": True})


@frozen(kw_only=True)
class Place(RequestModel):
    """A location, as narrow as its members say."""

    city: str | None = None
    state: str | None = None
    country: str | None = None
    country_iso2: str | None = None
    continent: str | None = None
    country_grouping: str | None = None
    region: str | None = None


@frozen(kw_only=True)
class Span(RequestModel):
    """From `min` to `max`, both included, integers from 0. None is an open end."""

    min: int | None = _integer(0)
    max: int | None = _integer(0, above="min")


@frozen(kw_only=True)
class Nearby(RequestModel):
    """Locations within `distance` miles of a zip code."""

    country: str | None = None
    zipcode: str | None = None
    distance: int | None = None


@frozen(kw_only=True)
class ZipCode(RequestModel):
    """A zip code of a country (two-letter code)."""

    country_iso2: str | None = None
    zipcode: str | None = None


@frozen(kw_only=True)
class Education(RequestModel):
    """What people studied, where and when. Only accepted with another criterion for contacts."""

    degrees: Sequence[str] | None = None
    fields_of_study: Sequence[str] | None = None
    schools: Sequence[str] | None = None
    start_year_gte: int | None = None
    graduation_year_lte: int | None = None


@frozen(kw_only=True)
class ScoreSpan(RequestModel):
    """The vendor's score of a contact's data, 0 to 100. Only accepted with another criterion for contacts."""

    min_score: int | None = _integer(0, 100)
    max_score: int | None = _integer(0, 100, above="min_score")


@frozen(kw_only=True)
class ContactSignalFilter(RequestModel):
    """Contacts with any of these signals since `start_date`."""

    types: Sequence[str] | None = _among("allSignals", "promotion", "companyChange")
    start_date: str | None = _date()


@frozen(kw_only=True)
class HiringPlace(RequestModel):
    """Where companies are hiring."""

    country: str | None = None
    state: str | None = None
    start_date: str | None = _date()


@frozen(kw_only=True)
class HiringDepartment(RequestModel):
    """For which department companies are hiring."""

    department: str
    start_date: str | None = _date()


@frozen(kw_only=True)
class CompanySignalFilter(RequestModel):
    """Companies with any of these signals since `start_date`.

    `filter_by_intent_category` has an effect only if `types` has `linkedinActivityIntent` or `allSignals`.
    """

    types: Sequence[str] | None = None
    start_date: str | None = _date()
    filter_by_location: Sequence[HiringPlace | Mapping[str, Any]] | None = None
    filter_by_department: Sequence[HiringDepartment | Mapping[str, Any]] | None = None
    filter_by_intent_category: Sequence[str] | None = None


_COVERAGES = ("last_funding", "any_round", "total_funds", "last_round")


@frozen(kw_only=True)
class FundingRange(RequestModel):
    """An amount raised. `coverage` is last_funding, any_round, total_funds or last_round."""

    coverage: str | None = _among(*_COVERAGES)
    min: int | None = None
    max: int | None = _integer(None, above="min")


@frozen(kw_only=True)
class FundingDate(RequestModel):
    """Funding since `date`; `coverage` as in `FundingRange`."""

    coverage: str | None = _among(*_COVERAGES)
    date: str | None = _date()


@frozen(kw_only=True)
class FundingRound(RequestModel):
    """A round: pre_seed, seed, series_a to series_h, or other; `coverage` as in `FundingRange`."""

    coverage: str | None = _among(*_COVERAGES)
    round: str | None = _among("pre_seed", "seed", *(f"series_{letter}" for letter in "abcdefgh"), "other")


@frozen(kw_only=True)
class FundingKind(RequestModel):
    """A kind of funding: angel, venture, private_equity, ...; `coverage` as in `FundingRange`."""

    coverage: str | None = _among(*_COVERAGES)
    name: str | None = _among(
        "angel", "venture", "private_equity", "crowdfunding", "grant", "debt_financing", "other"
    )


@frozen(kw_only=True)
class Funding(RequestModel):
    """The funding of companies. The vendor accepts `investors` and `types` but ignores them today."""

    is_ipo: bool | None = None
    ranges: Sequence[FundingRange | Mapping[str, Any]] | None = None
    date: FundingDate | Mapping[str, Any] | None = None
    rounds: Sequence[FundingRound | Mapping[str, Any]] | None = None
    names: Sequence[FundingKind | Mapping[str, Any]] | None = None
    investors: Sequence[str] | None = None
    types: Sequence[str] | None = None


@frozen(kw_only=True)
class ContactCriteria(RequestModel):
    """Criteria for contacts to include or exclude. Several values of one member mean any of them.

    To prospect companies, only `job_titles`, `departments`, `seniority_ids`, `skills`, `locations` and
    `existing_data_points` are accepted.
    """

    names: Sequence[str] | None = field(default=None, repr=False)
    job_titles: Sequence[str] | None = None
    job_titles_exact_match: Sequence[str] | None = None
    normalized_job_titles: Sequence[str] | None = None
    search_text: str | None = field(default=None, repr=False, metadata={"length": 200})
    countries: Sequence[str] | None = None
    locations: Sequence[Place | Mapping[str, Any]] | None = None
    seniority_ids: Sequence[int] | None = None
    departments: Sequence[str] | None = None
    linkedin_urls: Sequence[str] | None = field(default=None, repr=False)
    existing_data_points: Sequence[str] | None = None
    existing_data_points_condition: str | None = _among("or", "and")
    emails: Sequence[str] | None = _emails()
    previous_emails: Sequence[str] | None = _emails()
    previous_job_title: Sequence[str] | None = None
    skills: Sequence[str] | None = None
    certifications: Sequence[str] | None = None
    awards: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    signals: ContactSignalFilter | Mapping[str, Any] | None = None
    job_changed_after_date: str | None = _date()
    job_changed_last_view_date: str | None = _date()
    education: Education | Mapping[str, Any] | None = None
    score: ScoreSpan | Mapping[str, Any] | None = None
    geographic_details: Sequence[Nearby | Mapping[str, Any]] | None = None


@frozen(kw_only=True)
class CompanyCriteria(RequestModel):
    """Criteria for companies to include or exclude. Several values of one member mean any of them.

    `search_text` and `signals` are only accepted to prospect companies, `industries_labels` and `funding` only to
    prospect contacts.
    """

    names: Sequence[str] | None = None
    domains: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    locations: Sequence[Place | Mapping[str, Any]] | None = None
    sizes: Sequence[Span | Mapping[str, Any]] | None = None
    revenues: Sequence[Span | Mapping[str, Any]] | None = None
    technologies: Sequence[str] | None = None
    technologies_condition: str | None = _among("or", "and")
    industries_labels: Sequence[str] | None = None
    main_industries_ids: Sequence[int] | None = None
    sub_industries_ids: Sequence[int] | None = None
    intent_topics: Sequence[str] | None = None
    intent_topics_condition: str | None = _among("or", "and")
    intent_topics_operator: str | None = _among("or", "and", "any", "all")
    intent_min_score: int | None = _integer(1, 100)
    intent_max_score: int | None = _integer(1, 100, above="intent_min_score")
    topic_count_threshold: Sequence[Span | Mapping[str, Any]] | None = None
    sic_codes: Sequence[str] | None = None
    naics_codes: Sequence[str] | None = None
    funding: Funding | Mapping[str, Any] | None = None
    founded_year: Sequence[Span | Mapping[str, Any]] | None = None
    business_model: Sequence[str] | None = _among("B2B", "B2C", "B2G")
    company_type: Sequence[str] | None = _among(
        "Government", "Private Company", "Public Company", "Educational", "Non Profit", "Self Employed"
    )
    linkedin_urls: Sequence[str] | None = None
    keywords: Sequence[str] | None = None
    keywords_search_fields: Sequence[str] | None = None
    exact_keywords: Sequence[str] | None = None
    specialities: Sequence[str] | None = None
    exact_specialities: Sequence[str] | None = None
    previous_company_domains: Sequence[str] | None = None
    previous_company_names: Sequence[str] | None = None
    search_text: str | None = field(default=None, metadata={"length": 200})
    signals: CompanySignalFilter | Mapping[str, Any] | None = None
    geographic_details: Sequence[Nearby | Mapping[str, Any]] | None = None
    locations_zipcodes: Sequence[ZipCode | Mapping[str, Any]] | None = None
    headquarter_zipcodes: Sequence[ZipCode | Mapping[str, Any]] | None = None


@frozen(kw_only=True)
class ContactFilters(RequestModel):
    """Contacts to include and to exclude."""

    include: ContactCriteria | Mapping[str, Any] | None = None
    exclude: ContactCriteria | Mapping[str, Any] | None = None


@frozen(kw_only=True)
class CompanyFilters(RequestModel):
    """Companies to include and to exclude."""

    include: CompanyCriteria | Mapping[str, Any] | None = None
    exclude: CompanyCriteria | Mapping[str, Any] | None = None


@frozen(kw_only=True)
class ProspectingFilters(RequestModel):
    """Filters for contacts, for their companies, or both; at least one is needed."""

    contacts: ContactFilters | Mapping[str, Any] | None = None
    companies: CompanyFilters | Mapping[str, Any] | None = None
