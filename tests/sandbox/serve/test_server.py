"""A sandbox on a port: errors at its start are raised at once, in a loop and in a thread."""

import sys
import time

import pytest

from lusha_async import sandbox


@pytest.fixture
def _without_uvicorn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "lusha_async.sandbox.serve.uvicorn_server", raising=False)


@pytest.mark.usefixtures("_without_uvicorn")
@pytest.mark.asyncio
async def test_a_missing_extra_is_named() -> None:
    """Without uvicorn the error says what to install, and the port is free again."""
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'lusha-async\[sandbox\]'"):
        async with sandbox.serve():
            pass


@pytest.mark.usefixtures("_without_uvicorn")
def test_a_thread_that_cannot_serve_says_so() -> None:
    """The error of the thread is raised where it was started, without waiting for a start that will not come."""
    began = time.monotonic()
    with pytest.raises(ModuleNotFoundError, match="sandbox"), sandbox.serve_in_thread():
        pass
    assert time.monotonic() - began < 5


def test_a_wrong_setting_is_refused_in_a_thread_too() -> None:
    """As ValueError, with the names that are known."""
    with pytest.raises(ValueError, match="plan must be one of"), sandbox.serve_in_thread(plan="gold"):
        pass
