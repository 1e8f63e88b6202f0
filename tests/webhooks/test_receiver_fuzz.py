"""The receiver under anything: never 5xx for a forged delivery, never 2xx for one not stored, none lost."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lusha_async.webhooks import App, MemoryInbox
from lusha_async.webhooks.events import identify

from .sending import SECRET, opt_out, payload, signed

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=10,
)
contents = st.one_of(
    st.binary(max_size=300),
    st.builds(payload, st.integers(0, 50)),
    st.builds(lambda name: opt_out(fullName=name), st.text(max_size=30)),
    st.builds(lambda value, data: payload(1, id=value, data=data), json_values, json_values),
    st.sampled_from(
        [b"", b"[" * 30_000, b"\xff\xfe", b'{"id":"\\ud800"}', b"[" + b"1," * 30_000 + b"1]", b"null"]
    ),
)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80)
hosts = st.one_of(
    st.none(),
    st.sampled_from(["localhost", "evil.example", "[::1]:99999", "a b", "@", "127.0.0.1:0"]),
    header_values,
)


@frozen
class Sent:
    """A request: `is_genuine` when the receiver must accept it."""

    body: bytes
    headers: list[tuple[str, str]]
    chunks: list[bytes]
    is_genuine: bool


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    """A delivery, genuine or forged in one of the ways, with any other headers, cut in any way."""
    body, signing = signed(draw(contents), at=time.time())
    headers = [(name, value) for name, value in signing.items() if name.startswith("X-Lusha")]
    how = draw(st.sampled_from(["not", "not", "secret", "body", "signature", "timestamp", "missing", "twice"]))
    if how == "secret":
        headers = list(signed(body, at=time.time(), secret="guessed")[1].items())[:2]
    elif how == "body":
        body += b"x"
    elif how in {"signature", "timestamp"}:
        at = 0 if how == "signature" else 1
        value = draw(header_values.filter(lambda text: text.strip().lower() != headers[at][1]))
        headers[at] = (headers[at][0], value)
    elif how == "missing":
        del headers[draw(st.integers(0, 1))]
    elif how == "twice":
        headers.append(headers[draw(st.integers(0, 1))])
    names = st.sampled_from(["Accept", "X-Forwarded-For", "Cookie", "Content-Type", "X-Lusha-Extra", "User-Agent"])
    headers += draw(st.lists(st.tuples(names, header_values), max_size=4))
    host = draw(hosts)
    if host is not None:
        headers.append(("Host", host))
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=6)))
    chunks = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    return Sent(body, draw(st.permutations(headers)), chunks, is_genuine=how == "not")


def check(app: App, sent: Sent, status: int) -> None:
    """The invariants, of one request alone."""
    events = app.inbox._entries  # type: ignore[attr-defined]
    is_stored = identify(sent.body)[0] in events
    if sent.is_genuine:
        assert (status, is_stored) == (201, True)
        assert events.pop(identify(sent.body)[0]).message.body == sent.body
        app.inbox._waiting.clear()  # type: ignore[attr-defined]
    else:
        assert 400 <= status < 500
    assert not events
    assert (app._requests, app._buffered) == (0, 0)


@given(sent=requests())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_request_of_a_server(sent: Sent) -> None:
    """As any ASGI server may pass it: genuine ones are stored and acknowledged, forged ones get 4xx."""
    app = App(SECRET, MemoryInbox())
    statuses: list[int] = []
    messages = iter([*sent.chunks, b""])

    async def receive() -> Any:
        chunk = next(messages, None)
        return {"type": "http.disconnect"} if chunk is None else {
            "type": "http.request", "body": chunk, "more_body": messages.__length_hint__() > 0,
        }  # fmt: skip

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.headers]
    asyncio.run(app({"type": "http", "method": "POST", "query_string": b"", "headers": headers}, receive, send))
    assert len(statuses) == 1
    check(app, sent, statuses[0])


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[App, int]]:
    """A receiver on a real socket, with a loop of its own."""
    app = App(SECRET, MemoryInbox())
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))  # type: ignore[arg-type]
        thread = threading.Thread(target=lambda: asyncio.run(server._serve(sockets=[sock])))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield app, sock.getsockname()[1]
        server.should_exit = True
        thread.join()


@given(sent=requests(), is_chunked=st.booleans())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_request_on_a_socket(serving: tuple[App, int], sent: Sent, is_chunked: bool) -> None:
    """As a client may send it, in packets of any size: the same; what the server refuses as no HTTP is not stored."""
    app, port = serving
    lines = [f"{name}: {value}" for name, value in sent.headers]
    framing = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(sent.body)}"
    head = "\r\n".join(["POST / HTTP/1.1", *lines, framing, "Connection: close", "", ""]).encode("latin-1")
    packets = [chunk for chunk in sent.chunks if chunk]
    if is_chunked:
        packets = [b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in packets] + [b"0\r\n\r\n"]
    seen = app.counts.total()
    raw = exchange(port, [head, *packets])
    if app.counts.total() == seen:  # the server itself refused it: it is no HTTP
        assert not app.inbox._entries  # type: ignore[attr-defined]
        assert not raw or raw.split()[1] == b"400"
    else:
        check(app, sent, int(raw.split()[1]))


def exchange(port: int, packets: list[bytes]) -> bytes:
    """Send them one by one; the response, or nothing if the connection was reset."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(ConnectionError):
            for packet in packets:
                connection.sendall(packet)
        received = [b""]
        with suppress(ConnectionError):
            while chunk := connection.recv(65536):
                received.append(chunk)
        return b"".join(received)
