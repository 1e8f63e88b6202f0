"""`client.outcomes` reads from an unclaimed answer what the caller would have been given."""

import asyncio
import json
from typing import Any

import pytest

from lusha_async import InvalidRequestError, LushaClient, Outcome, Status, Unclaimed, sandbox
from lusha_async.errors import AnswerLostError
from lusha_async.models._codec.structure import unstructure
from lusha_async.operations import BY_NAME, OPERATIONS
from lusha_async.resources._unclaimed import _ENDPOINTS
from lusha_async.sandbox.serve.transport import SandboxTransport
from tests import virtual_clock
from tests._bulk.in_sandbox import with_sandbox
from tests._bulk.test_every_bulk_method import BULK_METHODS, prepared
from tests.resources.recorder import Recorder
from tests.vendor import Vendor, executor

COSTLY = sorted(operation.name for operation in OPERATIONS if operation.batch and operation.paid)
READ = 30


def known(outcome: Outcome[Any, Any]) -> tuple[Status, Any, str]:
    """What an outcome says, without its index and its credits."""
    return outcome.status, unstructure(outcome.value), str(outcome.error)


def key(given: Any) -> str:
    """An input, whatever it is."""
    return json.dumps(given, sort_keys=True)


def test_every_paid_operation_with_rows_is_read() -> None:
    """All but the rows of tables, which are only ids."""
    assert {*_ENDPOINTS} == {name for name in COSTLY if "Table" not in name}


@pytest.mark.parametrize("name", sorted(_ENDPOINTS))
def test_a_run_that_was_left_loses_no_outcome(name: str) -> None:
    """What was read and what is unclaimed are, input by input, the outcomes of a run to the end; credits add up."""
    whole: dict[str, tuple[Status, Any, str]] = {}

    async def to_the_end(lusha: LushaClient, _: SandboxTransport) -> None:
        outcomes, _inputs = BULK_METHODS[name](lusha, await prepared(lusha, name))
        whole.update({key(outcome.input): known(outcome) async for outcome in outcomes})

    async def left(lusha: LushaClient, wire: SandboxTransport) -> None:
        outcomes, _inputs = BULK_METHODS[name](lusha, await prepared(lusha, name))
        before = wire.sandbox.state.billing.spent
        found = [await anext(outcomes) for _ in range(READ)]
        await outcomes.aclose()
        await asyncio.sleep(5)  # what is in flight ends by itself
        for unclaimed in lusha.take_unclaimed():
            found += await lusha.outcomes(unclaimed)
        assert len(found) > READ
        assert {key(outcome.input): known(outcome) for outcome in found}.items() <= whole.items()
        assert sum(outcome.credits or 0 for outcome in found) == wire.sandbox.state.billing.spent - before

    with_sandbox(to_the_end)
    with_sandbox(left)


def test_a_cancelled_single_call_keeps_the_references_of_its_caller() -> None:
    """Each item has its own outcome, by the reference that the caller gave, and as a model."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        ids = sandbox.contact_ids(3)
        contacts = [{"id": id, "client_reference_id": f"row {id}"} for id in ids]
        call = asyncio.ensure_future(lusha.contacts.search(contacts))
        await asyncio.sleep(0.05)
        call.cancel()
        await asyncio.sleep(1)
        (unclaimed,) = lusha.take_unclaimed()
        outcomes = await lusha.outcomes(unclaimed)
        assert [outcome.input["clientReferenceId"] for outcome in outcomes] == [f"row {id}" for id in ids]
        assert [outcome.unwrap().client_reference_id for outcome in outcomes] == [f"row {id}" for id in ids]
        assert [outcome.unwrap().id for outcome in outcomes] == ids

    with_sandbox(main)


def test_a_lost_answer_is_ambiguous_for_each_input() -> None:
    """Nothing came: each input may have been charged, and none is made up."""

    async def main() -> None:
        vendor = Vendor(latency=0.1)
        vendor.lose = lambda request: True
        calls = executor(vendor)
        body = {"contacts": [{"email": "a@x.example"}, {"email": "b@x.example"}]}
        call = asyncio.ensure_future(calls.call(BY_NAME["searchContacts"], body=body))
        await asyncio.sleep(0.05)
        call.cancel()
        await asyncio.sleep(1)
        (unclaimed,) = calls.state.unclaimed.take()
        async with LushaClient("00000000-0000-4000-8000-000000000000", transport=Recorder()) as lusha:
            outcomes = await lusha.outcomes(unclaimed)
        assert [outcome.input for outcome in outcomes] == body["contacts"]
        assert {outcome.status for outcome in outcomes} == {Status.AMBIGUOUS}
        assert all(isinstance(outcome.error, AnswerLostError) for outcome in outcomes)

    virtual_clock.run(main())


def test_a_page_has_no_outcomes() -> None:
    """An operation without a row for each input is refused, with where its rows are."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        filters = {"contacts": {"include": {"departments": ["Sales"]}}}
        call = asyncio.ensure_future(lusha.contacts.prospect_page(filters))
        await asyncio.sleep(0.05)
        call.cancel()
        await asyncio.sleep(1)
        (unclaimed,) = lusha.take_unclaimed()
        assert isinstance(unclaimed, Unclaimed)
        with pytest.raises(InvalidRequestError, match=r"unclaimed\.answer"):
            await lusha.outcomes(unclaimed)

    with_sandbox(main)
