"""How the calls of one view of the client behave."""

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
"""An option that is not given keeps its value; None sets one that may be unset."""


def _printable(_: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise ConfigurationError(f"{attribute.name}: give a text of one line")


@frozen(kw_only=True)
class Options:
    """See `LushaClient` for the meaning of each. Raises `ConfigurationError`.

    `lane` None is `interactive` for a call and `bulk` for the many-forms and page streams.
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
