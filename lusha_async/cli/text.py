"""Text on standard output and standard error: harmless to the terminal, and never a reason to stop.

Names, reasons, types, ids and columns come from others. A control character in them could move the cursor, rewrite
what was printed or type into the shell (ESC, OSC, C1), add lines, or turn the reading direction: all are escaped. A
stream that is closed, full or cannot encode a character ends no work: what cannot be shown is not shown.
"""

import os
import sys
import unicodedata
from contextlib import suppress
from typing import Any, TextIO

import typer

from .output import json_line

__all__ = ["harmless", "say", "say_json"]

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, formats (bidi, zero-width), surrogates, line ends


def harmless(text: str) -> str:
    """`text` with each character that is a control, invisible, or no character as a JSON escape; tabs are spaces."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_harmless, text))


def _harmless(character: str) -> str:
    if character == "\t":
        return " "
    if unicodedata.category(character) not in _UNSAFE:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


def say(text: str, *, err: bool = False, colour: str | None = None) -> bool:
    """Print one line, in `colour` on a terminal. False if it could not be shown; the stream is then given up."""
    stream = sys.stderr if err else sys.stdout
    line = harmless(text)
    if colour is not None and _is_terminal(stream) and not os.environ.get("NO_COLOR"):
        line = typer.style(line, fg=colour)
    return _write(stream, f"{line}\n")


def say_json(value: object) -> bool:
    """Print `value` as one line of JSON. False if it could not be shown; the stream is then given up."""
    return _write(sys.stdout, harmless(json_line(value).decode().rstrip("\n")) + "\n")


def _is_terminal(stream: TextIO | Any) -> bool:
    with suppress(OSError, ValueError, AttributeError):
        return bool(stream.isatty())
    return False


def _write(stream: TextIO | Any, line: str) -> bool:
    if stream is None:  # as under pythonw
        return False
    try:
        encoding = stream.encoding or "utf-8"
        stream.write(line.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except (OSError, ValueError):  # a closed pipe or descriptor, a full disk
        _give_up(stream)
        return False
    return True


def _give_up(stream: TextIO | Any) -> None:
    """What is left in its buffer must not fail again when the interpreter flushes it at the end."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)
