"""From what is to what shall be: the plan, applied, gives the declared set."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from lusha_async.errors import InvalidRequestError
from lusha_async.models.webhooks import Subscription
from lusha_async.resources._subscriptions import SubscriptionPlan, WantedSubscription, reconcile

URL = "https://example.com/webhooks/lusha"


def subscription(id: str, **members: Any) -> Subscription:
    """One that the vendor lists."""
    told = {
        "entity_type": "contact",
        "entity_id": "1",
        "signal_types": ("promotion",),
        "url": URL,
        "is_active": True,
    }
    return Subscription(id=id, **{**told, **members})


def wanted(entity_id: str = "1", **members: Any) -> WantedSubscription:
    """A declaration."""
    given = {"entity_type": "contact", "signal_types": ("promotion",), "url": URL, **members}
    return WantedSubscription(entity_id=entity_id, **given)


def test_the_plan_lists_what_to_do() -> None:
    """Missing ones are created, different and blocked ones updated, others deleted only on request; it reads well."""
    existing = [
        subscription("a", entity_id="1"),
        subscription("b", entity_id="2", is_active=False),
        subscription("c", entity_id="3", signal_types=("companyChange",), url="https://old.example.com/"),
        subscription("d", entity_id="9"),
        subscription("e", entity_id="77", signal_types=("optOut",)),
    ]
    declared = [wanted("1"), wanted("2"), wanted("3"), wanted("4")]
    plan = reconcile(declared, existing, delete=True)
    assert plan.create == (wanted("4"),)
    assert {one.id: one.arguments for one in plan.update} == {
        "b": {"is_active": True},
        "c": {"signal_types": ["promotion"], "url": URL},
    }
    assert (plan.delete, plan.unchanged) == (("d",), ("a",))
    assert str(plan).splitlines() == [
        "+ contact 4: promotion",
        "~ contact 2: is_active",
        "~ contact 3: signal_types, url",
        "- d",
        "1 to create, 2 to update, 1 to delete, 1 unchanged",
    ]
    assert reconcile(declared, existing).delete == ()


@pytest.mark.parametrize(
    ("declared", "path"),
    [
        ([wanted(), wanted()], r"subscriptions\[1\]"),
        ([wanted(entity_type="planet")], r"subscriptions\[0\].entity_type"),
        ([wanted("")], r"subscriptions\[0\].entity_id"),
        ([wanted("x" * 256)], r"subscriptions\[0\].entity_id"),
        ([wanted(signal_types=())], r"subscriptions\[0\].signal_types"),
        ([wanted(signal_types=("optOut",))], r"subscriptions\[0\].signal_types"),
        ([wanted(url="http://example.com/")], r"subscriptions\[0\].url"),
        ([wanted(url="https://" + "x" * 2048)], r"subscriptions\[0\].url"),
        ([wanted(url="https://[")], r"subscriptions\[0\].url"),
        ([wanted(name="x" * 101)], r"subscriptions\[0\].name"),
    ],
)
def test_what_the_vendor_would_refuse_is_refused(declared: list[WantedSubscription], path: str) -> None:
    """Before anything is sent, with the path of the entry."""
    with pytest.raises(InvalidRequestError, match=path):
        reconcile(declared, [])


_types = st.lists(
    st.sampled_from(["promotion", "companyChange", "allSignals"]), min_size=1, max_size=3, unique=True
)
_ids = st.integers(0, 6).map(str)
_kinds = st.sampled_from(["contact", "company"])
_urls = st.sampled_from([URL, "https://other.example.com/"])
_names = st.sampled_from([None, "a", "b"])


def _apply(plan: SubscriptionPlan, existing: list[Subscription]) -> list[Subscription]:
    """What the vendor has after the plan."""
    changes = {one.id: {**one.arguments} for one in plan.update}
    for change in changes.values():
        if "signal_types" in change:
            change["signal_types"] = tuple(change["signal_types"])
    after = [evolve(one, **changes.get(one.id, {})) for one in existing if one.id not in plan.delete]
    return after + [
        subscription(
            f"new{n}",
            entity_type=one.entity_type,
            entity_id=one.entity_id,
            signal_types=one.signal_types,
            url=one.url,
            name=one.name,
        )
        for n, one in enumerate(plan.create)
    ]


@given(
    declared=st.lists(
        st.builds(
            WantedSubscription, entity_type=_kinds, entity_id=_ids, signal_types=_types, url=_urls, name=_names
        ),
        unique_by=lambda one: one.key,
    ),
    existing=st.lists(
        st.builds(
            Subscription,
            id=st.uuids().map(str),
            entity_type=_kinds,
            entity_id=_ids,
            signal_types=_types.map(tuple),
            url=_urls,
            name=_names,
            is_active=st.booleans(),
        ),
        unique_by=lambda one: one.id,
    ),
    delete=st.booleans(),
)
def test_applied_it_gives_the_declared_set(
    declared: list[WantedSubscription], existing: list[Subscription], delete: bool
) -> None:
    """After the plan everything declared is there and active; with `delete` nothing else is; a second plan is empty."""
    after = _apply(reconcile(declared, existing, delete=delete), existing)
    assert reconcile(declared, after, delete=delete).is_empty
    active = [
        (one.entity_type, one.entity_id, frozenset(one.signal_types or ()), one.url)
        for one in after
        if one.is_active
    ]
    for one in declared:
        assert (*one.key, frozenset(one.signal_types), one.url) in active
    if delete:
        assert len(after) == len(declared)
