"""The governor's configuration: limits that no header names, and how the lanes share them."""

import enum
from collections.abc import Mapping
from math import inf
from typing import Annotated

from attrs import field, frozen

from .._validators import count, number
from ..quota import Window

__all__ = ["GovernorConfig", "Instant", "Lane"]

Instant = Annotated[float, "a time of the governor's clock"]
"""Seconds of the governor's clock. A board shared with other processes converts it between their clocks."""


class Lane(enum.StrEnum):
    """The priority of a call."""

    INTERACTIVE = "interactive"
    """Sent first, and may use every window to its last request."""
    BULK = "bulk"
    """Sent after interactive calls, and leaves them a reserve of each plan window."""


_POSITIVE = number(above=0, below=inf)
_COUNT = count(1)


@frozen(kw_only=True)
class GovernorConfig:
    """Limits of one account. The defaults are the vendor's; durations are seconds, configurable for tests.

    - `rate`: requests per `second`, all operations together. `usage_rate` and `webhooks_rate`: requests per `minute`
      for account usage and for webhook management.
    - `minute`, `hour`, `day`: lengths of the plan windows. Their limits come with the responses.
    - `reserve`: the share of each plan window that bulk calls leave to interactive calls, from 0 to below 1. It
      shrinks linearly to nothing at the window's reset, so that bulk calls alone can still use the whole window.
    - `ageing`: when bulk calls have waited this many seconds longer than the interactive ones, every tenth call that
      is sent is one of them.
    - `burst`: requests that may leave at once after a pause; further ones leave `spacing` seconds apart, so that a
      burst does not open all its connections in one instant.
    - `jitter`: up to this many random seconds are added to the time at which an exhausted window is tried again, so
      that several programs of one account do not return in the same instant.

    Raises `ConfigurationError` for a value out of range.

    Source: the vendor's rate limiting page.
    """

    rate: int = field(default=25, validator=_COUNT)
    usage_rate: int = field(default=5, validator=_COUNT)
    webhooks_rate: int = field(default=100, validator=_COUNT)
    second: float = field(default=1.0, validator=_POSITIVE)
    minute: float = field(default=60.0, validator=_POSITIVE)
    hour: float = field(default=3600.0, validator=_POSITIVE)
    day: float = field(default=86_400.0, validator=_POSITIVE)
    reserve: float = field(default=0.05, validator=number(min_=0, below=1))
    ageing: float = field(default=10.0, validator=number(min_=0))
    burst: int = field(default=5, validator=_COUNT)
    spacing: float = field(default=0.01, validator=_POSITIVE)
    jitter: float = field(default=0.1, validator=number(min_=0, below=inf))

    @property
    def lengths(self) -> Mapping[Window, float]:
        """The length of each plan window in seconds, shortest first."""
        return {Window.MINUTE: self.minute, Window.HOUR: self.hour, Window.DAY: self.day}
