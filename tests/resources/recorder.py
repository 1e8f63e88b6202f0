"""A transport that keeps what was sent and answers always the same, for tests of exact requests."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from lusha_async._wire.request import Request
from lusha_async._wire.response import Response
from lusha_async.client import LushaClient
from lusha_async.governor import Governor
from tests import virtual_clock

__all__ = ["Recorder", "recorded"]


class Recorder:
    """Answers 200 with `answer` (JSON); `sent` are the requests in order."""

    connections = 256

    def __init__(self, answer: Any = None) -> None:
        self.answer = {} if answer is None else answer
        self.sent: list[Request] = []

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """See `Transport.send`."""
        self.sent.append(request)
        return Response(status=200, headers={}, content=json.dumps(self.answer).encode())

    async def aclose(self) -> None:
        """See `Transport.aclose`."""


def recorded(
    call: Callable[[LushaClient], Awaitable[Any]], *, answer: Any = None
) -> tuple[list[Request], Any | BaseException]:
    """What `call` sent to a vendor that answers `answer`, and what it returned or raised."""
    wire = Recorder(answer)

    async def main() -> Any:
        governor = Governor(clock=asyncio.get_running_loop().time)
        async with LushaClient(
            "00000000-0000-4000-8000-000000000000",
            base_url="http://127.0.0.1:9",
            transport=wire,
            governor=governor,
        ) as client:
            try:
                return await call(client)
            except Exception as error:
                return error

    return wire.sent, virtual_clock.run(main())
