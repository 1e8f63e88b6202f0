"""Contacts: queries, previews and enriched records. No repr shows names, addresses, numbers or profiles of people.

Source: the vendor's contacts reference.
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
    """A contact to search for: by `id`, `linkedin_url`, `email`, or both names with `company_name` or `company_domain`.

    `client_reference_id` (at most 256 characters) is returned with its result.
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
    """A contact in the results of a search: which data exist, and what they cost to reveal."""

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
    """An e-mail address. `update_date` is the day on which the vendor last saw it."""

    __scalar__ = "email"

    email: str | None = field(default=None, repr=False)
    type: str | None = known("work", "private", "unknown")
    confidence: str | None = None
    update_date: str | None = None
    data_source: str | None = None
    credits: float | None = None


@frozen(kw_only=True)
class PhoneNumber(Model):
    """A phone number. `do_not_call` is True if a register forbids calling it."""

    __scalar__ = "number"

    number: str | None = field(default=None, repr=False)
    type: str | None = known("mobile", "direct", "work", "unknown")
    do_not_call: bool | None = None
    update_date: str | None = None
    data_source: str | None = None
    credits: float | None = None


@frozen(kw_only=True)
class Tag(Model):
    """A label that the account gave a contact."""

    id: str | None = None
    name: str | None = None
    color: str | None = None


@frozen(kw_only=True)
class PreviousEmployment(Model):
    """A former position."""

    company: CompanyReference | None = None
    job_title: JobTitle | None = None


@frozen(kw_only=True)
class MissingDataPoint(Model):
    """A requested data point (`type` is `email` or `phone`) that is missing, and why (NOT_FOUND, BILLING_FAILED)."""

    type: str | None = None
    status: str | None = None


@frozen(kw_only=True)
class Contact(Model):
    """An enriched contact. `emails` and `phones` are None if they were not revealed, and () if there are none."""

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
    """The status of a waterfall job: processing, complete, expired or failed.

    `contacts` are the final records of those that were pending, to be merged by id. `credits_charged` is what the job
    has cost so far.
    """

    job_id: str | None = None
    status: str | None = known("processing", "complete", "expired", "failed")
    retry_after: float | None = None
    covers: Any = None
    contacts: tuple[Contact, ...] = ()
    credits_charged: float | None = None
