"""A sandbox in a process of its own, for all tests of the command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .command import Books


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[tuple[str, str]]:
    from lusha_async.sandbox import spawn

    with spawn(limits=False) as server:
        yield server.url, server.api_key


@pytest.fixture
def books(_sandbox: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Books:
    """The sandbox, its books empty; key and base URL are in the environment."""
    url, key = _sandbox
    monkeypatch.setenv("LUSHA_BASE_URL", url)
    monkeypatch.setenv("LUSHA_API_KEY", key)
    books = Books(url)
    books.reset()
    return books


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a space in its name."""
    path = tmp_path / "a folder"
    path.mkdir()
    return path
