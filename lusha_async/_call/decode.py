"""A reply as the envelope that its method promises, and the rows of an answer as models."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, cast, get_origin

import attrs

from .._json import as_list, as_object, gc_paused
from ..errors import UnreadableAnswerError
from ..models._codec.drift import DriftCallback
from ..models._codec.structure import structure, structure_each
from ..models.common import BaseResponse, Results
from ..models.model import Model
from ..operations import Operation
from .call import APIResponse

__all__ = ["Row", "as_bytes", "envelope", "misread", "read", "read_now", "results", "unwrapped"]

E = TypeVar("E", bound=BaseResponse)
M = TypeVar("M", bound=Model)
T = TypeVar("T")

Row: TypeAlias = T | UnreadableAnswerError
"""A row, or why it cannot be read."""

_AT_ONCE = 10


def envelope(reply: APIResponse, cls: type[E]) -> E:
    """The payload as `cls`, with the quota of its headers. `UnreadableAnswerError` names its operation."""
    return _read(reply, reply.payload, cls)


def unwrapped(reply: APIResponse, cls: type[E]) -> E:
    """`envelope` for an answer that wraps its object, or its list of `results`, in a member `data`."""
    payload: object = reply.payload
    if not isinstance(payload, dict) or "data" not in payload:
        return envelope(reply, cls)
    around = dict(cast(dict[str, Any], payload))
    data: object = around.pop("data")
    if issubclass(get_origin(cls) or cls, Results):
        return _read(reply, {**around, "results": data}, cls)
    if data is None:
        return _read(reply, around, cls)
    if not isinstance(data, dict):
        return _read(reply, data, cls)  # no object: says so
    return _read(reply, {**around, **cast(dict[str, Any], data)}, cls)


def _read(reply: APIResponse, payload: Any, cls: type[E]) -> E:
    with (
        gc_paused()
    ):  # to the very end: the payload is freed on return, before a collection would walk it once more
        try:
            read = structure(payload, cls, on_drift=reply.notice)
        except UnreadableAnswerError as error:
            raise misread(error, reply) from None
        return attrs.evolve(read, quota=reply.quota, raw=reply.payload if reply.keep_raw else None)


def misread(error: UnreadableAnswerError, reply: APIResponse) -> UnreadableAnswerError:
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


def results(reply: APIResponse) -> Sequence[Mapping[str, Any]]:
    """The objects of the answer's `results`; `UnreadableAnswerError` where there is no list of such."""
    found: Any = as_object(reply.payload).get("results")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in as_list(found)):
        error = UnreadableAnswerError("results: a list of objects was expected")
        error.operation = reply.operation
        raise error
    return as_list(found)


async def read(rows: Sequence[Mapping[str, Any]], model: type[M], reply: APIResponse) -> list[Row[M]]:
    """Each row as a `model`; for one that cannot be read, its error with the row's JSON as `body`.

    Other tasks run now and then: a hundred models at once would hold up the event loop, and requests that leave
    late because of that arrive too close together at the vendor.
    """
    made: list[Row[M]] = []
    for start in range(0, len(rows), _AT_ONCE):
        if start:
            await asyncio.sleep(0)
        made += read_now(rows[start : start + _AT_ONCE], model, reply.operation, reply.notice)
    return made


def read_now(
    rows: Sequence[Mapping[str, Any]], model: type[M], operation: Operation, notice: DriftCallback | None = None
) -> list[Row[M]]:
    """`read` for few rows, without letting other tasks run."""
    made = structure_each(rows, model, on_drift=notice)
    for row, value in zip(rows, made, strict=True):
        if isinstance(value, UnreadableAnswerError):
            value.operation = operation
            value.body = json.dumps(row).encode()
    return made
