"""Keep personal data and keys out of logs, reprs and exception texts.

The vendor quotes rejected values in its messages, and a rejected value may be somebody's e-mail address.
"""

import re

__all__ = ["redact"]

_MASKS = (
    (re.compile(r"https?://\S+|www\.\S+|\S*linkedin\.com\S*", re.IGNORECASE), "<url>"),
    (re.compile(r"[^\s@\"'<>(),;:]+@[^\s@\"'<>(),;:]+"), "<email>"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r"whsec_\S+"), "<secret>"),
    (re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|“[^”]*”"), "<value>"),
    (re.compile(r"\+?\(?\d[\d\s().-]{7,}\d"), "<number>"),
)
_LONGEST = 500


def redact(text: str) -> str:
    """`text` on one line, at most 500 characters, its addresses, numbers and quoted values masked."""
    text = " ".join(text[: 4 * _LONGEST].split())
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
