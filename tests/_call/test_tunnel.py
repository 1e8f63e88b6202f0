"""A proxy that fails: what it was told before the tunnel is no request; what went through may have been charged."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async._call.transport import HttpxTransport
from lusha_async._wire.settings import BaseURL
from lusha_async.errors import AnswerLostError, NotSentError, TransportError
from tests._call import loopback_tls
from tests._call.test_transport import KEY, OK, read_request, request_to, served

URL = f"https://{loopback_tls.HOST}"
OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


class Proxy:
    """Answers CONNECT with `answer`; after a whole `OPEN` it forwards to `port` until `requests` were seen there.

    Then it dies, after writing `last` to the client.
    """

    def __init__(self, answer: bytes, port: int = 0, last: bytes = b"") -> None:
        self.answer, self.port, self.last = answer, port, last
        self.asked: list[bytes] = []
        self.requested = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        await writer.drain()
        if not self.port:
            return
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self.port)
        ways = [
            asyncio.ensure_future(_forward(reader, upstream)),
            asyncio.ensure_future(_forward(upstream_reader, writer)),
        ]
        try:
            await self.requested.wait()
        finally:
            for way in ways:
                way.cancel()
            upstream.transport.abort()
        writer.write(self.last)
        await writer.drain()


@contextlib.asynccontextmanager
async def through(proxy: Proxy) -> AsyncIterator[HttpxTransport]:
    """A transport to the vendor through `proxy`, which trusts the certificate of the tests."""
    async with served(proxy) as (url, _):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(loopback_tls.certificate() / "certificate.pem"))
            patch.setenv("HTTPS_PROXY", url)
            client = HttpxTransport(BaseURL.resolve(URL))
        try:
            yield client
        finally:
            await client.aclose()


async def failure_of(proxy: Proxy, timeout: float = 5.0) -> tuple[TransportError, int]:
    """The error of a request through `proxy`, and how often bytes of the request were reported to leave."""
    leaves: list[None] = []
    async with through(proxy) as client:
        with pytest.raises(TransportError) as caught:
            await client.send(request_to(URL), timeout, lambda: leaves.append(None))
    assert all(KEY.encode() not in asked for asked in proxy.asked)
    assert caught.value.__context__ is None
    return caught.value, len(leaves)


refusals = st.one_of(
    st.just(b""),
    st.integers(300, 599).map(lambda status: b"HTTP/1.1 %d X\r\ncontent-length: 0\r\n\r\n" % status),
    st.integers(0, len(OPEN)).map(lambda length: OPEN[:length]),
    st.binary(max_size=40).map(lambda noise: OPEN + noise),
    st.binary(max_size=40),
)


@settings(max_examples=40, deadline=None)
@given(answer=refusals)
def test_a_proxy_that_dies_before_the_tunnel_was_sent_nothing(answer: bytes) -> None:
    """Whatever it answers to CONNECT before it closes: no byte of the request left, and nothing was charged."""

    async def main() -> None:
        error, leaves = await failure_of(Proxy(answer))
        assert (type(error), error.charged, leaves) == (NotSentError, 0, 0)

    asyncio.run(main())


@pytest.mark.asyncio
async def test_a_proxy_that_is_silent_was_sent_nothing() -> None:
    """The total time-out while the tunnel is requested."""

    class Silent(Proxy):
        async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            await reader.read()

    error, leaves = await failure_of(Silent(b""), timeout=0.2)
    assert (type(error), leaves) == (NotSentError, 0)


@pytest.mark.asyncio
@pytest.mark.parametrize("last", [b"", b"no TLS at all", b"\x17\x03\x03\x00\x20" + bytes(32)])
async def test_a_proxy_that_dies_after_the_request_may_have_passed_it_on(last: bytes) -> None:
    """A whole request went through the tunnel; then the proxy closes, or writes what does not decrypt."""
    proxy = Proxy(OPEN, last=last)

    async def vendor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        proxy.requested.set()
        await reader.read()

    async with served(vendor, loopback_tls.server_context()) as (url, _):
        proxy.port = int(url.rpartition(":")[2])
        error, leaves = await failure_of(proxy)
    assert (type(error), error.charged, leaves) == (AnswerLostError, None, 2)


@pytest.mark.asyncio
async def test_a_tunnel_carries_several_requests() -> None:
    """One CONNECT, by the host alone, and the same connection for each request."""
    proxy = Proxy(OPEN)

    async def vendor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            writer.write(OK)
            await writer.drain()

    async with served(vendor, loopback_tls.server_context()) as (url, _):
        proxy.port = int(url.rpartition(":")[2])
        async with through(proxy) as client:
            for _ in range(3):
                assert (await client.send(request_to(URL), 5)).content == b"{}"
    assert [asked.split(b" ")[:2] for asked in proxy.asked] == [[b"CONNECT", b"api.example.test:443"]]
