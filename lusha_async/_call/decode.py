"""The payload of a response as the envelope that its method returns, and its rows as models."""

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

__all__ = ["Row", "envelope", "read", "read_now", "results", "unreadable", "unwrapped"]

E = TypeVar("E", bound=BaseResponse)
M = TypeVar("M", bound=Model)
T = TypeVar("T")

Row: TypeAlias = T | UnreadableAnswerError
"""A row, or the error of one that cannot be read."""

_AT_ONCE = 10


def envelope(response: APIResponse, cls: type[E]) -> E:
    """The payload as `cls`, with the quota of its headers. Raises `UnreadableAnswerError` if it does not fit."""
    return _structured(response, response.payload, cls)


def unwrapped(response: APIResponse, cls: type[E]) -> E:
    """`envelope` for an answer that wraps its object, or its list of `results`, in a member `data`."""
    payload: object = response.payload
    if not isinstance(payload, dict) or "data" not in payload:
        return envelope(response, cls)
    around = dict(cast(dict[str, Any], payload))
    data: object = around.pop("data")
    if issubclass(get_origin(cls) or cls, Results):
        return _structured(response, {**around, "results": data}, cls)
    if data is None:
        return _structured(response, around, cls)
    if not isinstance(data, dict):
        return _structured(response, data, cls)  # raises: an object was expected
    return _structured(response, {**around, **cast(dict[str, Any], data)}, cls)


def _structured(response: APIResponse, payload: Any, cls: type[E]) -> E:
    with gc_paused():  # to the end: the payload is freed on return, before a collection would traverse it
        try:
            made = structure(payload, cls, on_drift=response.on_drift)
        except UnreadableAnswerError as error:
            raise unreadable(error.problem, response) from None
        return attrs.evolve(made, quota=response.quota, raw=response.payload if response.keep_raw else None)


def unreadable(problem: str, response: APIResponse) -> UnreadableAnswerError:
    """The error for an answer that does not fit, with all that is known of it: it may have been paid for."""
    try:
        body = json.dumps(response.payload).encode()
    except RecursionError:
        body = b""
    return UnreadableAnswerError(
        problem,
        request_id=response.request_id,
        quota=response.quota,
        body=body,
        operation=response.operation,
        attempts=response.attempts,
    )


def results(response: APIResponse) -> Sequence[Mapping[str, Any]]:
    """The objects of the answer's `results`. Raises `UnreadableAnswerError` if it has no list of objects."""
    found: Any = as_object(response.payload).get("results")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in as_list(found)):
        raise unreadable("results: a list of objects was expected", response)
    return as_list(found)


async def read(rows: Sequence[Mapping[str, Any]], model: type[M], response: APIResponse) -> list[Row[M]]:
    """Each row as a `model`; for one that cannot be read, its error with the row's JSON as `body`.

    Yields to the event loop after every ten rows: a hundred at once would delay requests, which would then reach the
    vendor too close together.
    """
    made: list[Row[M]] = []
    for start in range(0, len(rows), _AT_ONCE):
        if start:
            await asyncio.sleep(0)
        made += read_now(rows[start : start + _AT_ONCE], model, response.operation, response.on_drift)
    return made


def read_now(
    rows: Sequence[Mapping[str, Any]], model: type[M], operation: Operation, on_drift: DriftCallback | None = None
) -> list[Row[M]]:
    """`read` for few rows, without yielding to the event loop."""
    made = structure_each(rows, model, on_drift=on_drift)
    for index, value in enumerate(made):
        if isinstance(value, UnreadableAnswerError):
            body = json.dumps(rows[index]).encode()
            made[index] = UnreadableAnswerError(value.problem, operation=operation, body=body)
    return made
