"""People: how they are asked for, previews, and enriched records. Source: the vendor's contacts reference.

Names, addresses, numbers and profiles of people are in no repr.
"""

from typing import Any

from attrs import field, frozen

from .common import BaseResponse, CanReveal, CompanyReference, ItemFault, JobTitle, Location, SocialLinks
from .model import Model, RequestModel, known

__all__ = [
    "Contact",
    "ContactPreview",
    "ContactQuery",
    "EmailAddress",
    "EnrichJobStatus",
    "MissingDataPoint",
    "PhoneNumber",
    "PreviousEmployment",
    "Tag",
]


@frozen(kw_only=True)
class ContactQuery(RequestModel):
    """Whom to look for: by `id`, `linkedin_url`, `email`, or names with `company_name` or `company_domain`.

    `client_reference_id` (at most 256 characters) comes back on the result.
    """

    id: str | None = None
    linkedin_url: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False, metadata={"email": True})
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    company_name: str | None = None
    company_domain: str | None = None
    client_reference_id: str | None = None


@frozen(kw_only=True)
class ContactPreview(Model):
    """A person as a search shows it: what the vendor has, and what revealing it would cost."""

    client_reference_id: str | None = None
    id: str | None = None
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    job_title: JobTitle | None = None
    company: CompanyReference | None = None
    location: Location | None = None
    social_links: SocialLinks | None = field(default=None, repr=False)
    has: tuple[str, ...] | None = None
    can_reveal: tuple[CanReveal, ...] | None = None
    signal_types: tuple[str, ...] | None = None
    error: ItemFault | None = None


@frozen(kw_only=True)
class EmailAddress(Model):
    """An address; `update_date` is the day the vendor last saw it."""

    __scalar__ = "email"

    email: str | None = field(default=None, repr=False)
    type: str | None = known("work", "private", "unknown")
    confidence: str | None = None
    update_date: str | None = None
    data_source: str | None = None
    credits: float | None = None


@frozen(kw_only=True)
class PhoneNumber(Model):
    """A number; `do_not_call` is True where a register forbids calling it."""

    __scalar__ = "number"

    number: str | None = field(default=None, repr=False)
    type: str | None = known("mobile", "direct", "work", "unknown")
    do_not_call: bool | None = None
    update_date: str | None = None
    data_source: str | None = None
    credits: float | None = None


@frozen(kw_only=True)
class Tag(Model):
    """A label that the account gave the person."""

    id: str | None = None
    name: str | None = None
    color: str | None = None


@frozen(kw_only=True)
class PreviousEmployment(Model):
    """Where the person worked before."""

    company: CompanyReference | None = None
    job_title: JobTitle | None = None


@frozen(kw_only=True)
class MissingDataPoint(Model):
    """An asked data point (`email`, `phone`) that is not there, and why (`NOT_FOUND`, `BILLING_FAILED`)."""

    type: str | None = None
    status: str | None = None


@frozen(kw_only=True)
class Contact(Model):
    """An enriched person. `emails` and `phones` are None when they were not revealed, () when there are none."""

    client_reference_id: str | None = None
    id: str | None = None
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    full_name: str | None = field(default=None, repr=False)
    job_title: JobTitle | None = None
    location: Location | None = None
    tags: tuple[Tag, ...] | None = None
    emails: tuple[EmailAddress, ...] | None = field(default=None, repr=False)
    phones: tuple[PhoneNumber, ...] | None = field(default=None, repr=False)
    company: CompanyReference | None = None
    social_links: SocialLinks | None = field(default=None, repr=False)
    previous_employment: tuple[PreviousEmployment, ...] | None = None
    update_date: str | None = None
    has: tuple[str, ...] | None = None
    can_reveal: tuple[CanReveal, ...] | None = None
    missing_data_points: tuple[MissingDataPoint, ...] | None = None
    partial_profile: bool | None = None
    linkedin_connections: int | None = None
    linkedin_followers: int | None = None
    error: ItemFault | None = None


@frozen(kw_only=True)
class EnrichJobStatus(BaseResponse):
    """How a waterfall job stands: processing, complete, expired or failed.

    `contacts` are the final states of those it was still working on, to be merged by id; `credits_charged` is its
    own part of the cost.
    """

    job_id: str | None = None
    status: str | None = known("processing", "complete", "expired", "failed")
    retry_after: float | None = None
    covers: Any = None
    contacts: tuple[Contact, ...] = ()
    credits_charged: float | None = None
