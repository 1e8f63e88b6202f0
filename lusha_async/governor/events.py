"""What a governor tells those who listen."""

import enum

from attrs import frozen

from ..quota import Window

__all__ = ["EventKind", "GovernorEvent"]


class EventKind(enum.StrEnum):
    """What happened."""

    WAITING = "waiting"
    """A call has to wait; `seconds` is how long the hold that binds it lasts, None: until an answer."""
    REFUSED = "refused"
    """The vendor answered 429; `seconds` is the time that it asked to wait, None: it asked nothing."""
    EDGE = "edge"
    """A plan window began anew; `seconds` is its length."""
    GATE_CLOSED = "gate closed"
    """Nothing goes until the gate's probe in `seconds`."""
    GATE_OPENED = "gate opened"
    """The probe and the ramp went well."""


@frozen(kw_only=True)
class GovernorEvent:
    """One event. `window` is the window it is about, None where no window is."""

    kind: EventKind
    window: Window | None = None
    seconds: float | None = None
