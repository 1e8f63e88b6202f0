"""The kinds of event loops. Each runs a crowd that leaves `leave` times, and returns its tally."""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from lusha_async import Governor
from tests.loops.crowd import FAST, SCOPES, Tally, crowd

__all__ = ["KINDS"]

PARTS = 4  # threads, processes, and runs one after the other


def _run(url: str, leave: int, *, debug: bool = False, factory: Any = None, **options: Any) -> Tally:
    governor = options.pop("governor", None) or Governor(FAST)
    options.setdefault("seed", 1)
    with asyncio.Runner(debug=debug, loop_factory=factory) as runner:
        return runner.run(crowd(url, governor, leave, **options))


def _debug(url: str, leave: int) -> Tally:
    return _run(url, leave, debug=True)


def _eager(url: str, leave: int) -> Tally:
    async def main() -> Tally:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]
        return await crowd(url, Governor(FAST), leave, seed=1)

    return asyncio.run(main())


def _uvloop(url: str, leave: int) -> Tally:
    import uvloop

    return _run(url, leave, factory=uvloop.new_event_loop)


def _threads(url: str, leave: int) -> Tally:
    governor, tallies = Governor(FAST), list[Tally]()

    def work(number: int) -> None:
        tallies.append(_run(url, leave // PARTS, governor=governor, seed=number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(PARTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tallies) == PARTS, "a thread failed"
    return _sum(tallies)


def _repeated(url: str, leave: int) -> Tally:
    governor = Governor(FAST)
    return _sum([_run(url, leave // PARTS, governor=governor, seed=number) for number in range(PARTS)])


def _forked(url: str, leave: int) -> Tally:
    """A governor that has been used goes on in forked children, each with a loop of its own."""
    governor = Governor(FAST)
    tallies = [_run(url, 1, governor=governor, seed=PARTS)]
    pipes = []
    for number in range(PARTS):
        reading, writing = os.pipe()
        if os.fork() == 0:
            try:
                tally = _run(url, leave // PARTS, governor=governor, seed=number)
                members = {name: getattr(tally, name) for name in ("left", "done", "requests", "credits", "lost")}
                with open(writing, "w") as pipe:
                    json.dump({**members, "known": [*tally.known]}, pipe)
                os._exit(0)
            except BaseException:
                sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
                os._exit(1)
        os.close(writing)
        pipes.append(reading)
    for reading in pipes:
        with open(reading) as pipe:
            members = json.load(pipe)
        tallies.append(Tally(**{**members, "known": set(members["known"])}))
    for _ in pipes:
        assert os.wait()[1] == 0
    return _sum(tallies)


def _sum(tallies: list[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total


def _scopes(url: str, leave: int) -> Tally:
    return _run(url, leave, ways=SCOPES)


KINDS: dict[str, Callable[[str, int], Tally]] = {
    "default": _run,
    "debug": _debug,
    "threads": _threads,
    "repeated": _repeated,
    "forked": _forked,
    "scopes": _scopes,
}
"""By name; those that this interpreter has."""

if sys.version_info >= (3, 12):
    KINDS["eager"] = _eager
if find_spec("uvloop") is not None:
    KINDS["uvloop"] = _uvloop
