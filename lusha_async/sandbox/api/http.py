"""HTTP requests and responses as the servers and the sandbox exchange them."""

import enum
from collections.abc import Mapping

from attrs import field, frozen

__all__ = ["Delivered", "HTTPRequest", "HTTPResponse"]


class Delivered(enum.Enum):
    """How a response reaches the client."""

    COMPLETE = enum.auto()
    RESET = enum.auto()
    """Not at all: the connection is reset."""
    TRUNCATED = enum.auto()
    """Half of the body, then the connection is reset."""
    REFUSED = enum.auto()
    """Not at all, and new connections are refused for a while."""


@frozen(kw_only=True)
class HTTPRequest:
    """A request. `path` is percent-encoded, header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    content: bytes = field(default=b"", repr=False)


@frozen(kw_only=True)
class HTTPResponse:
    """A response.

    `drip` is the time that the body takes, `refusal` the time for which connections are refused, in seconds.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    delivered: Delivered = Delivered.COMPLETE
    drip: float = 0.0
    refusal: float = 0.0
