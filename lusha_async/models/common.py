"""Parts that answers about people and companies share. Source: the vendor's API reference."""

from typing import Any, Generic, TypeVar

from attrs import field, frozen

from ..quota import Quota
from .model import Model, credit_count, known

__all__ = [
    "BaseResponse",
    "Billing",
    "CanReveal",
    "CompanyReference",
    "EnrichJob",
    "Enriched",
    "ItemFault",
    "JobTitle",
    "Location",
    "OffsetPage",
    "OffsetPagination",
    "Page",
    "Pagination",
    "Results",
    "SocialLinks",
    "TableWrite",
]

T = TypeVar("T")


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
class OffsetPagination(Model):
    """Where a page stands. With `has_more`, the next one starts at `offset + limit`."""

    total: int | None = None
    limit: int | None = None
    offset: int | None = None
    has_more: bool | None = None


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
class EnrichJob(Model):
    """Third-party providers that are still looking. Ask again after `retry_after` seconds, until `expires_at`.

    `credits_charged` is what the job has cost so far and `billing` includes.
    """

    id: str | None = None
    status: str | None = None
    expires_at: str | None = None
    retry_after: float | None = None
    credits_charged: float | None = None


@frozen(kw_only=True)
class BaseResponse(Model):
    """A whole response. `request_id` and `billing` are None where the vendor sends none.

    `quota` holds the plan windows that its headers state. `raw` is the decoded body, if the client's `raw` option is
    set; else None.
    """

    request_id: str | None = None
    billing: Billing | None = None
    quota: Quota = field(factory=Quota, repr=False, metadata={"local": True})
    raw: Any = field(default=None, repr=False, eq=False, metadata={"local": True})


@frozen(kw_only=True)
class Results(BaseResponse, Generic[T]):
    """A response with a list of `results`.

    `table_write` says what was written into a table, if the call was given a `table_id`.
    """

    results: tuple[T, ...] = ()
    table_write: TableWrite | None = None


@frozen(kw_only=True)
class Page(Results[T]):
    """One page of results, by page number."""

    pagination: Pagination | None = None


@frozen(kw_only=True)
class OffsetPage(Results[T]):
    """One page of results, by offset."""

    pagination: OffsetPagination | None = None


@frozen(kw_only=True)
class Enriched(Results[T]):
    """Enriched records. `status` may be OUT_OF_CREDITS or PARTIAL_OUT_OF_CREDITS.

    `job` is the waterfall job that goes on after the response. For companies the vendor sends neither.
    """

    status: str | None = known("completed", "partial", "halted", "OUT_OF_CREDITS", "PARTIAL_OUT_OF_CREDITS")
    status_description: str | None = None
    status_reason: str | None = None
    job: EnrichJob | None = None
