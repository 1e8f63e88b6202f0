"""What everything would cost, before it is sent: every paid operation, every bulk method, every stream."""

from typing import Any

import pytest

from lusha_async.client import LushaClient
from lusha_async.operations import BY_NAME, OPERATIONS
from lusha_async.sandbox import company_ids, contact_ids
from lusha_async.sandbox.serve.transport import SandboxTransport
from tests._bulk.in_sandbox import with_sandbox
from tests._bulk.test_every_bulk_method import BULK_METHODS, prepared
from tests._pages.test_every_stream import STREAMS, opened
from tests.contract.calls import CALLS

PAID = [operation.name for operation in OPERATIONS if operation.paid and operation.name in CALLS]


@pytest.mark.parametrize("name", PAID)
def test_a_quote_for_each_paid_operation(name: str) -> None:
    """Credits at most, or the price keys that the account's list lacks; one request; nothing but usage is sent."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        for call in CALLS[name]:
            told = await lusha.quote(call)
            assert (told.minimum, told.requests) == (0, 1)
            assert told.maximum >= told.expected >= 0
            assert told.maximum > 0 or told.unknown
            assert told.seconds is not None
        assert wire.sandbox.report()["byOperation"] == {"getAccountUsage": 1}

    with_sandbox(main)


@pytest.mark.parametrize("name", CALLS)
def test_a_quote_for_each_single_call(name: str) -> None:
    """Calls that return one row of their answer, such as `webhooks.delete`, have a quote as well."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        for call in CALLS[name]:
            assert (await lusha.quote(call)).requests == 1
        assert wire.sandbox.report()["byOperation"] == {"getAccountUsage": 1}

    with_sandbox(main)


def test_every_paid_operation_is_quoted() -> None:
    """None is left out but the columns and rows of tables, which the test of the costs has."""
    tables = {operation.name for operation in OPERATIONS if operation.paid and "Table" in operation.name}
    assert set(PAID) | tables == {operation.name for operation in OPERATIONS if operation.paid}


@pytest.mark.parametrize("name", BULK_METHODS)
def test_a_many_form_costs_no_more_than_its_quote(name: str) -> None:
    """The requests are those that are sent then, and the credits cover what is charged then."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        what = await prepared(lusha, name)
        asked, before = wire.sandbox.report()["byOperation"].get(name, 0), wire.sandbox.state.billing.spent
        told = await lusha.quote(lambda dry: BULK_METHODS[name](dry, what)[0])
        assert wire.sandbox.report()["byOperation"].get(name, 0) == asked
        assert wire.sandbox.state.billing.spent == before
        async for _ in BULK_METHODS[name](lusha, what)[0]:
            pass
        assert wire.sandbox.report()["byOperation"][name] - asked == told.requests
        charged = wire.sandbox.state.billing.spent - before
        assert charged <= told.maximum or told.unknown
        assert bool(told.maximum or told.unknown) == BY_NAME[name].paid

    with_sandbox(main)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_costs_no_more_than_its_quote(name: str) -> None:
    """With a limit, as many requests as are sent then, or more where the vendor has fewer rows."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        stream = await opened(lusha, wire, name)
        before, asked = wire.sandbox.state.billing.spent, wire.sandbox.report()["requests"]
        told = await lusha.quote(lambda dry: STREAMS[name](dry, "1")(limit=60))
        assert wire.sandbox.state.billing.spent == before
        assert wire.sandbox.report()["requests"] <= asked + 1
        asked = wire.sandbox.report()["requests"]
        async for _ in stream(limit=60):
            pass
        assert wire.sandbox.report()["requests"] - asked <= told.requests
        assert wire.sandbox.state.billing.spent - before <= told.maximum or told.unknown

    with_sandbox(main, companies=2000)


def test_a_quote_counts_the_time_by_the_governors_forecast() -> None:
    """200 requests at 25 a second take 8 seconds."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        told = await lusha.quote(
            lambda dry: dry.contacts.enrich_many([str(n) for n in range(20_000)], reveal=["emails"])
        )
        assert (told.requests, told.maximum) == (200, 20_000)
        assert told.seconds == pytest.approx(8, rel=0.1)

    with_sandbox(main)


def test_a_view_of_a_dry_run_is_dry() -> None:
    """`with_options` within a quote sends nothing: the view of the dry client is dry as well."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        quoted = await lusha.quote(lambda dry: dry.with_options(tag="x").contacts.enrich(contact_ids(3)))
        assert (quoted.requests, quoted.maximum > 0) == (1, True)
        assert wire.sandbox.report()["byOperation"] == {"getAccountUsage": 1}

    with_sandbox(main)


def test_a_premium_field_that_this_version_does_not_know_is_priced() -> None:
    """Whatever a company is to reveal counts as premium, so that a budget cannot be overspent by news."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        body: dict[str, Any] = {"ids": company_ids(10), "reveal": ["intent", "somethingNew"]}
        told = await lusha.quote(lambda dry: dry.request(BY_NAME["enrichCompanies"], body=body))
        assert told.maximum == 10 + 2 * 10

    with_sandbox(main)


def test_a_price_that_is_not_known_is_named() -> None:
    """ICP scores are charged and no price list has their key: the quote says so instead of telling 0."""

    async def main(lusha: LushaClient, wire: SandboxTransport) -> None:
        people = [{"id": one} for one in contact_ids(150)]
        told = await lusha.quote(lambda dry: dry.contacts.icp_fit_scores_many(people, ["p"]))
        assert (told.requests, told.maximum) == (2, 0)
        assert told.unknown

    with_sandbox(main)
