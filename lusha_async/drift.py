"""Where the vendor's answers differ from what this version knows: counted, so that changes are seen."""

from collections import Counter
from collections.abc import Callable, Mapping

__all__ = ["Drift"]

_MOST_KINDS = 200


class Drift:
    """Counts of surprises by operation: unknown members and enumeration values, tolerated kinds.

    Words only, never values of people. At most 200 different ones are kept for an operation; further ones count
    as `others`.
    """

    def __init__(self) -> None:
        self._seen: dict[str, Counter[str]] = {}

    def notice(self, operation: str) -> Callable[[str], None]:
        """What counts one surprise in an answer to `operation`."""
        seen = self._seen.setdefault(operation, Counter())

        def note(what: str) -> None:
            seen[what if what in seen or len(seen) < _MOST_KINDS else "others"] += 1

        return note

    def told(self) -> Mapping[str, Mapping[str, int]]:
        """What was counted so far, by the vendor's operation id, the most frequent first."""
        return {operation: dict(seen.most_common()) for operation, seen in self._seen.items() if seen}
