"""Carries webhook deliveries to their receivers, and keeps the schedule of further tries."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .._call.transport import HttpxTransport
from .._wire.request import Request
from .._wire.settings import BaseURL
from ..errors import LushaError
from ..operations import BY_NAME
from .webhooks import PATIENCE, Attempt, Delivery, acknowledged

if TYPE_CHECKING:
    from .account.state import State

__all__ = ["Courier"]

_AT_ONCE = 25
_LOOK_EVERY = 0.05  # seconds; also bounds how late a virtual clock is noticed


class Courier:
    """Sends what is due. `run` works until it is cancelled."""

    def __init__(self, state: Callable[[], "State"]) -> None:
        self._state = state
        self._transports: dict[str, HttpxTransport] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Deliver for ever; on cancellation the tries under way are given up."""
        try:
            while True:
                for delivery in self._state().hooks.due(self._state().clock.now()):
                    task = asyncio.create_task(self._deliver(delivery))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                await asyncio.sleep(_LOOK_EVERY)
        finally:
            for task in self._tasks:
                task.cancel()
            for transport in self._transports.values():
                await transport.aclose()

    async def _deliver(self, delivery: Delivery) -> None:
        hooks = self._state().hooks
        if not delivery.subscription.is_active or delivery.subscription.id not in hooks.subscriptions:
            return
        if hooks.secret is None:
            attempt = Attempt(status=None, milliseconds=0, error="the account has no secret")
        else:
            async with self._slots:
                attempt = await self.attempt(delivery)
        hooks.settle(delivery, self._state().clock.now(), attempt.milliseconds, attempt.status, attempt.error)

    async def attempt(self, delivery: Delivery) -> Attempt:
        """Try once, and wait ten seconds at most for the acknowledgement."""
        url = delivery.subscription.url
        began = time.perf_counter()
        request = Request(
            operation=BY_NAME["testSubscription"],
            method="POST",
            url=url,
            headers=self._state().hooks.headers(delivery, self._state().clock.now()),
            content=delivery.body,
        )
        status: int | None = None
        try:
            answer = await self._transport(url).send(request, PATIENCE)
        except LushaError as problem:
            error: str | None = str(problem)
        else:
            status, error = answer.status, acknowledged(answer.status, answer.content, delivery.id)
        return Attempt(status=status, milliseconds=round((time.perf_counter() - began) * 1000), error=error)

    def _transport(self, url: str) -> HttpxTransport:
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}"
        if base not in self._transports:
            self._transports[base] = HttpxTransport(BaseURL.resolve(base), connections=_AT_ONCE)
        return self._transports[base]
