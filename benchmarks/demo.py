"""The demo's figures: one client over loopback against the sandbox, which keeps the limits of the largest plan."""

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.table import Row, print_table

__all__ = ["rows"]


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Run `lusha-async demo` in a process of its own. With `quick` it stays within the plan's first minute."""
    size = ["--contacts", "2500", "--prospects", "5000"] if quick else []
    command = [sys.executable, "-m", "lusha_async", "demo", "--json", *size]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if done.returncode not in {0, 3}:
        raise RuntimeError(f"the demo ended with exit status {done.returncode}")
    told = json.loads(done.stdout)
    records = sum(told["contacts"].values()) + told["prospects"]

    def row(subject: str, figure: str, goal: str | None = None, met: bool | None = None) -> Row:
        return Row(benchmark="demo", subject=subject, figure=figure, goal=goal, met=met)

    yield row("records", f"{records:,} in {told['seconds']:.1f} s")
    yield row("requests refused (429)", f"{told['refused']} of {told['requests']}", "0", told["refused"] == 0)
    if told["share"] is not None:
        yield row("share of 25/s while sending", f"{100 * told['share']:.1f} %")
    books = f"{told['spent']:,} credits, {told['charged']:,} charged"
    yield row("client's books", books, "equal", told["spent"] == told["charged"])
    yield row("processor time", f"{1000 * told['cpu_seconds'] / records:.3f} ms a record")
    if told["peak_memory"] is not None:
        yield row("peak memory", f"{told['peak_memory'] / 2**20:.0f} MiB")


if __name__ == "__main__":
    print_table(rows())
