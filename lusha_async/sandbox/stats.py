"""What happened: counts of requests, answers and refusals, and the busiest second. Pure."""

from collections import Counter, deque
from typing import Any

from attrs import frozen

__all__ = ["Seen", "Stats"]

_KEPT = 200  # requests
_SECONDS = 120  # of the chart


@frozen
class Seen:
    """One request as the page shows it; no key, no content."""

    at: float
    operation: str
    status: int
    verdict: str
    credits: int
    milliseconds: float


class Stats:
    """Counts since the start or the last reset."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.refusals: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.unknown_members = 0
        self.busiest_second = 0
        self.most_at_once = 0
        self.at_once = 0
        self.last: deque[Seen] = deque(maxlen=_KEPT)
        self._arrivals: deque[float] = deque()
        self._by_second: deque[tuple[int, int, int]] = deque(maxlen=_SECONDS)

    def arrived(self, now: float, operation: str) -> None:
        """A request came, whatever becomes of it."""
        self.requests[operation] += 1
        self._arrivals.append(now)
        while self._arrivals[0] <= now - 1.0:
            self._arrivals.popleft()
        self.busiest_second = max(self.busiest_second, len(self._arrivals))
        self._tick(now, 1, 0)

    def refused(self, now: float, kind: str) -> None:
        """A request was refused by the limit of that kind."""
        self.refusals[kind] += 1
        self._tick(now, 0, 1)

    def answered(self, seen: Seen) -> None:
        """A request was answered."""
        self.statuses[seen.status] += 1
        self.last.append(seen)

    def _tick(self, now: float, came: int, refused: int) -> None:
        second = int(now)
        if self._by_second and self._by_second[-1][0] == second:
            _, before, refused_before = self._by_second.pop()
            came, refused = before + came, refused_before + refused
        self._by_second.append((second, came, refused))

    def report(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {
            "requests": sum(self.requests.values()),
            "byOperation": dict(self.requests),
            "byStatus": {str(status): count for status, count in sorted(self.statuses.items())},
            "refused": sum(self.refusals.values()),
            "refusedBy": dict(self.refusals),
            "busiestSecond": self.busiest_second,
            "mostAtOnce": self.most_at_once,
            "unknownMembers": self.unknown_members,
            "faults": dict(self.faults),
            "seconds": [{"at": at, "requests": came, "refused": refused} for at, came, refused in self._by_second],
            "last": [
                {
                    "at": seen.at,
                    "operation": seen.operation,
                    "status": seen.status,
                    "verdict": seen.verdict,
                    "credits": seen.credits,
                    "ms": round(seen.milliseconds, 2),
                }
                for seen in self.last
            ],
        }
