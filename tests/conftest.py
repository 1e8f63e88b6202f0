"""What every test gets: no key or base URL from the machine it runs on, and no limits shared with another test."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SHARED = Path(os.environ.get("LUSHA_ASYNC_SHARED", Path(__file__).parents[2] / "shared"))


os.environ["LUSHA_GOVERNOR"] = "process"  # inherited by the processes that tests start

# No deadline for an example: a busy machine is no fault of the code. CI draws the same examples each time, so that
# a change is judged by what it changes; on a developer's machine they are new ones at every run.
settings.register_profile(
    "project",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")


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
