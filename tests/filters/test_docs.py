"""docs/filters.md: each example runs and prints what the page shows."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from lusha_async import InvalidRequestError, sandbox
from tests.examples import Page, named_by_the_environment

PAGE = Page("docs/filters.md")

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[sandbox.Server]:
    """A small sandbox."""
    async with named_by_the_environment(monkeypatch, companies=211) as running:
        yield running


async def test_the_check_prints_what_the_page_shows(server: sandbox.Server) -> None:
    """The report of the first example is the text below it, and takes six free requests."""
    report = await PAGE.example("check")["report"]()
    assert str(report) == PAGE.output("check")
    assert server.stats()["credits"]["used"] == 0
    assert server.stats()["byOperation"] == {"getContactFilterValues": 5, "getCompanyFilterValues": 1}


async def test_the_strict_example_finds_people(server: sandbox.Server) -> None:
    """A misspelt value is corrected; one without a suggestion raises an error before any credit is spent."""
    prospects = PAGE.example("strict")["prospects"]
    assert len(await prospects({"contacts": {"include": {"departments": ["Enginering"]}}})) == 20
    spent = server.stats()["credits"]["used"]
    with pytest.raises(InvalidRequestError, match=r"contacts\.include\.departments\[0\]"):
        await prospects({"contacts": {"include": {"departments": ["Qqqqq"]}}})
    assert server.stats()["credits"]["used"] == spent


async def test_the_lists_example_costs_three_requests(
    server: sandbox.Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """One request each for types, technologies and departments; the second read of a list comes from the cache."""
    departments, age = await PAGE.example("lists")["departments"]()
    assert "Sales" in departments
    assert 0 <= age < 10
    assert "locations by a query" in capsys.readouterr().out
    assert server.stats()["byOperation"] == {
        "getContactFilterTypes": 1,
        "getCompanyFilterValues": 1,
        "getContactFilterValues": 1,
    }
