"""Connections of the receiver: those that send no whole head are closed, and only requests in progress are limited.

uvicorn waits for ever for the first head, or the rest of one, and its `limit_concurrency` counts connections: anybody
who opens that many shuts the vendor out.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["at_most", "protocol"]

HEAD_SECONDS = 10.0

Application = Callable[[Any, Any, Any], Awaitable[None]]


def protocol(most: int) -> type[H11Protocol]:
    """A protocol that closes a connection without a whole head after 10 s, and the oldest of more than `most` of them.

    So they can neither stay nor take the descriptors that others need.
    """
    headless: OrderedDict[H11Protocol, asyncio.TimerHandle] = OrderedDict()

    class Protocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._await_head()
            if len(headless) > most:
                oldest, timer = headless.popitem(last=False)  # now: it is lost only in the loop's next turn
                timer.cancel()
                oldest.transport.abort()

        def _await_head(self) -> None:
            self._head_arrived()
            headless[self] = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

        def _head_arrived(self) -> None:
            timer = headless.pop(self, None)
            if timer is not None:
                timer.cancel()

        def handle_events(self) -> None:
            super().handle_events()
            if getattr(self.cycle, "response_complete", True) is False:
                self._head_arrived()

        def on_response_complete(self) -> None:
            self._await_head()  # of the next request; its first byte ends uvicorn's own timer
            super().on_response_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._head_arrived()
            super().connection_lost(exc)

    return Protocol


def at_most(requests: int, app: Application) -> Application:
    """`app`, for that many requests in progress; more are answered 503 at once, and the vendor delivers them again."""
    running = 0

    async def limited(scope: Any, receive: Any, send: Any) -> None:
        nonlocal running
        if running >= requests:
            headers = [(b"content-length", b"0"), (b"retry-after", b"1")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        running += 1
        try:
            await app(scope, receive, send)
        finally:
            running -= 1

    return limited
