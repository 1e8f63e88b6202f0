"""`lusha-async webhooks listen` where the field is hard on it: terminals, files, forwarding, connections."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from lusha_async.cli.webhooks import connections
from lusha_async.errors import ConfigurationError
from lusha_async.webhooks import App, MemoryInbox, SQLiteInbox
from lusha_async.webhooks._forwarding import Forwarder, ForwardError

from .sending import SECRET, message, payload, signed, until
from .serving import post, post_raw, request

ENVIRONMENT = {**os.environ, "LUSHA_WEBHOOK_SECRET": SECRET, "COLUMNS": "200"}
pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def listening(
    *arguments: str, shell: str = "", **streams: Any
) -> AsyncIterator[tuple[subprocess.Popen[bytes], int]]:
    """The listener in a process of its own, perhaps under shell settings, and its port; ended by Ctrl-C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "lusha_async", "webhooks", "listen", "--port", str(port), *arguments]
    wrapped = ["sh", "-c", f'{shell}; exec "$0" "$@"', *command] if shell else command
    environment = {**ENVIRONMENT, **streams.pop("env", {})}
    process = subprocess.Popen(wrapped, env=environment, **streams)  # noqa: ASYNC220 - its streams are of all kinds

    async def up() -> bool:
        assert process.poll() is None, "it has ended"
        try:
            return (await request(port, "GET", "/", {})).status > 0
        except OSError:
            return False

    try:
        await until(up)
        yield process, port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            await asyncio.to_thread(process.wait, 20)
        finally:
            process.kill()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()


async def handled(path: Path, count: int) -> None:
    """Wait until so many events were handled, and none is dead."""

    async def done() -> bool:
        async with SQLiteInbox(path) as inbox:
            counts = await inbox.counts()
            assert counts.dead == 0
            return counts.handled == count

    await until(done)


BROKEN = {
    "a reader that has gone": "",
    "a full disk": "exec > /dev/full",
    "a closed descriptor": "exec >&-",
    "nothing open at all": "exec >&- 2>&-",
    "standard error gone as well": "exec > /dev/full 2> /dev/full",
}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("broken", BROKEN)
async def test_what_cannot_be_shown_is_received(broken: str, as_json: bool, tmp_path: Path) -> None:
    """Whatever becomes of the terminal, each event is acknowledged and handled, and Ctrl-C ends it in order."""
    path = tmp_path / "inbox.db"
    options = ["--inbox", str(path), *(["--json"] if as_json else [])]
    reader, writer = os.pipe()
    try:
        async with listening(*options, shell=BROKEN[broken], stdout=writer, stderr=subprocess.DEVNULL) as (
            process,
            port,
        ):
            os.close(reader)
            for number in range(3):
                assert (await post(port, *signed(payload(number), at=time.time()))).status == 201
            await handled(path, 3)
            assert process.poll() is None
    finally:
        os.close(writer)
    assert process.returncode == 0


