"""The sandbox in the same process, without sockets: a transport for the client."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from ..._call.transport import Transport
from ..._wire.request import Request
from ..._wire.response import Response
from ...errors import AnswerLostError, NotSentError
from ..api.exchange import Delivered, Incoming
from ..app import Sandbox
from ..clock import Clock
from ..settings import DEMO_KEY, Settings

__all__ = ["SandboxTransport", "transport"]


_numbers = count()


class SandboxTransport:
    """Carries each request straight to a sandbox of its own.

    `sandbox` is open for inspection; `base_url` and `api_key` are what a client needs beside it. It lives by
    the running loop's time, so that a loop with a virtual clock passes a day in a moment.
    """

    api_key = DEMO_KEY

    def __init__(self, settings: Settings, *, clock: Clock | None = None, latency: float = 0.0) -> None:
        # Nobody listens there. It differs from sandbox to sandbox, since clients share what they know of an
        # account's limits by key and URL.
        self.base_url = f"http://127.0.0.1:{1 + next(_numbers) % 65_535}"
        self._settings = settings
        self._clock = clock
        self._latency = latency
        self._sandbox: Sandbox | None = None

    @property
    def sandbox(self) -> Sandbox:
        """What answers. Made at the first use, on the running loop."""
        if self._sandbox is None:
            clock = self._clock if self._clock is not None else Clock(ticks=asyncio.get_running_loop().time)
            self._sandbox = Sandbox(self._settings, clock=clock)
        return self._sandbox

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """See `lusha_async._call.transport.Transport.send`."""
        parts = urlsplit(request.url)
        incoming = Incoming(
            method=request.method,
            path=parts.path,
            query=parts.query,
            headers={name.lower(): value for name, value in request.headers.items()},
            content=request.content or b"",
        )
        try:
            async with asyncio.timeout(timeout):
                return await self._exchange(incoming)
        except TimeoutError:
            raise AnswerLostError("no whole answer", f"none within {timeout:g} s") from None

    async def _exchange(self, incoming: Incoming) -> Response:
        await asyncio.sleep(self._latency / 2)
        answer = await self.sandbox.respond(incoming)
        await asyncio.sleep(self._latency / 2 + answer.drip)
        if answer.delivered is Delivered.REFUSED:
            raise NotSentError("cannot connect", "the sandbox was told to refuse the connection")
        if answer.delivered is not Delivered.WHOLE:
            raise AnswerLostError("connection reset", "the sandbox was told to break the connection")
        return Response(status=answer.status, headers=answer.headers, content=answer.content)

    async def aclose(self) -> None:
        """Nothing to close."""

    @property
    def connections(self) -> int:
        """See `lusha_async._call.transport.Transport.connections`."""
        return 256


def transport(*, clock: Clock | None = None, latency: float = 0.0, **settings: Any) -> SandboxTransport:
    """A transport to a new sandbox; `settings` as in `Settings`, `latency` in seconds for each exchange."""
    made = SandboxTransport(Settings(**settings), clock=clock, latency=latency)
    _: Transport = made
    return made
