"""The right to send one request: what a caller holds of the governor."""

from types import TracebackType

from ..operations import Operation
from ..quota import Quota, Refusal
from .config import Lane
from .limiter_state import RequestRecord
from .scheduler import Scheduler

__all__ = ["Permit", "Slot"]


class Permit:
    """The right to send one request.

    Call `sent` just before its bytes leave, then exactly one of `learn` and `lost`, which may come after the
    block of the slot was left; until then the request counts as under way. None of them raises or waits, and
    what is called twice or out of turn does nothing.
    """

    __slots__ = ("__weakref__", "_ticket", "_turns")

    def __init__(self, turns: Scheduler, ticket: RequestRecord) -> None:
        self._turns = turns
        self._ticket = ticket

    def sent(self) -> None:
        """The request leaves now; from here on it counts, whatever becomes of it."""
        self._turns.sent(self._ticket)

    def leaves(self) -> None:
        """The first or the last byte leaves only now: a connection had to be made, or the loop was busy.

        May be left out, or called more than once: the last call counts.
        """
        self._turns.leaves(self._ticket)

    def learn(self, quota: Quota, refusal: Refusal | None = None) -> None:
        """An answer came, of any status, and told this; `refusal` for a 429."""
        self._turns.learn(self._ticket, quota, refusal)

    def lost(self) -> None:
        """No answer will come. The request counts all the same."""
        self._turns.lost(self._ticket)

    def __del__(self) -> None:
        # Dropped without a word: the books are put right at the next occasion. No lock is taken here.
        if not self._ticket.settled:
            self._turns.forget(self._ticket)


class Slot:
    """`async with` around one attempt; entering waits for the turn and gives the `Permit`."""

    __slots__ = ("_lane", "_max_wait", "_operation", "_permit", "_turns")

    def __init__(self, turns: Scheduler, operation: Operation, lane: Lane, max_wait: float | None) -> None:
        self._turns = turns
        self._operation = operation
        self._lane = lane
        self._max_wait = max_wait
        self._permit: Permit | None = None

    async def __aenter__(self) -> Permit:
        ticket = await self._turns.acquire(self._operation, self._lane, self._max_wait)
        self._permit = Permit(self._turns, ticket)
        return self._permit

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._permit is not None:
            self._turns.give_back(self._permit._ticket)
            self._permit = None
