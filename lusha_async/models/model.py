"""What all classes of answers and questions share."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

__all__ = ["Model", "Question", "wire_name"]

_NO_EXTRA: Mapping[str, Any] = {}


@frozen(kw_only=True)
class Model:
    """A part of an answer. Every field is None where the answer had no such member.

    `extra` holds, by the vendor's names, what no field does: members that this version does not know, and
    known ones that were null. So `"directParent" in company.extra` tells a null from an absence.
    """

    extra: Mapping[str, Any] = field(default=_NO_EXTRA, repr=False)


@frozen(kw_only=True)
class Question:
    """A part of a request. What is None is not sent: the vendor refuses nulls.

    `extra` is sent as it is, by the vendor's names: for members that this version does not know.
    """

    extra: Mapping[str, Any] = field(default=_NO_EXTRA, repr=False)


def wire_name(name: str) -> str:
    """The vendor's spelling of a field: `first_name` is `firstName`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
