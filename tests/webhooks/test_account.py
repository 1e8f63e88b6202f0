"""The account's subscriptions in bulk, as streams, and brought to a declared set; against the sandbox."""

from typing import Any

import pytest
from attrs import evolve

from lusha_async import WantedSubscription
from lusha_async._bulk.outcome import Status
from lusha_async.client import LushaClient
from lusha_async.errors import InvalidRequestError
from lusha_async.models.webhooks import NewSubscription
from lusha_async.sandbox.serve.transport import SandboxTransport
from tests._bulk.test_bulk import with_sandbox

URL = "https://hooks.example/lusha"


def wanted(number: int, **members: Any) -> WantedSubscription:
    """A declaration."""
    given = {"entity_type": "contact", "signal_types": ("promotion",), "url": URL, **members}
    return WantedSubscription(entity_id=str(number), **given)


def test_many_are_created_listed_and_deleted() -> None:
    """60 in three requests, one outcome each in order; a duplicate fails alone; the stream has them all; then none."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        api = lusha.webhooks
        await api.create(
            [NewSubscription(entity_id="7")], url=URL, entity_type="contact", signal_types=["promotion"]
        )
        inputs = [NewSubscription(entity_id=str(number)) for number in range(60)]
        made = [
            one
            async for one in api.create_many(inputs, url=URL, entity_type="contact", signal_types=["promotion"])
        ]
        assert [one.index for one in made] == list(range(60))
        failed = [one for one in made if not one.ok]
        assert [(one.input.entity_id, one.status) for one in failed] == [("7", Status.FAILED)]
        assert "DUPLICATE_SUBSCRIPTION" in str(failed[0].error)
        listed = [one async for one in api.list()]
        assert {one.entity_id for one in listed} == {str(number) for number in range(60)}
        assert [one.id async for one in api.list(limit=5)] == [one.id for one in listed[:5]]
        ids = [one.id or "" for one in listed]
        deleted = [one async for one in api.delete_many([*ids, "nothing", ids[0]])]
        assert [one.status for one in deleted] == [Status.OK] * 60 + [Status.NOT_FOUND, Status.OK]
        assert [one async for one in api.list()] == []

    with_sandbox(main)


def test_bad_inputs_fail_alone_and_bad_options_at_once() -> None:
    """An input that the vendor would refuse is an outcome; options that fit nothing are refused before anything."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        api = lusha.webhooks
        inputs: list[Any] = [{"entity_id": "1"}, {"entity_id": ""}, {"entity_id": "x" * 256}]
        made = [
            one
            async for one in api.create_many(inputs, url=URL, entity_type="contact", signal_types=["promotion"])
        ]
        assert [one.ok for one in made] == [True, False, False]
        with pytest.raises(InvalidRequestError, match="https"):
            api.create_many([], url="http://example.com/")

    with_sandbox(main)


def test_the_account_is_brought_to_the_declared_set() -> None:
    """`plan` changes nothing; `ensure` applies the plan; a second time there is nothing to do."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        api = lusha.webhooks
        await api.create_opt_out(url=URL)
        await api.create(
            [NewSubscription(entity_id=str(number)) for number in range(5)],
            url=URL,
            entity_type="contact",
            signal_types=["promotion"],
        )
        (first, *_) = [one async for one in api.list() if one.entity_id == "1"]
        await api.update(first.id or "", is_active=False)
        declared = [
            wanted(0),
            wanted(1),
            wanted(2, signal_types=("companyChange",), name="moved"),
            *(wanted(number, url=f"{URL}/{number % 2}") for number in range(10, 50)),
        ]
        plan = await api.plan(declared, delete=True)
        assert (len(plan.create), len(plan.update), len(plan.delete), len(plan.unchanged)) == (40, 2, 2, 1)
        assert len([one async for one in api.list()]) == 6
        done = await api.ensure(declared, delete=True)
        assert done.ok
        assert (await api.plan(declared, delete=True)).is_empty
        listed = [one async for one in api.list()]
        assert len(listed) == 44
        assert all(one.is_active for one in listed)

    with_sandbox(main)


def test_what_cannot_be_ensured_is_reported_by_entity() -> None:
    """An entity that the vendor refuses is in the errors; the others are done."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        api = lusha.webhooks
        done = await api.ensure([wanted(1), wanted(2, signal_types=("noSuchSignal",)), wanted(3)])
        assert list(done.errors) == ["contact 2"]
        assert not done.ok
        assert {one.entity_id async for one in api.list()} == {"1", "3"}

    with_sandbox(main)


def test_a_wrong_declaration_is_refused_before_anything_is_read() -> None:
    """Two declarations of one entity: nothing is sent."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        with pytest.raises(InvalidRequestError, match=r"subscriptions\[1\]"):
            await lusha.webhooks.ensure([wanted(1), evolve(wanted(1), url=URL + "/other")])

    with_sandbox(main)
