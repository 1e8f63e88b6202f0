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


def is_foreign(sent: bytes | None, answer: bytes) -> bool:
    """Whether `answer` has a reference of another request than the one whose body is `sent`. Both are JSON."""
    return not _requests(answer) <= _requests(sent or b"")


def _requests(content: bytes) -> set[bytes]:
    return {rest[:_DIGITS] for rest in content.split(MARK)[1:]}
