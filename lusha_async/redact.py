"""Keep personal data and keys out of logs, reprs and exception texts.

The vendor quotes rejected values in its messages, and a rejected value may be somebody's e-mail address.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

__all__ = ["personal", "redact"]

_MASKS = (
    (re.compile(r"https?://\S+|www\.\S+|\S*linkedin\.com\S*", re.IGNORECASE), "<url>"),
    (re.compile(r"[^\s@\"'<>(),;:]+@[^\s@\"'<>(),;:]+"), "<email>"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r"whsec_\S+"), "<secret>"),
    (re.compile(r"\"(?:[^\"\\]|\\.)*\"|(?<!\w)'[^']*'(?!\w)|“[^”]*”"), "<value>"),
    (re.compile(r"\+?\(?\d[\d\s().-]{7,}\d"), "<number>"),
)
_LONGEST = 500
_OF_PEOPLE = frozenset(
    {
        "contactNames",
        "email",
        "emails",
        "firstName",
        "fullName",
        "lastName",
        "linkedinUrl",
        "linkedinUrls",
        "names",
        "previousEmails",
        "query",
        "searchText",
    }
)
"""Members of requests that name people, or words by which to find them."""


def redact(text: str, hide: re.Pattern[str] | None = None) -> str:
    """`text` on one line, at most 500 characters, its addresses, numbers and quoted values masked.

    So is what `hide` finds: see `personal`.
    """
    text = " ".join(text[: 4 * _LONGEST].split())
    if hide is not None:
        text = hide.sub("<value>", text)
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def personal(content: bytes | None) -> re.Pattern[str] | None:
    """What finds the names, addresses and profiles of people that a request's body held; None if it held none.

    The vendor may repeat them in the words of its refusal, and a name looks like any other word.
    """
    try:
        named = {word for word in _named(json.loads(content or b"{}")) if len(word) > 1}
    except RecursionError:  # nested as deep as nothing that names people is
        return None
    if not named:
        return None
    # A message may repeat but the last of two names, or letters and their accents apart.
    words = named | {part for word in named for part in word.split() if len(part) > 2}
    words |= {unicodedata.normalize(form, word) for word in words for form in ("NFC", "NFD")}
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first))})(?![^\W_])", re.IGNORECASE)


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, value in cast(Mapping[str, Any], node).items():
            yield from _texts(value) if name in _OF_PEOPLE else _named(value)
    elif isinstance(node, list):
        for item in cast(Sequence[Any], node):
            yield from _named(item)


def _texts(value: Any) -> Iterator[str]:
    """The texts of a member that names people, each on one line as texts that may be logged are."""
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, list):
        for item in cast(Sequence[Any], value):
            yield from _texts(item)
