"""The transport over real sockets: what was sent, what may have arrived, and that the pool stays whole."""

import asyncio
import contextlib
import gzip
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import respx

from lusha_async._call.transport import HttpxTransport
from lusha_async._wire.request import Request, build
from lusha_async._wire.response import Response
from lusha_async._wire.settings import ApiKey, BaseURL
from lusha_async.errors import AnswerLostError, LushaError, NotSentError
from lusha_async.operations import BY_NAME

KEY = "0a1b2c3d-0000-4000-8000-00000000beef"
ENRICH = BY_NAME["enrichContacts"]
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def request_to(url: str) -> Request:
    """An enrich request to a server at `url`."""
    return build(ENRICH, base_url=BaseURL.resolve(url), key=ApiKey.resolve(KEY), body={"ids": ["v1.a"]})


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One whole HTTP request as the server sees it."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")),
        0,
    )
    return head + await reader.readexactly(length)


@contextlib.asynccontextmanager
async def served(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, HttpxTransport]]:
    """A raw server on loopback that runs `handler` for each connection, and a transport to it."""

    handling: set[asyncio.Task[None]] = set()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handling.add(task)
        try:
            await handler(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            handling.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=tls)
    url = f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = HttpxTransport(BaseURL.resolve(url), connections=4)
    try:
        yield url, client
    finally:
        await client.aclose()
        server.close()
        for task in tuple(handling):
            task.cancel()
        await asyncio.gather(*handling, return_exceptions=True)


async def exchange(handler: Handler, timeout: float = 5.0) -> Response:
    """One request to `handler`."""
    async with served(handler) as (url, client):
        return await client.send(request_to(url), timeout)


@pytest.mark.asyncio
async def test_the_request_on_the_wire_is_exact() -> None:
    """Method, path, key header and JSON body arrive as built, and the answer's headers come in lower case."""
    seen: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(OK.replace(b"content-type", b"X-Minute-Requests-Left: 7\r\nContent-Type"))
        await writer.drain()

    response = await exchange(handler)
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v3/contacts/enrich HTTP/1.1\r\n")
    assert b"api_key: " + KEY.encode() in head
    assert b"authorization" not in head.lower()
    assert body == b'{"ids":["v1.a"]}'
    assert response.headers["x-minute-requests-left"] == "7"


@pytest.mark.asyncio
async def test_it_reports_when_the_first_byte_leaves_and_when_the_last_has_left() -> None:
    """Both times lie after the connection was made and before the answer: between them a busy loop may come."""
    marks: list[str] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        marks.append("arrived")
        writer.write(OK)
        await writer.drain()

    async with served(handler) as (url, client):
        await client.send(request_to(url), 5.0, lambda: marks.append("leaves"))
    assert marks == ["leaves", "leaves", "arrived"]


@pytest.mark.asyncio
async def test_a_refused_connection_was_not_sent() -> None:
    """The port is closed: the request surely did not arrive."""
    async with served(lambda *_: asyncio.sleep(0)) as (url, _):
        pass
    client = HttpxTransport(BaseURL.resolve(url))
    with pytest.raises(NotSentError, match="cannot connect"):
        await client.send(request_to(url), 5)
    await client.aclose()


@pytest.mark.asyncio
async def test_a_failed_tls_handshake_was_not_sent() -> None:
    """A server that breaks off during the handshake has seen no byte of the request."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    async with served(handler) as (url, _):
        tls = url.replace("http:", "https:")
        client = HttpxTransport(BaseURL.resolve(tls))
        with pytest.raises(NotSentError):
            await client.send(request_to(tls), 5)
        await client.aclose()
    assert ssl.OPENSSL_VERSION  # the handshake was a real one


@pytest.mark.asyncio
async def test_a_silent_host_during_the_handshake_was_not_sent() -> None:
    """The total time-out while the connection is still being made does not count as a lost answer."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)

    async with served(handler) as (url, _):
        tls = url.replace("http:", "https:")
        client = HttpxTransport(BaseURL.resolve(tls))
        with pytest.raises(NotSentError):
            await client.send(request_to(tls), 0.5)
        await client.aclose()


