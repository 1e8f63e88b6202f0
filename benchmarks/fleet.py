"""One limit for many processes: `python -m benchmarks fleet [--quick]`.

Processes with equal work, or one busy one beside idle ones, on one account of a strict server: it counts a sliding
second and works 50-150 ms for each answer. They share the limit on a board of this machine or in a Redis, near or some
way off; or they do not, as governors or aiolimiters that each have a part. Share: accepted requests in any second
against the limit, without the first 200, in which the pace learns. Last over first: when the slowest ended, against the
fastest. Core: processor time of all workers in a second, their requests included: what a board costs is the difference
to one process.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from attrs import frozen

from benchmarks.redis_server import RedisServer
from benchmarks.strict_server import Course, serving
from benchmarks.table import Row

__all__ = ["Workers", "rows"]

ROOT = Path(__file__).parents[1]
_LEARNING = 200


class Workers:
    """Worker processes that begin together."""

    def __init__(self, url: str, *counts: int, spacing: float = 0.0, **environment: str) -> None:
        self._url = url
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.fleet_worker", url, str(count), str(spacing)],
                cwd=ROOT,
                env=os.environ | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for count in counts
        ]
        for process in self.processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"

    def begin(self) -> None:
        """All send now."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()

    def results(self) -> list[dict[str, Any]]:
        """What became of those that were not killed."""
        ended = [process.communicate(timeout=150) for process in self.processes]
        self.errors = [error for _, error in ended]
        return [json.loads(out) for out, _ in ended if out]

    def report(self) -> dict[str, Any]:
        """What arrived at the server."""
        answer = urllib.request.urlopen(self._url + "/report").read()
        report: dict[str, Any] = json.loads(answer)
        return report

    def close(self) -> None:
        """Kill them."""
        for process in self.processes:
            process.kill()
            process.communicate()


@frozen(kw_only=True)
class _Cell:
    name: str
    counts: tuple[int, ...]
    way: str = "none"
    redis: float | None = None  # seconds in each direction
    governor: str = "host"
    spacing: float = 0.0
    least: float | None = None  # share in %


def _cells(requests: int) -> list[_Cell]:
    def equal(processes: int) -> tuple[int, ...]:
        return (requests // processes,) * processes

    return [
        _Cell(name="1 process", counts=equal(1)),
        _Cell(name="4 processes", counts=equal(4), least=97),
        _Cell(name="4 processes, 20 ms on the way", counts=equal(4), way="uniform"),
        _Cell(name="16 processes", counts=equal(16), least=97),
        _Cell(name="1 busy of 16", counts=(requests, *(0,) * 15), least=97),
        _Cell(name="4 on a local Redis", counts=equal(4), redis=0.0, least=97),
        _Cell(name="4 on a Redis 10 ms away", counts=equal(4), redis=0.005, least=97),
        _Cell(name="4 on a Redis 100 ms away", counts=equal(4), redis=0.05, least=85),
        _Cell(name="4 that share nothing", counts=equal(4), governor="process"),
        _Cell(name="4 x aiolimiter(1, 0.16)", counts=equal(4), spacing=0.16),
    ]


def _measure(cell: _Cell, seed: int) -> tuple[float, float, float, float]:
    """Share in %, 429s in 1,000, last over first, and processor seconds a second."""
    with ExitStack() as stack:
        where = cell.governor
        if cell.redis is not None:
            where = stack.enter_context(RedisServer(delay=cell.redis)).url
        (url,) = stack.enter_context(serving([Course(work="uniform", way=cell.way, seed=seed)]))
        runtime = stack.enter_context(tempfile.TemporaryDirectory())
        workers = Workers(
            url, *cell.counts, spacing=cell.spacing, LUSHA_GOVERNOR=where, LUSHA_RUNTIME_DIR=f"{runtime}/run"
        )
        stack.callback(workers.close)
        workers.begin()
        results = [result for result in workers.results() if result["seconds"] > 1]
        report = workers.report()
    admitted = report["let_in"][_LEARNING:]
    spans = [later - at for at, later in zip(admitted, admitted[25:], strict=False)]
    refused = sum(map(len, report["refused"].values()))
    seconds = sorted(result["seconds"] for result in results)
    share = 100 * len(spans) / sum(spans)
    per_thousand = 1000 * refused / (refused + len(report["let_in"]))
    return share, per_thousand, seconds[-1] / seconds[0], sum(r["cpu"] for r in results) / seconds[-1]


def rows(*, quick: bool = False) -> Iterator[Row]:
    """One row for each cell, with two seeds."""
    for cell in _cells(500 if quick else 1500):
        for seed in (7,) if quick else (7, 1009):
            share, refused, spread, core = _measure(cell, seed)
            yield Row(
                benchmark="fleet",
                subject=f"{cell.name}, seed {seed}",
                figure=f"{share:.1f} %, {refused:.1f} refused in 1,000, last / first {spread:.2f}, {core:.3f} core",
                goal=None if cell.least is None else f">= {cell.least:g} %, <= 2 refused, last / first <= 1.1",
                met=None if cell.least is None else share >= cell.least and refused <= 2 and spread <= 1.1,
            )
