"""What all classes of answers and questions share."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

__all__ = ["NO_MEMBERS", "Model", "RequestModel", "credit_count", "known", "numeric_id", "wire_name"]


class _NoMembers(Mapping[str, Any]):
    """An empty mapping that nobody can write to, shared by all who have nothing extra."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "{}"

    def __reduce__(self) -> str:
        return "NO_MEMBERS"


NO_MEMBERS: Mapping[str, Any] = _NoMembers()


@frozen(kw_only=True)
class Model:
    """A part of an answer. Every field is None where the answer had no such member.

    `extra` holds, by the vendor's names, what no field does: members that this version does not know, and
    known ones that were null. So `"directParent" in company.extra` tells a null from an absence.
    """

    extra: Mapping[str, Any] = field(default=NO_MEMBERS, repr=False, hash=False)


@frozen(kw_only=True)
class RequestModel:
    """A part of a request. What is None is not sent: the vendor refuses nulls.

    `extra` is sent as it is, by the vendor's names: for members that this version does not know.
    """

    extra: Mapping[str, Any] = field(default=NO_MEMBERS, repr=False, hash=False)


def known(*values: str) -> Any:
    """A text field whose values are documented. Others are taken too, and counted as drift."""
    return field(default=None, metadata={"known": frozenset(values)})


def credit_count() -> Any:
    """A count of credits. A fraction of one counts as a whole one, and as drift."""
    return field(default=None, metadata={"credits": True})


def numeric_id() -> Any:
    """An id that is documented as a number. It is read as text, as all ids are, and counts as no drift."""
    return field(default=None, metadata={"numeric": True})


def wire_name(name: str) -> str:
    """The vendor's spelling of a field: `first_name` is `firstName`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
