"""A sandbox in a process of its own, for all tests of the command."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from .command import Account


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[str]:
    from lusha_async.sandbox import spawn

    with spawn(limits=False) as server:
        yield server.url


@pytest.fixture
def account(_sandbox: str, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The account of the sandbox, reset; its base URL and a key are in the environment.

    Each test has its own key, and so a governor that has not requested account usage yet.
    """
    monkeypatch.setenv("LUSHA_BASE_URL", _sandbox)
    monkeypatch.setenv("LUSHA_API_KEY", str(uuid.uuid4()))
    account = Account(_sandbox)
    account.reset()
    return account


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a space in its name."""
    path = tmp_path / "a folder"
    path.mkdir()
    return path
