"""What the vendor delivers, as values: signals in their envelope, and bare opt-outs.

Open throughout: any member may be missing, new ones are kept in `extra`, new signal types are read by what they
are about. Ids are strings, whether the vendor wrote a number or a string. Source: the vendor's reference of
webhook payloads.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast

import attrs
from attrs import field, frozen

from ..models.model import Model, wire_name
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

T = TypeVar("T")


def _id(value: Any) -> str | None:
    """An id as text; a number with no fraction as its digits."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return int(value) if whole and not isinstance(value, bool) else None


def _member(read: Callable[[Any], Any], *, hidden: bool = False) -> Any:
    """A member that may be missing: None then, and when it is not of its type."""
    return field(default=None, repr=not hidden, metadata={"read": read})


def _read(cls: Callable[..., T], payload: Mapping[str, Any], **given: Any) -> T:
    """An instance of `cls` from the members it knows; the others, nulls, and those of another type are its `extra`.

    Unlike answers of the API, a delivery with an odd member is not refused: it was charged, and once acknowledged
    it never comes again.
    """
    values, extra = dict(given), dict(payload)
    for name, member, read in _members_of(cls):
        if member in payload:
            value = read(payload[member])
            if value is not None:
                values[name] = value
                del extra[member]
    return cls(**values, extra=extra) if extra else cls(**values)


@cache
def _members_of(cls: Callable[..., object]) -> tuple[tuple[str, str, Callable[[Any], Any]], ...]:
    """The name, the vendor's name and the reader of each member that a class knows."""
    fields = attrs.fields(cast("type[attrs.AttrsInstance]", cls))
    return tuple((one.name, wire_name(one.name), one.metadata["read"]) for one in fields if "read" in one.metadata)


def _one(cls: type[T]) -> Callable[[Any], T | None]:
    def read(value: Any) -> T | None:
        members: Any = value
        return _read(cls, members) if isinstance(value, Mapping) else None

    return read


def _many(cls: type[T]) -> Callable[[Any], tuple[T, ...] | None]:
    def read(value: Any) -> tuple[T, ...] | None:
        items: Any = value
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in items):
            return None
        return tuple(_read(cls, item) for item in items)

    return read


@frozen(kw_only=True)
class WebhookBilling(Model):
    """What the vendor charged for the signal. Retries of the delivery charge nothing."""

    credits_charged: int | None = _member(_count)


@frozen(kw_only=True)
class Department(Model):
    """A department of a contact."""

    id: str | None = _member(_id)
    value: str | None = _member(_text)


@frozen(kw_only=True)
class ContactSignal(Model):
    """`promotion`, `companyChange`, and what else happens to a contact. Dates are the vendor's text."""

    person_id: str | None = _member(_id)
    current_company_id: str | None = _member(_id)
    current_company_name: str | None = _member(_text)
    current_domain: str | None = _member(_text)
    current_title: str | None = _member(_text)
    current_seniority_label: str | None = _member(_text)
    current_departments: tuple[Department, ...] | None = _member(_many(Department))
    previous_company_id: str | None = _member(_id)
    previous_company_name: str | None = _member(_text)
    previous_domain: str | None = _member(_text)
    previous_title: str | None = _member(_text)
    signal_date: str | None = _member(_text)


@frozen(kw_only=True)
class CompanyNews(Model):
    """The types that end in `News`. Dates are the vendor's text."""

    company_id: str | None = _member(_id)
    company_name: str | None = _member(_text)
    domain: str | None = _member(_text)
    signal_id: str | None = _member(_id)
    event_type: str | None = _member(_text)
    event_summary: str | None = _member(_text)
    event_effective_date: str | None = _member(_text)
    article_published_date: str | None = _member(_text)
    article_title: str | None = _member(_text)
    article_highlight: str | None = _member(_text)
    article_url: str | None = _member(_text)


@frozen(kw_only=True)
class LinkedinActivity(Model):
    """`linkedinActivityIntent`. The people it mentions stay in `extra`.

    The vendor documents the members for the pull API; that webhooks deliver the same is assumed.
    """

    company_id: str | None = _member(_id)
    activity_publication_date: str | None = _member(_text)
    signal_category: str | None = _member(_text)
    activity_url: str | None = _member(_text, hidden=True)
    activity_summary: str | None = _member(_text, hidden=True)
    activity_likes: int | None = _member(_count)
    activity_comments: int | None = _member(_count)
    activity_shares: int | None = _member(_count)
    activity_type: str | None = _member(_text)


@frozen(kw_only=True)
class CompanySignal(Model):
    """Headcount, hiring, web traffic, IT spend, and types not known yet.

    The vendor documents no members beyond the company's for these: their numbers are in `extra`.
    """

    company_id: str | None = _member(_id)
    company_name: str | None = _member(_text)
    domain: str | None = _member(_text)
    signal_id: str | None = _member(_id)
    signal_date: str | None = _member(_text)


