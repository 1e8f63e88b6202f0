"""`python -m tests.loops.field KIND LEAVE`: cancel LEAVE callers on a kind of loop (or `all`), and compare the books.

In a process of its own, where every warning is an error and no socket and no thread of another test is about.
"""

import gc
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from tests.loops.kinds import KINDS
from tests.loops.vendor import books, vendor

__all__ = ["main"]


def _sockets() -> int:
    """The open sockets of this process; 0 where the system does not tell."""
    links = (os.path.realpath(one) for one in Path("/proc/self/fd").glob("*"))
    return sum("socket:" in link for link in links)


def main(kind: str, leave: int) -> str:
    """Run it, and return a line that describes it. Raises `AssertionError` for a difference, a leak or a warning."""
    warnings.simplefilter("error")
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # debug mode warns of a slow machine
    unraisable: list[Any] = []
    sys.unraisablehook = unraisable.append
    before, began = _sockets(), time.monotonic()
    with vendor() as url:
        tally = KINDS[kind](url, leave)
        gc.collect()
        took, sockets = time.monotonic() - began, _sockets()
        asked = books(url)
    gc.collect()
    assert not unraisable, [one.exc_value for one in unraisable]
    assert sockets == before, f"{sockets - before} sockets are left open"
    assert (tally.requests, tally.credits, tally.lost) == (asked.requests, asked.credits, asked.lost)
    unknown = {one for one in asked.charged if not one.startswith("page")} - tally.known
    assert not unknown, f"{len(unknown)} rows were charged for, and nobody knows"
    assert tally.left >= leave - leave % 4
    return (
        f"{kind}: {tally.left} callers left, {tally.done} stayed; requests {tally.requests} = {asked.requests}, "
        f"credits {tally.credits} = {asked.credits}, answers lost {tally.lost} = {asked.lost}, "
        f"{len(set(asked.charged))} ids charged and known, {took:.1f} s"
    )


if __name__ == "__main__":
    for name in KINDS if sys.argv[1] == "all" else sys.argv[1:2]:
        print(main(name, int(sys.argv[2])), flush=True)  # noqa: T201
