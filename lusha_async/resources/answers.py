"""A reply as the envelope that its method promises."""

from typing import Any, TypeVar, cast

import attrs

from ..errors import UnreadableAnswerError
from ..models.common import Envelope
from ..models.converter import structure
from ..pipeline import Reply

__all__ = ["envelope", "unwrapped"]

E = TypeVar("E", bound=Envelope)


def envelope(reply: Reply, cls: type[E]) -> E:
    """The payload as `cls`, with the quota of its headers. `UnreadableAnswerError` names its operation."""
    return _read(reply, reply.payload, cls)


def unwrapped(reply: Reply, cls: type[E]) -> E:
    """`envelope` for an answer that wraps its object, or its list of `results`, in a member `data`."""
    payload: object = reply.payload
    if not isinstance(payload, dict) or "data" not in payload:
        return envelope(reply, cls)
    around = dict(cast(dict[str, Any], payload))
    data: object = around.pop("data")
    if "results" in attrs.fields_dict(cls):
        return _read(reply, {**around, "results": data}, cls)
    if data is None:
        return _read(reply, around, cls)
    if not isinstance(data, dict):
        return _read(reply, data, cls)  # no object: says so
    return _read(reply, {**around, **cast(dict[str, Any], data)}, cls)


def _read(reply: Reply, payload: Any, cls: type[E]) -> E:
    try:
        return attrs.evolve(structure(payload, cls), quota=reply.quota)
    except UnreadableAnswerError as error:
        error.operation = reply.operation
        error.attempts = reply.attempts
        raise
