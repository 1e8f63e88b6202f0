"""A time-out is the vendor's, not that of a busy event loop."""

import asyncio
import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from lusha_async._call.deadline import Deadline
from lusha_async._call.transport import HttpxTransport
from lusha_async._wire.settings import BaseURL
from lusha_async.errors import AnswerLostError
from tests import virtual_clock
from tests._call.test_transport import request_to

LOOPS = ["asyncio", *(["uvloop"] if find_spec("uvloop") else [])]


@contextmanager
def answering(seconds: float, size: int) -> Iterator[str]:
    """A server in a thread of its own: one answer of `size` bytes, `seconds` after the request."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                received = b""
                while not received.endswith(b"]}"):  # bytes left unread would reset the connection
                    received += connection.recv(65536)
                time.sleep(seconds)
                head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % size
                try:
                    connection.sendall(head + b"x" * size)
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            thread.join()


def runner(kind: str) -> "asyncio.Runner":
    """A runner on that kind of loop."""
    if kind == "asyncio":
        return asyncio.Runner()
    import uvloop

    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


@pytest.mark.parametrize("kind", LOOPS)
@pytest.mark.parametrize("size", [2, 400_000])
def test_an_answer_in_the_sockets_buffer_is_taken(kind: str, size: int) -> None:
    """The loop is blocked until after the time-out; the answer came before it, and is read, whole."""

    async def main(url: str) -> None:
        client = HttpxTransport(BaseURL.resolve(url), connections=1)
        asyncio.get_running_loop().call_later(0.1, time.sleep, 0.6)
        response = await client.send(request_to(url), 0.4)
        assert len(response.content) == size
        await client.aclose()

    with answering(0.2, size) as url, runner(kind) as loop:
        loop.run(main(url))


@pytest.mark.parametrize("kind", LOOPS)
def test_a_silent_vendor_is_timed_out_in_time(kind: str) -> None:
    """An answer that is not there is not waited for any longer than before."""

    async def main(url: str) -> None:
        client = HttpxTransport(BaseURL.resolve(url), connections=1)
        began = time.monotonic()
        with pytest.raises(AnswerLostError):
            await client.send(request_to(url), 0.2)
        assert time.monotonic() - began < 0.45
        await client.aclose()

    with answering(0.5, 2) as url, runner(kind) as loop:
        loop.run(main(url))


def test_it_ends_when_its_seconds_are_over() -> None:
    """Not before, not later; and what ends in time is left alone."""

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        with pytest.raises(TimeoutError):
            async with Deadline(5):
                await asyncio.sleep(100)
        assert clock() - began == pytest.approx(5)
        async with Deadline(5):
            await asyncio.sleep(4.9)
        async with Deadline(math.inf):
            await asyncio.sleep(1000)
        assert clock() - began == pytest.approx(1009.9)

    virtual_clock.run(main())


def test_sockets_are_read_some_times_more_however_slow_the_loop() -> None:
    """Each iteration is blocked for longer than the time-out: the work still gets its thirty iterations."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, virtual_clock.VirtualClockLoop)
        async with Deadline(1):
            loop.now += 10
            for _ in range(30):
                await asyncio.sleep(0)
                loop.now += 10

    virtual_clock.run(main())


def test_a_caller_that_is_cancelled_is_not_timed_out() -> None:
    """A cancellation from outside stays one."""

    async def main() -> None:
        async def work() -> None:
            async with Deadline(5):
                await asyncio.sleep(100)

        task = asyncio.create_task(work())
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    virtual_clock.run(main())
