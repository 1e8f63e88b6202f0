"""What a check of filters found."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from .._json import as_object
from ..errors import InvalidRequestError

__all__ = ["FilterReport", "FilterWarning", "UncheckedFilter", "UnknownValue"]

_TOLD = 10  # unknown values that an error's text lists


@frozen(kw_only=True)
class UnknownValue:
    """A value that is not among the vendor's, so that it silently finds nothing.

    `path` leads to it in the filters, `value` is what was given (no repr and no text shows it), `proposals` are the
    nearest of the vendor's values, nearest first. `sure`: the first is what was meant, and no other could be.
    """

    path: str
    value: Any = field(repr=False)
    proposals: tuple[Any, ...] = ()
    sure: bool = False

    def __str__(self) -> str:
        return f"{self.path}: not among the vendor's values{_meant(self.proposals)}"


@frozen(kw_only=True)
class FilterWarning:
    """A part of the filters that may not do what it says, although the vendor takes it."""

    path: str
    reason: str
    proposals: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}{_meant(self.proposals)}"


@frozen(kw_only=True)
class UncheckedFilter:
    """A part of the filters that nobody can check, and why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: not checked, {self.reason}"


@frozen(kw_only=True)
class FilterReport:
    """What the vendor does not know (`unknown`), what is doubtful (`warnings`), and what cannot be told (`unchecked`).

    Each in the order of the filters. `checked` counts the values that were compared, `age` is how many seconds ago
    the oldest list that they were compared with was fetched (None: there was none). `corrected` are the filters
    with each sure proposal in its place, as a plain mapping that can be used in their stead.

    The texts, `str(report)` too, hold paths and the vendor's own values, and never what was given.
    """

    unknown: tuple[UnknownValue, ...] = ()
    warnings: tuple[FilterWarning, ...] = ()
    unchecked: tuple[UncheckedFilter, ...] = ()
    checked: int = 0
    age: float | None = None
    corrected: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)

    @property
    def ok(self) -> bool:
        """Whether the vendor knows every value that could be checked."""
        return not self.unknown

    def raise_for_unknown(self) -> None:
        """Raise `InvalidRequestError` with the paths and proposals of the first ten unknown values, if there is one."""
        if self.unknown:
            first, *others = self.unknown
            told = [str(first).removeprefix(f"{first.path}: "), *map(str, others[: _TOLD - 1])]
            if len(self.unknown) > _TOLD:
                told.append(f"and {len(self.unknown) - _TOLD} more")
            raise InvalidRequestError(first.path, "; ".join(told))

    def __str__(self) -> str:
        lines = [*map(str, self.unknown), *map(str, self.warnings), *map(str, self.unchecked)]
        return "\n".join([f"{self.checked} values checked, {len(self.unknown)} unknown", *lines])


def _meant(proposals: tuple[Any, ...]) -> str:
    return f"; did you mean {' or '.join(map(_shown, proposals))}?" if proposals else ""


def _shown(value: Any) -> str:
    parts = as_object(value)
    return "{" + ", ".join(f"{name}: {part}" for name, part in parts.items()) + "}" if parts else str(value)
