"""The events of a governor."""

import enum

from attrs import frozen

from ..quota import Window

__all__ = ["EventKind", "GovernorEvent"]


class EventKind(enum.StrEnum):
    """The kind of a `GovernorEvent`."""

    WAITING = "waiting"
    """A call has to wait. `seconds`: how long what holds it lasts, None: until an answer arrives."""
    REFUSED = "refused"
    """The vendor answered 429. `seconds`: the wait that it named, None: it named none."""
    WINDOW_RESET = "window reset"
    """A plan window has reset. `seconds`: its length."""
    BREAKER_OPENED = "breaker opened"
    """No request is sent until the probe in `seconds`."""
    BREAKER_CLOSED = "breaker closed"
    """The probe and the ramp after it were answered; requests pass again."""
    BOARD_LOST = "board lost"
    """What is shared with other processes cannot be reached: until it can, each takes its part of the rate."""
    BOARD_FOUND = "board found"
    """It is reached again."""


@frozen(kw_only=True)
class GovernorEvent:
    """One event. `window`: the window it concerns, None if none."""

    kind: EventKind
    window: Window | None = None
    seconds: float | None = None
