"""The options of one view of the client."""

import enum
from typing import Any, Final

from attrs import field, frozen
from attrs.validators import optional

from .._validators import instance_of, number
from ..billing import CreditBudget
from ..errors import ConfigurationError
from ..governor import Lane
from .retry import RetryPolicy

__all__ = ["NOT_GIVEN", "NotGiven", "Options"]


class NotGiven(enum.Enum):
    """The type of `NOT_GIVEN`."""

    NOT_GIVEN = enum.auto()

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven.NOT_GIVEN
"""The default of an option that may be None: an option that is not passed keeps its value, None unsets it."""


def _printable(_: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise ConfigurationError(f"{attribute.name} must be a string of one line")


@frozen(kw_only=True)
class Options:
    """See `LushaClient` for each. Raises `ConfigurationError` for an invalid value.

    `lane` None is `interactive` for a single call, and `bulk` for bulk methods and page streams.
    """

    timeout: float = field(default=60.0, validator=number(above=0))
    max_wait: float | None = field(default=None, validator=optional(number(min_=0)))
    lane: Lane | None = field(default=None, validator=optional(instance_of(Lane, "Lane.INTERACTIVE or Lane.BULK")))
    retry: RetryPolicy = field(factory=RetryPolicy, validator=instance_of(RetryPolicy, "a RetryPolicy"))
    budget: CreditBudget | None = field(
        default=None, validator=optional(instance_of(CreditBudget, "a CreditBudget"))
    )
    tag: str | None = field(default=None, validator=optional(_printable))
    waterfall_enabled: bool = field(default=False, validator=instance_of(bool, "True or False"))
    raw: bool = field(default=False, validator=instance_of(bool, "True or False"))
