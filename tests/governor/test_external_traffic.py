"""External traffic: inferred from the answers, provided for, and no reason to stand still."""

import asyncio
import random

import pytest

from lusha_async import Governor, GovernorConfig, LushaClient, QuotaWaitTooLongError, RetryPolicy, sandbox
from lusha_async.governor.external_traffic import ExternalTraffic
from lusha_async.operations import BY_NAME
from lusha_async.quota import Quota, Window, WindowReading
from tests.virtual_clock import run

SEARCH, USAGE = BY_NAME["searchContacts"], BY_NAME["getAccountUsage"]


def test_steady_others_are_expected_to_go_on() -> None:
    """Three requests a second seen for half a minute: in the next second three more, and some for bad luck."""
    external = ExternalTraffic()
    for second in range(31):
        external.observe(3 * second, float(second))
    assert external.expected(1.0) == pytest.approx(3.0, rel=0.05)
    assert 3 + 3 <= external.allowance(1.0) <= 9


def test_in_a_silence_no_more_is_expected_than_was_seen() -> None:
    """Twelve requests in a moment are a burst, and not six hundred a second from now on."""
    external = ExternalTraffic()
    external.observe(0, 0.0)
    external.observe(12, 0.02)
    for silence in (0.1, 1.0, 10.0, 60.0):
        assert external.expected(silence) <= 12


@pytest.mark.parametrize("plan", ["scale", "pro"])
@pytest.mark.parametrize("silence", [0.0, 1.0, 3.0, 8.0, 20.0, 50.0])
def test_the_burst_of_another_worker_delays_no_request(plan: str, silence: float) -> None:
    """Two workers begin with a dozen calls each: whenever each then sends again, it waits less than two seconds."""

    async def main() -> None:
        carrier = sandbox.transport(plan=plan, latency=0.08)
        clock = asyncio.get_running_loop().time

        async def work() -> None:
            governor = Governor(GovernorConfig(rate=12), clock=clock)
            async with LushaClient(
                carrier.api_key, base_url=carrier.base_url, transport=carrier, governor=governor
            ) as lusha:
                await asyncio.gather(*(lusha.contacts.signal_types() for _ in range(12)))
                await asyncio.sleep(silence)
                began = clock()
                await asyncio.gather(*(lusha.contacts.signal_types() for _ in range(4)))
                assert clock() - began < 2

        await asyncio.gather(work(), work())
        assert carrier.sandbox.report()["refused"] == 0

    run(main())


def test_a_refusal_names_the_window_that_binds_and_what_is_kept_for_others() -> None:
    """Behind nine others a minute with eight left binds, not the second; the text says what is kept for others."""

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        governor, began = Governor(clock=clock), clock()
        for left in (40, 16):  # of 22 requests between the two, one was ours
            async with governor.slot(SEARCH) as permit:
                permit.sent()
                await asyncio.sleep(0.1)
                permit.learn(Quota(minute=WindowReading(limit=50, left=left)))
        await asyncio.sleep(1.0)
        with pytest.raises(QuotaWaitTooLongError) as refused:
            async with governor.slot(SEARCH, max_wait=2.0):
                pass
        error = refused.value
        assert (error.window, error.limit, error.left, error.kept) == (Window.MINUTE, 50, 16, 16)
        assert "16 of 50 requests left, 16 of them kept for other programs, resets in" in str(error)
        assert "16 of 50 requests left, 0 in flight, 16 kept for other programs" in governor.explain()
        async with governor.slot(SEARCH):  # they were seen for a moment only: after a while one goes and sees
            assert clock() - began < 7

    run(main())


def test_a_crowd_is_refused_for_the_window_that_it_waits_for() -> None:
    """Thirty calls at once with twenty left of the minute: the last ten wait for its reset, and their errors say so."""

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        governor = Governor(clock=clock)
        async with governor.slot(SEARCH) as permit:
            permit.sent()
            permit.learn(Quota(minute=WindowReading(limit=50, left=20)))

        async def one() -> QuotaWaitTooLongError | None:
            try:
                async with governor.slot(SEARCH, max_wait=2.0) as permit:
                    permit.sent()
                    await asyncio.sleep(0.5)
                    permit.learn(Quota())
            except QuotaWaitTooLongError as error:
                return error
            return None

        refused = [error for error in await asyncio.gather(*(one() for _ in range(30))) if error is not None]
        assert len(refused) == 10
        assert {error.window for error in refused} == {Window.MINUTE}
        assert all(50 < error.wait <= 60.1 for error in refused)

    run(main())


def test_the_last_requests_of_a_day_are_not_kept_indefinitely() -> None:
    """With five left of the day and a burst of others before, one goes and sees within a minute, not hours later."""

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        governor, began = Governor(clock=clock), clock()
        for left in (30, 5):
            async with governor.slot(SEARCH) as permit:
                permit.sent()
                await asyncio.sleep(0.1)
                permit.learn(Quota(day=WindowReading(limit=1_500, left=left)))
        await asyncio.sleep(1.0)
        async with governor.slot(SEARCH):
            assert clock() - began < 62

    run(main())


@pytest.mark.parametrize("gap", [0.05, 0.5, 3.0])
def test_two_workers_use_up_what_the_plan_allows(gap: float) -> None:
    """With more to do than the hour allows, two workers get all of it between them, for a few refusals at its end."""

    async def main() -> None:
        carrier = sandbox.transport(plan="pro", latency=0.08)
        clock = asyncio.get_running_loop().time
        began = clock()

        async def work(dice: random.Random) -> None:
            governor = Governor(GovernorConfig(rate=12), clock=clock)
            calls: set[asyncio.Task[object]] = set()
            async with LushaClient(
                carrier.api_key,
                base_url=carrier.base_url,
                transport=carrier,
                governor=governor,
                retry=RetryPolicy(seconds=3600),
            ) as lusha:
                while clock() - began < 600:
                    if len(calls) < 20:
                        call: asyncio.Task[object] = asyncio.create_task(lusha.contacts.signal_types())
                        calls.add(call)
                        call.add_done_callback(calls.discard)
                    await asyncio.sleep(dice.expovariate(1 / gap))
                for call in calls:
                    call.cancel()
                await asyncio.gather(*calls, return_exceptions=True)

        await asyncio.gather(work(random.Random(1)), work(random.Random(2)))
        report = carrier.sandbox.report()
        assert report["requests"] - report["refused"] == 150
        assert report["refused"] <= 8

    run(main())


def test_account_usage_is_refused_for_its_own_minute() -> None:
    """The sixth call of account usage waits for the minute of the first five, whatever the plan has left."""

    async def main() -> None:
        governor = Governor(clock=asyncio.get_running_loop().time)
        for left in range(300, 295, -1):
            async with governor.slot(USAGE) as permit:
                permit.sent()
                permit.learn(Quota(minute=WindowReading(limit=300, left=left)))
        for max_wait in (0.0, 2.0):
            with pytest.raises(QuotaWaitTooLongError) as refused:
                async with governor.slot(USAGE, max_wait=max_wait):
                    pass
            error = refused.value
            assert (error.window, error.limit, error.left) == (Window.MINUTE, 5, 0)
            assert error.wait == pytest.approx(60, abs=1)

    run(main())
