"""The declared encoding of an answer: one gzip or deflate within a bound; what cannot be decoded is kept."""

import asyncio
import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lusha_async import CompanyQuery, Governor, LushaClient
from lusha_async._call.encoding import MAX_ANSWER_BYTES, Body, decode
from lusha_async._wire.response import parse
from lusha_async.errors import RateLimitedError, UnreadableAnswerError
from lusha_async.quota import WindowReading
from tests._call.test_transport import KEY, read_request, request_to, served

ROWS = {"results": [{"id": "v1.1", "name": "A"}], "billing": {"creditsCharged": 1}}
JSON = json.dumps(ROWS).encode()
QUOTA = b"x-rate-limit-minute: 300\r\nx-minute-requests-left: 7\r\n"


def deflated(content: bytes, window: int) -> bytes:
    """`content` compressed, with the header and the sum that `window` says."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, window)
    return compressor.compress(content) + compressor.flush()


def decoded(content: bytes, declared: str) -> Body:
    """`decode` in an event loop of its own."""
    return asyncio.run(decode(content, declared))


FORMS = {"gzip": 31, "x-gzip": 31, "GZip": 31, "deflate": 15, "Deflate, identity": -15}


@given(content=st.binary(), form=st.sampled_from(sorted(FORMS)), scale=st.sampled_from([1, 5000]))
def test_what_was_compressed_once_is_decoded(content: bytes, form: str, scale: int) -> None:
    """gzip, zlib and raw deflate, in any case of letters, of any size."""
    assert decoded(deflated(content * scale, FORMS[form]), form) == Body(content=content * scale)


@given(content=st.binary(min_size=1, max_size=300), data=st.data())
def test_a_damaged_answer_is_whole_or_kept(content: bytes, data: st.DataObject) -> None:
    """A gzip that is cut or has a wrong byte: its bytes as received, and never other content than was compressed."""
    whole = gzip.compress(content, mtime=0)
    at = data.draw(st.integers(0, len(whole) - 1))
    wrong = bytes([data.draw(st.integers(0, 255))])
    for damaged in (whole[:at], whole[:at] + wrong + whole[at + 1 :]):
        body = decoded(damaged, "gzip")
        assert body.content == content or (body.content == damaged and (body.problem or body.drift or not damaged))


@pytest.mark.parametrize(
    ("content", "declared", "problem"),
    [
        (gzip.compress(gzip.compress(JSON, mtime=0), mtime=0), "gzip, gzip", "more than once"),
        (gzip.compress(JSON, mtime=0), "gzip, br", "more than once"),
        (b"\x0b\x02\x80{}\x03", "br", "in another way"),
        (b"\x28\xb5\x2f\xfd", "zstd", "in another way"),
        (gzip.compress(JSON, mtime=0)[:-12], "gzip", "cut short"),
        (gzip.compress(JSON, mtime=0)[:-8] + bytes(8), "gzip", "wrongly"),
        (deflated(JSON, 15)[:-9], "deflate", "cut short"),
        (gzip.compress(JSON[:9], mtime=0) + gzip.compress(JSON[9:], mtime=0), "gzip", "wrongly"),
        (b"<html>", "gzip", "wrongly"),
    ],
)
def test_what_cannot_be_decoded_keeps_its_bytes(content: bytes, declared: str, problem: str) -> None:
    """Stacked and foreign encodings, cuts, wrong sums, several members."""
    body = decoded(content, declared)
    assert (body.content, body.drift) == (content, None)
    assert problem in str(body.problem)


@pytest.mark.parametrize("declared", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "utf-8"])
def test_json_as_it_stands_is_used(declared: str) -> None:
    """A wrong declaration does not lose a paid answer."""
    body = decoded(JSON, declared)
    assert (body.content, body.problem) == (JSON, None)
    assert body.drift == "a content-encoding that the answer does not have"
    assert decoded(JSON[:-1], declared).problem is not None
    assert decoded(b"[" * 100_000, declared).problem is not None


def test_bytes_behind_a_compressed_answer_do_not_matter() -> None:
    """Padding, as some gateways add it."""
    body = decoded(gzip.compress(JSON, mtime=0) + b"\0\0", "gzip")
    assert (body.content, body.problem) == (JSON, None)
    assert body.drift == "bytes behind the compressed answer"


@settings(max_examples=2, deadline=None)
@given(form=st.sampled_from(["gzip", "deflate"]), more=st.integers(1, 1 << 20))
def test_a_bomb_stops_at_the_bound_and_holds_up_no_loop(form: str, more: int) -> None:
    """64 MiB at most, in steps between which other tasks run; the bytes as received are kept."""
    bomb = deflated(bytes(MAX_ANSWER_BYTES + more), FORMS[form])
    turns = 0

    async def main() -> Body:
        nonlocal turns
        decoding = asyncio.ensure_future(decode(bomb, form))
        while not decoding.done():
            turns += 1
            await asyncio.sleep(0)
        return decoding.result()

    assert asyncio.run(main()) == Body(content=bomb, problem=f"larger than {MAX_ANSWER_BYTES} bytes")
    assert turns > 400


async def error_of(head: bytes, *pieces: bytes) -> Any:
    """What `companies.search` raises or returns for an answer that begins with `head`, and the client's drift."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head + QUOTA + b"\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        await reader.read()

    async with served(handler) as (url, _):
        async with LushaClient(KEY, base_url=url, governor=Governor(), timeout=20) as client:
            try:
                return await client.companies.search([CompanyQuery(domain="a.example")]), client.drift()
            except UnreadableAnswerError as error:
                return error, client.drift()


