"""The cursor of a page stream: a string that can be stored, and that only the same query accepts."""

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, cast

from attrs import field, frozen

from ..errors import CursorError
from ..operations import Operation

__all__ = ["Cursor", "digest", "fingerprint"]

_VERSION = 1
_DIGITS = 16  # of a row's digest: two rows of a long stream must not be taken for the same


def fingerprint(operation: Operation, query: Mapping[str, Any]) -> str:
    """Sixteen hexadecimal digits that identify the query; the order of members does not count."""
    text = json.dumps([operation.name, query], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest(identity: Hashable) -> str:
    """Hexadecimal digits that identify a row."""
    return hashlib.sha256(str(identity).encode()).hexdigest()[:_DIGITS]


@frozen(kw_only=True)
class Cursor:
    """The position after the last row read.

    `query` is the query's fingerprint, `offset` the index of the next row in the query's result, `rows_read` the rows
    read from the stream, `recent` the digests of the last of them (to recognize rows that shift between pages),
    `session` the dedupe session of lookalikes, and `rest` the rows that were fetched and not read.
    """

    query: str
    offset: int = 0
    rows_read: int = 0
    recent: tuple[str, ...] = ()
    session: str | None = None
    rest: tuple[Any, ...] = field(default=(), repr=False)

    def dump(self) -> str:
        """The cursor as JSON text."""
        members: dict[str, Any] = {"v": _VERSION, "q": self.query, "at": self.offset, "given": self.rows_read}
        if self.recent:
            members["recent"] = "".join(self.recent)
        if self.session is not None:
            members["session"] = self.session
        if self.rest:
            members["rest"] = self.rest
        return json.dumps(members, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def load(cls, text: str, query: str) -> "Cursor":
        """The cursor that `dump` returned. Raises `CursorError` for other texts and other queries."""
        try:
            members: Any = json.loads(text)
        except (ValueError, RecursionError, TypeError):
            members = None
        if not isinstance(members, dict):
            raise CursorError("this is no cursor: pass the text of `stream.cursor` unchanged")
        known = cast(dict[str, Any], members)
        if known.get("v") != _VERSION:
            raise CursorError(
                "the cursor was made by another version of this library: start the stream without it"
            )
        if known.get("q") != query:
            raise CursorError("the cursor belongs to another query: pass the same filters and options as before")
        offset, rows_read = known.get("at"), known.get("given")
        recent, session, rest = known.get("recent", ""), known.get("session"), known.get("rest", [])
        if not (
            type(offset) is int
            and type(rows_read) is int
            and min(offset, rows_read) >= 0
            and isinstance(recent, str)
            and isinstance(session, str | None)
            and isinstance(rest, list)
        ):
            raise CursorError("the cursor is damaged: start the stream without it")
        return cls(
            query=query,
            offset=offset,
            rows_read=rows_read,
            recent=_split(recent),
            session=session,
            rest=tuple(cast(Iterable[Any], rest)),
        )


def _split(recent: str) -> tuple[str, ...]:
    return tuple(recent[start : start + _DIGITS] for start in range(0, len(recent), _DIGITS))
