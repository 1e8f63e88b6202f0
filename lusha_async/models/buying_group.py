"""Buying groups: the people of a company who decide about a purchase.

Source: the vendor's buying group reference.
"""

from attrs import frozen

from .common import ItemFault
from .contacts import ContactPreview
from .model import Model

__all__ = ["BuyingGroup", "BuyingGroupContact"]


@frozen(kw_only=True)
class BuyingGroupContact(ContactPreview):
    """A contact with its roles in a purchase. `score` is from 0 to 1."""

    roles: tuple[str, ...] | None = None
    score: float | None = None


@frozen(kw_only=True)
class BuyingGroup(Model):
    """The buying group of one company."""

    client_reference_id: str | None = None
    company_id: str | None = None
    contacts: tuple[BuyingGroupContact, ...] | None = None
    error: ItemFault | None = None
