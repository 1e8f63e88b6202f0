"""Ideal customer profiles (ICPs), and how well records fit them.

Source: the vendor's ICP fit score reference.
"""

from attrs import field, frozen

from .common import CompanyReference, ItemFault
from .model import Model, known

__all__ = [
    "CompanyIcpFit",
    "ContactIcpFit",
    "IcpProfile",
    "ProfileScore",
]


@frozen(kw_only=True)
class IcpProfile(Model):
    """A profile that the account has defined."""

    id: str | None = None
    name: str | None = None
    status: str | None = known("active", "disabled")
    access: str | None = known("private", "shared")


@frozen(kw_only=True)
class ProfileScore(Model):
    """The fit with one profile, from 0 to 1."""

    id: str | None = None
    name: str | None = None
    score: float | None = None


@frozen(kw_only=True)
class ContactIcpFit(Model):
    """How well a contact fits. `profile_scores` is None unless several profiles were requested."""

    client_reference_id: str | None = None
    id: str | None = None
    full_name: str | None = field(default=None, repr=False)
    company: CompanyReference | None = None
    icp_fit_score: float | None = None
    top_profile: ProfileScore | None = None
    profile_scores: tuple[ProfileScore, ...] | None = None
    error: ItemFault | None = None


@frozen(kw_only=True)
class CompanyIcpFit(Model):
    """How well a company fits. `profile_scores` is None unless several profiles were requested."""

    client_reference_id: str | None = None
    id: str | None = None
    name: str | None = None
    domain: str | None = None
    icp_fit_score: float | None = None
    top_profile: ProfileScore | None = None
    profile_scores: tuple[ProfileScore, ...] | None = None
    error: ItemFault | None = None
