"""Tasks, cancellations, event loops, threads and forks on one governor."""

import asyncio
import gc
import os
import random
import threading
import time
import weakref

import pytest

from lusha_async.errors import QuotaWaitTooLongError, TrialLimitError
from lusha_async.governor import (
    BreakerState,
    EventKind,
    Governor,
    GovernorConfig,
    GovernorEvent,
    Lane,
)
from lusha_async.operations import BY_NAME, Operation
from lusha_async.quota import Quota, Refusal, Window, WindowReading
from tests import virtual_clock

SEARCH, USAGE = BY_NAME["searchContacts"], BY_NAME["getAccountUsage"]
FAST = GovernorConfig(rate=1000, burst=10**6)


def governor(config: GovernorConfig | None = None, **more: object) -> Governor:
    """A governor on the running loop's clock."""
    return Governor(config, clock=asyncio.get_running_loop().time, **more)


async def exchange(
    governed: Governor,
    *,
    quota: Quota | None = None,
    refusal: Refusal | None = None,
    trip: float = 0.01,
    operation: Operation = SEARCH,
    lane: Lane = Lane.INTERACTIVE,
    max_wait: float | None = None,
) -> float:
    """One request and its answer; the time at which it was sent."""
    async with governed.slot(operation, lane=lane, max_wait=max_wait) as permit:
        permit.sent()
        sent = asyncio.get_running_loop().time()
        await asyncio.sleep(trip)
        permit.learn(quota if quota is not None else Quota(), refusal)
    return sent


def test_ten_thousand_cancellations_leave_no_trace() -> None:
    """Of 20,000 calls half are cancelled at random: the others all go, in order, and every count is exact."""

    async def main() -> None:
        governed = governor(FAST)
        order: list[int] = []

        async def call(number: int) -> None:
            async with governed.slot(SEARCH) as permit:
                permit.sent()
                order.append(number)
                await asyncio.sleep(0.05)
                permit.learn(Quota())

        tasks = [asyncio.create_task(call(number)) for number in range(20_000)]
        dice = random.Random(3)
        victims = dice.sample(range(20_000), 10_000)
        for number, victim in enumerate(victims):
            tasks[victim].cancel()
            if number % 500 == 0:
                await asyncio.sleep(0.2)
        done = await asyncio.gather(*tasks, return_exceptions=True)
        finished = [number for number, one in enumerate(done) if one is None]
        assert set(finished) <= set(order)
        assert order == sorted(order)
        assert all(one is None or isinstance(one, asyncio.CancelledError) for one in done)
        gc.collect()
        await exchange(governed)
        seen = governed.snapshot()
        assert (seen.in_flight, seen.waiting_interactive, seen.waiting_bulk) == (0, 0, 0)

    virtual_clock.run(main())


def test_a_call_cancelled_when_it_is_granted_passes_its_slot_on() -> None:
    """A slot granted to a call that was cancelled meanwhile goes to the next."""

    async def main() -> None:
        governed = governor(GovernorConfig(rate=1))
        slot = governed.slot(SEARCH)
        await slot.__aenter__()
        second = asyncio.create_task(exchange(governed))
        third = asyncio.create_task(exchange(governed))
        await asyncio.sleep(0.01)
        await slot.__aexit__(None, None, None)  # unsent: the turn goes to the second call, which has not run yet
        assert governed.snapshot().waiting_interactive == 1
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        began = asyncio.get_running_loop().time()
        assert await third - began < 0.1

    virtual_clock.run(main())


def test_a_call_cancelled_before_sending_releases_its_slot() -> None:
    """Leaving the block without `sent` frees the slot at once, as if it had never been."""

    async def main() -> None:
        governed = governor(GovernorConfig(rate=1))
        for _ in range(5):
            async with governed.slot(SEARCH, max_wait=0):
                pass
        assert governed.snapshot().in_flight == 0

    virtual_clock.run(main())


def test_a_permit_dropped_without_a_report_is_settled() -> None:
    """A sent request whose permit vanishes counts as lost, not as in flight indefinitely."""

    async def main() -> None:
        governed = governor()
        async with governed.slot(SEARCH) as permit:
            permit.sent()
        del permit
        gc.collect()
        await exchange(governed)
        assert governed.snapshot().in_flight == 0

    virtual_clock.run(main())


