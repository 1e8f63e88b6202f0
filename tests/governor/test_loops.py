"""Event loops of several threads on one governor, some of which do not run for a while."""

import asyncio
import threading
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async.governor import Governor, GovernorConfig
from lusha_async.operations import BY_NAME
from lusha_async.quota import Quota

SEARCH = BY_NAME["searchContacts"]


async def exchange(governed: Governor) -> None:
    """One request, answered in the next round of the loop."""
    async with governed.slot(SEARCH) as permit:
        permit.sent()
        await asyncio.sleep(0)
        permit.learn(Quota())


def test_a_thread_that_blocks_its_loop_holds_up_no_other() -> None:
    """60 calls wait on a loop that stands still for two seconds: a call of another thread goes within one."""
    governed = Governor(GovernorConfig(rate=10, second=0.3))
    blocked = threading.Event()
    took: list[float] = []

    async def busy() -> None:
        calls = [asyncio.create_task(exchange(governed)) for _ in range(60)]
        await asyncio.sleep(0.05)  # some have a slot and wait for their turn to leave
        blocked.set()
        time.sleep(2)  # noqa: ASYNC251 - what must not be done
        await asyncio.gather(*calls)

    async def mine() -> None:
        blocked.wait(10)
        began = time.monotonic()
        await asyncio.gather(*(exchange(governed) for _ in range(3)))
        took.append(time.monotonic() - began)

    threads = [threading.Thread(target=asyncio.run, args=(work(),)) for work in (busy, mine)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert took[0] < 1
    assert governed.snapshot().in_flight == 0


class _SteppedLoop(asyncio.SelectorEventLoop):
    """Runs only when it is stepped, on a clock that is set from outside."""

    now = 1000.0

    def time(self) -> float:
        return _SteppedLoop.now

    def step(self) -> None:
        """Run what is ready."""
        self.call_soon(self.stop)
        self.run_forever()


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["ask", "ask", "run", "run", "cancel"]), st.floats(0, 0.3)),
        max_size=60,
    )
)
def test_no_slot_is_lost_or_used_twice_whichever_loops_run(steps: list[tuple[int, str, float]]) -> None:
    """Three loops that run or stand still as they like: no second holds more than the rate, and all calls end."""
    _SteppedLoop.now = 1000.0
    loops = [_SteppedLoop() for _ in range(3)]
    try:
        _run_steps(steps, loops)
    finally:
        for loop in loops:
            loop.close()


def _run_steps(steps: list[tuple[int, str, float]], loops: list[_SteppedLoop]) -> None:
    governed = Governor(GovernorConfig(rate=4, burst=2), clock=loops[0].time)
    sent: list[float] = []
    tasks: list[asyncio.Task[None]] = []

    async def call() -> None:
        async with governed.slot(SEARCH) as permit:
            permit.sent()
            sent.append(loops[0].time())
            try:
                await asyncio.sleep(0.01)
                permit.learn(Quota())
            finally:
                permit.lost()

    for number, what, seconds in steps:
        _SteppedLoop.now += seconds
        if what == "ask":
            tasks.append(loops[number].create_task(call()))
        elif what == "run":
            loops[number].step()
        elif tasks:
            tasks[number % len(tasks)].cancel()
    for _ in range(10_000):
        if all(task.done() for task in tasks):
            break
        _SteppedLoop.now += 0.005
        for loop in loops:
            loop.step()
    assert all(task.done() for task in tasks)
    for _ in range(3):
        for loop in loops:
            loop.step()
    assert governed.snapshot().in_flight == 0
    assert governed._scheduler._granted == {}
    assert all(later - earlier >= 1 for earlier, later in zip(sent, sent[4:], strict=False))
