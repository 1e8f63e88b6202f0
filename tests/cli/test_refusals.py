"""What the command refuses: one clear line, exit status 2, nothing paid sent, nothing left behind."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lusha_async.cli.app import run

from .command import Account, command, environment

Prepare = Callable[[Path], None]

CASES: dict[str, tuple[list[str], str]] = {
    "no such file": (["none.csv"], 'there is no file "none.csv"'),
    "a folder": (["."], "is a folder"),
    "an empty file": (["empty.csv"], "is empty"),
    "not UTF-8": (["latin.csv"], "not UTF-8, line 2"),
    "no such column": (["good.csv", "--map", "domain=Web site"], 'did you mean "Website"'),
    "an unknown field": (["good.csv", "--map", "site=Website"], '"site"'),
    "no map": (["good.csv", "--no-map"], "--map"),
    "the output exists": (["good.csv", "-o", "there.jsonl"], "--force"),
    "the output is the input": (["good.csv", "-o", "good.csv", "--force"], "input itself"),
    "no folder for the output": (["good.csv", "-o", "none/out.jsonl"], "there is no folder"),
    "a budget of nothing": (["good.csv", "--budget", "0"], "positive whole number"),
    "a negative budget": (["good.csv", "--budget", "-1"], "positive whole number"),
    "a budget in words": (["good.csv", "--budget", "ten"], "positive whole number"),
    "half a credit": (["good.csv", "--budget", "1.5"], "positive whole number"),
    "no such premium field": (["good.csv", "--reveal", "intnt"], 'did you mean "intent"'),
    "nothing to resume": (["good.csv", "--resume"], "nothing to resume"),
    "an unknown option": (["good.csv", "--fast"], "--fast"),
    "a limit of nothing": (["good.csv", "--limit", "0"], "--limit"),
    "unreachable": (["good.csv", "--base-url", "http://127.0.0.1:9"], "no response from http://127.0.0.1:9"),
    "a base URL that gives the key away": (["good.csv", "--base-url", "http://api.example"], "https://"),
    "a base URL that is none": (["good.csv", "--base-url", "api"], "base URL"),
}


@pytest.fixture
def files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder with some files."""
    monkeypatch.chdir(folder)
    Path("good.csv").write_text("Account Name,Website\nA,a.example\n")
    Path("empty.csv").write_bytes(b"")
    Path("latin.csv").write_bytes("Website\ncafé.example\n".encode("latin-1"))
    Path("there.jsonl").write_text("before")
    return folder


def _arguments(given: list[str]) -> list[str]:
    arguments = ["enrich", "companies", *given]
    if "--no-map" in given:
        arguments.remove("--no-map")
    elif "--map" not in given:
        arguments += ["--map", "domain=Website"]
    return arguments if "-o" in given else [*arguments, "-o", "out.jsonl"]


def _refused(arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("lusha-async: ")
    assert captured.err.count("\n") == 1
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    return captured.err


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_one_line(
    name: str, files: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line says what is wrong; nothing is sent but account usage, and no file is touched."""
    given, says = CASES[name]
    assert says in _refused(_arguments(given), files, capsys)
    assert set(account.requests) <= {"getAccountUsage"}


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (None, "LUSHA_API_KEY"),
        ("", "LUSHA_API_KEY"),
        ("two words", "LUSHA_API_KEY"),
        ("00000000-0000-0000-0000-000000000000", "Invalid API key"),
        ("too-short", "Invalid API key format"),
    ],
)
def test_a_key_that_is_missing_or_refused_is_one_line(
    key: str | None,
    says: str,
    files: Path,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The key is tried with account usage, which is free, and never shown."""
    if key is None:
        monkeypatch.delenv("LUSHA_API_KEY")
    else:
        monkeypatch.setenv("LUSHA_API_KEY", key)
    error = _refused(_arguments(["good.csv"]), files, capsys)
    assert says in error
    assert not key or key not in error
    assert set(account.requests) <= {"getAccountUsage"}


def test_the_console_prints_no_traceback(files: Path) -> None:
    """A refusal in a process of its own: one line on standard error, exit status 2."""
    done = subprocess.run(
        command("enrich", "companies", "none.csv", "--map", "domain=Website", "-o", "out.jsonl"),
        check=False,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'lusha-async: there is no file "none.csv"\n'


@pytest.mark.parametrize(("module", "extra"), [("typer", "cli"), ("rich", "cli"), ("uvicorn", "sandbox")])
def test_a_missing_extra_is_one_line(module: str, extra: str) -> None:
    """Without an extra's package the command says what to install, exit status 2."""
    script = (
        f"import sys; sys.modules[{module!r}] = None; sys.argv[1:] = ['demo'];"
        "from lusha_async.__main__ import main; main()"
    )
    done = subprocess.run(
        [*command()[:-2], "-c", script],
        check=False,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=30,
    )
    assert done.returncode == 2
    assert (
        done.stderr
        == f"lusha-async: this command needs the package {module}: pip install 'lusha-async[{extra}]'\n"
    )


def test_help_needs_the_cli_extra_alone() -> None:
    """The subcommands are listed without the servers' packages."""
    script = (
        "import sys; sys.modules.update(dict.fromkeys(['starlette', 'uvicorn']));"
        "from lusha_async.cli.app import run; sys.exit(run(['--help']))"
    )
    done = subprocess.run(
        [*command()[:-2], "-c", script], check=False, capture_output=True, text=True, env=environment(), timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ("demo", "enrich", "sandbox", "webhooks"))
