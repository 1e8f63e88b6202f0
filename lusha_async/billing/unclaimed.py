"""Paid answers that no caller received.

The caller was cancelled, or left a stream before its last row, or a result matched none of the items requested.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve, field, frozen

from .._json import as_object
from .._wire.request import Request, without_key
from .._wire.response import ParsedResponse
from ..errors import LushaError
from ..operations import Operation

__all__ = ["CallTracker", "Unclaimed", "UnclaimedStore"]

_log = logging.getLogger("lusha_async")


@frozen(kw_only=True)
class Unclaimed:
    """A paid answer that no caller received: the `request`, without the key, and the `response`.

    `rows` are the positions, from 0, in the request's batch or in the page that were not delivered; None is the
    whole answer.
    """

    request: Request = field(converter=without_key)
    response: ParsedResponse
    rows: tuple[int, ...] | None = None

    @property
    def operation(self) -> Operation:
        """The operation that was called."""
        return self.request.operation

    @property
    def inputs(self) -> Any:
        """The JSON body that was sent."""
        return self.request.body

    @property
    def answer(self) -> Any:
        """The decoded answer; None if there is none (`error` says why)."""
        return self.response.payload

    @property
    def error(self) -> LushaError | None:
        """Why there is no answer; None if there is one. Whether the call was charged is unknown."""
        return self.response.error

    @property
    def credits(self) -> int | None:
        """What the whole answer says it cost; None if that is unknown."""
        return self.response.credits

    @property
    def job_id(self) -> str | None:
        """The waterfall job that continues it, if there is one: `contacts.wait_for_job(unclaimed)` follows it."""
        job = as_object(as_object(self.response.payload).get("job")).get("id")
        return job if isinstance(job, str) else None


class UnclaimedStore:
    """The newest `max_size` unclaimed answers; `dropped` counts the older ones that were discarded.

    `hook`, if set, is called with each one when it is added, in the event loop: it should be quick, for instance
    append a line to a file. An exception from it is logged and not propagated.
    """

    def __init__(self, max_size: int = 1000, hook: Callable[[Unclaimed], object] | None = None) -> None:
        self.hook = hook
        self.dropped = 0
        self._kept: deque[Unclaimed] = deque(maxlen=max_size)

    def append(self, answer: Unclaimed) -> None:
        """Keep one more, and call the hook with it."""
        if len(self._kept) == self._kept.maxlen:
            self.dropped += 1
            _log.warning(
                "unclaimed answers: the oldest of %d was discarded; call take_unclaimed more often",
                len(self._kept),
            )
        self._kept.append(answer)
        if self.hook is not None:
            try:
                self.hook(answer)
            except Exception:
                _log.exception("the hook for unclaimed answers failed")

    def take(self) -> tuple[Unclaimed, ...]:
        """Return all that are kept, the oldest first, and keep them no longer."""
        taken = tuple(self._kept)
        self._kept.clear()
        return taken

    def __iter__(self) -> Iterator[Unclaimed]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)


class CallTracker:
    """Follows one call for its caller: reports when it is sent, and keeps its paid answer until the caller takes it.

    `on_sent` is called once, when the first request of the call is sent. `wait_for_budget`: whether the call may wait
    for a budget that answers in flight may replenish.
    """

    def __init__(self, on_sent: Callable[[], None] | None = None, *, wait_for_budget: bool = True) -> None:
        self._on_sent = on_sent
        self.wait_for_budget = wait_for_budget
        self.answer: Unclaimed | None = None

    def sent(self) -> None:
        """A request of the call is sent now."""
        on_sent, self._on_sent = self._on_sent, None
        if on_sent is not None:
            on_sent()

    def answered(self, request: Request, response: ParsedResponse) -> None:
        """The answer arrived, or was lost and may have been charged: keep it for the caller."""
        if request.operation.paid:
            self.answer = Unclaimed(request=request, response=response)

    @property
    def credits(self) -> int:
        """What the answer says it cost, in credits; 0 before it arrives."""
        return 0 if self.answer is None else self.answer.credits or 0

    def update(self, payload: Any) -> None:
        """Replace the payload of the answer by a later, more complete one."""
        if self.answer is not None:
            self.answer = evolve(self.answer, response=evolve(self.answer.response, payload=payload))

    def keep(self, store: UnclaimedStore, rows: tuple[int, ...]) -> None:
        """Also keep the answer in `store`: it has results for `rows` that could not be matched to them."""
        if self.answer is not None and rows:
            store.append(evolve(self.answer, rows=rows))

    def keep_unparsed(self, store: UnclaimedStore) -> None:
        """The caller gets an error: keep the answer in `store` if one arrived."""
        if self.answer is not None and self.answer.error is None:
            self.abandon(store)

    def abandon(self, store: UnclaimedStore, rows: tuple[int, ...] | None = None) -> None:
        """No caller takes `rows` of the answer (None: all of it): keep them in `store`."""
        answer, self.answer = self.answer, None
        if answer is not None and rows != ():
            store.append(evolve(answer, rows=rows))
