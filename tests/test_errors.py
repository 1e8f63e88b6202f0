"""Errors as Python objects: what can be assigned to them, and what a copy keeps."""

import pytest

from lusha_async.errors import InvalidRequestError, LushaError


def test_what_an_error_knows_is_read_only() -> None:
    """Facts of the call and of the class cannot be assigned to, whether they were set or have their default."""
    error = InvalidRequestError("ids[0]", "must be text")
    for name in ("operation", "attempts", "charged", "cursor", "path", "problem", "args"):
        with pytest.raises(AttributeError, match=name):
            setattr(error, name, None)
    assert (error.attempts, error.path) == (0, "ids[0]")


def test_tools_can_mark_an_error() -> None:
    """Private names, and those of Python itself, can be set again and again: tracers and frameworks do."""
    error = LushaError("text")
    for value in (1, 2):
        error._span = value  # type: ignore[attr-defined]
        error.__cause__ = KeyError(value)
    assert error.__dict__["_span"] == 2
    assert repr(error.__cause__) == "KeyError(2)"


def test_a_copy_with_facts_keeps_what_was_raised() -> None:
    """The traceback, the cause and the notes are those of the original; further notes are its own."""
    with pytest.raises(LushaError) as caught:
        raise LushaError("text", attempts=1) from KeyError("cause")
    raised = caught.value
    raised.add_note("a note")
    other = raised.with_facts(cursor="here")
    other.add_note("another")
    assert (other.attempts, other.cursor, other.__notes__) == (1, "here", ["a note", "another"])
    assert (other.__traceback__, other.__cause__) == (raised.__traceback__, raised.__cause__)
    assert (raised.cursor, raised.__notes__) == (None, ["a note"])
