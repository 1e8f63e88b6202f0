"""A request and its answer as the sandbox sees them."""

import enum
from collections.abc import Mapping

from attrs import field, frozen

__all__ = ["Delivered", "Incoming", "Outgoing"]


class Delivered(enum.Enum):
    """How an answer reaches the client."""

    WHOLE = enum.auto()
    RESET = enum.auto()
    """Not at all: the connection breaks."""
    TRUNCATED = enum.auto()
    """Half of it, then the connection breaks."""
    REFUSED = enum.auto()
    """Not at all, and for a while nobody listens."""


@frozen(kw_only=True)
class Incoming:
    """A request. `path` is percent-encoded as it was sent, header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    content: bytes = field(default=b"", repr=False)


@frozen(kw_only=True)
class Outgoing:
    """An answer, ready to be sent. `drip`: seconds that the body takes; `refusal`: while nobody listens."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    delivered: Delivered = Delivered.WHOLE
    drip: float = 0.0
    refusal: float = 0.0
