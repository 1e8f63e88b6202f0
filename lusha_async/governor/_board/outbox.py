"""What a process reports to the board, and its requests as the board knows them.

The limiter state of a board changes the record of a request. An exchange may be computed more than once, and its end
may not be known, so each is computed with copies, which become what the board knows when it was committed.
"""

import copy
from collections.abc import Sequence

from attrs import define, field

from ..limiter_state import LimiterState, RequestRecord
from .message import Apply, Batches, Report

__all__ = ["Computation", "Outbox", "computation"]

_CHANGED = ("lineage", "slot", "group_slot", "sent", "marks", "stage")


@define
class Computation:
    """One computation: the batches with copies of the records."""

    batches: Batches
    copies: list[tuple[RequestRecord, RequestRecord]]


@define
class Outbox:
    """Reports that no exchange has committed yet. Under the lock of the scheduler."""

    theirs: dict[RequestRecord, RequestRecord] = field(factory=dict[RequestRecord, RequestRecord])
    _unknown: tuple[int, int] = (0, 0)  # requests in flight that the board does not know one by one, and probes
    _pending: list[Report] = field(factory=list[Report])
    _batches: list[tuple[int, Sequence[Report]]] = field(factory=list[tuple[int, Sequence[Report]]])
    _number: int = 0

    def begin(self, requests: int, probes: int) -> None:
        """The process comes to the board with so many requests in flight."""
        self.theirs.clear()
        self._unknown = (requests, probes)

    def report(self, record: RequestRecord, apply: Apply) -> None:
        """Something happened to the request of `record`, which does not say so yet."""
        theirs = self.theirs.get(record)
        if theirs is None:
            theirs = self.theirs[record] = copy.copy(record)
            requests, probes = self._unknown
            self._unknown = (max(0, requests - 1), max(0, probes - record.probe))
        self._pending.append(Report(theirs, apply))

    def __bool__(self) -> bool:
        return bool(self.theirs or self._pending or self._unknown[0])

    def in_flight(self) -> tuple[int, int]:
        """Requests and probes in flight, before the reports."""
        requests, probes = self._unknown
        return requests + len(self.theirs), probes + sum(record.probe for record in self.theirs)

    def batches(self) -> Batches:
        """Everything to report, the new reports as a batch of their own."""
        if self._pending:
            self._number += 1
            self._batches.append((self._number, self._pending))
            self._pending = []
        return tuple(self._batches)

    def committed(self, computation: Computation) -> None:
        """An exchange with `computation` was committed."""
        self._batches.clear()
        for theirs, mine in computation.copies:
            for name in _CHANGED:
                setattr(theirs, name, getattr(mine, name))
        self.theirs = {record: theirs for record, theirs in self.theirs.items() if not theirs.settled}

    def take_back(self, state: LimiterState) -> None:
        """From now on the slots are granted in this process, from `state`."""
        state.count_in_flight(*self.in_flight())
        for record, theirs in self.theirs.items():
            record.slot, record.group_slot = theirs.slot, theirs.group_slot
            record.marks, record.lineage = theirs.marks, theirs.lineage
        for _, reports in self.batches():
            for report in reports:
                report.apply(state, report.record)
        self._batches.clear()
        self.begin(0, 0)


def computation(batches: Batches) -> Computation:
    """Copies for one computation."""
    copies: dict[int, tuple[RequestRecord, RequestRecord]] = {}

    def copied(record: RequestRecord) -> RequestRecord:
        return copies.setdefault(id(record), (record, copy.copy(record)))[1]

    own = [
        (number, [Report(copied(report.record), report.apply) for report in batch]) for number, batch in batches
    ]
    return Computation(own, list(copies.values()))
