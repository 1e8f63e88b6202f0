"""Which rows and pages are new to a stream. Pure.

Each paid page brings a new row or is barren, and two barren pages in succession end a stream: the vendor repeats
itself, ignores page numbers, or counts rows that it does not return.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from .._call.decode import Row
from ..errors import UnreadableAnswerError
from ..models._codec.structure import unstructure
from .cursor import digest

__all__ = ["Novelty"]

T = TypeVar("T")

_MAX_BARREN = 2
_AHEAD = 2  # pages in flight for each page that has brought a new row


class Novelty(Generic[T]):
    """The rows received by one stream, and the pages that brought them.

    With `dedupe` rows are compared by their `identity`, with the stream's own, those whose digests are `recent` and
    those of other streams (`seen`); without it, whole pages are compared. A row without an identity is never left
    out by itself.

    `pages` counts the pages received, `rows` the different rows, `barren` the barren pages in succession.
    """

    def __init__(
        self,
        identity: Callable[[T], Hashable | None] | None,
        *,
        dedupe: bool,
        seen: set[Hashable] | None,
        recent: Sequence[str],
        rows: int,
    ) -> None:
        self._identity = identity
        self._dedupe = dedupe
        self._seen = seen
        self._recent = frozenset(recent)
        self._known: set[Hashable] = set()  # rows, or whole pages
        self._session: set[Hashable] = self._known  # those that may not come again
        self._restarted_with = -1
        self._useful = 0
        self._entering = True  # the next page may be one that was read in part
        self.rows = rows
        self.pages = 0
        self.barren = 0

    @property
    def max_in_flight(self) -> int:
        """The pages that may be in flight, so that few are paid for when the vendor starts to repeat itself."""
        return 1 if self.barren else max(1, _AHEAD * self._useful)

    @property
    def stalled(self) -> bool:
        """Whether too many pages in succession were barren."""
        return self.barren >= _MAX_BARREN

    def restart(self) -> None:
        """A new session begins, which may repeat the one before; once, until it has brought something new."""
        if len(self._known) > self._restarted_with:
            self._restarted_with = len(self._known)
            self._session = set()

    def miss(self) -> None:
        """A page did not have the rows that were requested."""
        self.pages += 1
        self.barren += 1
        self._entering = True

    def judge(self, rows: Sequence[Row[T]], skip: int) -> list[bool]:
        """Whether each row is to be delivered, without the first `skip`; an empty list if the page is barren."""
        self.pages += 1
        keys = list(map(self._key, rows))
        entered, self._entering = self._entering, False
        if 0 < len(keys) <= skip and entered:
            return [False] * len(keys)  # entered behind the last row of a short page: neither new nor barren
        parts: list[Hashable] = keys[skip:]
        if parts and not self._dedupe:
            parts = [hash(frozenset(keys))]
        continued = self._session is self._known  # not a session that began anew
        if all(part in self._session or (continued and self._is_recent(part)) for part in parts):
            self.barren += 1
            return []
        self.barren = 0
        self._useful += 1
        flags = [False] * skip + (self._flags(parts) if self._dedupe else [True] * (len(keys) - skip))
        self.rows += 0 if self._dedupe else len(keys) - skip
        self._known.update(parts)
        self._session.update(parts)
        return flags

    def _flags(self, keys: Sequence[Hashable]) -> list[bool]:
        """Whether each row is to be delivered; counts and remembers those that are new to the stream."""
        known, recent, seen = self._known, self._recent, self._seen
        flags: list[bool] = []
        for key in keys:
            new = key not in known and not (recent and digest(key) in recent)
            known.add(key)
            self.rows += new
            flags.append(type(key) is _Content or (new and (seen is None or key not in seen)))
        if seen is not None:
            seen.update(keys)
        return flags

    def _key(self, row: Row[T]) -> Hashable:
        if isinstance(row, UnreadableAnswerError):
            return _Content(row.body)
        identity = None if self._identity is None else self._identity(row)
        return _Content(repr(unstructure(row))) if identity is None else identity

    def _is_recent(self, key: Hashable) -> bool:
        return bool(self._recent) and digest(key) in self._recent


@frozen
class _Content:
    """The content of a row without an identity: it counts as new by its content, and is left out with its page only."""

    of: bytes | str
