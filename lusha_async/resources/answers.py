"""A reply as the envelope that its method promises."""

from typing import Any, TypeVar, cast

from attrs import evolve

from ..errors import UnreadableAnswerError
from ..models.common import Envelope
from ..models.converter import structure
from ..pipeline import Reply

__all__ = ["envelope", "unwrapped"]

E = TypeVar("E", bound=Envelope)


def envelope(reply: Reply, cls: type[E]) -> E:
    """The payload as `cls`, with the quota of its headers. `UnreadableAnswerError` names its operation."""
    try:
        return evolve(structure(reply.payload, cls), quota=reply.quota)
    except UnreadableAnswerError as error:
        error.operation = reply.operation
        error.attempts = reply.attempts
        raise


def unwrapped(reply: Reply, cls: type[E]) -> E:
    """`envelope` for an answer that wraps its object, or its list of results, in a member `data`."""
    payload: object = reply.payload
    if not isinstance(payload, dict):
        return envelope(reply, cls)
    around = dict(cast(dict[str, Any], payload))
    data = around.pop("data", None)
    if isinstance(data, list):
        around["results"] = data
    elif isinstance(data, dict):
        around |= cast(dict[str, Any], data)
    elif data is not None:
        around["data"] = data
    return envelope(evolve(reply, payload=around), cls)
