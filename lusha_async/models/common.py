"""Envelopes of responses, and the parts that contacts and companies share.

Source: the vendor's API reference.
"""

from typing import Any, ClassVar, Generic, TypeVar

from attrs import field, frozen

from ..quota import Quota
from .model import Model, credit_count, known, row_count

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
    """What a call cost, in credits, and how many results it paid for."""

    credits_charged: int | None = credit_count()
    results_returned: int | None = None


@frozen(kw_only=True)
class ItemFault(Model):
    """Why one item of a batch was not served. `code` is NOT_FOUND, COMPLIANCE_RESTRICTED or another."""

    code: str | None = None
    message: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class CanReveal(Model):
    """A field that enriching would reveal. `credits` is its price, 0 if it is paid for already."""

    field: str | None = None
    credits: int | None = credit_count()


@frozen(kw_only=True)
class JobTitle(Model):
    """A position. `departments` and `seniority` are the vendor's classification."""

    title: str | None = None
    departments: tuple[str, ...] | None = None
    seniority: str | None = None
    start_date: str | None = None


@frozen(kw_only=True)
class Location(Model):
    """The location of a person or a company. `coordinates` are longitude, then latitude."""

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
    """Profiles on other sites."""

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
    """The position of a page. `size` may be less than requested; `total` is exact only if `total_guaranteed`.

    A number that is no count of rows, such as -1 or a fraction, is None, counted as drift, and in `extra`.
    """

    __lenient__: ClassVar[bool] = True

    page: int | None = row_count()
    size: int | None = row_count()
    total: int | None = row_count()
    total_guaranteed: bool | None = None
    total_description: str | None = None


@frozen(kw_only=True)
class OffsetPagination(Model):
    """The position of a page. If `has_more`, the next page starts at `offset + limit`.

    A number that is no count of rows, such as -1 or a fraction, is None, counted as drift, and in `extra`.
    """

    __lenient__: ClassVar[bool] = True

    total: int | None = row_count()
    limit: int | None = row_count()
    offset: int | None = row_count()
    has_more: bool | None = None


@frozen(kw_only=True)
class TableWrite(Model):
    """What a call also wrote into a table. `columns_created` is their number or the columns."""

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
    """A waterfall job: third-party providers are still looking.

    Its status can be requested again after `retry_after` seconds, until `expires_at`. `credits_charged` is the part of
    `billing` that the job has cost so far.
    """

    id: str | None = None
    status: str | None = None
    expires_at: str | None = None
    retry_after: float | None = None
    credits_charged: float | None = None


@frozen(kw_only=True)
class BaseResponse(Model):
    """A whole response. `request_id` and `billing` are None if the vendor sends none.

    `quota` holds the rate limits that the headers state. `raw` is the parsed body if the client's `raw` option is set,
    else None.
    """

    request_id: str | None = None
    billing: Billing | None = None
    quota: Quota = field(factory=Quota, repr=False, metadata={"local": True})
    raw: Any = field(default=None, repr=False, eq=False, metadata={"local": True})


@frozen(kw_only=True)
class Results(BaseResponse, Generic[T]):
    """A response with a list of `results`.

    `table_write` is what was written into a table, if the call had a `table_id`.
    """

    results: tuple[T, ...] = ()
    table_write: TableWrite | None = None


@frozen(kw_only=True)
class Page(Results[T]):
    """One page of results, counted by page number."""

    pagination: Pagination | None = None


@frozen(kw_only=True)
class OffsetPage(Results[T]):
    """One page of results, counted by offset."""

    pagination: OffsetPagination | None = None


@frozen(kw_only=True)
class Enriched(Results[T]):
    """Enriched records.

    `status` may be OUT_OF_CREDITS or PARTIAL_OUT_OF_CREDITS. `job` is a waterfall job that goes on. Both are None for
    companies.
    """

    status: str | None = known("completed", "partial", "halted", "OUT_OF_CREDITS", "PARTIAL_OUT_OF_CREDITS")
    status_description: str | None = None
    status_reason: str | None = None
    job: EnrichJob | None = None
