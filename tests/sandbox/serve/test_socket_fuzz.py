"""The sandbox on a real socket under whatever bytes come: it answers or closes, and serves the next one as before."""

import contextlib
import http.client
import itertools
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lusha_async.operations import OPERATIONS
from lusha_async.sandbox import DEMO_KEY, serve_in_thread

PATHS = sorted(
    {operation.path for operation in OPERATIONS} | {"/_sandbox", "/_sandbox/stats", "/_sandbox/faults", "/"}
)
HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "",
    "a" * 300,
]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A sandbox without limits, so that nothing but the bytes is refused."""
    with serve_in_thread(companies=50, limit_rule="off") as server:
        yield int(server.url.rsplit(":", 1)[1])


def spoken(port: int, *pieces: bytes) -> bytes:
    """Send the pieces one after another, then read what comes until the server closes or waits for more."""
    with socket.create_connection(("127.0.0.1", port), timeout=0.4) as connection:
        received = b""
        with contextlib.suppress(ConnectionError, TimeoutError):
            for piece in pieces:
                connection.sendall(piece)
            while piece := connection.recv(65_536):
                received += piece
        return received


def healthy(port: int) -> bool:
    """Whether the next client is served; not by the API, whose limits and faults a request may have changed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def statuses(received: bytes) -> list[int]:
    """The statuses of the responses in what was received."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", received)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(categories=None), max_size=20),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=8), values, max_size=4),
    max_leaves=12,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.integers(1, 5000).map(lambda depth: b"[" * depth + b"]" * depth),
    st.dictionaries(
        st.sampled_from(["contacts", "ids", "filters", "pages", "reveal", "query", "name", "kind"]), JSON
    ).map(lambda value: json.dumps(value).encode()),
)
NAMES = st.sampled_from(
    [
        "content-type",
        "content-encoding",
        "api_key",
        "origin",
        "cookie",
        "transfer-encoding",
        "x-forwarded-for",
        "expect",
    ]
)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"]),
    path=st.one_of(
        st.sampled_from(PATHS), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30)
    ),
    host=st.sampled_from(HOSTS),
    headers=st.dictionaries(NAMES, VALUES, max_size=4),
    body=BODIES,
    cuts=st.lists(st.integers(0, 400), max_size=4),
    chunked=st.booleans(),
)
def test_a_request_of_any_kind_is_answered(
    port: int,
    method: str,
    path: str,
    host: str,
    headers: dict[str, str],
    body: bytes,
    cuts: list[int],
    chunked: bool,
) -> None:
    """One response, none of them 500, and none but 4xx for a host that is not this machine."""
    sent = {"host": host, "api_key": DEMO_KEY, "connection": "close", **headers}
    if chunked and "transfer-encoding" not in sent:
        sent["transfer-encoding"] = "chunked"
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    else:
        sent["content-length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    raw = f"{method} /{path.lstrip('/')} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body
    places = sorted({0, *(min(cut, len(raw)) for cut in cuts), len(raw)})
    received = spoken(port, *(raw[a:b] for a, b in itertools.pairwise(places)))
    answered = statuses(received)
    assert len(answered) <= 2, received  # 100 Continue, and the response
    assert 500 not in answered, received
    if answered and host not in {"localhost", "127.0.0.1", "[::1]"}:
        assert 400 <= answered[-1] < 500, received
    assert healthy(port)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(st.binary(max_size=300) | st.just(b"GET / HTTP/1.1\r\n"), min_size=1, max_size=4))
def test_bytes_of_any_kind_end_in_a_close(port: int, pieces: list[bytes]) -> None:
    """What is no request is answered 400 or not at all; the next client is served."""
    answered = statuses(spoken(port, *pieces))
    assert 500 not in answered
    assert healthy(port)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(["faults", "external-traffic", "advance", "reset", "webhooks", "credits"]), value=JSON)
def test_the_admin_api_takes_no_nonsense(port: int, path: str, value: Any) -> None:
    """Each number, name and nesting is refused or in bounds: nothing hangs, and nothing answers 500."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", f"/_sandbox/{path}", json.dumps(value), {"content-type": "application/json"})
        status = connection.getresponse().status
    finally:
        connection.close()
    assert status < 500
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", "/_sandbox/reset", "{}", {"content-type": "application/json"})
        assert connection.getresponse().status < 500
    finally:
        connection.close()
    assert healthy(port)
