"""What a process and a board exchange, as values."""

from collections.abc import Callable, Sequence

from attrs import frozen

from ...operations import Operation, Scope
from ..config import Lane
from ..limiter_state import Hold, LimiterState, RequestRecord

__all__ = ["Answer", "Apply", "Batches", "Demand", "Grant", "Message", "Report", "WaitingCall"]


Apply = Callable[[LimiterState, RequestRecord], object]
"""Changes the limiter state of a board, with the record of a request there."""


@frozen
class WaitingCall:
    """A call that waits for a slot; `number` identifies it in its process."""

    number: int
    operation: Operation
    lane: Lane
    since: float


@frozen
class Demand:
    """The calls of one lane and scope that wait in a process: how many, and the first of them in their order."""

    lane: Lane
    scope: Scope
    waiting: int
    first: Sequence[WaitingCall]


@frozen
class Report:
    """What happened to a request."""

    record: RequestRecord
    apply: Apply


Batches = Sequence[tuple[int, Sequence[Report]]]
"""Reports by the number of their batch."""


@frozen
class Message:
    """What a process reports and asks for.

    The reports of a batch are applied once, whatever becomes of the answer to an exchange. `in_flight` and `probes`
    are its requests before the reports. Slots that are free within `ahead` seconds are granted ahead of time, at most
    `most` of them, and none for sooner than `trip` seconds from now, when the answer arrives.
    """

    name: str
    batches: Batches
    in_flight: int
    probes: int
    demands: Sequence[Demand]
    ahead: float
    trip: float
    most: int


@frozen
class Grant:
    """The call `number` may be sent, from `record.begins` to `record.expires`."""

    number: int
    record: RequestRecord


@frozen
class Answer:
    """What a process is granted, and when it is to come again.

    `final`: what ends the calls that wait, the end of a day or a trial. `paced`: nothing but the pace holds them.
    """

    grants: Sequence[Grant]
    due: float
    final: Hold | None
    paced: bool
