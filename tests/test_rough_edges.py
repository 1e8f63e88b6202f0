"""Mistakes of a first hour: each is met by an error that says what to do."""

import asyncio
from typing import Any

import pytest

import lusha_async
from lusha_async import (
    NO_RETRY,
    ConfigurationError,
    InvalidRequestError,
    LushaClient,
    NotSentError,
    StreamClosedError,
    sandbox,
)

pytestmark = pytest.mark.asyncio
FILTERS: dict[str, Any] = {"contacts": {"include": {"departments": ["Engineering & Technical"]}}}


@pytest.mark.parametrize("source", ["generator", "async generator", "iterator"])
async def test_a_quote_refuses_inputs_that_can_be_read_once(source: str) -> None:
    """Else the real run would find none of them, in silence; a list is quoted, and read again by the run."""
    ids = sandbox.contact_ids(3)

    async def later() -> Any:
        for one in ids:
            yield one

    sources = {"generator": (one for one in ids), "async generator": later(), "iterator": iter(ids)}
    async with sandbox.serve() as server, LushaClient(server.api_key, base_url=server.url) as lusha:
        with pytest.raises(InvalidRequestError, match="pass a list"):
            await lusha.quote(lambda dry: dry.contacts.enrich_many(sources[source]))
        assert (await lusha.quote(lambda dry: dry.contacts.enrich_many(ids))).requests == 1
        assert len([row async for row in lusha.contacts.enrich_many(sources[source])]) == 3


async def test_what_was_read_to_its_end_is_not_read_again() -> None:
    """A second `async for` over a bulk result or a stream is an error, not an empty loop; after a break it goes on."""
    async with sandbox.serve() as server, LushaClient(server.api_key, base_url=server.url) as lusha:
        outcomes = lusha.contacts.enrich_many(sandbox.contact_ids(3))
        async for _ in outcomes:
            break
        assert len([row async for row in outcomes]) == 2
        people = lusha.contacts.prospect(FILTERS, limit=10, page_size=10)
        assert len([row async for row in people]) <= 10
        for read in (outcomes, people):
            with pytest.raises(StreamClosedError, match="read to its end"):
                [row async for row in read]


async def test_awaiting_a_bulk_method_or_a_stream_says_how_to_read_it() -> None:
    """Python's own text does not name `async for`."""
    async with LushaClient("key", base_url="http://127.0.0.1:9") as lusha:
        for call in (lusha.contacts.enrich_many(["1"]), lusha.contacts.prospect(FILTERS)):
            with pytest.raises(TypeError, match="async for"):
                await call
            await call.aclose()


@pytest.mark.parametrize(
    ("filters", "place"),
    [
        ({"departments": ["x"]}, "put it under contacts.include or contacts.exclude"),
        ({"contacts": {"departments": ["x"]}}, "put it under include or exclude"),
        ({"technologies": ["x"]}, "put it under companies.include or companies.exclude"),
    ],
)
async def test_filters_that_are_too_flat_are_shown_their_place(filters: dict[str, Any], place: str) -> None:
    """Nothing is sent."""
    async with LushaClient("key", base_url="http://127.0.0.1:9") as lusha:
        with pytest.raises(InvalidRequestError, match=place):
            lusha.contacts.prospect(filters)


async def test_a_page_size_that_cannot_be_is_named() -> None:
    """By the name of the argument."""
    async with LushaClient("key", base_url="http://127.0.0.1:9") as lusha:
        with pytest.raises(InvalidRequestError, match="page_size"):
            lusha.contacts.prospect(FILTERS, page_size=5)


@pytest.mark.parametrize(
    "url", ["https://api.lusha.com/v3", "https://api.lusha.com/v3/", "https://proxy.example/lusha/v2"]
)
async def test_a_base_url_with_the_version_is_refused(url: str) -> None:
    """Each path has it already: every call would be a 404."""
    with pytest.raises(ConfigurationError, match="version of the API"):
        LushaClient("key", base_url=url)
    async with LushaClient("key", base_url="https://proxy.example/v3-gateway"):
        pass


async def test_an_error_of_connecting_names_the_host() -> None:
    """The base URL may be another one than thought."""
    async with LushaClient("key", base_url="http://127.0.0.1:9") as lusha:
        with pytest.raises(NotSentError, match=r"127\.0\.0\.1"):
            await lusha.with_options(retry=NO_RETRY).account.usage()


async def test_the_ledger_is_printed_as_a_table() -> None:
    """A line for each operation, and the sum."""
    async with sandbox.serve() as server, LushaClient(server.api_key, base_url=server.url) as lusha:
        await lusha.contacts.enrich(sandbox.contact_ids(2))
        await asyncio.gather(lusha.account.usage(), lusha.account.usage())
        lines = str(lusha.ledger).splitlines()
    assert [line.split() for line in lines] == [
        ["requests", "results", "credits", "lost", "uncertain"],
        ["account.usage", "2", "0", "0", "0", "0"],
        ["contacts.enrich", "1", "2", str(lusha.ledger.credits), "0", "0"],
        ["all", "3", "2", str(lusha.ledger.credits), "0", "0"],
    ]
    assert len({len(line) for line in lines}) == 1


async def test_dir_shows_what_is_public() -> None:
    """Not the modules and helpers behind it."""
    assert dir(lusha_async) == sorted(lusha_async.__all__)
