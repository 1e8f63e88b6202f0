"""A reply as the envelope that its method promises."""

import json
from typing import Any, TypeVar, cast

import attrs

from ..collector import paused
from ..errors import UnreadableAnswerError
from ..models.common import Told
from ..models.converter import structure
from ..pipeline import Reply

__all__ = ["as_bytes", "envelope", "misread", "unwrapped"]

E = TypeVar("E", bound=Told)


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
    with paused():  # to the very end: the payload is freed on return, before a collection would walk it once more
        try:
            read = structure(payload, cls, notice=reply.notice)
        except UnreadableAnswerError as error:
            raise misread(error, reply) from None
        return attrs.evolve(read, quota=reply.quota, raw=reply.payload if reply.keep_raw else None)


def misread(error: UnreadableAnswerError, reply: Reply) -> UnreadableAnswerError:
    """`error` with all that is known of the answer: what was paid for is in the caller's hands after all."""
    error.operation = reply.operation
    error.attempts = reply.attempts
    error.request_id = reply.request_id
    error.quota = reply.quota
    error.body = as_bytes(reply.payload)
    return error


def as_bytes(payload: Any) -> bytes:
    """Decoded JSON as it may have come; nothing where it is nested beyond all measure."""
    try:
        return json.dumps(payload).encode()
    except RecursionError:
        return b""
