"""The text of a cursor: stored ones go on working."""

import pytest

from lusha_async._pages.cursor import Cursor, digest

STORED = [
    '{"v":1,"q":"7f37f6ce7c814efb","at":0,"given":0}',
    '{"v":1,"q":"7f37f6ce7c814efb","at":150,"given":148,"recent":"6b86b273ff34fce1d4735e3a265e16ee"}',
    '{"v":1,"q":"7f37f6ce7c814efb","at":20,"given":20,"session":"s1","rest":[{"id":"v1.21"},{"id":"v1.22"}]}',
]


@pytest.mark.parametrize("text", STORED)
def test_a_stored_cursor_is_read_and_written_as_it_was(text: str) -> None:
    """These texts were written by earlier versions, which read what this one writes."""
    assert Cursor.load(text, "7f37f6ce7c814efb").dump() == text


def test_its_members() -> None:
    """The members of the text are these attributes."""
    cursor = Cursor.load(STORED[1], "7f37f6ce7c814efb")
    assert (cursor.offset, cursor.rows_read) == (150, 148)
    assert cursor.recent == (digest(1), digest(2))
    assert Cursor.load(STORED[2], "7f37f6ce7c814efb").rest == ({"id": "v1.21"}, {"id": "v1.22"})
