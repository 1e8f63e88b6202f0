"""The examples of a page of documentation, for tests that run them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from lusha_async import sandbox

__all__ = ["ROOT", "Page", "named_by_the_environment"]

ROOT = Path(__file__).parents[1]


@frozen
class Page:
    """A page, by its path; `<!-- example: name -->` or `<!-- output: name -->` precedes a block."""

    path: str

    @property
    def text(self) -> str:
        """The whole page."""
        return (ROOT / self.path).read_text(encoding="utf-8")

    def names(self) -> list[str]:
        """The names of its examples, in order."""
        return re.findall(r"<!-- example: (\w+) -->", self.text)

    def example(self, name: str) -> dict[str, Any]:
        """Run an example as a module; returns the names that it defines."""
        module: dict[str, Any] = {"__name__": name}
        exec(compile(self._block("example", name), f"{self.path} ({name})", "exec"), module)
        return module

    def output(self, name: str) -> str:
        """What the page says that an example prints."""
        return self._block("output", name).removesuffix("\n")

    def _block(self, kind: str, name: str) -> str:
        found = re.search(rf"<!-- {kind}: {name} -->\n```\w+\n(.*?)^```$", self.text, re.DOTALL | re.MULTILINE)
        assert found, f"{self.path} has no {kind} {name}"
        return found[1]


@asynccontextmanager
async def named_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, **settings: Any
) -> AsyncIterator[sandbox.Server]:
    """A sandbox on a real port, which `LushaClient()` finds as a user's program would."""
    async with sandbox.serve(**settings) as server:
        monkeypatch.setenv("LUSHA_BASE_URL", server.url)
        monkeypatch.setenv("LUSHA_API_KEY", server.api_key)
        yield server
