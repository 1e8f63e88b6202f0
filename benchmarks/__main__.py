"""`python -m benchmarks [NAME ...] [--quick]`: run the benchmarks, or those named, and print one table."""

import argparse
import importlib
from collections.abc import Iterator

from benchmarks.table import Row, print_table

NAMES = (
    "imports",
    "decode",
    "overhead",
    "slot",
    "simulation",
    "governor",
    "fleet",
    "interactive",
    "streams",
    "webhooks",
    "sandbox",
    "demo",
)


def _rows(names: list[str], quick: bool) -> Iterator[Row]:
    for name in names:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"running {name} ...", flush=True)
        yield from module.rows(quick=quick)


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all if none is named")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: seconds instead of minutes")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(NAMES))
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are {', '.join(NAMES)}")
    print_table(_rows(arguments.names or list(NAMES), arguments.quick))


main()
