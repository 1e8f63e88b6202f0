"""The governor's rules against a model of the server, in virtual time: `python -m benchmarks simulation [--quick]`.

A run of 1,500 requests takes about 50 ms, and the same seed gives the same run, so that a rule can be judged by many
cells and seeds. The limiter state is the package's own; the server, the ways to it and back, timers that ring up to
1.2 ms late and the smoothing of bursts are modelled. `governor` measures some of the cells on real sockets.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from random import Random
from statistics import mean, stdev
from typing import Any

from attrs import define, evolve, field, frozen

from benchmarks.table import Row
from benchmarks.ways import WAYS, WORKS, Way
from lusha_async.governor import GovernorConfig, Lane
from lusha_async.governor.limiter_state import LimiterState
from lusha_async.operations import BY_NAME, Scope
from lusha_async.quota import Quota, Refusal

__all__ = ["Course", "Result", "rows", "simulate"]

SEARCH = BY_NAME["searchContacts"]


@frozen(kw_only=True)
class Course:
    """What a run meets: `limit` requests in any second are admitted, or as many as it returns for a time.

    `others` a second come from another program that does not try again; evenly or at random, always or in `burst`s of
    (length, period) seconds. 50 workers have endless demand until `requests` were accepted, or ask at the times `asks`.
    """

    way: str = "none"
    back: str = "none"
    work: str = "uniform"
    limit: int | Callable[[float], int] = 25
    others: float = 0.0
    evenly: bool = True
    burst: tuple[float, float] | None = None
    requests: int = 1500
    workers: int = 50
    asks: tuple[float, ...] = ()
    seed: int = 1


@frozen
class Result:
    """Times are seconds since the start, of arrivals; `others` counts the other program's: refused, accepted."""

    accepted: list[float]
    refused: list[float]
    others: list[int]
    waits: list[float]
    state: LimiterState

    @property
    def share(self) -> float:
        """What is used of 25 a second, in %: each request against the one 25 before."""
        spans = [later - earlier for earlier, later in zip(self.accepted, self.accepted[25:], strict=False)]
        return 100 * len(spans) / sum(spans)

    @property
    def per_thousand(self) -> float:
        """429s in 1,000 requests."""
        return 1000 * len(self.refused) / (len(self.refused) + len(self.accepted))

    def rate(self, since: float = 0.0) -> float:
        """Requests accepted a second, from `since` on."""
        chosen = [at for at in self.accepted if at >= since]
        return (len(chosen) - 1) / (chosen[-1] - chosen[0])


@define
class _Server:
    course: Course
    dice: Random
    seen: list[float] = field(factory=list)
    accepted: list[float] = field(factory=list)
    refused: list[float] = field(factory=list)
    others: list[int] = field(factory=lambda: [0, 0])
    _next: float = 0.0

    def __attrs_post_init__(self) -> None:
        self._next = self._gap() if self.course.others else math.inf

    def _gap(self) -> float:
        mean = 1 / self.course.others
        return mean * self.dice.uniform(0.9, 1.1) if self.course.evenly else self.dice.expovariate(1 / mean)

    def admits(self, now: float) -> bool:
        while self._next <= now:
            at = self._next
            if self.course.burst is None or at % self.course.burst[1] < self.course.burst[0]:
                self.others[self._judge(at)] += 1
            self._next += self._gap()
        fine = self._judge(now)
        (self.accepted if fine else self.refused).append(now)
        return fine

    def _judge(self, now: float) -> bool:
        limit = self.course.limit(now) if callable(self.course.limit) else self.course.limit
        fine = len(self.seen) < limit or self.seen[-limit] <= now - 1
        if fine:
            self.seen.append(now)
        return fine


def simulate(course: Course) -> Result:
    """One run."""
    dice = [Random(f"{course.seed} {name}") for name in ("way", "work", "back", "server", "timer")]
    way, back = Way(course.way, dice[0]), Way(course.back, dice[2])
    server = _Server(course, dice[3])
    state = LimiterState(GovernorConfig())
    state.random = Random(course.seed)
    numbers, events = count(), []
    waiting: deque[float] = deque()
    waits: list[float] = []
    busy = done = 0
    timer = math.inf
    level = seen = line = 0.0

    def push(at: float, what: str, *more: Any) -> None:
        heapq.heappush(events, (at, next(numbers), what, more))

    def leaves_at(now: float) -> float:  # the smoother: five at once, then 10 ms apart
        nonlocal level, seen, line
        at = max(now, line)
        rest = max(0.0, level - (at - seen) / 0.01)
        if rest + 1 > 5 + 1e-9:
            at, rest = at + 0.01001, max(0.0, rest - 1.001)
        level, seen, line = rest + 1, at, at if at > now else line
        return at

    def dispatch(now: float) -> None:
        nonlocal timer
        timer = math.inf
        while waiting:
            hold = state.hold(now, Scope.GENERAL, Lane.BULK, crowd=len(waiting))
            if hold is not None:
                if hold.until < math.inf:
                    timer = hold.until + 1e-5 + dice[4].uniform(0, 0.0012)
                    push(timer, "timer", timer)
                return
            waits.append(now - waiting.popleft())
            record = state.take(SEARCH, Lane.BULK, now)
            at = leaves_at(now)
            push(at if at <= now else at + dice[4].uniform(0, 0.0012), "leaves", record)

    total = len(course.asks) or course.requests
    rest = 0 if course.asks else total - course.workers
    for at in course.asks or [0.0] * course.workers:
        push(at, "asks")
    while done < total:
        now, _, what, more = heapq.heappop(events)
        if what == "asks":
            waiting.append(now)
        elif what == "leaves":
            (record,) = more
            if state.recovering and not record.probe:
                state.release(record)
                waiting.appendleft(now)
            else:
                state.sent(record, now)
                push(way.arrives(now + 0.001), "arrives", record)
        elif what == "arrives":
            fine = server.admits(now)
            busy += fine
            work = WORKS[course.work](dice[1], busy) if fine else 0.0
            push(back.arrives(now + work + 0.001), "answered", more[0], fine)
        elif what == "answered":
            record, fine = more
            state.learn(record, now, Quota(), None if fine else Refusal())
            busy -= fine
            done += fine
            if not fine:
                waiting.appendleft(now)
            elif rest > 0:
                rest -= 1
                waiting.append(now)
        elif more[0] != timer:
            continue
        dispatch(now)
    return Result(server.accepted, server.refused, server.others, waits, state)


