"""Bytes behind an answer never become the answer to the next request, over real sockets with and without TLS."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async import CompanyQuery, Governor, LushaClient
from lusha_async._call.connection import close_unless_clean
from lusha_async._call.transport import HttpxTransport
from lusha_async._wire.request import Request, build
from lusha_async._wire.settings import ApiKey, BaseURL
from lusha_async.operations import BY_NAME
from tests._call import loopback_tls
from tests._call.test_transport import KEY, read_request, served

STRAY = b'HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{"for":"stray"}'
BEHIND = {
    "a doubled answer": None,
    "another answer": STRAY,
    "a refusal": b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
    "a limit": b"HTTP/1.1 429 Too Many\r\ncontent-length: 2\r\n\r\n{}",
    "half a head": b"HTTP/1.1 400 Bad Req",
    "one byte": b" ",
    "a line end": b"\r\n",
    "more than is read at once": STRAY * 20_000,
}


def request_for(url: str, what: str) -> Request:
    """A request that its answer names."""
    return build(
        BY_NAME["enrichContacts"], base_url=BaseURL.resolve(url), key=ApiKey.resolve(KEY), body={"ids": [what]}
    )


def framed(body: bytes, form: str = "length") -> bytes:
    """An answer in one of the forms of HTTP/1.1."""
    if form == "length":
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    chunk = b"%x\r\n%b\r\n" % (len(body), body)
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    if form == "early hints":
        return b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + framed(body)
    return head + chunk + (b"0\r\nsum: 1\r\n\r\n" if form == "trailers" else b"0\r\n\r\n")


class Answers:
    """Answers each request with what it asked for; writes `behind` the first `dirty` answers of all connections."""

    def __init__(self, behind: bytes | None = b"", *, form: str = "length", dirty: int = 1, late: bool = False):
        self.behind, self.form, self.dirty, self.late = behind, form, dirty, late
        self.connections = 0
        self.answered, self.written = asyncio.Event(), asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            asked = json.loads((await read_request(reader)).partition(b"\r\n\r\n")[2])["ids"][0]
            answer = framed(json.dumps({"for": asked}).encode(), self.form)
            behind = b""
            if self.dirty:
                self.dirty -= 1
                behind = answer if self.behind is None else self.behind
            writer.write(answer if self.late else answer + behind)
            await writer.drain()
            if self.late:
                await self.answered.wait()
                writer.write(behind)
                await writer.drain()
                self.written.set()


async def ask(client: HttpxTransport, url: str, what: str) -> str:
    """What the answer to the request for `what` is for."""
    return json.loads((await client.send(request_for(url, what), 5)).content)["for"]


@pytest.mark.asyncio
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("form", ["length", "chunks", "trailers", "early hints"])
@pytest.mark.parametrize("behind", BEHIND)
async def test_what_is_behind_an_answer_closes_its_connection(
    behind: str, form: str, tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next request goes over a connection of its own and has its own answer."""
    if tls:
        monkeypatch.setenv("SSL_CERT_FILE", str(loopback_tls.certificate() / "certificate.pem"))
    answers = Answers(BEHIND[behind], form=form)
    async with served(answers, loopback_tls.server_context() if tls else None) as (url, client):
        assert [await ask(client, url, what) for what in ("a", "b", "c")] == ["a", "b", "c"]
    assert answers.connections == 2


