"""The ways of leaving an iterator early."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import pytest

__all__ = ["WAYS", "leave"]

WAYS = ("break", "raise", "aclose", "cancel", "timeout", "anyio", "gc")
_SECONDS = 3.21


async def leave(
    way: str, opened: Callable[[], AsyncIterator[Any]], take: Callable[[Any], None], rows: int
) -> None:
    """Pass the rows of `opened()` to `take`, and leave in the named way after `rows` rows or some seconds."""

    async def consume() -> None:
        count = 0
        async for row in opened():
            take(row)
            count += 1
            if count == rows and way == "raise":
                raise KeyError("the consumer's own")
            if count == rows and way == "break":
                break

    if way == "break":
        await consume()
    elif way == "raise":
        with pytest.raises(KeyError):
            await consume()
    elif way == "timeout":
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(_SECONDS):
                await consume()
    elif way == "anyio":
        with anyio.move_on_after(_SECONDS) as scope:
            await consume()
        assert scope.cancelled_caught
    elif way == "cancel":
        task = asyncio.create_task(consume())
        await asyncio.sleep(_SECONDS)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        iterator: Any = opened()
        for _ in range(rows):
            take(await anext(iterator))
        if way == "aclose":
            await iterator.aclose()
            with pytest.raises(StopAsyncIteration):
                await anext(iterator)
        else:
            del iterator
            gc.collect()
