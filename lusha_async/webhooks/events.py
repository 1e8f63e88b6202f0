"""Webhook events: signals in an envelope, and opt-outs without one.

Any member may be missing, and unknown ones are kept in `extra`. A signal of an unknown type is decoded by the kind of
its entity. Ids are text, whether the vendor sends text or a number.

Source: the vendor's reference of webhook payloads.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from attrs import field, frozen

from ..models._codec.decoder import decoder
from ..models._codec.kinds import Mismatch, lenient_identifier
from ..models.model import Model
from .errors import UnreadableEventError

__all__ = [
    "WebhookBilling",
    "CompanyNews",
    "CompanySignal",
    "ContactSignal",
    "Datapoint",
    "Department",
    "Event",
    "LinkedinActivity",
    "OptOut",
    "Signal",
    "SignalData",
    "identify",
    "read_event",
]

_MAX_KEY = 200


@frozen(kw_only=True)
class _Payload(Model):
    """A part of a delivery. Every field is None where the delivery had no such member.

    Unlike responses of the API, a delivery with a value of the wrong kind is not refused: it was charged, and once
    acknowledged it is never sent again. Such a value is in `extra`, like unknown members and nulls.
    """

    __lenient__ = True


@frozen(kw_only=True)
class WebhookBilling(_Payload):
    """What the signal cost, in credits. Retries of the delivery are free."""

    credits_charged: int | None = None


@frozen(kw_only=True)
class Department(_Payload):
    """A department of a contact."""

    id: str | None = None
    value: str | None = None


@frozen(kw_only=True)
class ContactSignal(_Payload):
    """The data of `promotion`, `companyChange` and other signals of a contact. Dates are the vendor's text."""

    person_id: str | None = None
    current_company_id: str | None = None
    current_company_name: str | None = None
    current_domain: str | None = None
    current_title: str | None = None
    current_seniority_label: str | None = None
    current_departments: tuple[Department, ...] | None = None
    previous_company_id: str | None = None
    previous_company_name: str | None = None
    previous_domain: str | None = None
    previous_title: str | None = None
    signal_date: str | None = None


@frozen(kw_only=True)
class CompanyNews(_Payload):
    """The data of the signal types that end in `News`. Dates are the vendor's text."""

    company_id: str | None = None
    company_name: str | None = None
    domain: str | None = None
    signal_id: str | None = None
    event_type: str | None = None
    event_summary: str | None = None
    event_effective_date: str | None = None
    article_published_date: str | None = None
    article_title: str | None = None
    article_highlight: str | None = None
    article_url: str | None = None


@frozen(kw_only=True)
class LinkedinActivity(_Payload):
    """The data of `linkedinActivityIntent`. The people that it mentions are in `extra`.

    The members are those that the vendor documents for the pull API.
    """

    company_id: str | None = None
    activity_publication_date: str | None = None
    signal_category: str | None = None
    activity_url: str | None = field(default=None, repr=False)
    activity_summary: str | None = field(default=None, repr=False)
    activity_likes: int | None = None
    activity_comments: int | None = None
    activity_shares: int | None = None
    activity_type: str | None = None


@frozen(kw_only=True)
class CompanySignal(_Payload):
    """The data of other signals of a company: headcount, hiring, web traffic, IT spend, and unknown types.

    The vendor documents only the members of the company; the figures are in `extra`.
    """

    company_id: str | None = None
    company_name: str | None = None
    domain: str | None = None
    signal_id: str | None = None
    signal_date: str | None = None


SignalData = ContactSignal | CompanyNews | LinkedinActivity | CompanySignal
"""The classes of `Signal.data`: which one depends on the signal's type and the kind of its entity."""


@frozen(kw_only=True)
class _Delivered(_Payload):
    """A delivery: the signed bytes, and when they were signed (seconds since 1970; None if unknown)."""

    signed_at: float | None = field(default=None, eq=False, metadata={"local": True})
    raw: bytes = field(default=b"", repr=False, eq=False, metadata={"local": True})

    @property
    def key(self) -> str:
        """The same for each delivery of one event: its id (hashed if long or unprintable), or a hash of the bytes."""
        return identify(self.raw)[0]


