"""A client over a wire that answers whatever a test wants next: one for all examples, since making one takes time."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lusha_async._wire.request import Request
from lusha_async._wire.response import Response
from lusha_async.client import LushaClient
from lusha_async.errors import LushaError
from lusha_async.governor import Governor
from tests.virtual_clock import VirtualClockLoop

__all__ = ["KEY", "Standing", "standing"]

KEY = "00000000-0000-4000-8000-000000000000"
_MOST_REQUESTS = 40


class Standing:
    """`answers(call, answer)` is what `call` returns or raises when the vendor always answers `answer`.

    After 40 requests of one call the vendor closes the account (403), so that every stream ends.
    `sent` are the requests of the last call.
    """

    connections = 256

    def __init__(self, runner: asyncio.Runner) -> None:
        self.sent: list[Request] = []
        self.client: LushaClient | None = None
        self._runner = runner
        self._response = Response(status=200, headers={}, content=b"{}")

    async def send(self, request: Request, timeout: float, leaving: Callable[[], None] | None = None) -> Response:
        """See `Transport.send`."""
        self.sent.append(request)
        if len(self.sent) > _MOST_REQUESTS:
            return Response(status=403, headers={}, content=b'{"statusCode":403,"message":"enough"}')
        return self._response

    async def aclose(self) -> None:
        """See `Transport.aclose`."""

    async def _opened(self) -> LushaClient:
        governor = Governor(clock=asyncio.get_running_loop().time)
        return LushaClient(KEY, base_url="http://127.0.0.1:9", transport=self, governor=governor)

    def answers(
        self, call: Callable[[LushaClient], Awaitable[Any]], answer: Any, *, status: int = 200, **headers: str
    ) -> Any:
        """`answer` is JSON, or bytes as they are. Errors of ours are returned; others are raised."""
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.hears(call, Response(status=status, headers=named, content=content))

    def hears(self, call: Callable[[LushaClient], Awaitable[Any]], response: Response) -> Any:
        """The same with a whole response."""

        async def main() -> Any:
            if self.client is None:
                self.client = await self._opened()
            try:
                return await call(self.client)
            except LushaError as error:
                return error

        self.sent = []
        self._response = response
        return self._runner.run(main())


@contextmanager
def standing() -> Iterator[Standing]:
    """Open one, on a virtual clock."""
    with asyncio.Runner(loop_factory=VirtualClockLoop) as runner:
        wire = Standing(runner)
        yield wire
        if wire.client is not None:
            runner.run(wire.client.aclose())
