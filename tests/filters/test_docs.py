"""The page about filters: each example is run, and what it says is printed is printed."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from lusha_async import InvalidRequestError, sandbox

PAGE = Path(__file__).parents[2] / "docs" / "filters.md"
if not PAGE.exists():
    pytest.skip("the documentation is not part of this distribution", allow_module_level=True)
TEXT = PAGE.read_text()

pytestmark = pytest.mark.asyncio


def example(name: str) -> dict[str, Any]:
    """The names that an example defines."""
    found = re.search(rf"<!-- example: {name} -->\n```python\n(.*?)```", TEXT, re.DOTALL)
    assert found, f"no example {name}"
    names: dict[str, Any] = {}
    exec(compile(found[1], f"filters.md ({name})", "exec"), names)
    return names


@pytest_asyncio.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[sandbox.Server]:
    """A sandbox on a real port, named by the environment as a user would."""
    async with sandbox.serve(companies=211) as running:
        monkeypatch.setenv("LUSHA_BASE_URL", running.url)
        monkeypatch.setenv("LUSHA_API_KEY", running.api_key)
        yield running


async def test_the_check_prints_what_the_page_shows(server: sandbox.Server) -> None:
    """The report of the first example is the text beneath it, for six free requests."""
    shown = re.search(r"<!-- output: check -->\n```text\n(.*?)\n```", TEXT, re.DOTALL)
    assert shown
    report = await example("check")["report"]()
    assert str(report) == shown[1]
    assert server.stats()["credits"]["used"] == 0
    assert server.stats()["byOperation"] == {"getContactFilterValues": 5, "getCompanyFilterValues": 1}


async def test_the_strict_example_finds_people(server: sandbox.Server) -> None:
    """A slip is put right and people are found; what nothing is like is refused before any credit is spent."""
    prospects = example("strict")["prospects"]
    assert len(await prospects({"contacts": {"include": {"departments": ["Enginering"]}}})) == 20
    spent = server.stats()["credits"]["used"]
    with pytest.raises(InvalidRequestError, match=r"contacts\.include\.departments\[0\]"):
        await prospects({"contacts": {"include": {"departments": ["Qqqqq"]}}})
    assert server.stats()["credits"]["used"] == spent


async def test_the_lists_example_costs_three_requests(
    server: sandbox.Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Types, technologies and departments; the list asked for again is in memory."""
    departments, age = await example("lists")["departments"]()
    assert "Sales" in departments
    assert 0 <= age < 10
    assert "locations by a query" in capsys.readouterr().out
    assert server.stats()["byOperation"] == {
        "getContactFilterTypes": 1,
        "getCompanyFilterValues": 1,
        "getContactFilterValues": 1,
    }
