"""What the command prints: harmless, and never a reason to stop."""

import ast
import io
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lusha_async.cli
from lusha_async.cli import text
from lusha_async.cli.text import harmless, say, say_json

CLI = Path(lusha_async.cli.__file__).parent


@given(st.text(st.characters(categories=None)))
def test_printed_text_is_one_harmless_line(raw: str) -> None:
    """No control, no invisible character, no line end and no half character is left; what is readable stays."""
    shown = harmless(raw)
    for character in shown:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(shown.splitlines()) <= 1
    shown.encode()
    readable = "".join(c for c in raw if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert all(character in shown for character in readable)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Zoë Ångström 日本", "Zoë Ångström 日本"),
        ("a\tb", "a b"),
        ("a\nb\r\u2028", "a\\u000ab\\u000d\\u2028"),
        ("\x1b[31m", "\\u001b[31m"),
        ("\x9b31m", "\\u009b31m"),
        ("\u202eabc", "\\u202eabc"),
        ("\u200bx\ufeff", "\\u200bx\\ufeff"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\ud800", "\\ud800"),
    ],
)
def test_escapes_are_those_of_json(raw: str, shown: str) -> None:
    """A reader knows them, and a line of JSON stays the same text."""
    assert harmless(raw) == shown


@given(st.recursive(st.none() | st.text(st.characters(categories=None)), lambda v: st.lists(v, max_size=3)))
def test_a_line_of_json_is_the_same_value(value: object) -> None:
    """Whatever is escaped for the terminal."""
    with pytest.MonkeyPatch.context() as patch:
        stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        patch.setattr(sys, "stdout", stream)
        assert say_json(value)
        line = stream.buffer.getvalue().decode()  # type: ignore[attr-defined]
    assert line.count("\n") == 1
    assert json.loads(line) == value


def test_a_colour_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    """None in a pipe, and none where NO_COLOR is set; the text is harmless all the same."""

    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", shown := Terminal())
    say("a\x1bb", colour="red")
    assert shown.getvalue() == "\x1b[31ma\\u001bb\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    say("c", colour="red")
    monkeypatch.setattr(sys, "stdout", piped := io.StringIO())
    monkeypatch.delenv("NO_COLOR")
    say("d", colour="red")
    assert shown.getvalue().endswith("\x1b[0m\nc\n")
    assert piped.getvalue() == "d\n"


def test_a_stream_that_cannot_encode_shows_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ASCII terminal, and no stream at all."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stderr", stream)
    assert say("Zoë", err=True)
    assert stream.buffer.getvalue() == b"Zo\\xeb\n"  # type: ignore[attr-defined]
    monkeypatch.setattr(sys, "stderr", None)
    assert not say("x", err=True)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
@pytest.mark.parametrize("broken", ["exec >&-", "exec > /dev/full", "exec 2>&- >&-"])
def test_a_broken_stream_is_no_error(broken: str) -> None:
    """`say` tells that nothing was shown; the interpreter ends with the command's own status, without a word."""
    code = (
        "import sys; from lusha_async.cli.text import say; shown = say('x'); say('y'); sys.exit(1 if shown else 7)"
    )
    done = subprocess.run(
        ["sh", "-c", f'{broken}; exec "$0" -c "$1"', sys.executable, code],
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (7, b"")


def test_the_command_prints_in_one_place() -> None:
    """No module of the command but `text` writes to a standard stream: others' texts would reach the terminal raw."""
    found = []
    for path in sorted(CLI.rglob("*.py")):
        if path == Path(text.__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            call = ast.unparse(node.func)
            if call in {"print", "typer.echo", "typer.secho", "click.echo"} or call.startswith(
                ("sys.stdout", "sys.stderr")
            ):
                found.append(f"{path.relative_to(CLI)}:{call}({ast.unparse(node.args[0]) if node.args else ''})")
    allowed = {"app.py:typer.echo(context.get_help())", "progress.py:sys.stderr.isatty()"}
    assert set(found) == allowed
