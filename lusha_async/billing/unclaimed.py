"""Paid answers that nobody took.

The caller was cancelled, or left a stream before its last row, or a result was of none of the items asked for.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve, field, frozen

from .._json import as_count, as_object
from .._wire.request import Request, without_key
from .._wire.response import ParsedResponse
from ..errors import LushaError
from ..operations import Operation

__all__ = ["CallTracker", "Unclaimed", "UnclaimedAnswers", "credits_of"]

_log = logging.getLogger("lusha_async")


def credits_of(payload: Any) -> int | None:
    """The credits that an answer says it cost, None when it says nothing."""
    return as_count(as_object(as_object(payload).get("billing")).get("creditsCharged"))


@frozen(kw_only=True)
class Unclaimed:
    """A paid answer that nobody waited for any more: what was sent and what came back.

    `rows` are the positions (from 0) in the request's batch, or in the page, that nobody was given; None
    means the whole answer.
    """

    request: Request = field(converter=without_key)
    reading: ParsedResponse
    rows: tuple[int, ...] | None = None

    @property
    def operation(self) -> Operation:
        """The call."""
        return self.request.operation

    @property
    def inputs(self) -> Any:
        """The JSON body that was sent."""
        return self.request.body

    @property
    def answer(self) -> Any:
        """The decoded answer; None when none came (`error` says why)."""
        return self.reading.payload

    @property
    def error(self) -> LushaError | None:
        """Why there is no answer, and it is unknown whether the call was charged."""
        return self.reading.error

    @property
    def credits(self) -> int | None:
        """What the answer says it cost, for the whole of it; None when that is unknown."""
        return credits_of(self.reading.payload)

    @property
    def job_id(self) -> str | None:
        """The waterfall job that goes on for it, if there is one: `contacts.wait_for_job(unclaimed)` follows it."""
        job = as_object(as_object(self.reading.payload).get("job")).get("id")
        return job if isinstance(job, str) else None


class UnclaimedAnswers:
    """The newest `room` of them; `dropped` counts the older ones that had to go.

    `hook`, if set, is called with each one as it comes (in the event loop: it should be quick, for instance
    append a line to a file). What it raises is logged and goes no further.
    """

    def __init__(self, room: int = 1000, hook: Callable[[Unclaimed], object] | None = None) -> None:
        self.hook = hook
        self.dropped = 0
        self._kept: deque[Unclaimed] = deque(maxlen=room)

    def append(self, answer: Unclaimed) -> None:
        """Keep one more."""
        if len(self._kept) == self._kept.maxlen:
            self.dropped += 1
            _log.warning("unclaimed answers: the oldest of %d had to go; read them more often", len(self._kept))
        self._kept.append(answer)
        if self.hook is not None:
            try:
                self.hook(answer)
            except Exception:
                _log.exception("the hook for unclaimed answers failed")

    def take(self) -> tuple[Unclaimed, ...]:
        """All that are kept, oldest first; they are kept no longer."""
        taken = tuple(self._kept)
        self._kept.clear()
        return taken

    def __iter__(self) -> Iterator[Unclaimed]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)


class CallTracker:
    """Stands for whoever waits for one call: hears when it goes out, and holds its paid answer until taken.

    `patient`: whether the call may wait until a budget has room for it.
    """

    def __init__(self, went_out: Callable[[], None] | None = None, *, patient: bool = True) -> None:
        self._went_out = went_out
        self.patient = patient
        self.answer: Unclaimed | None = None

    def sent(self) -> None:
        """A request of the call goes out now; the first one is told, and its hearer let go."""
        went_out, self._went_out = self._went_out, None
        if went_out is not None:
            went_out()

    def hold(self, request: Request, reading: ParsedResponse) -> None:
        """The answer came, or was lost; it is the claimant's to hand on."""
        if request.operation.paid:
            self.answer = Unclaimed(request=request, reading=reading)

    @property
    def credits(self) -> int:
        """What the answer told it cost; 0 until then."""
        return 0 if self.answer is None else self.answer.credits or 0

    def complete(self, payload: Any) -> None:
        """The answer has become more since it came."""
        if self.answer is not None:
            self.answer = evolve(self.answer, reading=evolve(self.answer.reading, payload=payload))

    def keep(self, store: UnclaimedAnswers, rows: tuple[int, ...]) -> None:
        """The answer has something for `rows`, and it cannot be told what: keep it in `store` as well."""
        if self.answer is not None and rows:
            store.append(evolve(self.answer, rows=rows))

    def misread(self, store: UnclaimedAnswers) -> None:
        """The claimant is told of an error; an answer that came all the same is kept in `store`."""
        if self.answer is not None and self.answer.error is None:
            self.abandon(store)

    def abandon(self, store: UnclaimedAnswers, rows: tuple[int, ...] | None = None) -> None:
        """Nobody will take `rows` of the answer (None: all of it): keep it in `store`."""
        answer, self.answer = self.answer, None
        if answer is not None and rows != ():
            store.append(evolve(answer, rows=rows))