# way -> minimum share in %, maximum of 429s in 1,000
PACE_GOALS = {
    "none": (98.8, 0.0),
    "uniform": (97.4, 2.0),
    "exponential": (94.6, 5.0),
    "spikes": (96.8, 3.0),
    "correlated": (95.0, 5.5),
    "stalls": (94.0, 9.0),
}
FEWER = {
    "limit 23": Course(limit=23),
    "limit 20": Course(limit=20),
    "limit 10": Course(limit=10),
    "limit 5": Course(limit=5),
    "another program at 2/s": Course(others=2),
    "another program at 5/s": Course(others=5),
    "another program at 12/s": Course(others=12),
    "another program at 12/s, 5 s of 30": Course(others=12, burst=(5, 30)),
    "another program at 12/s, 10 s of 60": Course(others=12, burst=(10, 60)),
    "another program at 2/s, at random": Course(others=2, evenly=False),
    "another program at 5/s, at random": Course(others=5, evenly=False),
}
SEEDS = {"": range(1, 9), ", second seeds": range(101, 109)}


def rows(quick: bool) -> Iterator[Row]:
    """The rows of the table, each beside its goal where it has one."""
    with ProcessPoolExecutor() as pool:
        for name, seeds in list(SEEDS.items())[: 1 if quick else None]:
            for work in WORKS:
                for way in (*WAYS, "correlated", "stalls"):
                    course = Course(way=way, work=work)
                    yield _pace_row(
                        course, name, [*pool.map(simulate, [evolve(course, seed=seed) for seed in seeds])]
                    )
            for what, course in FEWER.items():
                for way in ("none", "uniform"):
                    courses = [evolve(course, way=way, seed=seed) for seed in seeds]
                    yield _fewer_row(f"{what}{name}", course, way, [*pool.map(simulate, courses)])


def _spread(values: list[float]) -> str:
    """The mean, and half of its 95 % interval."""
    return f"{mean(values):.1f} \u00b1 {2 * stdev(values) / math.sqrt(len(values)):.1f}"


def _pace_row(course: Course, seeds: str, runs: list[Result]) -> Row:
    shares, refused = [run.share for run in runs], [run.per_thousand for run in runs]
    least, most = PACE_GOALS.get(course.way, (0.0, math.inf)) if course.work == "uniform" else (0.0, math.inf)
    return Row(
        benchmark=f"simulated pace{seeds}",
        subject=f"{course.way} on the way, work {course.work}",
        figure=f"{_spread(shares)} % : {_spread(refused)} of 1,000 refused",
        goal=f">= {least} %, <= {most:g}" if least else None,
        met=(mean(shares) >= least and mean(refused) <= most) if least else None,
    )


def _fewer_row(what: str, course: Course, way: str, runs: list[Result]) -> Row:
    assert isinstance(course.limit, int)
    length, period = course.burst or (1.0, 1.0)
    possible = course.limit - course.others * length / period
    shares = [100 * run.rate() / possible for run in runs]
    later = [1000 * sum(at > 1.5 for at in run.refused) / len(run.accepted) for run in runs]
    first = mean(sum(at <= 1.5 for at in run.refused) for run in runs)
    theirs = (
        "" if not course.others else f", {_spread([1000 * r.others[0] / sum(r.others) for r in runs])} of theirs"
    )
    return Row(
        benchmark="simulated, fewer than 25",
        subject=f"{what}, {way} on the way",
        figure=f"{_spread(shares)} % of what is possible; {first:.0f} refused at first, "
        f"then {_spread(later)} of 1,000{theirs}",
        goal=">= 85 %, <= 15" if course.evenly else None,
        met=(mean(shares) >= 85 and mean(later) <= 15) if course.evenly else None,
    )
