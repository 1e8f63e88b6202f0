"""What every inbox promises, on a clock that the test sets: in memory and in SQLite alike."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from lusha_async.webhooks import (
    Event,
    Inbox,
    InboxClosedError,
    InboxFullError,
    InboxPolicy,
    LeaseLostError,
    MemoryInbox,
    SQLiteInbox,
    State,
    UnreadableEventError,
)
from lusha_async.webhooks.delivery import Delivery, SignedMessage

from .sending import message, payload, until

pytestmark = pytest.mark.asyncio


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


Make = Callable[..., Any]


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes an inbox of each kind."""

    @asynccontextmanager
    async def made(clock: Clock, **policy: Any) -> AsyncIterator[Inbox]:
        inbox: Inbox
        if request.param == "memory":
            inbox = MemoryInbox(policy=InboxPolicy(**policy), clock=clock)
        else:
            inbox = SQLiteInbox(tmp_path / "inbox.db", policy=InboxPolicy(**policy), poll=0.01, clock=clock)
        async with inbox:
            yield inbox

    return made


async def take(inbox: Inbox, lease: float = 60.0) -> Delivery:
    """The next event that is due now."""
    leases, _ = await inbox.claim(max_events=1, lease=lease)
    assert leases, "nothing is due"
    return Delivery(inbox, leases[0])


async def nothing_due(inbox: Inbox) -> bool:
    """Whether no event is due now."""
    leases, _ = await inbox.claim(max_events=1, lease=60)
    return not leases


async def handled(inbox: Inbox, wanted: int, clock: Clock | None = None) -> bool:
    """Whether so many are handled; lets a second pass on `clock`."""
    if clock is not None:
        clock.now += 1
    return (await inbox.counts()).handled >= wanted


async def failed_with(inbox: Inbox, error: str) -> bool:
    """Whether the first event failed so."""
    return (await inbox.list_events())[0].error == error


async def test_what_is_put_is_delivered_once_in_order(make: Make) -> None:
    """Oldest first; what is acknowledged does not come again."""
    clock = Clock()
    async with make(clock) as inbox:
        for number in range(5):
            assert await inbox.put(message(number))
            clock.now += 1
        for number in range(5):
            delivery = await take(inbox)
            assert delivery.event.webhook_id == payload(number)["id"]
            assert delivery.attempt == 1
            await delivery.ack()
        assert await nothing_due(inbox)
        counts = await inbox.counts()
        assert (counts.waiting, counts.leased, counts.handled, counts.dead) == (0, 0, 5, 0)


async def test_a_duplicate_is_not_stored_twice(make: Make) -> None:
    """The same id is known while it waits, while it is leased, when it is handled and when it is dead."""
    clock = Clock()
    async with make(clock, max_attempts=1) as inbox:
        assert await inbox.put(message(1))
        assert not await inbox.put(message(1, timestamp="2027-01-01T00:00:00Z"))
        delivery = await take(inbox)
        assert not await inbox.put(message(1))
        await delivery.ack()
        assert not await inbox.put(message(1))
        assert await inbox.put(message(2))
        await (await take(inbox)).nack()
        assert (await inbox.counts()).dead == 1
        assert not await inbox.put(message(2))


async def test_a_lease_ends_and_another_consumer_gets_the_event(make: Make) -> None:
    """A consumer that holds it too long loses it: its late ack, nack or extension is refused."""
    clock = Clock()
    async with make(clock) as inbox:
        await inbox.put(message())
        slow = await take(inbox, lease=10)
        clock.now += 9.9
        assert await nothing_due(inbox)
        clock.now += 0.1
        second = await take(inbox)
        assert second.attempt == 2
        for late in (slow.ack(), slow.nack(), slow.extend(60)):
            with pytest.raises(LeaseLostError):
                await late
        await slow.release()
        await second.ack()
        with pytest.raises(LeaseLostError):
            await slow.ack()


