"""The base classes of models, and the kinds of fields that need more than a type."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

__all__ = [
    "NO_MEMBERS",
    "Model",
    "RequestModel",
    "credit_count",
    "known",
    "numeric_id",
    "row_count",
    "wire_name",
]


class _NoMembers(Mapping[str, Any]):
    """An empty mapping that cannot be written to, shared by all models without `extra`."""

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
    """A part of a response. A field is None if the body has no such member.

    `extra` holds, by the vendor's names, the members that have no field, and null ones that have. So `"directParent"
    in company.extra` distinguishes null from absent.
    """

    extra: Mapping[str, Any] = field(default=NO_MEMBERS, repr=False, hash=False)


@frozen(kw_only=True)
class RequestModel:
    """A part of a request. A field that is None is not sent: the vendor refuses nulls.

    `extra` is sent unchanged, by the vendor's names, for members that this version does not know.
    """

    extra: Mapping[str, Any] = field(default=NO_MEMBERS, repr=False, hash=False)


def known(*values: str) -> Any:
    """A text field whose values are documented. Others are accepted, and counted as drift."""
    return field(default=None, metadata={"known": frozenset(values)})


def credit_count() -> Any:
    """A count of credits. A fraction is rounded up, and counted as drift."""
    return field(default=None, metadata={"credits": True})


def row_count() -> Any:
    """A count of rows: a whole number from 0 to 10^12."""
    return field(default=None, metadata={"rows": True})


def numeric_id() -> Any:
    """An id that is documented as a number. It becomes text, as all ids are, and is no drift."""
    return field(default=None, metadata={"numeric": True})


def wire_name(name: str) -> str:
    """The vendor's spelling of a field: `first_name` is `firstName`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