def test_repeated_reports_and_reports_out_of_order_do_nothing() -> None:
    """`learn` before `sent`, twice, or after `lost` leaves the counts as they are."""

    async def main() -> None:
        governed = governor()
        async with governed.slot(SEARCH) as permit:
            permit.learn(Quota())
            permit.sent()
            permit.sent()
        permit.lost()
        permit.lost()
        permit.learn(Quota(minute=WindowReading(limit=5, left=0)))
        seen = governed.snapshot()
        assert seen.in_flight == 0
        assert seen.windows[0].left is None

    virtual_clock.run(main())


def test_an_open_breaker_lets_one_request_out_per_reset() -> None:
    """10,000 waiters and a minute refused three times: one request for each reset, then all go."""

    async def main() -> None:
        governed = governor(GovernorConfig(rate=1000, burst=10**6))
        clock = asyncio.get_running_loop().time
        sent: list[float] = []
        opens = clock() + 150

        async def call() -> None:
            while True:
                async with governed.slot(SEARCH) as permit:
                    permit.sent()
                    sent.append(clock())
                    await asyncio.sleep(0.01)
                    if clock() >= opens:
                        permit.learn(Quota())
                        return
                    permit.learn(Quota(), Refusal(window=Window.MINUTE))

        await exchange(governed, quota=Quota(), refusal=Refusal(window=Window.MINUTE))
        await asyncio.gather(*(call() for _ in range(10_000)))
        early = [at for at in sent if at < opens]
        assert len(early) == 2
        assert early[1] - early[0] >= 60
        assert governed.snapshot().breaker.state is BreakerState.CLOSED

    virtual_clock.run(main())


def test_the_snapshot_of_an_open_breaker_says_until_when() -> None:
    """After a 429 of the minute the breaker is open for a minute and says so; a probe and a ramp close it."""

    async def main() -> None:
        governed = governor(GovernorConfig(rate=4, jitter=0))
        await exchange(governed, refusal=Refusal(window=Window.MINUTE))
        breaker = governed.snapshot().breaker
        assert (breaker.state, breaker.window) == ("open", Window.MINUTE)
        assert breaker.probe_in == pytest.approx(60, abs=0.2)
        assert governed.explain().startswith(
            "A 429 for the minute opened the circuit breaker (0 of ? requests left"
        )
        await exchange(governed)
        assert governed.snapshot().breaker.state == "ramp"
        assert governed.snapshot().breaker.probe_in is None
        await exchange(governed)
        breaker = governed.snapshot().breaker
        assert (breaker.state, breaker.window) == ("closed", None)
        assert "Nothing holds" in governed.explain()

    virtual_clock.run(main())


def test_an_unnamed_refusal_is_probed_once_a_second() -> None:
    """A server that refuses everything without a reason gets a probe a second, and no more is held for longer."""

    async def main() -> None:
        governed = governor()
        clock = asyncio.get_running_loop().time
        began, sent = clock(), 0

        async def call() -> None:
            nonlocal sent
            while clock() < began + 600:
                async with governed.slot(SEARCH) as permit:
                    permit.sent()
                    sent += 1
                    await asyncio.sleep(0.01)
                    permit.learn(Quota(), Refusal())

        tasks = [asyncio.create_task(call()) for _ in range(100)]
        await asyncio.sleep(600)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert 550 < sent < 640

    virtual_clock.run(main())


def test_interactive_goes_first_and_bulk_never_starves() -> None:
    """Interactive calls pass bulk ones; once those have waited `ageing` seconds longer, each tenth call is bulk."""

    async def main() -> None:
        governed = governor(GovernorConfig(rate=1, ageing=5))
        order: list[str] = []

        async def call(name: str, lane: Lane) -> None:
            await exchange(governed, lane=lane)
            order.append(name)

        async def endless() -> None:
            for number in range(25):
                tasks.append(asyncio.create_task(call(f"i{number}", Lane.INTERACTIVE)))
                await asyncio.sleep(0.9)

        await exchange(governed)
        tasks = [asyncio.create_task(call("b0", Lane.BULK)), asyncio.create_task(call("b1", Lane.BULK))]
        await endless()
        await asyncio.gather(*tasks)
        assert order.index("b0") == 9
        assert order.index("b1") == order.index("b0") + 10
        numbers = [int(name[1:]) for name in order if name[0] == "i"]
        assert numbers == sorted(numbers)

    virtual_clock.run(main())