async def test_a_late_ack_counts_if_no_other_consumer_has_it(make: Make) -> None:
    """A lease that ran out but was not taken can still be acknowledged."""
    clock = Clock()
    async with make(clock) as inbox:
        await inbox.put(message())
        delivery = await take(inbox, lease=10)
        clock.now += 100
        await delivery.ack()
        assert await nothing_due(inbox)


async def test_an_extended_lease_holds(make: Make) -> None:
    """`extend` counts from now."""
    clock = Clock()
    async with make(clock) as inbox:
        await inbox.put(message())
        delivery = await take(inbox, lease=10)
        clock.now += 5
        await delivery.extend(10)
        assert delivery.leased_until == clock.now + 10
        clock.now += 9
        assert await nothing_due(inbox)
        await delivery.ack()


async def test_failed_attempts_wait_longer_and_then_it_is_dead(make: Make) -> None:
    """1, 2, 3 s apart, as the longest is 3; after the last attempt it is dead, and can be made to wait again."""
    clock = Clock()
    async with make(clock, max_attempts=4, retry_delay=1.0, max_retry_delay=3.0) as inbox:
        await inbox.put(message())
        for attempt, wait in ((1, 1.0), (2, 2.0), (3, 3.0)):
            delivery = await take(inbox)
            assert delivery.attempt == attempt
            await delivery.nack(error="ValueError")
            clock.now += wait - 0.01
            assert await nothing_due(inbox)
            clock.now += 0.01
        await (await take(inbox)).nack(error="KeyError")
        clock.now += 10_000
        assert await nothing_due(inbox)
        (dead,) = await inbox.list_events(State.DEAD)
        assert (dead.attempts, dead.error, dead.key) == (4, "KeyError", message().key)
        assert await inbox.requeue(dead.key)
        assert (await take(inbox)).attempt == 1


async def test_a_consumer_that_dies_each_time_ends_in_a_dead_letter(make: Make) -> None:
    """An event that kills its consumer (no nack, the lease just ends) is not delivered indefinitely."""
    clock = Clock()
    async with make(clock, max_attempts=3) as inbox:
        await inbox.put(message())
        for _ in range(3):
            await take(inbox, lease=1)
            clock.now += 1
        assert await nothing_due(inbox)
        assert (await inbox.counts()).dead == 1


async def test_a_release_does_not_count(make: Make) -> None:
    """Released unhandled, it is delivered at once and the attempt is not counted."""
    clock = Clock()
    async with make(clock, max_attempts=1) as inbox:
        await inbox.put(message())
        for _ in range(3):
            delivery = await take(inbox)
            assert delivery.attempt == 1
            await delivery.release()


async def test_a_block_settles_the_delivery(make: Make) -> None:
    """`async with`: ack at the end, nack on an exception, release on cancellation, nothing after an own ack."""
    clock = Clock()
    async with make(clock) as inbox:
        await inbox.put(message())
        with pytest.raises(ZeroDivisionError):
            async with await take(inbox):
                raise ZeroDivisionError
        (waiting,) = await inbox.list_events(State.WAITING)
        assert (waiting.attempts, waiting.error) == (1, "ZeroDivisionError")
        clock.now += 1

        async def hang() -> None:
            async with await take(inbox):
                began.set()
                await asyncio.sleep(3600)

        began = asyncio.Event()
        task = asyncio.create_task(hang())
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with await take(inbox) as delivery:
            assert delivery.attempt == 2
            await delivery.ack()
        assert (await inbox.counts()).handled == 1


