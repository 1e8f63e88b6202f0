"""Companies: queries, previews and enriched records.

Source: the vendor's companies reference.
"""

from typing import Any

from attrs import field, frozen

from .common import CanReveal, ItemFault, Location, SocialLinks
from .model import Model, RequestModel

__all__ = [
    "Amount",
    "Company",
    "CompanyEmail",
    "CompanyIdentity",
    "CompanyPhone",
    "CompanyPreview",
    "CompanyQuery",
    "Competitor",
    "DepartmentHeadcount",
    "EmployeeCount",
    "Industry",
    "IndustryCode",
    "LocationHeadcount",
    "ParentCompany",
    "RevenueRange",
    "SeniorityHeadcount",
    "WebTraffic",
]


@frozen(kw_only=True)
class CompanyQuery(RequestModel):
    """A company to search for, by `id`, `domain` or `name`. `client_reference_id` is returned with its result."""

    id: str | None = None
    domain: str | None = None
    name: str | None = None
    client_reference_id: str | None = None


@frozen(kw_only=True)
class CompanyIdentity(RequestModel):
    """A company to score, by exactly one of `id`, `domain`, `name` or `email`.

    `client_reference_id` is returned with its result.
    """

    id: str | None = None
    domain: str | None = None
    name: str | None = None
    email: str | None = field(default=None, repr=False, metadata={"email": True})
    client_reference_id: str | None = None


@frozen(kw_only=True)
class EmployeeCount(Model):
    """The number of employees: exact, or between `min` and `max`."""

    exact: int | None = None
    min: int | None = None
    max: int | None = None


@frozen(kw_only=True)
class CompanyPreview(Model):
    """A company in the results of a search: which data exist, and what they cost to reveal."""

    client_reference_id: str | None = None
    id: str | None = None
    name: str | None = None
    domain: str | None = None
    employee_count: EmployeeCount | None = None
    industry: str | None = None
    location: Location | None = None
    social_links: SocialLinks | None = None
    has: tuple[str, ...] | None = None
    can_reveal: tuple[CanReveal, ...] | None = None
    signal_types: tuple[str, ...] | None = None
    error: ItemFault | None = None


@frozen(kw_only=True)
class IndustryCode(Model):
    """A code of an industry classification."""

    code: int | None = None
    description: str | None = None


@frozen(kw_only=True)
class Industry(Model):
    """A further industry of a company."""

    industry: str | None = None
    sub_industry: str | None = None


@frozen(kw_only=True)
class Amount(Model):
    """An amount of money, in its currency and in US dollars."""

    value: float | None = None
    currency: str | None = None
    value_usd: float | None = None


@frozen(kw_only=True)
class WebTraffic(Model):
    """Website visits of a month. `mom_change_percent` is the change against the month before."""

    visits: float | None = None
    mom_change_percent: float | None = None
    month: str | None = None


@frozen(kw_only=True)
class RevenueRange(Model):
    """A range of revenue. None is an open end."""

    min: float | None = None
    max: float | None = None


@frozen(kw_only=True)
class DepartmentHeadcount(Model):
    """The number of employees in a department."""

    department: str | None = None
    count: int | None = None


@frozen(kw_only=True)
class LocationHeadcount(Model):
    """The number of employees in a country or a state."""

    country: str | None = None
    state: str | None = None
    count: int | None = None


@frozen(kw_only=True)
class SeniorityHeadcount(Model):
    """The number of employees of a seniority."""

    seniority: str | None = None
    count: int | None = None


@frozen(kw_only=True)
class Competitor(Model):
    """A competing company."""

    id: str | None = None
    name: str | None = None
    domain: str | None = None


@frozen(kw_only=True)
class ParentCompany(Model):
    """A company that owns another."""

    lusha_company_id: str | None = None
    name: str | None = None
    domain: str | None = None
    hq_country: str | None = None


@frozen(kw_only=True)
class CompanyEmail(Model):
    """A general e-mail address of a company."""

    __scalar__ = "email"

    email: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class CompanyPhone(Model):
    """A general phone number of a company."""

    __scalar__ = "number"

    number: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Company(Model):
    """An enriched company.

    Premium members (`employees_by_*`, `competitors`, `intent`, `direct_parent`, ...) are None unless they were
    requested. If one was requested and does not exist, its vendor's name is in `extra`, as in
    `"directParent" in company.extra`. The shape of `funding`, `intent` and `open_jobs_total` is not documented.
    """

    client_reference_id: str | None = None
    id: str | None = None
    name: str | None = None
    alternative_name: str | None = None
    domain: str | None = None
    alternative_domains: tuple[str, ...] | None = None
    description: str | None = None
    company_type: str | None = None
    year_founded: int | None = None
    employee_count: EmployeeCount | None = None
    industry: str | None = None
    sub_industry: str | None = None
    specialities: tuple[str, ...] | None = None
    industry_tags: tuple[str, ...] | None = None
    sic_codes: tuple[IndustryCode, ...] | None = None
    naics_codes: tuple[IndustryCode, ...] | None = None
    company_offering: str | None = None
    email_domain: str | None = None
    additional_industries: tuple[Industry, ...] | None = None
    estimated_annual_it_spend: Amount | None = None
    monthly_website_traffic: WebTraffic | None = None
    location: Location | None = None
    additional_locations: tuple[Location, ...] | None = None
    social_links: SocialLinks | None = None
    linkedin_followers: int | None = None
    revenue_range: RevenueRange | None = None
    funding: Any = None
    intent: Any = None
    technologies: tuple[str, ...] | None = None
    popularity_tier: int | None = None
    logo_url: str | None = None
    homepage_url: str | None = None
    employees_by_department: tuple[DepartmentHeadcount, ...] | None = None
    employees_by_location: tuple[LocationHeadcount, ...] | None = None
    employees_by_seniority: tuple[SeniorityHeadcount, ...] | None = None
    competitors: tuple[Competitor, ...] | None = None
    business_model: tuple[str, ...] | None = None
    phone: str | tuple[str, ...] | None = field(default=None, repr=False)
    email: str | tuple[str, ...] | None = field(default=None, repr=False)
    phones: tuple[CompanyPhone, ...] | None = field(default=None, repr=False)
    emails: tuple[CompanyEmail, ...] | None = field(default=None, repr=False)
    keywords: tuple[str, ...] | None = None
    specialities_refactored: tuple[str, ...] | None = None
    direct_parent: ParentCompany | None = None
    ultimate_parent: ParentCompany | None = None
    open_jobs_total: Any = None
    has: tuple[str, ...] | None = None
    can_reveal: tuple[CanReveal, ...] | None = None
    error: ItemFault | None = None
