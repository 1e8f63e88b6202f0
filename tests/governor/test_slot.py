"""The governor as its callers see it, on a virtual clock."""

import asyncio

import pytest

from lusha_async.errors import DailyQuotaExhaustedError, QuotaWaitTooLongError
from lusha_async.governor import Governor, Lane, governor_for
from lusha_async.operations import BY_NAME
from lusha_async.quota import Quota, Refusal, Window, WindowReading
from tests import virtual_clock

SEARCH = BY_NAME["searchContacts"]


def governor() -> Governor:
    """A governor on the running loop's clock."""
    return Governor(clock=asyncio.get_running_loop().time)


def test_no_second_holds_more_than_the_rate() -> None:
    """200 calls at once leave at most 25 in any second, and nearly as fast as that allows."""
    sent: list[float] = []

    async def main() -> None:
        governed = governor()
        clock = asyncio.get_running_loop().time

        async def call() -> None:
            async with governed.slot(SEARCH) as permit:
                permit.sent()
                sent.append(clock())
                await asyncio.sleep(0.05)
                permit.learn(Quota())

        await asyncio.gather(*(call() for _ in range(200)))

    virtual_clock.run(main())
    assert all(later - earlier >= 1 for earlier, later in zip(sent, sent[25:], strict=False))
    assert sent[-1] - sent[0] < 8


def test_a_used_up_day_is_raised_at_once_to_all_who_wait() -> None:
    """The first 429 of the day fails all calls that have not sent, with the time of the reset."""

    async def main() -> None:
        governed = governor()
        sent = 0

        async def call() -> None:
            nonlocal sent
            async with governed.slot(SEARCH) as permit:
                permit.sent()
                sent += 1
                await asyncio.sleep(0.05)
                permit.learn(Quota(), Refusal(window=Window.DAY, retry_after=600))

        done = await asyncio.gather(*(call() for _ in range(125)), return_exceptions=True)
        errors = [one for one in done if isinstance(one, DailyQuotaExhaustedError)]
        assert len(errors) == 125 - sent
        assert sent <= 25
        assert errors[0].retry_after == pytest.approx(601, abs=1)

    virtual_clock.run(main())


def test_max_wait_refuses_at_once() -> None:
    """With the minute used up and `max_wait` 10 s, the call is refused without waiting."""

    async def main() -> None:
        governed = governor()
        clock = asyncio.get_running_loop().time
        async with governed.slot(SEARCH) as permit:
            permit.sent()
            permit.learn(Quota(minute=WindowReading(limit=50, left=0)))
        began = clock()
        with pytest.raises(QuotaWaitTooLongError) as caught:
            async with governed.slot(SEARCH, max_wait=10):
                pass
        assert clock() == began
        assert (caught.value.window, caught.value.limit, caught.value.left) == (Window.MINUTE, 50, 0)
        async with governed.slot(SEARCH, lane=Lane.BULK) as permit:
            assert clock() - began == pytest.approx(60, abs=0.1)

    virtual_clock.run(main())


def test_one_governor_for_an_account() -> None:
    """The same key and base URL share one governor; another key has its own."""
    one = governor_for("key", "https://api.example/")
    assert governor_for("key", "https://api.example") is one
    assert governor_for("other", "https://api.example") is not one
