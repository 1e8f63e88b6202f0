"""Who decides at a company. Source: the vendor's buying group reference."""

from attrs import frozen

from .common import ItemFault
from .contacts import ContactPreview
from .model import Model

__all__ = ["BuyingGroup", "BuyingGroupContact"]


@frozen(kw_only=True)
class BuyingGroupContact(ContactPreview):
    """A person with the roles played in a purchase; `score` from 0 to 1."""

    roles: tuple[str, ...] | None = None
    score: float | None = None


@frozen(kw_only=True)
class BuyingGroup(Model):
    """The people of one company."""

    client_reference_id: str | None = None
    company_id: str | None = None
    contacts: tuple[BuyingGroupContact, ...] | None = None
    error: ItemFault | None = None
