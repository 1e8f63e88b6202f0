"""The client of this package against its sandbox in process, where a minute passes in a moment."""

import asyncio

from lusha_async import LushaClient, sandbox
from lusha_async.governor import Governor
from tests.virtual_clock import run


def test_bulk_work_keeps_every_limit() -> None:
    """10,000 people and 5,000 prospects: none refused, each paid once, no second above 25, no minute above 300."""

    async def main() -> None:
        carrier = sandbox.transport(plan="scale", latency=0.08)
        governor = Governor(clock=asyncio.get_running_loop().time)
        began = asyncio.get_running_loop().time()
        async with LushaClient(
            carrier.api_key, base_url=carrier.base_url, transport=carrier, governor=governor
        ) as lusha:
            ids = sandbox.contact_ids(10_000)
            found = [outcome async for outcome in lusha.contacts.enrich_many(ids)]
            filters = {"contacts": {"include": {"departments": ["Sales"]}}}
            people = [person async for person in lusha.contacts.prospect(filters, limit=5_000)]
        report = carrier.sandbox.report()
        assert [outcome.status for outcome in found].count("restricted") == 50
        assert len({person.id for person in people}) == 5_000
        assert (report["refused"], report["byOperation"]) == (
            0,
            {"enrichContacts": 100, "prospectingContacts": 100},
        )
        assert report["busiestSecond"] <= 25
        assert report["credits"]["byKey"]["contactSearch"] == 200
        assert asyncio.get_running_loop().time() - began < 20

    run(main())


def test_a_small_plan_is_waited_for_and_not_stormed() -> None:
    """On a plan of 50 a minute 60 calls take more than a minute, and none is refused."""

    async def main() -> None:
        carrier = sandbox.transport(plan="pro", latency=0.08, companies=500)
        governor = Governor(clock=asyncio.get_running_loop().time)
        began = asyncio.get_running_loop().time()
        async with LushaClient(
            carrier.api_key, base_url=carrier.base_url, transport=carrier, governor=governor
        ) as lusha:
            found = [outcome async for outcome in lusha.contacts.enrich_many(sandbox.contact_ids(6_000))]
        assert len(found) == 6_000
        assert carrier.sandbox.report()["refused"] == 0
        assert 60 <= asyncio.get_running_loop().time() - began < 140

    run(main())
