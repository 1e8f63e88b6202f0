"""References of a batch's items, unique to the request: an answer to another request is recognized by them. Pure.

The vendor echoes `clientReferenceId`. Positions alone would fit any answer, and a connection that got out of step (a
doubled answer, a proxy that mixes them up) would bring another company's data under the right index.
"""

import secrets

__all__ = ["MARK", "is_foreign", "is_reference", "references"]

_PREFIX = "lusha-async:"
_DIGITS = 16

MARK = f'"{_PREFIX}'.encode()
"""How a reference begins in JSON."""


def references(count: int) -> list[str]:
    """A reference for each of `count` items of one request."""
    request = secrets.token_hex(_DIGITS // 2)
    return [f"{_PREFIX}{request}:{index}" for index in range(count)]


def is_reference(value: object) -> bool:
    """Whether `value` is one of `references`."""
    return isinstance(value, str) and value.startswith(_PREFIX)


def is_foreign(sent: bytes, answer: bytes) -> bool:
    """Whether `answer` is for another request than the one whose body is `sent`, which has `references`. Both are JSON.

    The first and the last reference of the answer tell: one search of a whole answer would take as long as parsing it.
    """
    own = _request(sent, sent.find(MARK))
    return any(at >= 0 and _request(answer, at) != own for at in (answer.find(MARK), answer.rfind(MARK)))


def _request(content: bytes, at: int) -> bytes:
    return content[at + len(MARK) : at + len(MARK) + _DIGITS]
