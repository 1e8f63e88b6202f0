"""Signals: changes at people and companies, and scores of them. Signal types, and the members of each, are open.

Source: the vendor's signals reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from attrs import field, frozen

from .common import BaseResponse, CompanyReference, ItemFault, Results
from .model import Model, RequestModel

__all__ = [
    "CompanySignalScore",
    "CompanySignals",
    "ContactSignalScore",
    "ContactSignals",
    "SignalOptions",
    "SignalResults",
    "SignalTypesResponse",
]

T = TypeVar("T")


@frozen(kw_only=True)
class SignalOptions(RequestModel):
    """Signals of `types` since `start_date` to return with the results of a search. Each one returned is charged."""

    types: Sequence[str]
    start_date: str | None = field(default=None, metadata={"date": True})
    max_results_per_signal: int | None = field(default=None, metadata={"range": (1, 100)})


@frozen(kw_only=True)
class ContactSignals(Model):
    """The signals of one contact, in the vendor's order."""

    id: str | None = None
    company_change: tuple[Mapping[str, Any], ...] | None = field(default=None, repr=False)
    promotion: tuple[Mapping[str, Any], ...] | None = field(default=None, repr=False)
    error: ItemFault | None = None


@frozen(kw_only=True)
class CompanySignals(Model):
    """The signals of one company. They are in `extra`, by signal type; `of` returns those of one."""

    __open__ = True

    id: str | None = None
    company_name: str | None = None
    domain: str | None = None
    error: ItemFault | None = None

    def of(self, signal_type: str) -> Sequence[Mapping[str, Any]]:
        """The signals of a type; empty if there are none."""
        return self.extra.get(signal_type) or ()


@frozen(kw_only=True)
class SignalResults(Results[T]):
    """The signals of each record, from `start_date` to `end_date`."""

    start_date: str | None = None
    end_date: str | None = None


@frozen(kw_only=True)
class SignalTypesResponse(BaseResponse):
    """The signal types that exist."""

    signal_types: tuple[str, ...] = ()


@frozen(kw_only=True)
class ContactSignalScore(Model):
    """How much has changed at a contact, from 0 to 1."""

    client_reference_id: str | None = None
    id: str | None = None
    full_name: str | None = field(default=None, repr=False)
    company: CompanyReference | None = None
    signal_score: float | None = None
    signal_types: tuple[str, ...] | None = None
    no_active_signals: bool | None = None
    error: ItemFault | None = None


@frozen(kw_only=True)
class CompanySignalScore(Model):
    """How much has changed at a company, from 0 to 1."""

    client_reference_id: str | None = None
    id: str | None = None
    name: str | None = None
    domain: str | None = None
    signal_score: float | None = None
    signal_types: tuple[str, ...] | None = None
    no_active_signals: bool | None = None
    error: ItemFault | None = None
