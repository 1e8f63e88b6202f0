"""Clients for tests of filters: against the sandbox, and against a vendor that answers on command."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from lusha_async import LushaClient, sandbox
from lusha_async._wire.request import Request
from lusha_async._wire.response import Response
from lusha_async.governor import Governor
from lusha_async.sandbox import SandboxTransport
from tests import virtual_clock
from tests.resources.recorder import Recorder

__all__ = ["HeldBack", "client_of", "in_sandbox"]

T = TypeVar("T")


def client_of(carrier: Any) -> LushaClient:
    """A client over `carrier` with a governor of its own, on the running loop."""
    return LushaClient(
        getattr(carrier, "api_key", "00000000-0000-4000-8000-000000000000"),
        base_url=getattr(carrier, "base_url", "http://127.0.0.1:9"),
        transport=carrier,
        governor=Governor(clock=asyncio.get_running_loop().time),
    )


def in_sandbox(call: Callable[[LushaClient, SandboxTransport], Awaitable[T]], **settings: Any) -> T:
    """What `call` gives with a client of a small sandbox, on a virtual clock."""

    async def main() -> T:
        carrier = sandbox.transport(**{"companies": 211, "staff": 2, **settings})
        async with client_of(carrier) as lusha:
            return await call(lusha, carrier)

    return virtual_clock.run(main())


class HeldBack(Recorder):
    """Answers only when `free` is set; `failing` raises instead."""

    def __init__(self, answer: Any = None) -> None:
        super().__init__(answer)
        self.free = asyncio.Event()
        self.failing: Exception | None = None

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """See `Transport.send`."""
        response = await super().send(request, timeout, leaving)
        await self.free.wait()
        if self.failing is not None:
            raise self.failing
        return response
