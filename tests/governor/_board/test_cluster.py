"""Governors in several processes keep one limit: fast, fair, by lane, and through everything that may go wrong."""

import asyncio
import copy
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async.errors import QuotaWaitTooLongError
from lusha_async.governor import EventKind, GovernorConfig, Lane
from lusha_async.governor.limiter_state import LimiterState
from lusha_async.quota import Quota, Refusal

from ...virtual_clock import run
from .cluster import SEARCH, Cluster, Process, Server


def in_cluster(body: Callable[[Cluster], Coroutine[Any, Any, None]], **options: Any) -> Cluster:
    """Run `body` on virtual time."""
    made: list[Cluster] = []

    async def main() -> None:
        cluster = Cluster(**options)
        made.append(cluster)
        try:
            await body(cluster)
        finally:
            cluster.close()

    run(main())
    return made[0]


def test_four_busy_processes_use_the_limit_and_end_together() -> None:
    """Equal work on four processes: none is refused, and all end within a twentieth of the time."""
    ends: list[float] = []

    async def body(cluster: Cluster) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()

        async def work() -> None:
            await cluster.process().send_many(150)
            ends.append(clock() - began)

        await asyncio.gather(*(work() for _ in range(4)))

    cluster = in_cluster(body)
    assert not cluster.server.refused
    assert cluster.server.share() > 93  # with what is lost while the pace learns, as in one process
    assert max(ends) < 1.05 * min(ends)
    assert cluster.shelf.exchanges < 4 * 600


def test_what_idle_processes_do_not_use_is_there_for_a_busy_one() -> None:
    """One busy process beside three idle ones has the whole limit."""

    async def body(cluster: Cluster) -> None:
        idle = [cluster.process() for _ in range(3)]
        for process in idle:
            await process.send()
        await cluster.process().send_many(300)

    cluster = in_cluster(body)
    assert not cluster.server.refused
    assert cluster.server.share() > 93


