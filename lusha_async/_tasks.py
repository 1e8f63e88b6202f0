"""Tasks that begin and end as this library needs it, whatever the event loop's task factory and the caller's scopes."""

import asyncio
from collections.abc import Coroutine, Set
from typing import Any, TypeVar

import anyio

__all__ = ["ended", "finish", "start"]

T = TypeVar("T")


def start(coroutine: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """A task that begins in the loop's next iteration at the earliest.

    The factory of the loop is passed over: `asyncio.eager_task_factory` would run the coroutine within this call,
    in the middle of its caller's work and ever deeper on the stack.
    """
    return asyncio.Task(coroutine, loop=asyncio.get_running_loop())


async def finish(coroutine: Coroutine[Any, Any, object], seconds: float) -> None:
    """Await what must be done though the caller's anyio scope is cancelled, for `seconds` at most.

    A caller that is cancelled by asyncio itself returns at once; the coroutine runs on to its end.
    """
    with anyio.move_on_after(seconds, shield=True):
        await asyncio.shield(start(coroutine))


async def ended(tasks: "Set[asyncio.Task[Any]]", seconds: float) -> None:
    """Wait until all tasks have ended; if the caller's anyio scope is cancelled, for `seconds` at most."""
    if tasks:
        with anyio.move_on_after(seconds, shield=True):
            await asyncio.wait(tasks)
            return
        await asyncio.wait(tasks)
