"""The demo: one client over loopback against a sandbox with the limits of the largest plan."""

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.table import Row, print_table

__all__ = ["rows"]


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Run `lusha-async demo` in a process of its own. With `quick` it ends within the plan's first minute."""
    size = ["--contacts", "2500", "--prospects", "5000"] if quick else []
    command = [sys.executable, "-m", "lusha_async", "demo", "--json", *size]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if done.returncode not in {0, 3}:
        raise RuntimeError(f"the demo ended with exit status {done.returncode}")
    report = json.loads(done.stdout)
    records = sum(report["contacts"].values()) + report["prospects"]

    def row(subject: str, figure: str, goal: str | None = None, met: bool | None = None) -> Row:
        return Row(benchmark="demo", subject=subject, figure=figure, goal=goal, met=met)

    yield row("records", f"{records:,} in {report['seconds']:.1f} s")
    yield row(
        "requests refused (429)", f"{report['refused']} of {report['requests']}", "0", report["refused"] == 0
    )
    if report["share"] is not None:
        yield row("share of 25/s while sending", f"{100 * report['share']:.1f} %")
    credits = f"{report['spent']:,} credits, {report['charged']:,} charged"
    yield row("client's ledger", credits, "equal", report["spent"] == report["charged"])
    yield row("processor time", f"{1000 * report['cpu_seconds'] / records:.3f} ms a record")
    if report["peak_memory"] is not None:
        yield row("peak memory", f"{report['peak_memory'] / 2**20:.0f} MiB")


if __name__ == "__main__":
    print_table(rows())
