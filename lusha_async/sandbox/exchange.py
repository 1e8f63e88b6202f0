"""A request and its answer as the sandbox sees them."""

from collections.abc import Mapping

from attrs import field, frozen

__all__ = ["Incoming", "Outgoing"]


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
    """An answer, ready to be sent."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
