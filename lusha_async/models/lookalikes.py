"""Lookalikes: records like a set of seeds.

Source: the vendor's lookalikes reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from attrs import field, frozen

from .common import Results
from .model import Model, RequestModel

__all__ = [
    "CompanySeeds",
    "ContactSeeds",
    "LookalikeResults",
    "LookalikesMeta",
    "SeedContact",
]

T = TypeVar("T")


@frozen(kw_only=True)
class SeedContact(RequestModel):
    """A contact by name and `company_domain` or `company_name`."""

    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    company_domain: str | None = None
    company_name: str | None = None


@frozen(kw_only=True)
class ContactSeeds(RequestModel):
    """The contacts to start from: 5 to 100 in all, in any of these forms. `contact_ids` are legacy numbers."""

    ids: Sequence[str] | None = None
    linkedin_urls: Sequence[str] | None = field(default=None, repr=False)
    emails: Sequence[str] | None = field(default=None, repr=False, metadata={"email": True})
    contacts: Sequence[SeedContact | Mapping[str, Any]] | None = None
    contact_ids: Sequence[int] | None = None


@frozen(kw_only=True)
class CompanySeeds(RequestModel):
    """The companies to start from: 5 to 100 in all, in any of these forms."""

    domains: Sequence[str] | None = None
    linkedin_urls: Sequence[str] | None = None
    ids: Sequence[str] | None = None


@frozen(kw_only=True)
class LookalikesMeta(Model):
    """How many records were returned, and whether the session has more."""

    returned: int | None = None
    has_more: bool | None = None


@frozen(kw_only=True)
class LookalikeResults(Results[T]):
    """Records like the seeds. A further call with `dedupe_session_id` (valid for 30 days) returns others."""

    dedupe_session_id: str | None = None
    meta: LookalikesMeta | None = None