SignalData = ContactSignal | CompanyNews | LinkedinActivity | CompanySignal
"""What `Signal.data` may be, by the signal's type and the kind of its entity."""


@frozen(kw_only=True)
class _Delivered(Model):
    """What every delivery has: the bytes that were signed, and when (seconds since 1970; None: not known)."""

    signed_at: float | None = field(default=None, eq=False)
    raw: bytes = field(default=b"", repr=False, eq=False)

    @property
    def key(self) -> str:
        """What tells two deliveries of the same event: its id, or a hash of the bytes where it has none."""
        return identify(self.raw)[0]


@frozen(kw_only=True)
class Signal(_Delivered):
    """A signal in its envelope.

    `id` is the vendor's id of the payload, the same in every retry; `timestamp` its time, ISO 8601, as text.
    """

    id: str | None = _member(_id)
    type: str | None = _member(_text)
    entity_type: str | None = _member(_text)
    entity_id: str | None = _member(_id)
    subscription_id: str | None = _member(_id)
    data: SignalData = field(factory=CompanySignal)
    timestamp: str | None = _member(_text)
    billing: WebhookBilling | None = _member(_one(WebhookBilling))  # noqa: RUF009

    @property
    def credits_charged(self) -> int | None:
        """Credits that this event cost; None if the vendor did not say."""
        return self.billing.credits_charged if self.billing is not None else None

    @property
    def occurred_at(self) -> datetime | None:
        """`timestamp` as a time; None if it is not one. Without a zone it counts as UTC."""
        return _time(self.timestamp)

    @property
    def is_test(self) -> bool:
        """Whether it comes from the test of a subscription, as far as the payload tells.

        The vendor does not document a mark. Taken for one: a true `test` or `isTest`, in the envelope or the
        data, or the form of the test's own payload (`signalType` in place of `type`).
        """
        form = self.type is None and "signalType" in self.extra
        return form or _is_marked(self.extra) or _is_marked(self.data.extra)

    @property
    def webhook_id(self) -> str | None:
        """What the acknowledgement echoes."""
        return self.id


@frozen(kw_only=True)
class Datapoint(Model):
    """A phone number or e-mail address that must be removed."""

    datapoint_id: str | None = _member(_id, hidden=True)
    datapoint_type: str | None = _member(_text)


@frozen(kw_only=True)
class OptOut(_Delivered):
    """A contact asked to be removed: delete `datapoints` from everything you keep.

    It comes bare: no envelope, no id of the delivery, no billing. Times are UTC, as the vendor's text
    (`2026-04-22 14:32:11.412`). No repr shows who it is about.
    """

    contact_id: str | None = _member(_id)
    full_name: str | None = _member(_text, hidden=True)
    company_name: str | None = _member(_text, hidden=True)
    job_title: str | None = _member(_text, hidden=True)
    linkedin_url: str | None = _member(_text, hidden=True)
    contact_opt_out_date: str | None = _member(_text)
    contact_exposure_date: str | None = _member(_text)
    datapoints: tuple[Datapoint, ...] | None = _member(_many(Datapoint))
    partner_client_id: str | None = _member(_id)

    @property
    def opted_out_at(self) -> datetime | None:
        """`contact_opt_out_date` as a time; None if it is not one."""
        return _time(self.contact_opt_out_date)

    @property
    def is_test(self) -> bool:
        """Whether the payload is marked as a test; see `Signal.is_test`."""
        return _is_marked(self.extra)

    @property
    def webhook_id(self) -> str | None:
        """What the acknowledgement echoes: the contact's id, as the delivery has none of its own."""
        return self.contact_id


Event = Signal | OptOut


def read_event(body: bytes, *, signed_at: float | None = None) -> Event:
    """The event in a body whose signature was verified. Raises `UnreadableEventError` if it is no JSON object."""
    payload = _object(body)
    if payload is None:
        raise UnreadableEventError(body)
    given: dict[str, Any] = {"raw": body, "signed_at": signed_at}
    if _is_opt_out(payload):
        return _read(OptOut, payload, **given)
    data = payload.get("data")
    if isinstance(data, Mapping):
        rest = {name: value for name, value in payload.items() if name != "data"}
        return _read(Signal, rest, data=_read(_data_class(payload), cast("Mapping[str, Any]", data)), **given)
    return _read(Signal, payload, data=_data_class(payload)(), **given)


def identify(body: bytes) -> tuple[str, str | None]:
    """The key and the `webhook_id` that `read_event` would give, without reading the rest. Never raises."""
    payload = _object(body) or {}
    name = _id(payload.get("id"))
    key = f"id:{name}" if name else f"sha256:{hashlib.sha256(body).hexdigest()}"
    return key, _id(payload.get("contactId")) if _is_opt_out(payload) else name


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
