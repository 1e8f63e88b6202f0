"""Parts that answers about people and companies share. Source: the vendor's API reference."""

from typing import Any

from attrs import field, frozen

from ..quota import Quota
from .model import Model, credit_count

__all__ = [
    "Billing",
    "CanReveal",
    "CompanyReference",
    "Envelope",
    "ItemFault",
    "JobTitle",
    "Location",
    "Pagination",
    "SocialLinks",
    "TableWrite",
    "BaseResponse",
]


@frozen(kw_only=True)
class Billing(Model):
    """What a call cost: credits, and the results that they paid for."""

    credits_charged: int | None = credit_count()
    results_returned: int | None = None


@frozen(kw_only=True)
class ItemFault(Model):
    """Why one item of an answered batch was not served: NOT_FOUND, COMPLIANCE_RESTRICTED, or another code."""

    code: str | None = None
    message: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class CanReveal(Model):
    """A field that enriching would reveal, and for how many credits (0: already paid for)."""

    field: str | None = None
    credits: int | None = credit_count()


@frozen(kw_only=True)
class JobTitle(Model):
    """A position as the vendor classifies it."""

    title: str | None = None
    departments: tuple[str, ...] | None = None
    seniority: str | None = None
    start_date: str | None = None


@frozen(kw_only=True)
class Location(Model):
    """Where a person or a company is. `coordinates` are longitude, then latitude."""

    city: str | None = None
    state: str | None = None
    state_code: str | None = None
    country: str | None = None
    country_iso2: str | None = None
    continent: str | None = None
    zip_code: str | None = None
    coordinates: tuple[float, ...] | None = None
    is_eu_contact: bool | None = None


@frozen(kw_only=True)
class SocialLinks(Model):
    """Profiles elsewhere."""

    linkedin: str | None = field(default=None, repr=False)
    x_url: str | None = field(default=None, repr=False)
    x: str | None = field(default=None, repr=False)
    facebook: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class CompanyReference(Model):
    """The company that a person works for."""

    id: str | None = None
    name: str | None = None
    domain: str | None = None
    industry: str | None = None


@frozen(kw_only=True)
class Pagination(Model):
    """Where a page stands. `size` may be smaller than asked; `total` an estimate (`total_guaranteed` False)."""

    page: int | None = None
    size: int | None = None
    total: int | None = None
    total_guaranteed: bool | None = None
    total_description: str | None = None


@frozen(kw_only=True)
class TableWrite(Model):
    """What a call wrote into a table beside its answer. `columns_created` is a count or the columns."""

    table_id: str | None = None
    added: int | None = None
    already_present: int | None = None
    columns_created: int | tuple[Any, ...] | None = None
    rows_processed: int | None = None
    rows_charged: int | None = None
    rows_already_paid_in_table: int | None = None
    credits_charged: int | None = credit_count()


@frozen(kw_only=True)
class BaseResponse(Model):
    """An answer as a whole. `quota` is what its headers told of the plan windows.

    `raw` is the decoded body as it came, where the client's `raw` option asks to keep it; else None.
    """

    quota: Quota = field(factory=Quota, repr=False, metadata={"local": True})
    raw: Any = field(default=None, repr=False, eq=False, metadata={"local": True})


@frozen(kw_only=True)
class Envelope(BaseResponse):
    """What most answers carry around their results."""

    request_id: str | None = None
    billing: Billing | None = None
