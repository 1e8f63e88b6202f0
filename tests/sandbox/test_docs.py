"""docs/sandbox.md: every recipe runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lusha_async import sandbox
from lusha_async.sandbox.settings import settings_from
from tests.examples import Page

TEXT = Page("docs/sandbox.md").text
BLOCKS = re.findall(r"^```(\w+)( title=\S+)?\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}


def blocks(language: str, *, titled: bool = False) -> list[str]:
    """The blocks of a language."""
    return [text for name, title, text in BLOCKS if name == language and bool(title) is titled]


def run(*command: str, where: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command; fails if its exit status is not 0."""
    environment = {**ENVIRONMENT, **more}
    done = subprocess.run(
        command, check=False, cwd=where, env=environment, capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python(number: int, tmp_path: Path) -> None:
    """Each block of Python runs, and its assertions hold."""
    run(sys.executable, "-W", "error", "-c", blocks("python")[number], where=tmp_path)


@pytest.mark.parametrize("language", ["sh", "js"])
def test_shell_and_node(language: str, tmp_path: Path) -> None:
    """Each block for the shell or for Node runs against a sandbox, and answers without an error."""
    program = {"sh": "curl", "js": "node"}[language]
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} on this machine")
    with sandbox.serve_in_thread() as server:
        for text in blocks(language):
            environment = {"LUSHA_BASE_URL": server.url, "LUSHA_API_KEY": server.api_key}
            command = ["sh", "-ec", text] if language == "sh" else ["node", "--input-type=module", "-e", text]
            done = run(*command, where=tmp_path, **environment)
            assert done.stdout
            assert '"message"' not in done.stdout


def test_the_pytest_plugin(tmp_path: Path) -> None:
    """The two files of the recipe pass in a new pytest process with strict markers."""
    for _, title, text in BLOCKS:
        if title:
            (tmp_path / title.partition("=")[2]).write_text(text)
    done = run(sys.executable, "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider", where=tmp_path)
    assert "1 passed" in done.stdout


def test_the_settings_file(tmp_path: Path) -> None:
    """The settings of the page's TOML file are valid."""
    import tomllib

    (text,) = blocks("toml")
    made = sandbox.Settings(**settings_from(tomllib.loads(text)))
    assert (made.plan, made.external_traffic, made.prices["revealPhone"]) == ("pro", 2.0, (10, 1))
    assert made.faults[0].spread == "exponential"


def test_the_page_names_every_endpoint_and_kind_of_key() -> None:
    """Every admin endpoint, every kind of fault and every kind of key is on the page."""
    from lusha_async.sandbox.faults.rules import KINDS
    from lusha_async.sandbox.serve import admin

    for kind in KINDS:
        assert f"`{kind}`" in TEXT
    for _, name in admin.ENDPOINTS:
        assert f"/_sandbox/{name}" in TEXT
    for name in sandbox.__all__:
        assert not name.endswith("_KEY") or f"| `sandbox.{name}` |" in TEXT
