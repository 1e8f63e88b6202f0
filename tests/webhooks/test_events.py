"""Deliveries as values: known members typed, everything else kept."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.webhooks import (
    CompanyNews,
    CompanySignal,
    ContactSignal,
    Department,
    LinkedinActivity,
    OptOut,
    Signal,
    acknowledge,
)
from lusha_async.webhooks.events import identify, read_event

from .sending import opt_out, payload


def read(content: Any) -> Any:
    """The event of a payload."""
    return read_event(json.dumps(content).encode())


def test_a_contact_signal() -> None:
    """The envelope and its data are typed; ids are text, also those that the vendor writes as numbers."""
    event = read(payload())
    assert isinstance(event, Signal)
    assert (event.type, event.entity_type, event.credits_charged) == ("promotion", "contact", 1)
    assert isinstance(event.data, ContactSignal)
    assert event.data.person_id == "4158887495"
    assert event.data.current_departments is not None
    assert event.data.current_departments[0].id == "7"
    assert event.occurred_at == datetime(2026, 1, 14, 16, 16, 35, 841_000, UTC)
    assert not event.is_test
    assert event.extra == {}


@pytest.mark.parametrize(
    ("kind", "entity", "cls"),
    [
        ("promotion", "contact", ContactSignal),
        ("companyChange", "contact", ContactSignal),
        ("commercialActivityNews", "company", CompanyNews),
        ("riskNews", "company", CompanyNews),
        ("linkedinActivityIntent", "company", LinkedinActivity),
        ("headcountIncrease3m", "company", CompanySignal),
        ("somethingNew", "contact", ContactSignal),
        ("somethingNew", "company", CompanySignal),
        ("somethingNew", "planet", CompanySignal),
        (None, None, CompanySignal),
    ],
)
def test_the_data_model_follows_the_type(kind: str | None, entity: str | None, cls: type) -> None:
    """Each signal type has its model; unknown ones are read by what they are about."""
    event = read(payload(type=kind, entityType=entity, data={"companyId": 5, "rate": 0.25}))
    assert isinstance(event.data, cls)
    assert event.data.extra["rate"] == 0.25


def test_unknown_and_odd_members_are_kept() -> None:
    """New members, and known ones of an unexpected type, end in `extra` and lose nothing."""
    event = read(payload(priority="high", timestamp=17, billing=[], data={"signalDate": 5, "new": {"a": [1]}}))
    assert event.extra == {"priority": "high", "timestamp": 17, "billing": []}
    assert event.data.extra == {"signalDate": 5, "new": {"a": [1]}}
    assert (event.timestamp, event.occurred_at, event.billing, event.credits_charged) == (None, None, None, None)


@pytest.mark.parametrize(
    ("member", "value", "decoded"),
    [
        ("personId", 5, "5"),
        ("personId", 5.0, "5"),
        ("personId", 5.5, "5.5"),
        ("personId", True, None),
        ("personId", [], None),
        ("currentTitle", 5, None),
        ("currentDepartments", [], ()),
        ("currentDepartments", [{"id": 1}], (Department(id="1"),)),
        ("currentDepartments", {"id": 1}, None),
        ("currentDepartments", [{"id": 1}, "x"], None),
        ("currentDepartments", [{"id": []}], (Department(extra={"id": []}),)),
    ],
)
def test_what_a_member_accepts(member: str, value: Any, decoded: Any) -> None:
    """Ids are any number or text, lists are lists of objects; another value is None, and whole in `extra`."""
    data = read(payload(data={member: value})).data
    assert getattr(data, {"personId": "person_id"}.get(member, f"current_{member[7:].lower()}")) == decoded
    assert data.extra == ({member: value} if decoded is None else {})


@pytest.mark.parametrize(("value", "credits"), [(2, 2), (2.0, 2), (2.5, None), ("2", None), (True, None)])
def test_the_charge_is_a_whole_number(value: Any, credits: int | None) -> None:
    """Credits are whole; anything else is no charge, and in `extra`."""
    event = read(payload(billing={"creditsCharged": value}))
    assert event.credits_charged == credits
    assert event.billing.extra == ({"creditsCharged": value} if credits is None else {})


def test_a_signal_without_data_has_an_empty_one() -> None:
    """Data that is no object is in `extra`, and `data` is the empty class for the type."""
    event = read(payload(data=[1]))
    assert (event.data, event.extra) == (ContactSignal(), {"data": [1]})
    assert read(payload(data={})).data == ContactSignal()
    assert "data" not in read(payload()).extra


def test_an_opt_out() -> None:
    """The bare delivery is recognised by its form; its text shows no person."""
    event = read(opt_out(newMember=1))
    assert isinstance(event, OptOut)
    assert event.contact_id == "987654321"
    assert event.datapoints is not None
    assert [point.datapoint_type for point in event.datapoints] == ["phone", "email"]
    assert event.datapoints[1].datapoint_id == "avery@example.com"
    assert event.partner_client_id is None
    assert event.opted_out_at == datetime(2026, 4, 22, 14, 32, 11, 412_000, UTC)
    assert event.extra == {"newMember": 1, "partnerClientId": None}
    for secret in ("Avery", "avery@", "4155550199", "Acme"):
        assert secret not in repr(event)


@pytest.mark.parametrize(
    "content",
    [
        payload(test=True),
        payload(data={"isTest": True}),
        opt_out(test=True),
        {"entityType": "contact", "signalType": "promotion", "data": {}},
    ],
)
def test_test_deliveries_are_marked(content: Any) -> None:
    """A mark in the payload, or the form of the vendor's own test payload, is recognised."""
    assert read(content).is_test


def test_the_key_is_the_id_or_a_hash() -> None:
    """The same event has the same key however it is written; without an id, the same bytes have."""
    assert (
        read(payload(5)).key == identify(json.dumps(payload(5), indent=1).encode())[0] == f"id:{payload(5)['id']}"
    )
    assert read(opt_out()).key.startswith("sha256:")
    assert read(opt_out()).key == read(opt_out()).key != read(opt_out(contactId="1")).key


def test_the_acknowledgement_is_what_the_vendor_demands() -> None:
    """201, JSON, received, an ISO timestamp in UTC and the payload's id; an opt-out echoes the contact's."""
    now = datetime(2026, 2, 5, 10, 30, 45, 123_456, UTC)
    answer = acknowledge(read(payload()), now=now)
    assert answer.status == 201
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert json.loads(answer.body) == {
        "received": True,
        "timestamp": "2026-02-05T10:30:45.123Z",
        "webhookId": payload()["id"],
    }
    assert json.loads(acknowledge(read(opt_out())).body)["webhookId"] == "987654321"
    assert "webhookId" not in json.loads(acknowledge(read({})).body)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from([*payload(), *opt_out(), "signalType", "test", "other"])


@given(content=st.dictionaries(_names, _json | st.dictionaries(_names, _json, max_size=4), max_size=8))
def test_any_object_is_an_event_and_loses_nothing(content: dict[str, Any]) -> None:
    """Whatever the vendor sends, it is read, and each member is a field of the event or in its `extra`."""
    event = read(content)
    assert json.loads(event.raw) == json.loads(json.dumps(content))
    assert identify(event.raw) == (event.key, event.webhook_id)
    acknowledge(event)
    repr(event)
    for name, value in content.items():
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        assert name in event.extra or hasattr(event, snake)
        assert value is not None or name in event.extra
