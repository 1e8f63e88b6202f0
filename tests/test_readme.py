"""The examples and commands of the README work."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from lusha_async import sandbox
from tests.examples import Page, named_by_the_environment
from tests.webhooks.serving import request, served

README = Page("README.md")


@pytest_asyncio.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[sandbox.Server]:
    """A sandbox that `LushaClient()` finds through the environment."""
    async with named_by_the_environment(monkeypatch) as running:
        yield running


@pytest.mark.asyncio
async def test_web_example_answers(server: sandbox.Server) -> None:
    """The web application of the README finds a person through its shared client."""
    async with served(README.example("web")["app"]) as port:
        answer = await request(port, "GET", "/who?email=somebody@amber-anchor-labs.example", {})
    assert answer.status == 200
    assert isinstance(answer.json["ids"], list)
    assert server.stats()["byOperation"] == {"searchContacts": 1}


@pytest.mark.asyncio
@pytest.mark.parametrize("query", ["", "?email=", "?email=nonsense"])
async def test_web_example_refuses_what_is_no_address(server: sandbox.Server, query: str) -> None:
    """A missing, empty or malformed address is the visitor's mistake, a 422, and nothing is sent."""
    async with served(README.example("web")["app"]) as port:
        answer = await request(port, "GET", f"/who{query}", {})
    assert answer.status == 422
    assert "email" in answer.json["error"]
    assert server.stats()["byOperation"] == {}


@pytest.mark.asyncio
async def test_bulk_example_loses_no_id(server: sandbox.Server, capsys: pytest.CaptureFixture[str]) -> None:
    """The bulk example yields an outcome for each id, and counts the credits that the sandbox charged."""
    ids = [*sandbox.contact_ids(250), "v1.nobody"]
    credits, missing = await README.example("bulk")["enrich"](ids)
    assert ("v1.nobody", "not_found") in missing
    assert capsys.readouterr().out.count("addresses") + len(missing) == len(ids)
    assert credits == server.stats()["credits"]["used"] > 0


@pytest.mark.asyncio
async def test_stream_example_requests_no_page_beyond_its_limit(
    server: sandbox.Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """120 prospects at 50 a page are three requests."""
    await README.example("stream")["prospects"]()
    assert len(capsys.readouterr().out.splitlines()) == 120
    assert server.stats()["byOperation"] == {"prospectingContacts": 3}


@pytest.mark.asyncio
async def test_money_example_stays_within_its_budget(server: sandbox.Server) -> None:
    """The money example spends no more than its budget, as the sandbox counts it, and returns the ids not served."""
    ledger, unpaid = await README.example("money")["within"](150, sandbox.contact_ids(300))
    assert 0 < ledger.credits == server.stats()["credits"]["used"] <= 150
    assert 0 < len(unpaid) < 300


def test_the_two_commands_are_there() -> None:
    """The README has one line that runs the demo and one that runs the tests."""
    blocks = re.findall(r"```sh\n(.*?)```", README.text, re.DOTALL)
    assert len(blocks[0].splitlines()) == len(blocks[1].splitlines()) == 1
    assert "lusha-async demo" in blocks[0]
    assert "nox" in blocks[1]