async def test_waiting_consumers_are_woken(make: Make) -> None:
    """`async for` sleeps until something is put, gives each event to one of several consumers, ends on closing."""
    clock = Clock()
    seen: list[str] = []

    async def work(inbox: Inbox) -> None:
        async for delivery in inbox:
            async with delivery:
                seen.append(delivery.key)
                await asyncio.sleep(0)

    async with make(clock) as inbox:
        tasks = [asyncio.create_task(work(inbox)) for _ in range(3)]
        await asyncio.sleep(0.05)
        for number in range(20):
            await inbox.put(message(number))
        await until(lambda: handled(inbox, 20))
    with anyio.fail_after(10):
        await asyncio.gather(*tasks)
    assert sorted(seen) == sorted(message(number).key for number in range(20))


async def test_consume_handles_failures_and_threads(make: Make) -> None:
    """Async and plain handlers run; what one raises brings the event again; cancelling loses nothing."""
    clock = Clock()
    async with make(clock) as inbox:
        failed: set[str] = set()
        done: list[str] = []

        def blocking(event: Event) -> None:
            if event.key not in failed:
                failed.add(event.key)
                clock.now += 2
                raise ValueError("a name that must not be logged")
            done.append(event.key)

        async def awaiting(event: Event) -> None:
            blocking(event)

        for number, handler in enumerate((blocking, awaiting)):
            await inbox.put(message(number))
            task = asyncio.create_task(inbox.consume(handler))
            await until(lambda wanted=number + 1: handled(inbox, wanted, clock))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert done == [message(0).key, message(1).key]


async def test_consume_cancels_a_handler_before_its_lease_ends(make: Make) -> None:
    """A handler that hangs is stopped within its lease, and its event is delivered again later."""
    clock = Clock()
    async with make(clock) as inbox:
        await inbox.put(message())
        cancelled = asyncio.Event()

        async def hang(event: Event) -> None:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                cancelled.set()
                raise

        task = asyncio.create_task(inbox.consume(hang, lease=0.1))
        with anyio.fail_after(10):
            await cancelled.wait()
        await until(lambda: failed_with(inbox, "TimeoutError"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_an_unreadable_event_ends_in_a_dead_letter(make: Make) -> None:
    """Genuine bytes that are no JSON object are kept, raise when they are read, and are not lost in silence."""
    clock = Clock()
    async with make(clock, max_attempts=1) as inbox:
        await inbox.put(SignedMessage(body=b"[]", timestamp="1", signature="0", signed_at=1.0))
        with pytest.raises(UnreadableEventError):
            async with await take(inbox) as delivery:
                assert delivery.event
        (dead,) = await inbox.list_events(State.DEAD)
        assert dead.body == b"[]"


async def test_a_closed_inbox_refuses(make: Make) -> None:
    """After `aclose` nothing is taken as stored; closing twice is fine."""
    clock = Clock()
    async with make(clock) as inbox:
        await inbox.put(message())
        await inbox.aclose()
        await inbox.aclose()
        with pytest.raises(InboxClosedError):
            await inbox.put(message(2))
        assert [delivery async for delivery in inbox] == []


async def test_keys_are_forgotten_after_a_while(make: Make) -> None:
    """A handled event is known for `remember` seconds."""
    clock = Clock()
    async with make(clock, body_retention=10.0, key_retention=1000.0) as inbox:
        await inbox.put(message(1))
        await (await take(inbox)).ack()
        clock.now += 900
        assert not await inbox.put(message(1))
        clock.now += 200
        await inbox.put(message(2))
        clock.now += 200
        assert await inbox.put(message(1))


async def test_memory_has_its_bound() -> None:
    """An inbox in memory refuses what is beyond its capacity."""
    inbox = MemoryInbox(capacity=2)
    assert await inbox.put(message(1))
    assert await inbox.put(message(2))
    assert not await inbox.put(message(2))
    with pytest.raises(InboxFullError):
        await inbox.put(message(3))


@pytest.mark.parametrize("wrong", [{"max_attempts": 0}, {"retry_delay": 0.0}, {"key_retention": -1.0}])
async def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """No attempts, no delay, no memory."""
    with pytest.raises(ValueError, match="must be"):
        InboxPolicy(**wrong)
