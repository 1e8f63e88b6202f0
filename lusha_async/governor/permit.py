"""The right to send one request, as a caller of the governor holds it."""

from types import TracebackType

from ..operations import Operation
from ..quota import Quota, Refusal
from .config import Lane
from .limiter_state import RequestRecord
from .scheduler import Scheduler

__all__ = ["Permit", "Slot"]


class Permit:
    """The right to send one request.

    Call `sent` just before its bytes leave, then exactly one of `learn` and `lost`, also after the slot's block was
    left; until then the request counts as in flight. No method raises or waits. A call out of order, or a second
    one, does nothing.
    """

    __slots__ = ("__weakref__", "_record", "_scheduler")

    def __init__(self, scheduler: Scheduler, record: RequestRecord) -> None:
        self._scheduler = scheduler
        self._record = record

    def sent(self) -> None:
        """The request is sent now; from here on it counts, whatever its outcome."""
        self._scheduler.sent(self._record)

    def leaves(self) -> None:
        """The first or the last byte leaves only now: a connection had to be opened, or the event loop was busy.

        Optional. Called more than once, the last call counts.
        """
        self._scheduler.leaves(self._record)

    def learn(self, quota: Quota, refusal: Refusal | None = None) -> None:
        """An answer of any status arrived; `quota` is from its headers, `refusal` from a 429."""
        self._scheduler.learn(self._record, quota, refusal)

    def lost(self) -> None:
        """No answer will arrive. The request counts all the same."""
        self._scheduler.lost(self._record)

    def __del__(self) -> None:
        # Dropped without `learn` or `lost`: the scheduler settles it later. No lock may be taken here.
        if not self._record.settled:
            self._scheduler.abandon(self._record)


class Slot:
    """`async with` around one attempt: entering waits for the slot and returns its `Permit`."""

    __slots__ = ("_lane", "_max_wait", "_operation", "_permit", "_scheduler")

    def __init__(self, scheduler: Scheduler, operation: Operation, lane: Lane, max_wait: float | None) -> None:
        self._scheduler = scheduler
        self._operation = operation
        self._lane = lane
        self._max_wait = max_wait
        self._permit: Permit | None = None

    async def __aenter__(self) -> Permit:
        record = await self._scheduler.acquire(self._operation, self._lane, self._max_wait)
        self._permit = Permit(self._scheduler, record)
        return self._permit

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._permit is not None:
            self._scheduler.release(self._permit._record)
            self._permit = None
