"""Statistics: counts of requests, answers, refusals and faults, and the busiest second. Pure."""

from collections import Counter, deque
from typing import Any

from attrs import frozen

__all__ = ["RequestRecord", "Stats"]

_MAX_RECORDS = 200
_MAX_SECONDS = 120  # of the chart


@frozen
class RequestRecord:
    """One request for the list of last requests, without key and content."""

    at: float
    operation: str
    status: int
    verdict: str
    credits: int
    duration_ms: float


class Stats:
    """Counts since the start or the last `reset`."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.refusals: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.unknown_members = 0
        self.busiest_second = 0
        self.max_in_flight = 0
        self.in_flight = 0
        self.last: deque[RequestRecord] = deque(maxlen=_MAX_RECORDS)
        self._arrivals: deque[float] = deque()
        self._by_second: deque[tuple[int, int, int]] = deque(maxlen=_MAX_SECONDS)

    def record_request(self, now: float, operation: str) -> None:
        """Count an incoming request."""
        self.requests[operation] += 1
        self._arrivals.append(now)
        while self._arrivals[0] <= now - 1.0:
            self._arrivals.popleft()
        self.busiest_second = max(self.busiest_second, len(self._arrivals))
        self._tick(now, 1, 0)

    def record_refusal(self, now: float, kind: str) -> None:
        """Count a request that the limit `kind` refused."""
        self.refusals[kind] += 1
        self._tick(now, 0, 1)

    def record_answer(self, record: RequestRecord) -> None:
        """Count an answer and keep its record."""
        self.statuses[record.status] += 1
        self.last.append(record)

    def _tick(self, now: float, arrived: int, refused: int) -> None:
        second = int(now)
        if self._by_second and self._by_second[-1][0] == second:
            _, before, refused_before = self._by_second.pop()
            arrived, refused = before + arrived, refused_before + refused
        self._by_second.append((second, arrived, refused))

    def report(self) -> dict[str, Any]:
        """The statistics as JSON."""
        return {
            "requests": sum(self.requests.values()),
            "byOperation": dict(self.requests),
            "byStatus": {str(status): count for status, count in sorted(self.statuses.items())},
            "refused": sum(self.refusals.values()),
            "refusedBy": dict(self.refusals),
            "busiestSecond": self.busiest_second,
            "maxInFlight": self.max_in_flight,
            "unknownMembers": self.unknown_members,
            "faults": dict(self.faults),
            "seconds": [
                {"at": at, "requests": arrived, "refused": refused} for at, arrived, refused in self._by_second
            ],
            "last": [
                {
                    "at": record.at,
                    "operation": record.operation,
                    "status": record.status,
                    "verdict": record.verdict,
                    "credits": record.credits,
                    "ms": round(record.duration_ms, 2),
                }
                for record in self.last
            ],
        }