@pytest.mark.asyncio
async def test_a_busy_loop_while_connecting_does_not_count_as_sent() -> None:
    """Where the total time-out is the first to be noticed, nothing had left this machine all the same."""
    with socket.socket() as full, contextlib.ExitStack() as queue:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # nobody accepts: a further connection waits
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        for hold_up_after in (0.010, 0.015, 0.020):
            client = HttpxTransport(BaseURL.resolve(url))
            asyncio.get_running_loop().call_later(hold_up_after, time.sleep, 0.08)  # as a long computation would
            with pytest.raises(NotSentError):
                await client.send(request_to(url), 0.05)
            await client.aclose()


async def _reset_after_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.transport.abort()


async def _cut_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(OK.replace(b"content-length: 2", b"content-length: 200"))
    await writer.drain()


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    await reader.read(1)


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(OK[:-2].replace(b"content-length: 2", b"content-length: 2000"))
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"not http at all\r\n\r\n")
    await writer.drain()


@pytest.mark.asyncio
@pytest.mark.parametrize("handler", [_reset_after_request, _cut_body, _silent, _drip, _garbage])
async def test_a_request_that_was_sent_without_a_whole_answer_is_lost(handler: Handler) -> None:
    """Resets, cut bodies, silence, a slow drip past the total time-out, and noise: it may have been charged."""
    with pytest.raises(AnswerLostError) as caught:
        await exchange(handler, timeout=0.2)
    assert caught.value.charged is None
    assert KEY not in str(caught.value)


@pytest.mark.asyncio
async def test_redirects_are_not_followed() -> None:
    """The key never travels to where a redirect points."""
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        writer.write(b"HTTP/1.1 307 Moved\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    assert (await exchange(handler)).status == 307
    assert connections == 1


@pytest.mark.asyncio
async def test_loopback_calls_ignore_a_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would carry a loopback call and its key off this machine."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK)
        await writer.drain()

    assert (await exchange(handler)).status == 200


@pytest.mark.asyncio
async def test_a_proxy_of_the_environment_carries_the_vendors_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tunnel is requested by host alone; neither path nor key are seen by the proxy."""
    seen: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    async with served(handler) as (url, _):
        monkeypatch.setenv("HTTPS_PROXY", url.removeprefix("http://"))
        client = HttpxTransport(BaseURL.resolve("https://api.lusha.com"))
        with pytest.raises(NotSentError, match="proxy"):
            await client.send(request_to("https://api.lusha.com"), 5)
        await client.aclose()
    assert seen[0].startswith(b"CONNECT api.lusha.com:443 ")
    assert KEY.encode() not in seen[0]


@pytest.mark.asyncio
async def test_a_compressed_answer_is_accepted_and_decompressed() -> None:
    """gzip is offered, and the body is returned decompressed."""
    seen: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        body = gzip.compress(b'{"a": 1}')
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n")
        writer.write(b"content-length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()

    assert (await exchange(handler)).content == b'{"a": 1}'
    assert b"accept-encoding: gzip" in seen[0]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (httpx.ConnectError, NotSentError),
        (httpx.ConnectTimeout, NotSentError),
        (httpx.PoolTimeout, NotSentError),
        (httpx.ProxyError, NotSentError),
        (httpx.UnsupportedProtocol, NotSentError),
        (httpx.ReadTimeout, AnswerLostError),
        (httpx.WriteTimeout, AnswerLostError),
        (httpx.ReadError, AnswerLostError),
        (httpx.WriteError, AnswerLostError),
        (httpx.CloseError, AnswerLostError),
        (httpx.RemoteProtocolError, AnswerLostError),
        (httpx.LocalProtocolError, AnswerLostError),
    ],
)
async def test_each_error_of_httpx_becomes_one_of_ours(
    theirs: type[httpx.HTTPError], ours: type[LushaError]
) -> None:
    """No httpx error passes, its text (which may quote the request) does not survive, and nothing is chained."""
    client = HttpxTransport(BaseURL.resolve("https://api.lusha.com"))
    with respx.mock as wire:
        wire.post("https://api.lusha.com/v3/contacts/enrich").mock(side_effect=theirs(f"about {KEY}"))
        with pytest.raises(ours) as caught:
            await client.send(request_to("https://api.lusha.com"), 5)
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None
    await client.aclose()