@frozen(kw_only=True)
class Signal(_Delivered):
    """A signal in its envelope.

    `id` is the vendor's id of the payload, the same in every retry. `timestamp` is an ISO 8601 time.
    """

    id: str | None = None
    type: str | None = None
    entity_type: str | None = None
    entity_id: str | None = None
    subscription_id: str | None = None
    data: SignalData = field(factory=CompanySignal, metadata={"local": True})
    timestamp: str | None = None
    billing: WebhookBilling | None = None

    @property
    def credits_charged(self) -> int | None:
        """What this event cost, in credits; None if the vendor does not say."""
        return self.billing.credits_charged if self.billing is not None else None

    @property
    def occurred_at(self) -> datetime | None:
        """`timestamp` as a `datetime`, in UTC if it has no zone; None if it is no time."""
        return _time(self.timestamp)

    @property
    def is_test(self) -> bool:
        """Whether the payload looks like that of a subscription's test.

        The vendor documents no mark. These count as one: a true `test` or `isTest` in the envelope or the data, and
        `signalType` in place of `type`.
        """
        form = self.type is None and "signalType" in self.extra
        return form or _is_marked(self.extra) or _is_marked(self.data.extra)

    @property
    def webhook_id(self) -> str | None:
        """The id that the acknowledgement returns."""
        return self.id


@frozen(kw_only=True)
class Datapoint(_Payload):
    """A phone number or e-mail address that must be removed."""

    datapoint_id: str | None = field(default=None, repr=False)
    datapoint_type: str | None = None


@frozen(kw_only=True)
class OptOut(_Delivered):
    """A contact's request to be removed: delete its `datapoints` wherever you store them.

    It has no envelope, no id of the delivery and no billing. Times are UTC, as the vendor's text
    (`2026-04-22 14:32:11.412`). No repr shows whose request it is.
    """

    contact_id: str | None = None
    full_name: str | None = field(default=None, repr=False)
    company_name: str | None = field(default=None, repr=False)
    job_title: str | None = field(default=None, repr=False)
    linkedin_url: str | None = field(default=None, repr=False)
    contact_opt_out_date: str | None = None
    contact_exposure_date: str | None = None
    datapoints: tuple[Datapoint, ...] | None = None
    partner_client_id: str | None = None

    @property
    def opted_out_at(self) -> datetime | None:
        """`contact_opt_out_date` as a `datetime`; None if it is no time."""
        return _time(self.contact_opt_out_date)

    @property
    def is_test(self) -> bool:
        """Whether the payload is marked as a test; see `Signal.is_test`."""
        return _is_marked(self.extra)

    @property
    def webhook_id(self) -> str | None:
        """The id that the acknowledgement returns: the contact's, as the delivery has none."""
        return self.contact_id


Event = Signal | OptOut


def read_event(body: bytes, *, signed_at: float | None = None) -> Event:
    """The event in a body whose signature is verified. Raises `UnreadableEventError` if it is no JSON object."""
    payload = _object(body)
    if payload is None:
        raise UnreadableEventError(body)
    if _is_opt_out(payload):
        return cast(OptOut, decoder(OptOut)(payload, raw=body, signed_at=signed_at))
    data, data_class = payload.get("data"), _data_class(payload)
    if isinstance(data, dict):
        del payload["data"]
        decoded = decoder(data_class)(data)
    else:
        decoded = data_class()
    return cast(Signal, decoder(Signal)(payload, data=decoded, raw=body, signed_at=signed_at))


def identify(body: bytes) -> tuple[str, str | None]:
    """The `key` and the `webhook_id` of the event, without decoding the rest. Never raises."""
    payload = _object(body) or {}
    name = _id(payload.get("id"))
    key = _key(name) if name else f"sha256:{_hash(body)}"
    return key, _id(payload.get("contactId")) if _is_opt_out(payload) else name


def _key(name: str) -> str:
    """A key that any database stores: the id itself, or its hash if it is long or not printable.

    Signed bytes may hold any id: NUL, a lone surrogate (which UTF-8 has no bytes for), 60 KiB.
    """
    if name.isprintable() and len(name) <= _MAX_KEY:
        return f"id:{name}"
    return f"id-sha256:{_hash(name.encode(errors='surrogatepass'))}"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _id(value: Any) -> str | None:
    try:
        return lenient_identifier(value)
    except Mismatch:
        return None


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", payload) if isinstance(payload, dict) else None


def _is_marked(extra: Mapping[str, Any]) -> bool:
    return extra.get("test") is True or extra.get("isTest") is True


def _is_opt_out(payload: Mapping[str, Any]) -> bool:
    return "contactOptOutDate" in payload and "type" not in payload


def _data_class(payload: Mapping[str, Any]) -> type[SignalData]:
    kind = payload.get("type") or payload.get("signalType")
    if kind == "linkedinActivityIntent":
        return LinkedinActivity
    if isinstance(kind, str) and kind.endswith("News"):
        return CompanyNews
    return ContactSignal if payload.get("entityType") == "contact" else CompanySignal


def _time(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