def test_an_interactive_call_goes_before_the_bulk_calls_of_every_process() -> None:
    """Two interactive calls a second in one process wait as if the endless bulk of another were its own."""
    waits: list[float] = []

    async def body(cluster: Cluster) -> None:
        bulk, web = cluster.process(), cluster.process()
        await web.send(Lane.INTERACTIVE)
        task = asyncio.create_task(bulk.send_many(1000))
        await asyncio.sleep(3)
        web.waits.clear()
        for number in range(50):
            await asyncio.sleep(0.37 + 0.01 * (number % 25))
            await web.send(Lane.INTERACTIVE)
        waits.extend(sorted(web.waits))
        task.cancel()

    cluster = in_cluster(body)
    assert waits[len(waits) // 2] <= 0.06
    assert waits[-1] <= 0.2
    assert not cluster.server.refused
    assert cluster.server.share() > 90


def test_bulk_is_not_starved_by_the_interactive_calls_of_others() -> None:
    """Once bulk calls have waited ten seconds, one call in ten is one of them."""

    async def body(cluster: Cluster) -> None:
        bulk, web = cluster.process(), cluster.process()
        flood = asyncio.create_task(web.send_many(2000, Lane.INTERACTIVE))
        await asyncio.sleep(1)
        work = asyncio.create_task(bulk.send_many(100))
        await asyncio.sleep(10)
        assert bulk.done == 0
        await asyncio.sleep(10)
        assert 15 <= bulk.done <= 30
        flood.cancel()
        work.cancel()

    in_cluster(body)


def test_a_process_that_is_killed_costs_its_share_of_a_moment() -> None:
    """What it had in flight counts as lost after five seconds; its slots and its turns pass by themselves."""

    async def body(cluster: Cluster) -> None:
        clock = asyncio.get_running_loop().time
        killed, alive = cluster.process(), cluster.process()
        tasks = [asyncio.create_task(killed.send_many(500)), asyncio.create_task(alive.send_many(500))]
        await asyncio.sleep(5)
        killed.stopped = True
        tasks[0].cancel()
        before = clock()
        await asyncio.sleep(8)
        assert alive.governor.snapshot().in_flight <= 4
        board = alive.governor.snapshot().board
        assert board is not None
        assert [peer.own for peer in board.peers] == [True]
        assert cluster.server.share(since=before) > 90
        tasks[1].cancel()

    assert not in_cluster(body).server.refused


def test_a_process_that_was_stopped_sends_nothing_that_was_granted_before() -> None:
    """A grant is void after a quarter of a second; the process goes on with new ones and reports what it missed."""

    async def body(cluster: Cluster) -> None:
        stopped, alive = cluster.process(), cluster.process()
        work = [asyncio.create_task(stopped.send_many(60)), asyncio.create_task(alive.send_many(300))]
        await asyncio.sleep(2)
        stopped.stopped = True
        await asyncio.sleep(7)
        stopped.stopped = False
        await asyncio.gather(*work)
        await asyncio.sleep(2)
        assert stopped.governor.snapshot().in_flight == 0

    cluster = in_cluster(body)
    assert not cluster.server.refused
    assert len(cluster.server.admitted) == 360


def test_a_lost_store_is_noticed_bridged_and_found_again() -> None:
    """Each process takes its part of the slots, says so, and comes back; nothing is refused or lost."""

    async def body(cluster: Cluster) -> None:
        clock = asyncio.get_running_loop().time
        processes = [cluster.process() for _ in range(3)]
        work = [asyncio.create_task(process.send_many(330)) for process in processes]
        await asyncio.sleep(10)
        cluster.shelf.lost = True
        lost = clock()
        await asyncio.sleep(5)
        assert all("cannot be reached" in process.governor.explain() for process in processes)
        await asyncio.sleep(10)
        assert sum(at > lost for at in cluster.server.admitted) >= 0.8 * 15 * 25
        cluster.shelf.lost = False
        await asyncio.gather(*work)
        for process in processes:
            kinds = [event.kind for event in process.events]
            assert kinds.count(EventKind.BOARD_LOST) == kinds.count(EventKind.BOARD_FOUND) == 1
            assert "2 other processes share the limits on a shelf" in process.governor.explain()

    cluster = in_cluster(body)
    assert len(cluster.server.refused) <= 3
    assert len(cluster.server.admitted) == 990


@pytest.mark.parametrize("seconds", [0.2, 0.9, 1.4, 1.9, 2.4, 4.0])
def test_an_outage_of_any_length_is_not_followed_by_a_storm(seconds: float) -> None:
    """What each has sent without the board is not on it: the first that is back leaves room for that."""

    async def body(cluster: Cluster) -> None:
        work = [asyncio.create_task(cluster.process().send_many(60)) for _ in range(4)]
        await asyncio.sleep(4)
        cluster.shelf.lost = True
        await asyncio.sleep(seconds)
        cluster.shelf.lost = False
        await asyncio.gather(*work)

    assert len(in_cluster(body).server.refused) <= 3


def test_a_fault_of_the_exchange_leaves_no_call_waiting(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it raises: the process goes on by itself, slowly enough, with the traceback in the log."""

    async def body(cluster: Cluster) -> None:
        process = cluster.process()
        await process.send_many(30)
        cluster.shelf.broken = True
        async with asyncio.timeout(30):
            await process.send_many(60)
        assert "kept for this process only: an exchange failed, see the log" in process.governor.explain()

    cluster = in_cluster(body)
    assert not cluster.server.refused
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_requests_granted_in_another_process_free_no_slot_here() -> None:
    """A forked child has a lineage of its own, so its record does not match a slot by chance."""
    parent = LimiterState(GovernorConfig())
    first = parent.take(SEARCH, Lane.BULK, 10.0)
    child = copy.copy(parent)
    child.forget_in_flight()
    assert child.lineage != parent.lineage
    parent.count_in_flight(2, 0)
    free = sorted(parent.pace.free_at)
    foreign = copy.copy(first)
    foreign.lineage = child.lineage
    parent.release(foreign)
    assert sorted(parent.pace.free_at) == free
    assert parent.in_flight == 1


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_a_clock_that_is_set_holds_up_nothing(step: float) -> None:
    """The store's clock jumps an hour either way: not a second is lost, and nothing storms."""

    async def body(cluster: Cluster) -> None:
        work = [asyncio.create_task(cluster.process().send_many(100)) for _ in range(2)]
        await asyncio.sleep(4)
        cluster.shelf.offset += step
        await asyncio.gather(*work)

    cluster = in_cluster(body)
    assert not cluster.server.refused
    assert cluster.server.share() > 90


def test_a_board_that_is_deleted_is_begun_anew_from_what_is_known() -> None:
    """Redis was flushed: the processes meet again, with what they know of the minute, and nothing is refused."""

    async def body(cluster: Cluster) -> None:
        processes = [cluster.process() for _ in range(2)]
        work = [asyncio.create_task(process.send_many(100)) for process in processes]
        await asyncio.sleep(3)
        cluster.shelf.data = None
        await asyncio.sleep(1)
        board = processes[0].governor.snapshot().board
        assert board is not None
        assert len(board.peers) == 2
        assert processes[0].governor.snapshot().windows[0].limit == 10_000
        await asyncio.gather(*work)

    cluster = in_cluster(body, server=Server(minute=10_000))
    assert not cluster.server.refused
    assert len(cluster.server.admitted) == 200


def test_a_damaged_board_is_begun_anew_loudly(caplog: pytest.LogCaptureFixture) -> None:
    """Bytes that are no board cost nothing but a line in the log."""

    async def body(cluster: Cluster) -> None:
        process = cluster.process()
        await process.send_many(30)
        cluster.shelf.data = b'{"version":1,"board":{}}'
        await process.send_many(30)

    cluster = in_cluster(body)
    assert not cluster.server.refused
    assert {record.getMessage() for record in caplog.records} == {
        "the board on a shelf was damaged and is begun anew"
    }


def test_a_board_of_another_version_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    """The process keeps the limits by itself, with one line in the log, and says so."""

    async def body(cluster: Cluster) -> None:
        cluster.shelf.data = b'{"version":2}'
        process = cluster.process()
        await process.send_many(30)
        assert (
            "kept for this process only: the board on a shelf cannot be read: its format is version 2"
            in process.governor.explain()
        )

    cluster = in_cluster(body)
    assert cluster.shelf.data == b'{"version":2}'
    assert len(caplog.records) == 1


def test_an_exchange_whose_end_is_not_known_is_applied_once() -> None:
    """It was committed, and the answer was lost: no report is applied twice, and the grants lapse."""

    async def body(cluster: Cluster) -> None:
        process = cluster.process()
        await process.send_many(5)
        await asyncio.sleep(2)
        cluster.shelf.lose_answers = True
        work = asyncio.create_task(process.send_many(1))
        await asyncio.sleep(0.1)
        cluster.shelf.lose_answers = False
        await work
        await asyncio.sleep(2)
        snapshot = process.governor.snapshot()
        assert snapshot.in_flight == 0
        assert snapshot.windows[0].left == 100 - 6

    in_cluster(body, server=Server(minute=100))


def test_a_call_hears_of_the_line_of_all_processes() -> None:
    """`max_wait` counts the calls of others: one in an idle process fails at once for the bulk calls of another."""

    async def body(cluster: Cluster) -> None:
        busy, other = cluster.process(), cluster.process()
        await other.send()
        work = asyncio.create_task(busy.send_many(500))
        await asyncio.sleep(2)
        with pytest.raises(QuotaWaitTooLongError, match="1"):
            async with other.governor.slot(SEARCH, lane=Lane.BULK, max_wait=0.001):
                pass
        assert other.governor.forecast(100) >= 7  # the two take turns
        work.cancel()

    in_cluster(body)


def test_a_used_up_minute_holds_every_process() -> None:
    """Two processes use the last request of the minute, and none more."""

    async def body(cluster: Cluster) -> None:
        work = [asyncio.create_task(cluster.process().send_many(60)) for _ in range(2)]
        await asyncio.sleep(30)
        assert len(cluster.server.admitted) == 100
        await asyncio.gather(*work)

    cluster = in_cluster(body, server=Server(minute=100), config=GovernorConfig(reserve=0))
    assert not cluster.server.refused


def test_what_others_have_not_reported_yet_counts_as_admitted() -> None:
    """A 429 by chance among requests that were granted, and are not reported, does not look like a lower limit."""
    state = LimiterState(GovernorConfig())
    records = []
    for number in range(25):
        at = 10 + number / 25
        records.append(state.take(SEARCH, Lane.BULK, at, latest=at + 0.03))
        records[-1].begins = at
    state.release(records[0])
    state.sent(records[-1], 11.0)
    state.learn(records[-1], 11.1, Quota(), Refusal(window=None, retry_after=None, trial=False))
    assert state.pace.capacity.slots == 23  # all but the one that was released and the one that was refused


def test_the_configuration_of_the_first_process_holds(caplog: pytest.LogCaptureFixture) -> None:
    """A process with another one takes it over, says so once, and shows it."""

    async def body(cluster: Cluster) -> None:
        cluster.config = GovernorConfig(rate=10)
        await cluster.process().send()
        cluster.config = None
        other = cluster.process()
        await other.send()
        board = other.governor.snapshot().board
        assert board is not None
        assert board.config.rate == 10

    in_cluster(body)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "another GovernorConfig" in caplog.text


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_whatever_happens_nothing_storms_and_everything_is_sent(data: st.DataObject) -> None:
    """Processes come, are killed, stop and go on; the store is lost, forgets, answers late, or changes its clock."""
    expected: list[int] = []

    async def body(cluster: Cluster) -> None:
        alive: list[tuple[Process, asyncio.Task[None]]] = []
        for _ in range(data.draw(st.integers(1, 3))):
            process = cluster.process()
            alive.append((process, asyncio.create_task(process.send_many(40))))
        for _ in range(data.draw(st.integers(0, 6))):
            await asyncio.sleep(data.draw(st.floats(0.0, 3.0)))
            what = data.draw(st.sampled_from(["come", "kill", "stop", "lose", "forget", "answers", "clock"]))
            process, task = data.draw(st.sampled_from(alive))
            if what == "come":
                process = cluster.process()
                alive.append((process, asyncio.create_task(process.send_many(20))))
            elif what == "kill" and len(alive) > 1:
                process.stopped = True
                task.cancel()
                alive.remove((process, task))
            elif what == "stop":
                process.stopped = True
                await asyncio.sleep(data.draw(st.floats(0.0, 8.0)))
                process.stopped = False
            elif what == "lose":
                cluster.shelf.lost = True
                await asyncio.sleep(data.draw(st.floats(0.0, 8.0)))
                cluster.shelf.lost = False
            elif what == "forget":
                cluster.shelf.data = None
            elif what == "answers":
                cluster.shelf.lose_answers = True
                await asyncio.sleep(data.draw(st.floats(0.0, 0.2)))
                cluster.shelf.lose_answers = False
            elif what == "clock":
                cluster.shelf.offset += data.draw(st.floats(-100, 100))
        async with asyncio.timeout(300):
            await asyncio.gather(*(task for _, task in alive))
        await asyncio.sleep(6)
        await alive[0][0].send()
        assert alive[0][0].governor.snapshot().in_flight <= 1
        expected.extend(process.done for process, _ in alive)

    cluster = in_cluster(body)
    assert len(cluster.server.admitted) >= sum(expected)
    assert len(cluster.server.refused) <= 25  # what a killed process or a forgotten board had sent in that second
