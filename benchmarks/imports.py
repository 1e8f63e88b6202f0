"""How long `import lusha_async` takes beside `import httpx`, each in a new interpreter, in turn."""

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
    """Medians of the import itself: the bare interpreter's start is taken off both."""
    rounds = 5 if quick else 15
    bare: list[float] = []
    theirs: list[float] = []
    ours: list[float] = []
    for _ in range(rounds):
        bare.append(_seconds("pass"))
        theirs.append(_seconds("import httpx"))
        ours.append(_seconds("import lusha_async"))
    start = statistics.median(bare)
    httpx, lusha = statistics.median(theirs) - start, statistics.median(ours) - start
    ratio = lusha / httpx
    yield Row(benchmark="import", subject="import httpx", figure=f"{1000 * httpx:.0f} ms")
    yield Row(
        benchmark="import",
        subject="import lusha_async",
        figure=f"{1000 * lusha:.0f} ms, {ratio:.2f} x httpx",
        goal="<= 1.5 x httpx",
        met=ratio <= 1.5,
    )


if __name__ == "__main__":
    print_table(rows())
