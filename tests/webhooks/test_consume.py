"""`consume` survives its handlers: foreign cancellations, exits, threads that hang."""

import asyncio
import threading
from typing import Any

import anyio
import pytest

from lusha_async.webhooks import Event, Inbox, State
from lusha_async.webhooks import _consumer as consumer

from .sending import message, until
from .test_inbox import Clock, Make, handled, make

__all__ = ["make"]

pytestmark = pytest.mark.asyncio


async def cancelled_elsewhere() -> None:
    """Awaits a task that somebody else cancelled."""
    task = asyncio.create_task(asyncio.sleep(5))
    task.cancel()
    await task


async def dead(inbox: Inbox, clock: Clock) -> bool:
    """Whether a dead letter is there; lets time pass."""
    clock.now += 400
    return (await inbox.counts()).dead > 0


async def stopped(task: "asyncio.Task[None]") -> None:
    """Cancel it, and see it cancelled."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError), anyio.fail_after(10):
        await task


async def awaiting(event: Event) -> None:
    """An async handler that meets a foreign cancellation."""
    if event.key == message(0).key:
        await cancelled_elsewhere()


def blocking(event: Event) -> None:
    """A plain handler that meets one."""
    if event.key == message(0).key:
        asyncio.run(cancelled_elsewhere())


@pytest.mark.parametrize("handler", [awaiting, blocking])
async def test_somebody_elses_cancellation_is_a_failure_like_any_other(make: Make, handler: Any) -> None:
    """The event is tried as often as any, dies, and the others are handled; `consume` goes on."""
    clock = Clock()
    async with make(clock, max_attempts=3, retry_delay=0.01) as inbox:
        for number in range(5):
            await inbox.put(message(number))
        task = asyncio.create_task(inbox.consume(handler))
        await until(lambda: dead(inbox, clock))
        await until(lambda: handled(inbox, 4))
        (letter,) = await inbox.list_events(State.DEAD)
        assert (letter.key, letter.attempts, letter.error) == (message(0).key, 3, "CancelledError")
        assert not task.done()
        await stopped(task)


async def test_a_foreign_cancellation_in_a_block_counts(make: Make) -> None:
    """`async with delivery`: the attempt counts, while a cancellation of this task releases the event."""
    clock = Clock()
    async with make(clock) as inbox:
        await inbox.put(message(1))

        async def work() -> None:
            async for delivery in inbox:
                async with delivery:
                    await cancelled_elsewhere()

        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(work())
        (event,) = await inbox.list_events()
        assert (event.attempts, event.error) == (1, "CancelledError")


async def test_both_cancellations_at_once_end_it(make: Make) -> None:
    """When this task is being cancelled too, it ends, and the event waits for another consumer."""
    clock = Clock()
    async with make(clock) as inbox:
        await inbox.put(message(1))
        waiting = asyncio.create_task(asyncio.sleep(3600))
        began = asyncio.Event()

        async def handle(event: Event) -> None:
            began.set()
            await waiting

        task = asyncio.create_task(inbox.consume(handle))
        await began.wait()
        waiting.cancel()
        await stopped(task)
        assert (await inbox.counts()).waiting == 1
        assert (await inbox.counts()).leased == 0


async def test_an_exit_in_a_handler_counts_as_an_attempt(make: Make) -> None:
    """An event whose handler ends the process is not handled for ever: each attempt counts."""
    clock = Clock()
    async with make(clock) as inbox:
        await inbox.put(message(1))
        leases, _ = await inbox.claim(max_events=1, lease=60)
        with pytest.raises(SystemExit):
            async with consumer.Delivery(inbox, leases[0]):
                raise SystemExit(1)
        (event,) = await inbox.list_events()
        assert (event.attempts, event.error) == (1, "SystemExit")


async def test_threads_that_hang_do_not_pile_up(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """However many events hang, there are only so many threads; when they end, the events are handled."""
    clock = Clock()
    release = threading.Event()
    running = most = 0
    lock = threading.Lock()

    def hang(event: Event) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        release.wait(60)
        with lock:
            running -= 1

    async with make(clock, max_attempts=10_000, retry_delay=0.01) as inbox:
        for number in range(40):
            await inbox.put(message(number))
        task = asyncio.create_task(inbox.consume(hang, concurrency=2, lease=0.05))

        async def full() -> bool:
            clock.now += 1
            return "threads of handlers hang" in caplog.text

        await until(full)
        for _ in range(20):
            await full()
            await asyncio.sleep(0.01)
        assert consumer._MAX_HUNG <= most <= 2 + consumer._MAX_HUNG
        assert await anyio.to_thread.run_sync(lambda: "others have threads")
        release.set()
        await until(lambda: handled(inbox, 40, clock))
        await stopped(task)


async def test_a_lambda_of_an_async_handler_is_awaited(make: Make) -> None:
    """A plain function that returns a coroutine is not taken as done before that is."""
    clock = Clock()
    done: list[str] = []

    async def handle(event: Event, where: list[str]) -> None:
        await asyncio.sleep(0)
        where.append(event.key)

    async with make(clock) as inbox:
        await inbox.put(message(1))
        task = asyncio.create_task(inbox.consume(lambda event: handle(event, done)))
        await until(lambda: handled(inbox, 1))
        assert done == [message(1).key]
        await stopped(task)
