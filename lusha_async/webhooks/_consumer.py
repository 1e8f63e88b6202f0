"""The loop of a consumer: calls a handler with each event, and survives whatever the handler does."""

import asyncio
import inspect
import logging
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

import anyio
import anyio.to_thread

from .delivery import Delivery, is_cancelled
from .errors import InboxError, LeaseLostError
from .events import Event

__all__ = ["Handler", "consume"]

_log = logging.getLogger("lusha_async.webhooks")

_MAX_HUNG = 10
"""With the default policy, an event that hangs each time is dead before its threads keep others waiting."""
_RETRY_SECONDS = 1.0

Handler = Callable[[Event], Awaitable[Any]] | Callable[[Event], Any]


async def consume(
    deliveries: Callable[[], AsyncGenerator[Delivery, None]], handler: Handler, *, concurrency: int, lease: float
) -> None:
    """Call `handler` with each event of `deliveries`, up to `concurrency` at a time; see `Inbox.consume`."""
    is_async = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(
        getattr(handler, "__call__", None)  # noqa: B004
    )
    threads = _HandlerThreads(handler, concurrency)

    async def work() -> None:
        while True:
            try:
                await threads.available()
                async with aclosing(deliveries()) as events:
                    async for delivery in events:
                        await _handle(delivery, handler if is_async else threads.run, 0.9 * lease)
                        await threads.available()
                return
            except InboxError as error:  # a full disk or a locked file may be temporary
                _log.warning("the inbox failed (%s); trying again", error)
                await anyio.sleep(_RETRY_SECONDS)

    async with anyio.create_task_group() as group:
        for _ in range(concurrency):
            group.start_soon(work)


async def _handle(delivery: Delivery, call: Handler, timeout: float) -> None:
    try:
        async with delivery:
            with anyio.fail_after(timeout):
                await call(delivery.event)
    except LeaseLostError:
        _log.warning("%r took longer than its lease; another consumer has taken the event", delivery)
    except InboxError:
        raise
    except (Exception, asyncio.CancelledError) as error:
        if is_cancelled(error):
            raise
        _log.warning("%r failed (%s); it will be retried", delivery, type(error).__name__)


class _HandlerThreads:
    """Runs a plain handler in worker threads.

    A thread cannot be stopped: one that outlives its lease is left behind. `available` waits while there are too many
    of those, so that handlers that hang do not pile up threads.
    """

    def __init__(self, handler: Handler, concurrency: int) -> None:
        self._handler = handler
        self._limiter = anyio.CapacityLimiter(concurrency)  # the handlers leave the threads of others alone
        self._lock = threading.Lock()
        self._running: set[object] = set()
        self._hung: set[object] = set()
        self._ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def run(self, event: Event) -> None:
        """Run the handler. If cancelled, leave its thread behind."""
        call = object()
        try:
            result = await anyio.to_thread.run_sync(
                self._run, call, event, abandon_on_cancel=True, limiter=self._limiter
            )
        finally:
            with self._lock:
                if call in self._running:
                    self._hung.add(call)
        if inspect.isawaitable(result):  # of a lambda, say
            await result

    async def available(self) -> None:
        """Return when a thread may be started."""
        if len(self._hung) >= _MAX_HUNG:
            _log.error("%d threads of handlers hang: no further event is handled until one ends", len(self._hung))
        while len(self._hung) >= _MAX_HUNG:
            self._ended.clear()
            await self._ended.wait()

    def _run(self, call: object, event: Event) -> Any:
        with self._lock:
            self._running.add(call)
        try:
            return self._handler(event)
        finally:
            with self._lock:
                self._running.discard(call)
                self._hung.discard(call)
            with suppress(RuntimeError):  # the loop is closed: no task waits
                self._loop.call_soon_threadsafe(self._ended.set)
