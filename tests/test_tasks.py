"""Tasks that begin after their caller's step, and work that ends though the caller's scope is cancelled."""

import asyncio
import sys

import anyio
import pytest

from lusha_async._tasks import ended, finish, start
from tests import virtual_clock


def test_a_task_begins_after_the_step_that_started_it() -> None:
    """Also where the loop's task factory begins each task at once."""

    async def main() -> None:
        if sys.version_info >= (3, 12):
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        steps: list[str] = []

        async def work() -> None:
            steps.append("work")

        task = start(work())
        steps.append("started")
        await task
        assert steps == ["started", "work"]

    virtual_clock.run(main())


def test_what_must_be_finished_is_finished_in_a_cancelled_scope() -> None:
    """The caller waits for it, and only then sees its own cancellation."""

    async def main() -> None:
        done = asyncio.Event()

        async def work() -> None:
            await asyncio.sleep(3)
            done.set()

        with anyio.move_on_after(1) as scope:
            try:
                await asyncio.sleep(2)
            finally:
                await finish(work(), 10)
                assert done.is_set()
                await asyncio.sleep(0)
        assert scope.cancelled_caught

    virtual_clock.run(main())


def test_it_does_not_keep_the_caller_for_ever() -> None:
    """After its seconds the caller goes on, and the work with it."""

    async def main() -> None:
        done = asyncio.Event()

        async def work() -> None:
            await asyncio.sleep(100)
            done.set()

        began = asyncio.get_running_loop().time()
        await finish(work(), 10)
        assert asyncio.get_running_loop().time() - began == pytest.approx(10)
        await done.wait()

    virtual_clock.run(main())


@pytest.mark.parametrize("cancelled", [True, False])
def test_the_end_of_tasks_is_awaited(cancelled: bool) -> None:
    """For as long as they take, or for some seconds if the caller's scope is cancelled."""

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        task = start(asyncio.sleep(20))
        with anyio.CancelScope() as scope:
            if cancelled:
                scope.cancel()
            await ended({task}, 5)
        assert clock() - began == pytest.approx(5 if cancelled else 20)
        await task

    virtual_clock.run(main())


def test_no_task_is_no_wait() -> None:
    """Without tasks it returns at once."""
    virtual_clock.run(ended(set(), 5))
