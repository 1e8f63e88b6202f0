"""Several governors as if each were in a process of its own, on virtual time, and a strict server between them."""

import asyncio
import random
import threading
from collections import deque

from attrs import define, field

from lusha_async.governor import Governor, GovernorConfig, GovernorEvent, Lane
from lusha_async.governor._board import shared_scheduler
from lusha_async.governor._board.shared_scheduler import SharedScheduler
from lusha_async.governor._board.store import Change, LostStoreError
from lusha_async.operations import BY_NAME, Operation, Scope
from lusha_async.quota import Quota, Refusal, WindowReading

SEARCH = next(operation for operation in BY_NAME.values() if operation.scope is Scope.GENERAL)


@define
class Shelf:
    """What the stores of all processes share. `offset`: how far its clock is behind theirs, in seconds."""

    data: bytes | None = None
    offset: float = -5000.0
    lost: bool = False
    lose_answers: bool = False
    broken: bool = False
    exchanges: int = 0


class MemoryStore:
    """A store without a round trip."""

    name = "a shelf"

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def enter(self) -> bool:
        return False

    def company(self) -> bool:
        return True

    def change(self, change: Change) -> float:
        if self.shelf.lost:
            raise LostStoreError("it is lost")
        if self.shelf.broken:
            raise RuntimeError("a fault")
        self.shelf.exchanges += 1
        change(self.shelf.data, self.shelf.offset)  # of an attempt that another process came before
        self.shelf.data = change(self.shelf.data, self.shelf.offset)
        if self.shelf.lose_answers:
            raise LostStoreError("it did not answer")
        return 0.0

    def disband(self, board: bytes) -> bool:
        return False

    def close(self) -> None:
        pass


@define
class Server:
    """Admits `rate` requests in each sliding second and `minute` in each minute; works 50-150 ms on each."""

    rate: int = 25
    minute: int | None = None
    admitted: list[float] = field(factory=list[float])
    refused: list[float] = field(factory=list[float])
    _second: deque[float] = field(factory=deque[float])
    _minute_ends: float = 0.0
    _used: int = 0
    _dice: random.Random = field(factory=lambda: random.Random(1))

    async def answer(self) -> tuple[Quota, Refusal | None]:
        now = asyncio.get_running_loop().time()
        while self._second and self._second[0] <= now - 1 + 1e-6:  # a time loses a bit between clocks
            self._second.popleft()
        if now >= self._minute_ends:
            self._minute_ends, self._used = now + 60, 0
        minute = self.minute or 10**6
        if self._used >= minute or len(self._second) >= self.rate:
            self.refused.append(now)
            return Quota(), Refusal(window=None, retry_after=None, trial=False)
        self._second.append(now)
        self.admitted.append(now)
        self._used += 1
        reading = WindowReading(limit=minute, left=minute - self._used)
        await asyncio.sleep(self._dice.uniform(0.05, 0.15))
        return Quota(minute=reading if self.minute else None), None

    def share(self, since: float = 0.0) -> float:
        """What is used of the ceiling since then, in %."""
        spans = [
            later - at for at, later in zip(self.admitted, self.admitted[self.rate :], strict=False) if at >= since
        ]
        return 100 * len(spans) / sum(spans)


@define(eq=False)
class Process:
    """One governor and what it sends."""

    governor: Governor
    server: Server
    waits: list[float] = field(factory=list[float])
    done: int = 0
    stopped: bool = False
    events: list[GovernorEvent] = field(factory=list[GovernorEvent])

    async def send(self, lane: Lane = Lane.BULK, operation: Operation = SEARCH) -> None:
        """One request, until it is not refused."""
        clock = asyncio.get_running_loop().time
        while True:
            since = clock()
            async with self.governor.slot(operation, lane=lane) as permit:
                self.waits.append(clock() - since)
                permit.sent()
                quota, refusal = await self.server.answer()
                permit.learn(quota, refusal)
                if refusal is None:
                    self.done += 1
                    return

    async def send_many(self, count: int, lane: Lane = Lane.BULK) -> None:
        """So many requests at once."""
        await asyncio.gather(*(self.send(lane) for _ in range(count)))


class Cluster:
    """Processes on one shelf. Their exchanges are made by tasks instead of threads."""

    def __init__(self, server: Server | None = None, config: GovernorConfig | None = None) -> None:
        self.shelf = Shelf()
        self.server = server or Server()
        self.config = config
        self._tasks: list[asyncio.Task[None]] = []
        self._processes: dict[SharedScheduler, Process] = {}
        shared_scheduler.start = self._start

    def process(self) -> Process:
        """One more process."""
        events: list[GovernorEvent] = []
        clock = asyncio.get_running_loop().time
        governor = Governor(self.config, clock=clock, listener=events.append, _store=MemoryStore(self.shelf))
        process = Process(governor, self.server, events=events)
        assert isinstance(governor._scheduler, SharedScheduler)
        self._processes[governor._scheduler] = process
        return process

    def _start(self, scheduler: SharedScheduler, wakeup: threading.Event) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(self._exchange(scheduler, wakeup)))

    async def _exchange(self, scheduler: SharedScheduler, wakeup: threading.Event) -> None:
        clock = asyncio.get_running_loop().time
        wait: float | None = 0.0
        while wait is not None:
            until = clock() + wait
            while clock() < until and not wakeup.is_set():
                await asyncio.sleep(min(0.001, until - clock()))
            wakeup.clear()
            while self._processes[scheduler].stopped:
                await asyncio.sleep(0.001)
            wait = scheduler.step()

    def close(self) -> None:
        """End the exchanges."""
        shared_scheduler.start = _start
        for task in self._tasks:
            task.cancel()


_start = shared_scheduler.start
