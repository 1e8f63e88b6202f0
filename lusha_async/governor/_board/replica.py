"""The limiter state of a board as one process last saw it."""

from collections.abc import Callable

from attrs import define, field, fields

from ...quota import Quota, Refusal
from ..limiter_state import LimiterState, RequestRecord
from .board import LATE
from .message import Apply

__all__ = ["Replica"]


@define
class Replica(LimiterState):
    """Answers what may be asked; what happens to a request is reported to the board, by `report`.

    `report(record, apply, urgent)` passes on how to change the limiter state there.
    """

    report: Callable[[RequestRecord, Apply, bool], None] = field(init=False)

    @classmethod
    def of(cls, state: LimiterState, report: Callable[[RequestRecord, Apply, bool], None]) -> "Replica":
        """`state` as a replica."""
        replica = cls.__new__(cls)
        for attribute in fields(LimiterState):
            setattr(replica, attribute.name, getattr(state, attribute.name))
        replica.report = report
        return replica

    def release(self, record: RequestRecord) -> None:
        """See `LimiterState`."""
        if record.unsent:
            self.report(record, LimiterState.release, True)
            record.mark_settled()

    def sent(self, record: RequestRecord, now: float) -> None:
        """See `LimiterState`."""
        if record.unsent:
            late = now > record.begins + LATE
            self.report(record, lambda state, theirs: state.sent(theirs, now), late)
            record.mark_sent(now)

    def leaves(self, record: RequestRecord, now: float) -> None:
        """See `LimiterState`."""
        if record.in_flight:
            late = now > record.sent + LATE
            self.report(record, lambda state, theirs: state.leaves(theirs, now), late)
            record.sent = now

    def lost(self, record: RequestRecord, now: float) -> None:
        """See `LimiterState`."""
        if record.in_flight:
            self.report(record, lambda state, theirs: state.lost(theirs, now), False)
            record.mark_settled()

    def learn(self, record: RequestRecord, now: float, quota: Quota, refusal: Refusal | None) -> None:
        """See `LimiterState`."""
        if record.in_flight:
            self.report(
                record, lambda state, theirs: state.learn(theirs, now, quota, refusal), refusal is not None
            )
            record.mark_settled()
