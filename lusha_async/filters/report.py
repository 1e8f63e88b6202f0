"""The result of a check of filters."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from .._json import as_object
from ..errors import InvalidRequestError

__all__ = ["FilterReport", "FilterWarning", "UncheckedFilter", "UnknownValue"]

_MAX_LISTED = 10  # unknown values in the text of an error


@frozen(kw_only=True)
class UnknownValue:
    """A value that the vendor does not list: it silently matches nothing.

    `path` is its path in the filters, and `value` the value itself, which no repr and no text shows. `suggestions` are
    the most similar listed values, best first. `sure`: the first suggestion was meant, and no other can have been.
    """

    path: str
    value: Any = field(repr=False)
    suggestions: tuple[Any, ...] = ()
    sure: bool = False

    def __str__(self) -> str:
        return f"{self.path}: not among the vendor's values{_did_you_mean(self.suggestions)}"


@frozen(kw_only=True)
class FilterWarning:
    """A part of the filters that the vendor accepts and may not apply, and the reason."""

    path: str
    reason: str
    suggestions: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}{_did_you_mean(self.suggestions)}"


@frozen(kw_only=True)
class UncheckedFilter:
    """A part of the filters that cannot be checked, and the reason."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: not checked, {self.reason}"


@frozen(kw_only=True)
class FilterReport:
    """The `unknown` values of filters, the `warnings`, and the parts that are `unchecked`, in the filters' order.

    `checked` is the number of values that were checked. `age` is the age in seconds of the oldest list that they were
    checked against, None if there was none. `corrected` are the filters with each sure suggestion in place of its
    value, as a mapping that every method takes as filters.

    `str(report)` and the texts of its parts hold paths and the vendor's values, never the values of the filters.
    """

    unknown: tuple[UnknownValue, ...] = ()
    warnings: tuple[FilterWarning, ...] = ()
    unchecked: tuple[UncheckedFilter, ...] = ()
    checked: int = 0
    age: float | None = None
    corrected: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)

    @property
    def ok(self) -> bool:
        """Whether no value is unknown."""
        return not self.unknown

    def raise_for_unknown(self) -> None:
        """Raise `InvalidRequestError` if a value is unknown; its text has the first ten, with their suggestions."""
        if self.unknown:
            first, *others = self.unknown
            texts = [str(first).removeprefix(f"{first.path}: "), *map(str, others[: _MAX_LISTED - 1])]
            if len(self.unknown) > _MAX_LISTED:
                texts.append(f"and {len(self.unknown) - _MAX_LISTED} more")
            raise InvalidRequestError(first.path, "; ".join(texts))

    def __str__(self) -> str:
        lines = [*map(str, self.unknown), *map(str, self.warnings), *map(str, self.unchecked)]
        return "\n".join([f"{self.checked} values checked, {len(self.unknown)} unknown", *lines])


def _did_you_mean(suggestions: tuple[Any, ...]) -> str:
    return f"; did you mean {' or '.join(map(_text, suggestions))}?" if suggestions else ""


def _text(value: Any) -> str:
    parts = as_object(value)
    return "{" + ", ".join(f"{name}: {part}" for name, part in parts.items()) + "}" if parts else str(value)
