"""Rate limiters that are compared: ours and others, each as a function that makes one for a run."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from aiolimiter import AsyncLimiter
from attrs import frozen
from pyrate_limiter import Duration, Limiter, Rate

from lusha_async.governor import Governor, GovernorConfig, Lane
from lusha_async.operations import BY_NAME
from lusha_async.quota import read_quota, read_refusal

__all__ = ["Answer", "PEERS", "SlotFactory", "learns", "ours"]

SEARCH = BY_NAME["searchContacts"]


@frozen
class Answer:
    """A response of the server."""

    status: int
    headers: Mapping[str, str]
    body: str


LimiterSlot = AbstractAsyncContextManager[Callable[[Answer], None]]
"""Entering waits for a slot; the function that it returns takes the response."""
SlotFactory = Callable[[], LimiterSlot]


def ours(config: GovernorConfig | None = None) -> SlotFactory:
    """The governor."""
    governor = Governor(config)

    @asynccontextmanager
    async def slot() -> AsyncIterator[Callable[[Answer], None]]:
        async with governor.slot(SEARCH, lane=Lane.BULK) as permit:
            permit.sent()

            def learn(response: Answer) -> None:
                headers = response.headers
                message = response.body if response.status == 429 else ""
                refusal = read_refusal(message, headers) if response.status == 429 else None
                permit.learn(read_quota(headers), refusal)

            yield learn

    return slot


def _without_feedback(acquire: Callable[[], Awaitable[Any]]) -> SlotFactory:
    """A limiter that learns nothing from responses."""

    @asynccontextmanager
    async def slot() -> AsyncIterator[Callable[[Answer], None]]:
        await acquire()
        yield lambda response: None

    return slot


async def _no_wait() -> None:
    return None


def pyrate() -> SlotFactory:
    """pyrate-limiter's sliding list."""
    limiter = Limiter(Rate(25, Duration.SECOND))

    async def acquire() -> None:
        await limiter.try_acquire_async("all")

    return _without_feedback(acquire)


def log_of_sends() -> SlotFactory:
    """At most 25 sends in any second, by the client's clock."""
    sends: deque[float] = deque(maxlen=25)
    turn = asyncio.Lock()

    async def acquire() -> None:
        clock = asyncio.get_running_loop().time
        async with turn:
            if len(sends) == 25:
                await asyncio.sleep(max(0.0, sends[0] + 1.0 - clock()))
            sends.append(clock())

    return _without_feedback(acquire)


def learns(slot: SlotFactory) -> bool:
    """Whether the limiter is told of 429s; the others' clients wait before they try again."""
    return not slot.__qualname__.startswith("_without_feedback")


PEERS: dict[str, Callable[[], SlotFactory]] = {
    "aiolimiter(25, 1)": lambda: _without_feedback(AsyncLimiter(25, 1).acquire),
    "aiolimiter(1, 0.0405)": lambda: _without_feedback(AsyncLimiter(1, 0.0405).acquire),
    "aiolimiter(1, 0.04)": lambda: _without_feedback(AsyncLimiter(1, 0.04).acquire),
    "pyrate-limiter": pyrate,
    "log of sends": log_of_sends,
    "retries only": lambda: _without_feedback(_no_wait),
}
