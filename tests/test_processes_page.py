"""What the page about several processes says, with real web servers and processes."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from lusha_async import sandbox
from tests.examples import Page, named_by_the_environment

PAGE, README = Page("docs/processes.md"), Page("README.md")


@pytest_asyncio.fixture
async def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[sandbox.Server]:
    monkeypatch.setenv("LUSHA_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("LUSHA_GOVERNOR", "host")
    async with named_by_the_environment(monkeypatch, plan="scale") as running:
        yield running


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[sandbox.Spawned]:
    """A sandbox in a process of its own, which nothing in the test's event loop delays; it works for its answers."""
    monkeypatch.setenv("LUSHA_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("LUSHA_GOVERNOR", "host")
    with sandbox.spawn(plan="scale", faults=["latency,seconds=0.1"]) as running:
        monkeypatch.setenv("LUSHA_BASE_URL", running.url)
        monkeypatch.setenv("LUSHA_API_KEY", running.api_key)
        yield running


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.asyncio
async def test_who_shares_the_limits_is_shown(server: sandbox.Server, capsys: pytest.CaptureFixture[str]) -> None:
    """The example of the page runs; a process alone has no board."""
    await PAGE.example("look")["look"]()
    assert capsys.readouterr().out.splitlines()[-1] == "alone this machine"


@pytest.mark.asyncio
async def test_the_web_example_keeps_the_limit_on_four_workers(vendor: sandbox.Spawned, tmp_path: Path) -> None:
    """The README's application, unchanged, under `uvicorn --workers 4`: at the full rate, next to none refused."""
    (tmp_path / "app.py").write_text(README._block("example", "web"), encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "app:app", "--workers", "4", "--port", str(port)]
    process = subprocess.Popen(  # noqa: ASYNC220 - it runs beside the test
        [*command, "--log-level", "error"], cwd=tmp_path, env=os.environ | {"PYTHONPATH": os.getcwd()}
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            await until_answered(client)
            began = time.monotonic()
            answered = 0

            async def browse() -> None:
                nonlocal answered
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as own:
                    for _ in range(15):
                        answer = await own.get("/who", params={"email": "somebody@amber-anchor-labs.example"})
                        assert answer.status_code in {200, 503}
                        answered += answer.status_code == 200

            await asyncio.gather(*(browse() for _ in range(10)))
            seconds = time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    stats = await asyncio.to_thread(vendor.stats)
    assert answered == 150
    assert stats["refused"] <= 2  # six programs on two cores delay each other
    assert stats["busiestSecond"] <= 27
    assert seconds < 2 * 150 / 25


async def until_answered(client: httpx.AsyncClient) -> None:
    """Until the web server serves."""
    for _ in range(200):
        try:
            await client.get("/who")
        except httpx.TransportError:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the web server did not start")
