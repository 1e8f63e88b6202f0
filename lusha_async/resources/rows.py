"""The rows of an answer, read as models a few at a time."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from ..errors import UnreadableAnswerError
from ..loose import items, members
from ..models.converter import structure_each
from ..models.kinds import Notice
from ..models.model import Model
from ..operations import Operation
from ..paging import Row
from ..pipeline import Reply

__all__ = ["read", "read_now", "results"]

M = TypeVar("M", bound=Model)

_AT_ONCE = 10


def results(reply: Reply) -> Sequence[Mapping[str, Any]]:
    """The objects of the answer's `results`; `UnreadableAnswerError` where there is no list of such."""
    found: Any = members(reply.payload).get("results")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in items(found)):
        error = UnreadableAnswerError("results: a list of objects was expected")
        error.operation = reply.operation
        raise error
    return items(found)


async def read(rows: Sequence[Mapping[str, Any]], model: type[M], reply: Reply) -> list[Row[M]]:
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
    rows: Sequence[Mapping[str, Any]], model: type[M], operation: Operation, notice: Notice | None = None
) -> list[Row[M]]:
    """`read` for few rows, without letting other tasks run."""
    made = structure_each(rows, model, notice=notice)
    for row, value in zip(rows, made, strict=True):
        if isinstance(value, UnreadableAnswerError):
            value.operation = operation
            value.body = json.dumps(row).encode()
    return made
