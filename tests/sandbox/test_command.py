"""`lusha-async sandbox` as a process: its URL, its end, and what it refuses."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("typer")

COMMAND = [sys.executable, "-m", "lusha_async", "sandbox"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry), "COLUMNS": "200"}


@contextmanager
def started(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str, str]]:
    """The command, running: the process, its URL, and the line to paste."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdout is not None
        try:
            first, second = process.stdout.readline(), process.stdout.readline()
            found = re.search(r"http://[0-9.:]+", first)
            assert found, (first, process.stderr.read() if process.stderr else "")
            yield process, found[0], second
        finally:
            if process.poll() is None:
                process.kill()


def refused(*arguments: str) -> str:
    """The one line with which the command refuses to start."""
    command = [*COMMAND, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=ENVIRONMENT, timeout=30)
    assert (done.returncode, done.stdout) == (2, ""), done
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_answers_and_stops_cleanly(number: signal.Signals) -> None:
    """The pasted line names its URL and a key that works; both signals end it with status 0 and no trace."""
    with started("--plan", "pro", "--credits", "77") as (process, url, line):
        exported = dict(re.findall(r"(\w+)=(\S+)", line))
        assert exported["LUSHA_BASE_URL"] == url
        request = urllib.request.Request(f"{url}/v3/account/usage", headers={"api_key": exported["LUSHA_API_KEY"]})
        with urllib.request.urlopen(request, timeout=10) as answer:
            output = json.load(answer)
        assert (output["plan"]["category"], output["credits"]["total"]) == ("professional", 77)
        process.send_signal(number)
        output, problems = process.communicate(timeout=10)
        assert (process.returncode, output, problems) == (0, "stopped\n", "")


def test_it_warns_loudly_when_it_listens_on_the_network() -> None:
    """Any other address than loopback is warned of on standard error."""
    with started("--host", "0.0.0.0") as (process, _, _):
        process.send_signal(signal.SIGINT)
        assert "WARNING" in process.communicate(timeout=10)[1]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--page-min", "0"], "page_min must be an integer of 1"),
        (["--page-max", "0"], "page_max must be an integer of 1"),
        (["--page-min", "30", "--page-max", "20"], "page_min must not be above page_max"),
    ],
)
def test_page_sizes_that_make_no_sense(arguments: list[str], problem: str) -> None:
    """The options are those of the settings, and are refused in one line."""
    assert problem in refused(*arguments)


def test_a_taken_port_is_one_clear_line() -> None:
    """The port is named, and what to do."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused("--port", str(port))
    assert f"port {port} is taken" in line
    assert "--port 0" in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--plan", "gold"], "plan must be one of"),
        (["--limits", "some"], "--limits must be on or off"),
        (["--limit-rule", "leaky"], "limit_rule must be one of"),
        (["--fault", "500,share=9"], "share must be"),
        (["--config", "nowhere.toml"], "cannot read nowhere.toml"),
        (["--external-traffic", "-1"], "external_traffic must be a number of 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: list[str], words: str) -> None:
    """One line says what is wrong; nothing is started."""
    assert words in refused(*arguments)


def test_settings_and_faults_come_from_files(tmp_path: Path) -> None:
    """Options go before the file; the rules of both files and of the command line are in force."""
    config, rules = tmp_path / "settings.toml", tmp_path / "faults.toml"
    config.write_text('plan = "pro"\ncredits = 5\n[[faults]]\nkind = "500"\nnth = 9\n')
    rules.write_text('[[faults]]\nkind = "502"\n')
    with started("--config", str(config), "--plan", "scale", "--faults", str(rules), "--fault", "503") as (
        _,
        url,
        _,
    ):
        with urllib.request.urlopen(f"{url}/_sandbox/stats", timeout=10) as answer:
            output = json.load(answer)
        with urllib.request.urlopen(f"{url}/_sandbox/faults", timeout=10) as answer:
            kinds = [rule["kind"] for rule in json.load(answer)]
    assert (output["plan"], output["credits"]["total"], kinds) == ("scale", 5, ["500", "502", "503"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plan = ", "is not TOML"),
        ("colour = 1", "unknown setting 'colour'"),
        ('[[faults]]\nkind = "x"', "kind must be"),
    ],
)
def test_a_file_that_is_wrong_is_refused(text: str, words: str, tmp_path: Path) -> None:
    """The line says what is wrong with it."""
    config = tmp_path / "settings.toml"
    config.write_text(text)
    assert words in refused("--config", str(config))
