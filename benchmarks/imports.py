"""Seconds of `import lusha_async` compared with `import httpx`, each in a new interpreter, in turn."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.table import Row, print_table

__all__ = ["rows"]


def _seconds(statement: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - began


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Medians of the import itself: the bare interpreter's start is taken off all."""
    rounds = 5 if quick else 15
    subjects = {
        "import httpx": None,
        "import lusha_async": 1.5,
        "from lusha_async import LushaClient": 1.5,
        "the same, and all models of contacts": None,
    }
    statements = [*[*subjects][:3], "from lusha_async import LushaClient; LushaClient('key').contacts"]
    seconds: list[list[float]] = [[] for _ in ("pass", *statements)]
    for _ in range(rounds):
        for taken, statement in zip(seconds, ("pass", *statements), strict=True):
            taken.append(_seconds(statement))
    start, httpx, *_ = medians = [statistics.median(taken) for taken in seconds]
    for (subject, goal), median in zip(subjects.items(), medians[1:], strict=True):
        ratio = (median - start) / (httpx - start)
        yield Row(
            benchmark="import",
            subject=subject,
            figure=f"{1000 * (median - start):.0f} ms, {ratio:.2f} x httpx",
            goal=f"<= {goal} x httpx" if goal else None,
            met=ratio <= goal if goal else None,
        )


if __name__ == "__main__":
    print_table(rows())
