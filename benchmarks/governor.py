"""The governor compared with other rate limiters on real sockets: `python -m benchmarks.governor [PART ...] [--quick]`.

In each run, a client that always has more to send meets a server in another process that counts arrivals strictly. In
the part `pace` it works 50-150 ms for each answer, as real ones do; in `instant` it answers at once, so that the round
trip is nothing but the way; in `fewer` the limit is lower or another program uses a part of it. Share: requests
accepted, as a share of what the rule allows in that time. Runs of one row are concurrent (up to 150 requests a second
in all). The load average is printed with the figures: other work on the machine delays timers.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from attrs import frozen

from benchmarks.limiters import PEERS, Answer, SlotFactory, learns, ours
from benchmarks.simulation import FEWER, PACE_GOALS
from benchmarks.strict_server import Course, serving
from benchmarks.table import Row, print_table
from lusha_async.governor import GovernorConfig

WAYS = tuple(PACE_GOALS)
SEEDS = (7, 1009)
# way -> minimum share in %, maximum of 429s in 1,000 requests, where the server answers at once
INSTANT_GOALS = {
    "none": (98.4, 1),
    "uniform": (98.4, 2),
    "exponential": (95.5, 6),
    "spikes": (95.5, 4),
}


@frozen(kw_only=True)
class Run:
    """The result of one cell: times of the requests let in and refused, waits for a slot in seconds."""

    let_in: list[float]
    refused: dict[str, list[float]]
    windows: dict[str, list[int]]
    foreign: int
    others: list[int]
    waits: list[float]

    @property
    def share(self) -> float:
        """What is used of the ceiling, in %: each request against the one 25 before, so no burst flatters it."""
        spans = [later - earlier for earlier, later in zip(self.let_in, self.let_in[25:], strict=False)]
        return 100 * len(spans) / sum(spans)

    @property
    def per_thousand(self) -> float:
        """429s in 1,000 requests."""
        refused = sum(map(len, self.refused.values()))
        return 1000 * refused / (refused + len(self.let_in))

    @property
    def wall(self) -> float:
        """The time from the first request that was let in to the last, over the least that the limit allows."""
        return (self.let_in[-1] - self.let_in[0]) * 25 / (len(self.let_in) - 25)


class _Connection:
    """One connection of a worker, which speaks just enough HTTP: only limiters are compared, not clients."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> None:
        self._streams = await asyncio.open_connection(self._host, self._port)

    async def get(self, path: str) -> Answer:
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
        return Answer(int(head[0].split()[1]), headers, body.decode())

    async def aclose(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            await self._streams[1].wait_closed()


async def drive(url: str, slot: SlotFactory, *, requests: int = 0, seconds: float = 0.0, workers: int = 50) -> Run:
    """Send with endless demand until `requests` were let in or `seconds` are over; 429s are tried again."""
    waits: list[float] = []
    done = 0

    async def work(connection: _Connection) -> None:
        nonlocal done
        failures = 0
        while (done < requests) if requests else (time.monotonic() - begun < seconds):
            queued = time.monotonic()
            async with slot() as learn:
                waits.append(time.monotonic() - queued)
                answer = await connection.get("/")
                learn(answer)
            if answer.status == 200:
                done += 1
                failures = 0
            elif not learns(slot):
                failures += 1
                await asyncio.sleep(min(2.0, 0.25 * 2**failures))

    connections = [_Connection(url) for _ in range(workers + 1)]
    for connection in connections:
        await connection.open()
    begun = time.monotonic()
    tasks = [asyncio.create_task(work(connection)) for connection in connections[1:]]
    try:
        async with asyncio.timeout(max(seconds, requests / 10) + 20):
            if requests:
                await asyncio.gather(*tasks)
            else:
                await asyncio.sleep(seconds)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    report = json.loads((await connections[0].get("/report")).body)
    for connection in connections:
        await connection.aclose()
    return Run(waits=waits, **report)


def _batch(courses: Sequence[Course], make: Callable[[], SlotFactory], requests: int) -> tuple[list[Run], str]:
    """Run cells beside each other; with a note of what they cost and of the machine's load."""

    async def together(urls: list[str]) -> list[Run]:
        return await asyncio.gather(*(drive(url, make(), requests=requests) for url in urls))

    cpu = time.process_time()
    with serving(list(courses)) as urls:
        runs = asyncio.run(together(urls))
    cost = (time.process_time() - cpu) / sum(len(run.waits) for run in runs) * 1000
    return runs, f"{cost:.1f} ms CPU/request, load {os.getloadavg()[0]:.1f}"


def _figure(run: Run, note: str) -> str:
    waits = sorted(run.waits)
    return (
        f"{run.share:.1f} % : {run.per_thousand:.1f} of 1,000 refused, {run.wall:.3f} x the floor; "
        f"wait p99 {waits[int(len(waits) * 0.99)]:.2f} s; {note}"
    )


def pace_rows(quick: bool) -> Iterator[Row]:
    """Ours and the peers, on a server that works 50-150 ms."""
    requests = 300 if quick else 1500
    for seed in SEEDS[: 1 if quick else None]:
        courses = [Course(way=way, work="uniform", seed=seed) for way in WAYS]
        measured = {"governor": _batch(courses, ours, requests)}
        for name, make in PEERS.items():
            measured[name] = _batch(courses, make, requests)
        for column, way in enumerate(WAYS):
            least, most = PACE_GOALS[way]
            for name, (runs, note) in measured.items():
                run = runs[column]
                met = None
                if name == "governor":
                    peers = [cells[column] for peer, (cells, _) in measured.items() if peer in AHEAD_OF]
                    ahead = all(run.wall < peer.wall for peer in peers)
                    third = all(
                        run.per_thousand <= max(3, peer.per_thousand) / 3
                        for peer in peers
                        if peer.per_thousand > 3
                    )
                    met = run.share >= least and run.per_thousand <= most and ahead and third
                yield Row(
                    benchmark=f"pace, {way}, seed {seed}",
                    subject=name,
                    figure=_figure(run, note),
                    goal=f">= {least} %, <= {most:g}, sooner than all, a third of their 429s"
                    if met is not None
                    else None,
                    met=met,
                    point=(run.per_thousand, run.wall),
                )


AHEAD_OF = {"aiolimiter(1, 0.0405)", "aiolimiter(1, 0.04)", "pyrate-limiter", "log of sends"}


def instant_rows(quick: bool) -> Iterator[Row]:
    """Ours on a server that answers at once, by each way of counting a second."""
    for rule in ("sliding",) if quick else ("sliding", "fixed", "bucket"):
        courses = [Course(rule=rule, way=way, seed=SEEDS[0]) for way in INSTANT_GOALS]
        runs, note = _batch(courses, ours, 300 if quick else 1000)
        for (way, goal), run in zip(INSTANT_GOALS.items(), runs, strict=True):
            least, most = goal if rule == "sliding" else (99.0, 0)
            yield Row(
                benchmark=f"pace, {way}, {rule} second, at once",
                subject="governor",
                figure=_figure(run, note),
                goal=f">= {least} %, <= {most} in 1,000",
                met=run.share >= least and run.per_thousand <= most,
            )


def fewer_rows(quick: bool) -> Iterator[Row]:
    """Ours where fewer than 25 requests a second are admitted: courses of `simulation`, but for the slowest."""
    chosen = {what: course for what, course in FEWER.items() if course.evenly and course.limit >= 10}
    courses = [
        Course(
            way="uniform",
            work="uniform",
            rate=course.limit,
            others=course.others,
            burst=course.burst,
            seed=SEEDS[0],
        )
        for course in chosen.values()
    ]
    runs, note = _batch(courses, ours, 150 if quick else 1500)
    for (what, course), run in zip(chosen.items(), runs, strict=True):
        length, period = course.burst or (1.0, 1.0)
        possible = course.limit - course.others * length / period
        seconds = run.let_in[-1] - run.let_in[0]
        share = 100 * (len(run.let_in) - 1) / seconds / possible
        refused = run.refused.get("second", [])
        later = 1000 * sum(at > run.let_in[0] + 1.5 for at in refused) / len(run.let_in)
        theirs = f", {run.others[0]} of theirs {sum(run.others)}" if course.others else ""
        yield Row(
            benchmark="fewer than 25",
            subject=what,
            figure=f"{share:.1f} % of what is possible; {later:.1f} of 1,000 refused after the first volley{theirs}; "
            + note,
            goal=">= 85 %, <= 15",
            met=share >= 85 and later <= 15,
        )


SHORT = GovernorConfig(minute=6.0, hour=12.0)
PLENTY = ("hourly", 10_000, 12.0)


def window_rows(quick: bool) -> Iterator[Row]:
    """Plan windows shortened to seconds, known from headers alone; then with 30 % external traffic."""
    seconds = 19.0 if quick else 37.0
    minute = ("minute", 60, 6.0)
    cells = {
        "minutes that begin with a call": Course(windows=(minute, PLENTY)),
        "minutes bound to the clock": Course(windows=(minute, PLENTY), aligned=True),
        "hours that bind before minutes": Course(windows=(minute, ("hourly", 100, 12.0))),
        "minutes with 30 % external traffic": Course(windows=(minute, PLENTY), foreign=3.0),
    }

    async def together(urls: list[str]) -> list[Run]:
        return await asyncio.gather(*(drive(url, ours(SHORT), seconds=seconds) for url in urls))

    with serving(list(cells.values())) as urls:
        runs = asyncio.run(together(urls))
    load = os.getloadavg()[0]
    for (name, course), run in zip(cells.items(), runs, strict=True):
        window = "hourly" if course.windows[1] is not PLENTY else "minute"
        limit = 100 if window == "hourly" else 60
        counts = run.windows[window]
        # The last window was cut short by the end; a clock-bound first one began before we did.
        whole = counts[1 if course.aligned else 0 : -1]
        used = 100 * sum(whole) / (limit * len(whole))
        refused = {why: len(times) for why, times in run.refused.items()}
        others = f", {run.foreign} of them external" if course.foreign else ""
        yield Row(
            benchmark="plan windows",
            subject=name,
            figure=f"{used:.1f} % of {len(whole)} windows {counts}{others}; 429s: {refused or 'none'}; load {load:.1f}",
            goal=">= 99 %, no 429",
            met=used >= 99 and not refused,
        )


PARTS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "windows": window_rows,
    "pace": pace_rows,
    "instant": instant_rows,
    "fewer": fewer_rows,
}


def rows(*, quick: bool = False) -> Iterator[Row]:
    """All figures, as they come."""
    for part in PARTS.values():
        yield from part(quick)


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.governor", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all if none is named")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--plot", metavar="FILE.png", help="draw the part `pace`")
    arguments = parser.parse_args()
    chosen = arguments.parts or list(PARTS)
    measured = [row for name in chosen for row in PARTS[name](arguments.quick)]
    print_table(measured)
    if arguments.plot:
        from benchmarks.plot import draw_pace  # noqa: PLC0415 - matplotlib only where a plot is wanted

        draw_pace(measured, arguments.plot)


if __name__ == "__main__":
    main()
