"""A reply as the envelope that its method promises."""

from typing import TypeVar

from attrs import evolve

from ..errors import UnreadableAnswerError
from ..models.common import Told
from ..models.converter import structure
from ..pipeline import Reply

__all__ = ["envelope"]

E = TypeVar("E", bound=Told)


def envelope(reply: Reply, cls: type[E]) -> E:
    """The payload as `cls`, with the quota of its headers. `UnreadableAnswerError` names its operation."""
    try:
        return evolve(structure(reply.payload, cls), quota=reply.quota)
    except UnreadableAnswerError as error:
        error.operation = reply.operation
        error.attempts = reply.attempts
        raise
