"""Counts of the differences between answers and what this version knows."""

from collections import Counter, defaultdict
from collections.abc import Mapping

__all__ = ["Drift"]

_MAX_KINDS = 200


class Drift:
    """Counts of differences by operation: unknown members, unknown enumeration values, tolerated kinds of values.

    Names only, never values of people. At most 200 different ones are kept for an operation; further ones count
    as `others`.
    """

    def __init__(self) -> None:
        self._seen: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def count(self, operation: str, what: str) -> None:
        """Count one difference in an answer to `operation`."""
        seen = self._seen[operation]  # no new Counter for each: a new member is in every row
        seen[what if what in seen or len(seen) < _MAX_KINDS else "others"] += 1

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """What was counted so far, by the vendor's operation id, the most frequent first."""
        return {operation: dict(seen.most_common()) for operation, seen in self._seen.items()}