def test_bulk_leaves_a_reserve_that_shrinks_towards_the_reset() -> None:
    """Of 100 requests a minute bulk leaves 10 at first, and uses nearly all by the end of the minute."""

    async def main() -> None:
        governed = governor(GovernorConfig(reserve=0.1))
        clock = asyncio.get_running_loop().time
        left = 100
        began = clock()
        used: list[float] = []

        async def call() -> None:
            nonlocal left
            async with governed.slot(SEARCH, lane=Lane.BULK) as permit:
                permit.sent()
                left -= 1
                used.append(clock() - began)
                permit.learn(Quota(minute=WindowReading(limit=100, left=left)))

        tasks = [asyncio.create_task(call()) for _ in range(100)]
        await asyncio.sleep(5)
        assert 89 <= len(used) <= 92
        await exchange(governed, quota=Quota(minute=WindowReading(limit=100, left=left - 1)))
        left -= 1
        await asyncio.sleep(54.5)
        assert left <= 1
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    virtual_clock.run(main())


def test_a_full_group_delays_no_other_call() -> None:
    """The sixth account usage call in a minute waits; searches behind it go on."""

    async def main() -> None:
        governed = governor()
        clock = asyncio.get_running_loop().time
        began = clock()
        usage = [asyncio.create_task(exchange(governed, operation=USAGE)) for _ in range(6)]
        await asyncio.sleep(0.5)
        assert await exchange(governed) - began < 2
        sent = await asyncio.gather(*usage)
        assert max(sent) - began >= 60

    virtual_clock.run(main())


def test_max_wait_ends_even_where_the_forecast_was_too_short() -> None:
    """A call that was let in to wait is refused when `max_wait` is over, with its numbers."""

    async def main() -> None:
        governed = governor(GovernorConfig(rate=1))
        clock = asyncio.get_running_loop().time
        permit = await governed.slot(SEARCH).__aenter__()  # granted, and never sent
        began = clock()
        with pytest.raises(QuotaWaitTooLongError) as caught:
            await exchange(governed, max_wait=3)
        assert clock() - began == pytest.approx(3, abs=0.01)
        assert caught.value.operation is SEARCH
        permit.lost()

    virtual_clock.run(main())


def test_a_trial_that_ended_is_raised_to_all() -> None:
    """Everyone waiting gets `TrialLimitError`, and so does a later call, without a request."""

    async def main() -> None:
        governed = governor(GovernorConfig(rate=1))
        tasks = [asyncio.create_task(exchange(governed, refusal=Refusal(trial=True))) for _ in range(5)]
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one) for one in done[1:]] == [TrialLimitError] * 4
        with pytest.raises(TrialLimitError):
            await exchange(governed)

    virtual_clock.run(main())


def test_a_day_without_a_known_reset_is_tried_again_by_one_probe() -> None:
    """After a quarter of an hour one request tries; when it passes, the day has reset."""

    async def main() -> None:
        governed = governor()
        await exchange(governed, refusal=Refusal(window=Window.DAY))
        with pytest.raises(Exception, match="daily") as caught:
            await exchange(governed)
        assert caught.value.retry_after < 1000
        await asyncio.sleep(901)
        await exchange(governed)
        await asyncio.gather(*(exchange(governed) for _ in range(50)))

    virtual_clock.run(main())


def test_the_forecast_counts_pace_and_windows() -> None:
    """700 requests on a plan of 300 a minute: two whole minutes, then 100 at the pace of the second."""

    async def main() -> None:
        governed = governor()
        await exchange(governed, quota=Quota(minute=WindowReading(limit=300, left=300)))
        assert governed.forecast(25) < 2
        assert governed.forecast(700) == pytest.approx(120 + 4, abs=2)

    virtual_clock.run(main())


def test_a_listener_is_called_and_its_failure_affects_no_call(caplog: pytest.LogCaptureFixture) -> None:
    """Waiting, refusals, the breaker's opening and closing are events; an exception in the listener is only logged."""
    heard: list[EventKind] = []

    def listen(event: GovernorEvent) -> None:
        heard.append(event.kind)
        raise ValueError("no")

    async def main() -> None:
        governed = governor(GovernorConfig(rate=2), listener=listen)
        await exchange(governed, refusal=Refusal(window=Window.MINUTE, retry_after=5))
        await asyncio.gather(*(exchange(governed) for _ in range(10)))

    virtual_clock.run(main())
    assert {EventKind.REFUSED, EventKind.BREAKER_OPENED, EventKind.BREAKER_CLOSED, EventKind.WAITING} <= set(heard)
    assert "the governor's listener raised an exception" in caplog.text


