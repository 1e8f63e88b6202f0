"""People and companies like those given. Source: the vendor's lookalikes reference."""

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
    """A person by name and `company_domain` or `company_name`."""

    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    company_domain: str | None = None
    company_name: str | None = None


@frozen(kw_only=True)
class ContactSeeds(RequestModel):
    """5-100 people in all, in any of the ways to name them. `contact_ids` are legacy numbers."""

    ids: Sequence[str] | None = None
    linkedin_urls: Sequence[str] | None = field(default=None, repr=False)
    emails: Sequence[str] | None = field(default=None, repr=False, metadata={"email": True})
    contacts: Sequence[SeedContact | Mapping[str, Any]] | None = None
    contact_ids: Sequence[int] | None = None


@frozen(kw_only=True)
class CompanySeeds(RequestModel):
    """5-100 companies in all, in any of the ways to name them."""

    domains: Sequence[str] | None = None
    linkedin_urls: Sequence[str] | None = None
    ids: Sequence[str] | None = None


@frozen(kw_only=True)
class LookalikesMeta(Model):
    """How many came, and whether there are more in the session."""

    returned: int | None = None
    has_more: bool | None = None


@frozen(kw_only=True)
class LookalikeResults(Results[T]):
    """Records like the seeds. The next call with `dedupe_session_id` (kept for 30 days) repeats none of them."""

    dedupe_session_id: str | None = None
    meta: LookalikesMeta | None = None
