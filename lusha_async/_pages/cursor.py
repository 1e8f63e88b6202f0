"""Where a page stream stands, as a text that can be stored and that only the same query accepts."""

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, cast

from attrs import field, frozen

from ..errors import CursorError
from ..operations import Operation

__all__ = ["Cursor", "digest", "fingerprint"]

_VERSION = 1
_DIGITS = 16  # of the digest of a row: two rows of a long stream must never be taken for one


def fingerprint(operation: Operation, query: Mapping[str, Any]) -> str:
    """Sixteen hexadecimal digits that tell this query from others; the order of members does not count."""
    text = json.dumps([operation.name, query], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest(identity: Hashable) -> str:
    """Hexadecimal digits that stand for a row."""
    return hashlib.sha256(str(identity).encode()).hexdigest()[:_DIGITS]


@frozen(kw_only=True)
class Cursor:
    """The place right after the last row handed out.

    `query` is the query's fingerprint, `offset` the row of the query's result that comes next, `given` how many
    rows the stream has handed out, `recent` the digests of the last of them (rows that shift between pages are
    known again), `session` and `rest` the dedupe session of lookalikes and the rows fetched but not handed out.
    """

    query: str
    offset: int = 0
    given: int = 0
    recent: tuple[str, ...] = ()
    session: str | None = None
    rest: tuple[Any, ...] = field(default=(), repr=False)

    def dump(self) -> str:
        """As JSON text."""
        members: dict[str, Any] = {"v": _VERSION, "q": self.query, "at": self.offset, "given": self.given}
        if self.recent:
            members["recent"] = "".join(self.recent)
        if self.session is not None:
            members["session"] = self.session
        if self.rest:
            members["rest"] = self.rest
        return json.dumps(members, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def load(cls, text: str, query: str) -> "Cursor":
        """The cursor that `dump` wrote. `CursorError` when it is not one, or one of another query."""
        try:
            members: Any = json.loads(text)
        except (ValueError, RecursionError, TypeError):
            raise CursorError("the cursor is not one: give the text of `stream.cursor`, unchanged") from None
        if not isinstance(members, dict):
            raise CursorError("the cursor is not one: give the text of `stream.cursor`, unchanged")
        known = cast(dict[str, Any], members)
        if known.get("v") != _VERSION:
            raise CursorError("the cursor was written by another version of this library; begin the stream anew")
        if known.get("q") != query:
            raise CursorError("the cursor belongs to another query: give the same filters and options as before")
        offset, given = known.get("at"), known.get("given")
        recent, session, rest = known.get("recent", ""), known.get("session"), known.get("rest", [])
        if not (
            type(offset) is int
            and type(given) is int
            and min(offset, given) >= 0
            and isinstance(recent, str)
            and isinstance(session, str | None)
            and isinstance(rest, list)
        ):
            raise CursorError("the cursor is damaged: begin the stream anew")
        return cls(
            query=query,
            offset=offset,
            given=given,
            recent=_split(recent),
            session=session,
            rest=tuple(cast(Iterable[Any], rest)),
        )


def _split(recent: str) -> tuple[str, ...]:
    return tuple(recent[start : start + _DIGITS] for start in range(0, len(recent), _DIGITS))
