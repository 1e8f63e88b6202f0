"""The governor: slots for requests, forecasts, and its state; one for each account of a process."""

import hashlib
import os
import threading
import time
from collections.abc import Callable
from types import TracebackType
from weakref import WeakSet, WeakValueDictionary

from .._repr import half_made
from ..errors import ConfigurationError
from ..operations import Operation, Scope
from ..quota import Quota, Refusal
from . import forecast
from . import snapshot as snapshots
from ._board.host_store import HostStore
from ._board.look import look
from ._board.shared_scheduler import SharedScheduler
from ._board.store import BoardStore, LostStoreError, UnavailableStoreError
from .config import GovernorConfig, Lane
from .events import GovernorEvent
from .limiter_state import LimiterState, RequestRecord
from .scheduler import Scheduler
from .snapshot import Snapshot

__all__ = ["Governor", "Permit", "Slot", "governor_for", "shared_state"]


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


class Governor:
    """Keeps the rate limits of one account: requests per second, the plan windows, account usage and webhooks.

    One governor serves any number of tasks, event loops and threads of a process. It holds no connection and needs
    no closing. This one keeps the limits for its process only; `governor_for` gives one that shares them with other
    processes. A forked child keeps the limits learned so far, without the requests in flight.

    `clock` returns seconds that never decrease. `listener` is called with each `GovernorEvent`, in the thread that
    caused it and outside any lock; an exception that it raises is logged and not propagated.

    Source: the vendor's rate limiting page.
    """

    def __init__(
        self,
        config: GovernorConfig | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        listener: Callable[[GovernorEvent], object] | None = None,
        _store: BoardStore | None = None,
    ) -> None:
        self.config = config if config is not None else GovernorConfig()
        if _store is None:
            self._scheduler = Scheduler(self.config, clock, listener)
        else:
            self._scheduler = SharedScheduler(self.config, clock, listener, _store)
        _all.add(self)

    def slot(self, operation: Operation, *, lane: Lane = Lane.INTERACTIVE, max_wait: float | None = None) -> Slot:
        """The right to send one request of `operation`, as `async with governor.slot(...) as permit`.

        Entering waits until the request may be sent: first in, first out within a lane, interactive before bulk. A
        cancelled wait takes nothing. Leaving the block without `permit.sent()` frees the slot.

        Raises `QuotaWaitTooLongError` as soon as the wait is known to exceed `max_wait` seconds (None: no bound), and
        `DailyQuotaExhaustedError` or `TrialLimitError` at once if the day or the trial is used up.
        """
        return Slot(self._scheduler, operation, lane, max_wait)

    def forecast(self, requests: int, *, lane: Lane = Lane.BULK) -> float:
        """Seconds until `requests` more will have been sent, after the calls that wait already.

        An estimate from what is known: the pace, the plan windows, requests in flight, and requests kept for other
        programs. If the day or the trial is used up: the seconds until it may be tried again.
        """
        with self._scheduler.locked() as (state, now):
            hold = state.hold(now, Scope.GENERAL, lane)
            ahead = self._scheduler.ahead(lane, Scope.GENERAL, requests)
            return forecast.wait(state, hold, requests + ahead, Scope.GENERAL, now)

    def snapshot(self) -> Snapshot:
        """The state now; with other processes on a board, as of the last exchange, at most a second ago."""
        with self._scheduler.locked() as (state, now):
            return self._snapshot(state, now)

    def _snapshot(self, state: LimiterState, now: float) -> Snapshot:
        return snapshots.snapshot_of(state, self._scheduler.queue, now, self._scheduler.board_snapshot())

    def explain(self, *, lane: Lane = Lane.BULK) -> str:
        """In words: what holds the next general call of `lane`, until when, and what would help."""
        with self._scheduler.locked() as (state, now):
            hold = state.hold(now, Scope.GENERAL, lane)
            return snapshots.explain(hold, self._snapshot(state, now), now)

    @half_made
    def __repr__(self) -> str:
        return f"<Governor: {self.explain()}>"


_all: WeakSet[Governor] = WeakSet()


_lock = threading.Lock()
_governors: WeakValueDictionary[tuple[str, str], Governor] = WeakValueDictionary()
_WHERE = "LUSHA_GOVERNOR"


def governor_for(
    key: str,
    base_url: str,
    *,
    where: str | None = None,
    account: str | None = None,
    config: GovernorConfig | None = None,
) -> Governor:
    """The governor of an account: one in this process, which shares the limits with other processes.

    `where` (by default the environment variable `LUSHA_GOVERNOR`, or else `host`):

    - `host`: with all processes of this user on this machine. They meet in `LUSHA_RUNTIME_DIR`, `XDG_RUNTIME_DIR` or
      the directory of temporary files. A process that is alone pays for a file lock, once.
    - `redis://...`, `rediss://...`, `unix://...`: with all processes that use this Redis; see `docs/processes.md`.
    - `process`: with none.

    Who has the same key and base URL, or the same `account` name and base URL, shares one governor; name the account
    if its keys rotate, or it has several. `config` is that of the first: other processes take it over and say so.

    It lives as long as something refers to it. The key is not kept, only a keyed hash of it. Raises
    `ConfigurationError` for a `where` that is none of these, and for another `config` in the same process.
    """
    where, name = _place(key, base_url, where, account)
    del key  # no frame of an error below holds it
    with _lock:
        governor = _governors.get((name, where))
        if governor is None:
            governor = _governors[name, where] = Governor(config, _store=_store(where, name))
        elif config is not None and config != governor.config:
            raise ConfigurationError(
                "this process has a governor of this account with another GovernorConfig: use one"
            )
        return governor


def shared_state(
    key: str, base_url: str, *, where: str | None = None, account: str | None = None
) -> Snapshot | None:
    """What the processes of an account share now, for a program that looks on; see `governor_for`.

    Changes nothing. None if there is no board: on this machine, because fewer than two processes send. Raises
    `ConfigurationError` if nothing can be shared there, or if it cannot be reached or read.
    """
    where, name = _place(key, base_url, where, account)
    del key  # no frame of an error below holds it
    store = _store(where, name)
    if store is None:
        raise ConfigurationError("governor is `process`, which shares nothing: name `host` or the URL of a Redis")
    try:
        return look(store)
    except (UnavailableStoreError, LostStoreError, ValueError) as error:
        raise ConfigurationError(f"the board on {store.name} cannot be read: {error}") from error


def _place(key: str, base_url: str, where: str | None, account: str | None) -> tuple[str, str]:
    """Where the board is, and its name."""
    secret = hashlib.blake2b((f"account\0{account}" if account else f"key\0{key}").encode()).digest()
    name = hashlib.blake2b(base_url.rstrip("/").encode(), key=secret, digest_size=16).hexdigest()
    return where or os.environ.get(_WHERE) or "host", name


def _store(where: str, name: str) -> BoardStore | None:
    if where == "process":
        return None
    if where == "host":
        return HostStore(name)
    if where.startswith(("redis://", "rediss://", "unix://")):
        from ._board.redis_store import RedisStore  # noqa: PLC0415 - an extra

        return RedisStore(where, name)
    raise ConfigurationError(
        f"governor must be `host`, `process` or the URL of a Redis, not {where.rpartition('@')[2]!r}"
    )


def _after_fork() -> None:
    """In a forked child a lock may be held by a thread that does not exist there."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()
    for governor in list(_all):
        governor._scheduler.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