@pytest.mark.asyncio
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("form", ["length", "chunks", "trailers", "early hints"])
async def test_a_clean_connection_is_used_again(form: str, tls: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """This fails if a release of httpcore, h11 or anyio hides its buffers: then every answer closes its connection."""
    if tls:
        monkeypatch.setenv("SSL_CERT_FILE", str(loopback_tls.certificate() / "certificate.pem"))
    answers = Answers(form=form)
    async with served(answers, loopback_tls.server_context() if tls else None) as (url, client):
        for what in ("a", "b" * 200_000, "c"):
            assert await ask(client, url, what) == what
    assert answers.connections == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("behind", [STRAY, b" ", b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"])
async def test_what_arrives_while_a_connection_is_idle_closes_it(behind: bytes) -> None:
    """A stray answer, or the time-out of a gateway, that comes a moment after the answer."""
    answers = Answers(behind, late=True)
    async with served(answers) as (url, client):
        assert await ask(client, url, "a") == "a"
        answers.answered.set()
        await answers.written.wait()
        assert await ask(client, url, "b") == "b"
    assert answers.connections == 2


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "status", "content"),
    [
        (b"HTTP/1.1 204 No Content\r\ncontent-length: 3\r\n\r\nabc", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 3\r\n\r\nabc", 304, b""),
        (b'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{"a": 1}', 200, b'{"a'),
    ],
    ids=["204 with a body", "304 with a body", "a length that is too short"],
)
async def test_a_body_that_is_not_framed_closes_its_connection(answer: bytes, status: int, content: bytes) -> None:
    """What the head does not announce belongs to no answer."""
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        writer.write(answer)
        await writer.drain()
        await reader.read()

    async with served(handler) as (url, client):
        for _ in range(2):
            response = await client.send(request_for(url, "a"), 5)
            assert (response.status, response.content) == (status, content)
    assert connections == 2


behinds = st.one_of(
    st.just(b""), st.sampled_from([STRAY, STRAY[:20], b"\r\n"]), st.binary(min_size=1, max_size=40)
)


@settings(max_examples=40, deadline=None)
@given(behind=st.lists(behinds, min_size=1, max_size=5), late=st.booleans())
def test_each_request_has_its_own_answer(behind: list[bytes], late: bool) -> None:
    """Whatever is written behind answers, with them or a moment later: no request gets an answer to another."""
    left = list(behind)
    idle: asyncio.Event

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            asked = json.loads((await read_request(reader)).partition(b"\r\n\r\n")[2])["ids"][0]
            answer, stray = framed(json.dumps({"for": asked}).encode()), left.pop(0)
            writer.write(answer if late else answer + stray)
            await writer.drain()
            if late:
                await arrived.wait()
                writer.write(stray)
                await writer.drain()
            idle.set()

    async def main() -> None:
        nonlocal idle, arrived
        idle, arrived = asyncio.Event(), asyncio.Event()
        async with served(handler) as (url, client):
            for number in range(len(behind)):
                idle.clear()
                arrived.clear()
                assert await ask(client, url, str(number)) == str(number)
                arrived.set()
                await idle.wait()

    arrived: asyncio.Event
    asyncio.run(main())


@pytest.mark.asyncio
async def test_rows_of_another_request_reach_no_item() -> None:
    """A connection out of step, as of a proxy that mixes up answers: ambiguous rows, kept, and a new connection."""
    connections, before = 0, b""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections, before
        connections += 1
        number = 0
        while True:
            asked = json.loads((await read_request(reader)).partition(b"\r\n\r\n")[2])["companies"]
            rows = [
                {"id": "v1.1", "name": of["domain"], "clientReferenceId": of["clientReferenceId"]} for of in asked
            ]
            answer = framed(json.dumps({"results": rows, "billing": {"creditsCharged": 1}}).encode())
            number += 1
            writer.write(before if number == 2 else answer)
            before = answer
            await writer.drain()

    async with served(handler) as (url, _), LushaClient(KEY, base_url=url, governor=Governor()) as client:
        queries = [CompanyQuery(domain=f"{number}.example") for number in range(300)]
        outcomes = [outcome async for outcome in client.companies.search_many(queries, concurrency=1)]
        kept = client.take_unclaimed()
    for outcome in outcomes:
        assert outcome.value is None or outcome.value.name == outcome.input.domain
    assert Counter(str(outcome.status) for outcome in outcomes) == {"ok": 200, "ambiguous": 100}
    assert "another request" in str(outcomes[100].error)
    assert connections == 2
    assert [answer.error is not None for answer in kept] in ([], [True])


@pytest.mark.asyncio
async def test_a_connection_that_cannot_be_looked_at_is_closed() -> None:
    """Where httpcore is not as expected, the socket is closed: slower, never another request's answer."""

    class Network:
        closed = False

        async def aclose(self) -> None:
            self.closed = True

    network: Any = Network()
    await close_unless_clean(object(), network, distrusted=False)
    assert network.closed
