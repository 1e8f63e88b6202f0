"""A transport for the client that calls a sandbox in the same process, without sockets."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from ..._call.transport import Transport
from ..._wire.request import Request
from ..._wire.response import Response
from ...errors import AnswerLostError, NotSentError
from ..api.http import Delivered, HTTPRequest
from ..app import Sandbox
from ..clock import Clock
from ..settings import DEMO_KEY, Settings

__all__ = ["SandboxTransport", "transport"]


_numbers = count()


class SandboxTransport:
    """A transport to a sandbox, created by `transport`.

    Pass `base_url` and `api_key` to the client beside it. Unless it has a `clock`, the sandbox follows the running
    loop's time, so that it works with a loop whose time is virtual.
    """

    api_key = DEMO_KEY

    def __init__(self, settings: Settings, *, clock: Clock | None = None, latency: float = 0.0) -> None:
        # Never connected to. Each sandbox has its own, since clients share limiter state by key and URL.
        self.base_url = f"http://127.0.0.1:{1 + next(_numbers) % 65_535}"
        self._settings = settings
        self._clock = clock
        self._latency = latency
        self._sandbox: Sandbox | None = None

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox, created at first use in the running loop."""
        if self._sandbox is None:
            clock = self._clock if self._clock is not None else Clock(ticks=asyncio.get_running_loop().time)
            self._sandbox = Sandbox(self._settings, clock=clock)
        return self._sandbox

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """Send to the sandbox; see `lusha_async._call.transport.Transport.send`."""
        parts = urlsplit(request.url)
        incoming = HTTPRequest(
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
            raise AnswerLostError("timeout", f"no complete response within {timeout:g} s") from None

    async def _exchange(self, incoming: HTTPRequest) -> Response:
        await asyncio.sleep(self._latency / 2)
        answer = await self.sandbox.respond(incoming)
        await asyncio.sleep(self._latency / 2 + answer.drip)
        if answer.delivered is Delivered.REFUSED:
            raise NotSentError("cannot connect", "injected by the sandbox")
        if answer.delivered is not Delivered.COMPLETE:
            raise AnswerLostError("connection reset", "injected by the sandbox")
        return Response(status=answer.status, headers=answer.headers, content=answer.content)

    async def aclose(self) -> None:
        """Do nothing: there are no connections."""

    @property
    def connections(self) -> int:
        """See `lusha_async._call.transport.Transport.connections`."""
        return 256


def transport(*, clock: Clock | None = None, latency: float = 0.0, **settings: Any) -> SandboxTransport:
    """A transport to a new sandbox.

    `clock` is the sandbox's clock, by default the running loop's time; `latency` is added to each request, in seconds.
    Raises ValueError if a setting is invalid, TypeError if it is unknown; see `Settings`.
    """
    carrier = SandboxTransport(Settings(**settings), clock=clock, latency=latency)
    _: Transport = carrier
    return carrier
