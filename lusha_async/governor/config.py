"""What a governor is told beforehand: the limits no header names, and how to share them."""

import enum
from collections.abc import Mapping
from math import inf

from attrs import field, frozen

from .._validators import count, number
from ..quota import Window

__all__ = ["GovernorConfig", "Lane"]


class Lane(enum.StrEnum):
    """Who waits: somebody at a screen, or a job."""

    INTERACTIVE = "interactive"
    """Goes first, and may use every window to its last request."""
    BULK = "bulk"
    """Goes after interactive calls, and leaves them a reserve of each plan window."""


_POSITIVE = number(above=0, below=inf)
_COUNT = count(1)


@frozen(kw_only=True)
class GovernorConfig:
    """Limits and lengths; the defaults are the vendor's. Lengths are seconds, so that tests can shorten them.

    - `rate` requests in each `second` of the account; `usage_rate` and `webhooks_rate` requests in each `minute`
      for account usage and webhook management. Source: the vendor's rate limiting page.
    - `minute`, `hour`, `day`: lengths of the plan's windows, whose limits the answers tell.
    - `reserve`: the share of each plan window that bulk calls leave to interactive ones. It shrinks evenly to
      nothing towards the window's end, so that a program with bulk calls alone still uses all of it.
    - `ageing`: a bulk call that has waited so many seconds longer than an interactive one goes before it.
    - `burst` requests may leave at once, further ones `spacing` seconds apart: a sudden crowd would open all its
      connections in the same instant.
    - `jitter`: at most so many seconds are added, at random, to the end of a closed window, lest several
      programs of one account return in the same instant.

    Raises `ConfigurationError`.
    """

    rate: int = field(default=25, validator=_COUNT)
    usage_rate: int = field(default=5, validator=_COUNT)
    webhooks_rate: int = field(default=100, validator=_COUNT)
    second: float = field(default=1.0, validator=_POSITIVE)
    minute: float = field(default=60.0, validator=_POSITIVE)
    hour: float = field(default=3600.0, validator=_POSITIVE)
    day: float = field(default=86_400.0, validator=_POSITIVE)
    reserve: float = field(default=0.05, validator=number(least=0, below=1))
    ageing: float = field(default=10.0, validator=number(least=0))
    burst: int = field(default=5, validator=_COUNT)
    spacing: float = field(default=0.01, validator=_POSITIVE)
    jitter: float = field(default=0.1, validator=number(least=0, below=inf))

    @property
    def lengths(self) -> Mapping[Window, float]:
        """Seconds of each plan window, shortest first."""
        return {Window.MINUTE: self.minute, Window.HOUR: self.hour, Window.DAY: self.day}
