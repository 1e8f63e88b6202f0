"""Sends webhook deliveries when they are due."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..._call.transport import HttpxTransport
from ..._wire.request import OutgoingRequest
from ..._wire.settings import BaseURL
from ...errors import LushaError
from .store import TIMEOUT, Attempt, Delivery
from .wire import acknowledgement_error

if TYPE_CHECKING:
    from ..account.state import State

__all__ = ["Dispatcher"]

_MAX_CONCURRENT = 25
_POLL_INTERVAL = 0.05  # seconds; also how late a change of the virtual clock is noticed


class Dispatcher:
    """Sends due deliveries, at most 25 at a time, and logs the outcomes."""

    def __init__(self, state: Callable[[], "State"]) -> None:
        self._state = state
        self._transports: dict[str, HttpxTransport] = {}
        self._slots = asyncio.Semaphore(_MAX_CONCURRENT)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Deliver until cancelled; cancellation also cancels the attempts in flight."""
        try:
            while True:
                for delivery in self._state().webhooks.due(self._state().clock.now()):
                    task = asyncio.create_task(self._deliver(delivery))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                await asyncio.sleep(_POLL_INTERVAL)
        finally:
            for task in self._tasks:
                task.cancel()
            for transport in self._transports.values():
                await transport.aclose()

    async def _deliver(self, delivery: Delivery) -> None:
        webhooks = self._state().webhooks
        if not delivery.subscription.is_active or delivery.subscription.id not in webhooks.subscriptions:
            return
        if webhooks.secret is None:
            attempt = Attempt(status=None, duration_ms=0, error="the account has no secret")
        else:
            async with self._slots:
                attempt = await self.attempt(delivery)
        webhooks.record(delivery, self._state().clock.now(), attempt)

    async def attempt(self, delivery: Delivery) -> Attempt:
        """Send once, and wait at most ten seconds for the acknowledgement. Never raises for a failed attempt."""
        url = delivery.subscription.url
        began = time.perf_counter()
        request = OutgoingRequest(
            method="POST",
            url=url,
            headers=self._state().webhooks.headers(delivery, self._state().clock.now()),
            content=delivery.body,
        )
        status: int | None = None
        error: str | None
        try:
            response = await self._transport(url).send(request, TIMEOUT)
        except LushaError as problem:
            error = str(problem)
        else:
            status = response.status
            error = acknowledgement_error(status, response.content, delivery.id)
        return Attempt(status=status, duration_ms=round((time.perf_counter() - began) * 1000), error=error)

    def _transport(self, url: str) -> HttpxTransport:
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}"
        if base not in self._transports:
            self._transports[base] = HttpxTransport(BaseURL.resolve(base), connections=_MAX_CONCURRENT)
        return self._transports[base]