async def test_odd_characters_reach_an_ascii_terminal_harmless(tmp_path: Path) -> None:
    """Escape sequences, line ends, bidi marks and half characters are shown as escapes, in one line each."""
    odd = "a\x1b]0;title\x07b\nc\u202ed\x9be\u00e9f\ud800g"
    environment = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    path = tmp_path / "inbox.db"
    async with listening(
        "--inbox", str(path), env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as (
        process,
        port,
    ):
        body = json.dumps(payload(1, type=odd, entityId="x\r\ny")).encode()
        assert (await post(port, *signed(body, at=time.time()))).status == 201
        await handled(path, 1)
        assert process.stdout is not None
        line = process.stdout.readline()
    assert line.startswith(rb"a\u001b]0;title\u0007b\u000ac\u202ed\u009be\xe9f\ud800g of contact x\u000d\u000ay")
    assert line.endswith(b"\n")
    assert line.decode().rstrip("\n").isprintable()


async def test_json_lines_stay_json_and_harmless(tmp_path: Path) -> None:
    """What is escaped for the terminal is the same text to a program."""
    odd = "a\x1b[2Jb\u202ec\x9bd\u2028e\U000e0041f"
    path = tmp_path / "inbox.db"
    async with listening("--json", "--inbox", str(path), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as (
        process,
        port,
    ):
        body = json.dumps(payload(1, type=odd), ensure_ascii=False).encode()
        assert (await post(port, *signed(body, at=time.time()))).status == 201
        await handled(path, 1)
        assert process.stdout is not None
        line = process.stdout.readline().decode()
    assert json.loads(line)["payload"]["type"] == odd
    assert line.rstrip("\n").isprintable()


async def test_a_locked_inbox_is_waited_for(tmp_path: Path) -> None:
    """Another program locks the file for longer than SQLite waits: 503 meanwhile, then everything goes on."""
    path = tmp_path / "inbox.db"
    async with listening("--inbox", str(path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as (
        process,
        port,
    ):
        assert (await post(port, *signed(payload(1), at=time.time()))).status == 201
        await handled(path, 1)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        refused = await post(port, *signed(payload(2), at=time.time()))
        await asyncio.sleep(6)
        other.execute("ROLLBACK")
        other.close()
        assert refused.status == 503
        assert process.poll() is None
        assert (await post(port, *signed(payload(2), at=time.time()))).status == 201
        await handled(path, 2)


# --- forwarding -------------------------------------------------------------------------------------------------


@asynccontextmanager
async def recording(status: int = 204) -> AsyncIterator[tuple[int, list[str]]]:
    """A server that notes the targets that it is asked for."""
    targets: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        targets.append(head.split()[1])
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], targets


@pytest.mark.parametrize("target", ["/", "/hooks/lusha/", "/hooks?token=a%20b&x=1", "/a/?q=/", "/%7Euser/%2F"])
async def test_an_event_is_forwarded_to_the_url_as_it_was_given(target: str) -> None:
    """The slash at its end, the query and the escapes are the receiver's business."""
    async with recording() as (port, targets), Forwarder(f"http://127.0.0.1:{port}{target}") as forwarder:
        assert await forwarder.send(message()) == 204
    assert targets == [target]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook", "ftp://example.com/", "https://", "nothing", "https://u:p@example.com/",
        "https://example.com/#x", "https://exa mple.com/", "https://example.com\\@evil.example/", "https://[::1/", "",
    ],
)  # fmt: skip
async def test_another_kind_of_url_is_refused_by_its_own_name(url: str) -> None:
    """The error speaks of the URL to forward to, not of the API's, and repeats neither it nor a password."""
    with pytest.raises(ConfigurationError) as caught:
        Forwarder(url)
    assert "the URL to forward to" in str(caught.value)
    assert "LUSHA_BASE_URL" not in str(caught.value)
    assert "u:p" not in str(caught.value)


async def test_errors_of_forwarding_name_the_other_receiver() -> None:
    """Nothing listens, or it answers otherwise: no operation of the API is named."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    async with Forwarder(url) as forwarder:
        with pytest.raises(ForwardError, match="cannot connect to the other receiver") as caught:
            await forwarder.send(message())
    assert "webhooks.test" not in str(caught.value)
    async with recording(302) as (port, _), Forwarder(f"http://127.0.0.1:{port}/") as forwarder:
        with pytest.raises(ForwardError, match="the other receiver responded with 302"):
            await forwarder.send(message())


# --- connections ------------------------------------------------------------------------------------------------


@asynccontextmanager
async def guarded(app: Any, most: int = 100) -> AsyncIterator[int]:
    """`app` behind the protocol of the command, on a free port."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=connections.protocol(most), ws="none", lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve(sockets=[sock]))
        while not server.started:
            await asyncio.sleep(0.005)
        try:
            yield sock.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head is waited for no longer than 0.3 s."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)


WHOLE = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("sent", [b"", b"POST / HTTP/1.1\r\nx-slow: ", WHOLE, WHOLE + b"GET / HT"])
async def test_a_connection_without_a_whole_head_is_closed(sent: bytes) -> None:
    """Silent, with half a head, after an answer, or with half of the next one: none stays."""
    async with guarded(App(SECRET, MemoryInbox())) as port:
        began = time.monotonic()
        await post_raw(port, sent, seconds=5)  # reads until it is closed
        assert 0.25 < time.monotonic() - began < 4


@pytest.mark.usefixtures("soon")
async def test_a_slow_answer_is_no_missing_head() -> None:
    """While the application works, the connection is left alone."""

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(1)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async with guarded(slow) as port:
        assert (await request(port, "GET", "/", {})).status == 200


async def test_the_oldest_silent_connections_make_room() -> None:
    """Of more than so many without a head the oldest is closed; genuine requests are served beside them."""
    async with guarded(App(SECRET, MemoryInbox()), most=5) as port, AsyncExitStack() as stack:
        silent = []
        for _ in range(8):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            silent.append(reader)
            await asyncio.sleep(0.01)
        assert (await post(port, *signed(at=time.time()))).status == 201
        await asyncio.sleep(0.05)
        assert [reader.at_eof() or reader.exception() is not None for reader in silent] == [True] * 4 + [False] * 4


async def test_only_requests_in_progress_are_limited() -> None:
    """Two may run; a third is answered 503 at once, and the next is served when one has ended."""
    gate = asyncio.Event()
    waiting = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal waiting
        waiting += 1
        await gate.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async with guarded(connections.at_most(2, app)) as port:
        first = [asyncio.create_task(request(port, "GET", "/", {})) for _ in range(2)]
        while waiting < 2:
            await asyncio.sleep(0.01)
        refused = await request(port, "GET", "/", {})
        gate.set()
        assert refused.status == 503
        assert "retry-after: 1" in refused.head
        assert [(await one).status for one in first] == [200, 200]
        assert (await request(port, "GET", "/", {})).status == 200


async def test_idle_connections_do_not_shut_the_vendor_out() -> None:
    """With 256 descriptors, 600 silent connections: deliveries are acknowledged all the while."""
    async with listening(shell="ulimit -n 256", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as (_, port):
        with ExitStack() as stack:
            for number in range(600):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                if number % 100 == 99:
                    began = time.monotonic()
                    assert (await post(port, *signed(payload(number), at=time.time()))).status == 201
                    assert time.monotonic() - began < 5
