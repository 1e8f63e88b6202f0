"""What every test gets: no key or base URL from the machine it runs on."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("LUSHA_ASYNC_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LUSHA_API_KEY", "LUSHA_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def shared() -> Path:
    """The vendor's contract and the real data, where the developers have them; else the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip("the vendor's contract is not on this machine")
    return SHARED
