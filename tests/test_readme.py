"""The README's examples and commands are what works today."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn

from lusha_async import sandbox

README = Path(__file__).parents[1] / "README.md"


def example(name: str) -> dict[str, Any]:
    """The names that the README's example defines."""
    found = re.search(rf"<!-- example: {name} -->\n```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert found, f"no example {name}"
    names: dict[str, Any] = {}
    exec(compile(found[1], f"README.md ({name})", "exec"), names)
    return names


@pytest_asyncio.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[sandbox.Server]:
    """A sandbox on a real port, named by the environment as a user would."""
    async with sandbox.serve() as running:
        monkeypatch.setenv("LUSHA_BASE_URL", running.url)
        monkeypatch.setenv("LUSHA_API_KEY", running.api_key)
        yield running


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """An ASGI application on a real port, as its users run it."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as sock:
        task = asyncio.create_task(server.serve([sock]))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        server.should_exit = True
        await task


@pytest.mark.asyncio
async def test_web_example_answers(server: sandbox.Server) -> None:
    """The web application of the README finds a person through its shared client."""
    async with served(example("web")["app"]) as url, httpx.AsyncClient(base_url=url) as browser:
        answer = await browser.get("/who", params={"email": "somebody@amber-anchor-labs.example"})
    assert answer.status_code == 200
    assert isinstance(answer.json()["ids"], list)
    assert server.stats()["byOperation"] == {"searchContacts": 1}


@pytest.mark.asyncio
async def test_bulk_example_loses_no_id(server: sandbox.Server, capsys: pytest.CaptureFixture[str]) -> None:
    """The bulk example tells an outcome for each id, and the credits are those of the sandbox's books."""
    ids = [*sandbox.contact_ids(250), "v1.nobody"]
    credits, missing = await example("bulk")["enrich"](ids)
    assert ("v1.nobody", "not_found") in missing
    assert capsys.readouterr().out.count("addresses") + len(missing) == len(ids)
    assert credits == server.stats()["credits"]["used"] > 0


@pytest.mark.asyncio
async def test_stream_example_pays_for_no_page_too_many(
    server: sandbox.Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """120 prospects at 50 a page are three requests."""
    await example("stream")["prospects"]()
    assert len(capsys.readouterr().out.splitlines()) == 120
    assert server.stats()["byOperation"] == {"prospectingContacts": 3}


@pytest.mark.asyncio
async def test_money_example_stays_within_its_budget(server: sandbox.Server) -> None:
    """The money example spends no more than its budget, by the sandbox's books, and tells what was not served."""
    ledger, unpaid = await example("money")["within"](150, sandbox.contact_ids(300))
    assert 0 < ledger.credits == server.stats()["credits"]["used"] <= 150
    assert 0 < len(unpaid) < 300


def test_the_two_commands_are_there() -> None:
    """The README has one line that runs the demo and one that runs the tests."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks[0].splitlines()) == len(blocks[1].splitlines()) == 1
    assert "lusha-async demo" in blocks[0]
    assert "nox" in blocks[1]
