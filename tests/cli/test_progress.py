"""Progress: bars on a terminal, plain lines elsewhere."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from lusha_async.cli.progress import progress_reporter

from .command import Account, command, environment


def _on_a_terminal(arguments: list[str], cwd: Path, **variables: str) -> tuple[int, str]:
    """Run the command with a terminal as its standard error; its exit status and what the terminal saw."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        command(*arguments),
        cwd=cwd,
        env=environment(**variables),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    seen = bytearray()
    while True:
        try:
            data = os.read(controller, 65536)
        except OSError:  # the terminal is gone with its last process
            break
        if not data:
            break
        seen += data
    os.close(controller)
    return process.wait(timeout=30), seen.decode()


def test_a_terminal_gets_a_bar(folder: Path, account: Account) -> None:
    """The bar reaches its end and the summary follows."""
    (folder / "in.csv").write_text("Website\n" + "".join(f"company-{number}.example\n" for number in range(300)))
    arguments = ["enrich", "companies", "in.csv", "--map", "domain=Website", "-o", "out.jsonl"]
    status, seen = _on_a_terminal(arguments, folder, TERM="xterm-256color")
    assert status == 0, seen
    assert "\x1b[" in seen
    assert "300 / 300" in seen
    assert "out.jsonl: 300 rows" in seen


def test_a_dumb_terminal_gets_plain_lines(folder: Path, account: Account) -> None:
    """TERM=dumb is believed."""
    (folder / "in.csv").write_text("Website\na.example\n")
    arguments = ["enrich", "companies", "in.csv", "--map", "domain=Website", "-o", "out.jsonl"]
    status, seen = _on_a_terminal(arguments, folder, TERM="dumb")
    assert status == 0, seen
    assert "\x1b" not in seen
    assert "companies: 1 of 1 (100 %)" in seen


def test_plain_lines_are_few(capsys: pytest.CaptureFixture[str]) -> None:
    """A thousand updates in a short time print one line, at the end."""
    with progress_reporter() as progress:
        progress.add_track("rows", 1_000)
        for done in range(1, 1_001):
            progress.update("rows", done, "on the way")
        progress.write_line("done")
    assert capsys.readouterr().err == "rows: 1,000 of 1,000 (100 %)  on the way\ndone\n"