def head(content: bytes, encoding: str, status: int = 200) -> bytes:
    """The head of an answer."""
    length = len(content)
    return f"HTTP/1.1 {status} X\r\ncontent-length: {length}\r\ncontent-encoding: {encoding}\r\n".encode()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("content", "encoding"), [(gzip.compress(JSON, mtime=0)[:-12], "gzip"), (b"\x0b\x02", "br")]
)
async def test_an_answer_that_cannot_be_decoded_keeps_status_headers_and_bytes(
    content: bytes, encoding: str
) -> None:
    """What was paid for is in `error.body`, and the plan windows are known."""
    error, _ = await error_of(head(content, encoding), content)
    assert (error.status, error.body, error.charged) == (200, content, None)
    assert error.quota.minute == WindowReading(limit=300, left=7)
    assert "Its bytes are in error.body" in str(error)


@pytest.mark.asyncio
async def test_a_plain_answer_that_is_declared_compressed_is_used_and_counted() -> None:
    """The row arrives, and `drift()` names the wrong declaration."""
    found, drift = await error_of(head(JSON, "gzip"), JSON)
    assert found.results[0].name == "A"
    assert drift["searchCompanies"]["a content-encoding that the answer does not have"] == 1


@pytest.mark.asyncio
async def test_a_length_beyond_the_bound_is_refused_before_it_is_read() -> None:
    """Nothing is waited for, and the text claims no bytes."""
    error, _ = await error_of(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n" % (MAX_ANSWER_BYTES + 1), b"{")
    assert (error.status, error.body) == (200, b"")
    assert "larger than" in str(error)
    assert "error.body" not in str(error)


@pytest.mark.asyncio
async def test_an_answer_without_an_end_is_refused_at_the_bound() -> None:
    """Chunks for ever: reading stops, what came is kept."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
        while True:
            writer.write(chunk)
            await writer.drain()

    async with served(handler) as (url, client):
        response = await client.send(request_to(url), 20)
    assert response.problem == f"larger than {MAX_ANSWER_BYTES} bytes"
    assert MAX_ANSWER_BYTES < len(response.content) <= MAX_ANSWER_BYTES + 0x100000


@pytest.mark.asyncio
async def test_a_refusal_that_cannot_be_decoded_is_a_refusal() -> None:
    """The status decides, as for any error of a gateway."""
    content = b"\x0b\x02"

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head(content, "br", 429) + b"\r\n" + content)
        await writer.drain()

    async with served(handler) as (url, client):
        request = request_to(url)
        error = parse(request.operation, await client.send(request, 5)).error
    assert isinstance(error, RateLimitedError)
    assert error.body == content
    assert "compressed in another way" in str(error)
