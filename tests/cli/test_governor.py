"""`lusha-async governor` shows what processes share, and changes nothing."""

import asyncio
import json
from pathlib import Path

import pytest

from lusha_async.cli.app import run
from lusha_async.governor import Governor, Lane
from lusha_async.governor._board.host_store import HostStore
from lusha_async.governor.governor import _place
from lusha_async.operations import BY_NAME, Scope

KEY, URL = "a-key-of-the-command", "https://shown.example"
SEARCH = next(operation for operation in BY_NAME.values() if operation.scope is Scope.GENERAL)


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LUSHA_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("LUSHA_API_KEY", KEY)
    monkeypatch.setenv("LUSHA_BASE_URL", URL)
    monkeypatch.setenv("LUSHA_GOVERNOR", "host")


def test_without_a_board_it_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One process or none: no board, and looking for it makes none."""
    assert run(["governor"]) == 0
    assert capsys.readouterr().out == "no board: fewer than two processes of this account send here\n"
    assert run(["governor", "--json"]) == 0
    assert capsys.readouterr().out == "null\n"
    assert not list((tmp_path / "run").iterdir())


def test_it_shows_the_processes_and_what_is_left(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Two processes, one with a request in flight: as text and as JSON, and the board stays as it is."""

    async def share() -> bytes:
        governors = [Governor(_store=HostStore(_place(KEY, URL, None, None)[1])) for _ in range(2)]
        async with governors[0].slot(SEARCH) as first:
            first.sent()
            first.lost()
        async with governors[1].slot(SEARCH, lane=Lane.BULK) as permit:
            permit.sent()
            board = next((tmp_path / "run").glob("*.board"))
            while b'"in_flight":1' not in board.read_bytes():
                await asyncio.sleep(0.01)
            before = board.read_bytes()
            assert await asyncio.to_thread(run, ["governor"]) == 0
            assert await asyncio.to_thread(run, ["governor", "--json"]) == 0
            permit.lost()
            return before

    asyncio.run(share())
    *lines, document = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("processes on this machine, 1 requests in flight")
    assert lines[1].startswith("  second  25 of 25 requests in 1.")
    values = json.loads(document)
    assert values["in_flight"] == 1
    assert values["board"]["store"] == "this machine"
    assert sum(peer["in_flight"] for peer in values["board"]["peers"]) == 1
    assert KEY not in document


def test_a_redis_that_cannot_be_reached_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The text names the server, never the password."""
    assert run(["governor", "--governor", "redis://:secret@127.0.0.1:1/0"]) == 2
    shown = capsys.readouterr().err
    assert "the board on redis://127.0.0.1:1/0 cannot be read: ConnectionError" in shown
    assert "secret" not in shown


@pytest.mark.parametrize("where", ["process", "memcached://host", "redis"])
def test_a_place_that_is_none_is_refused(where: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the governor may be is in the text."""
    assert run(["governor", "--governor", where]) == 2
    assert "lusha-async: governor " in capsys.readouterr().err
