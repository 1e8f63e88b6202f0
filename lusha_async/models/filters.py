"""What prospecting can be narrowed by. Source: the vendor's prospecting reference.

Values must be the vendor's own (see the filter values of the API): a wrong one silently finds nobody.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from .model import Question

__all__ = [
    "CompanyCriteria",
    "CompanyFilters",
    "ContactCriteria",
    "ContactFilters",
    "Place",
    "ProspectingFilters",
    "Span",
]


@frozen(kw_only=True)
class Place(Question):
    """A place, as narrow as it is given."""

    city: str | None = None
    state: str | None = None
    country: str | None = None
    country_iso2: str | None = None
    continent: str | None = None
    country_grouping: str | None = None
    region: str | None = None


@frozen(kw_only=True)
class Span(Question):
    """From `min` to `max`, both included; None where it is open."""

    min: float | None = None
    max: float | None = None


@frozen(kw_only=True)
class ContactCriteria(Question):
    """What people must be (or, excluded, must not be). Several values of one member mean any of them."""

    names: Sequence[str] | None = field(default=None, repr=False)
    job_titles: Sequence[str] | None = None
    job_titles_exact_match: Sequence[str] | None = None
    normalized_job_titles: Sequence[str] | None = None
    search_text: str | None = None
    countries: Sequence[str] | None = None
    locations: Sequence[Place] | None = None
    seniority_ids: Sequence[int] | None = None
    departments: Sequence[str] | None = None
    linkedin_urls: Sequence[str] | None = field(default=None, repr=False)
    existing_data_points: Sequence[str] | None = None
    existing_data_points_condition: str | None = None
    emails: Sequence[str] | None = field(default=None, repr=False)
    previous_emails: Sequence[str] | None = field(default=None, repr=False)
    previous_job_title: Sequence[str] | None = None
    skills: Sequence[str] | None = None
    certifications: Sequence[str] | None = None
    awards: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    signals: Mapping[str, Any] | None = None
    job_changed_after_date: str | None = None
    job_changed_last_view_date: str | None = None
    education: Mapping[str, Any] | None = None
    score: Mapping[str, int] | None = None
    geographic_details: Sequence[Mapping[str, Any]] | None = None


@frozen(kw_only=True)
class CompanyCriteria(Question):
    """What companies must be (or, excluded, must not be). Several values of one member mean any of them."""

    names: Sequence[str] | None = None
    domains: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    locations: Sequence[Place] | None = None
    sizes: Sequence[Span] | None = None
    revenues: Sequence[Span] | None = None
    technologies: Sequence[str] | None = None
    technologies_condition: str | None = None
    industries_labels: Sequence[str] | None = None
    main_industries_ids: Sequence[int] | None = None
    sub_industries_ids: Sequence[int] | None = None
    intent_topics: Sequence[str] | None = None
    intent_topics_condition: str | None = None
    intent_topics_operator: str | None = None
    intent_min_score: int | None = None
    intent_max_score: int | None = None
    topic_count_threshold: Sequence[Span] | None = None
    sic_codes: Sequence[str] | None = None
    naics_codes: Sequence[str] | None = None
    funding: Mapping[str, Any] | None = None
    founded_year: Sequence[Span] | None = None
    business_model: Sequence[str] | None = None
    company_type: Sequence[str] | None = None
    linkedin_urls: Sequence[str] | None = None
    keywords: Sequence[str] | None = None
    keywords_search_fields: Sequence[str] | None = None
    exact_keywords: Sequence[str] | None = None
    specialities: Sequence[str] | None = None
    exact_specialities: Sequence[str] | None = None
    previous_company_domains: Sequence[str] | None = None
    previous_company_names: Sequence[str] | None = None
    search_text: str | None = None
    signals: Mapping[str, Any] | None = None
    geographic_details: Sequence[Mapping[str, Any]] | None = None
    locations_zipcodes: Sequence[Mapping[str, Any]] | None = None
    headquarter_zipcodes: Sequence[Mapping[str, Any]] | None = None


@frozen(kw_only=True)
class ContactFilters(Question):
    """People wanted and people not wanted."""

    include: ContactCriteria | None = None
    exclude: ContactCriteria | None = None


@frozen(kw_only=True)
class CompanyFilters(Question):
    """Companies wanted and companies not wanted."""

    include: CompanyCriteria | None = None
    exclude: CompanyCriteria | None = None


@frozen(kw_only=True)
class ProspectingFilters(Question):
    """What to prospect for: people, their companies, or both; at least one must be given."""

    contacts: ContactFilters | None = None
    companies: CompanyFilters | None = None