def test_explain_names_what_binds() -> None:
    """The text names the window, its numbers and what would help, or says that nothing holds the request."""

    async def main() -> None:
        governed = governor()
        assert "Nothing holds" in governed.explain()
        await exchange(governed, quota=Quota(hour=WindowReading(limit=150, left=0)))
        text = governed.explain()
        assert "hour" in text
        assert "0 of 150" in text
        assert repr(governed).startswith("<Governor: ")

    virtual_clock.run(main())


def test_two_event_loops_in_two_threads_share_the_limit() -> None:
    """Real threads and clocks: 2 x 60 calls at 50 a second take over a second, none hangs, none is lost."""
    governed = Governor(GovernorConfig(rate=50, second=0.5, burst=100))
    sent: list[float] = []

    async def calls() -> None:
        async def call() -> None:
            async with governed.slot(SEARCH) as permit:
                permit.sent()
                sent.append(time.monotonic())
                permit.learn(Quota())

        await asyncio.gather(*(call() for _ in range(60)))

    threads = [threading.Thread(target=lambda: asyncio.run(calls())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert len(sent) == 120
    sent.sort()
    assert all(later - earlier >= 0.5 for earlier, later in zip(sent, sent[50:], strict=False))
    assert governed.snapshot().in_flight == 0


def test_a_loop_that_was_closed_with_waiters_delays_no_other() -> None:
    """Calls abandoned with their event loop are dropped when they would be granted."""
    governed = Governor(GovernorConfig(rate=1, second=0.2))

    async def abandon() -> None:
        async with governed.slot(SEARCH) as permit:
            permit.sent()
            permit.learn(Quota())

    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(abandon()) for _ in range(3)]
    loop.run_until_complete(asyncio.sleep(0.01))
    loop.close()
    asyncio.run(asyncio.wait_for(abandon(), 5))
    for task in tasks:
        task._log_destroy_pending = False


def test_repeated_asyncio_run_leaves_no_loop_behind() -> None:
    """A governor that outlives fifty loops keeps at most the last one, also where calls queued and were abandoned."""
    governed = Governor(GovernorConfig(rate=30, second=0.02, burst=2, spacing=0.0001))

    async def job() -> None:
        await asyncio.gather(*(asyncio.wait_for(exchange(governed, trip=0), 5) for _ in range(40)))
        abandoned = asyncio.create_task(exchange(governed, trip=0))
        await asyncio.sleep(0)
        abandoned.cancel()

    loops: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()
    for _ in range(50):
        with asyncio.Runner() as runner:
            loops.add(runner.get_loop())
            runner.run(job())
    del runner
    gc.collect()
    assert len(loops) <= 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_forked_workers_draw_numbers_of_their_own() -> None:
    """The jitter after a reset and the back-off of two workers forked from one parent differ: no herd."""
    governed = Governor()
    reading, writing = os.pipe()
    for _ in range(2):
        child = os.fork()
        if child == 0:
            drawn = [governed._scheduler._state.random.random(), random.random()]
            os.write(writing, " ".join(map(repr, drawn)).encode() + b"\n")
            os._exit(0)
        os.waitpid(child, 0)
    drawn = os.read(reading, 1000).split()
    assert len(set(drawn)) == 4
    os.close(reading)
    os.close(writing)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_is_neither_stuck_nor_burdened() -> None:
    """With a lock held, waiters and requests in flight in the parent, the child still gets a slot."""
    governed = Governor(GovernorConfig(rate=2, second=0.2))

    reading, writing = os.pipe()
    permits = []

    async def take_two() -> None:
        for _ in range(2):
            permits.append(await governed.slot(SEARCH).__aenter__())
            permits[-1].sent()

    asyncio.run(take_two())
    locked, forked = threading.Event(), threading.Event()

    def hold_the_lock() -> None:
        with governed._scheduler.locked():
            locked.set()
            forked.wait(10)

    holder = threading.Thread(target=hold_the_lock)
    holder.start()
    locked.wait(10)
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(asyncio.wait_for(exchange(governed), 5))
            os.write(writing, b"fine" if governed.snapshot().in_flight == 0 else b"burdened")
        except BaseException:
            os.write(writing, b"stuck")
        finally:
            os._exit(0)
    forked.set()
    holder.join(10)
    os.waitpid(child, 0)
    assert os.read(reading, 10) == b"fine"
    os.close(reading)
    os.close(writing)
    assert governed.snapshot().in_flight == 2
    for permit in permits:
        permit.learn(Quota())
