"""The limiter state of one account: may a request be sent now, and if not, until when and why. Pure.

Each method takes the time and an event and returns a decision; there is no event loop, clock or I/O here, so that the
tests run all of it against a model of the server. Times are seconds of the governor's clock.

Checked in this order: the end of a trial or a day, the circuit breaker, the plan windows, the bound of a cold start,
the pace of the operation's group (account usage, webhooks), the pace of the second. The first that refuses is
returned as a `Hold`.
"""

import enum
import math
from collections import deque
from random import Random, SystemRandom
from secrets import randbits

from attrs import define, field, frozen

from ..operations import Operation, Scope
from ..quota import Quota, Refusal, Window
from .breaker import BreakerState, CircuitBreaker
from .config import GovernorConfig, Instant, Lane
from .events import EventKind, GovernorEvent
from .pace import Pace
from .plan_window import UNKNOWN, Mark, PlanWindow

__all__ = ["Hold", "HoldReason", "LimiterState", "RequestRecord"]


class HoldReason(enum.StrEnum):
    """Why a request is held."""

    PACE = "pace"
    """The rate per second, or per minute for account usage and webhooks, is reached."""
    WINDOW = "window"
    """A plan window has no requests left."""
    RESERVE = "reserve"
    """What is left of a plan window is reserved for interactive calls."""
    BREAKER = "breaker"
    """A 429 has opened the circuit breaker."""
    COLD = "cold"
    """No answer has arrived yet, and as many requests are in flight as fit into a second."""
    DAY_USED_UP = "day used up"
    """The day's requests are used up: the call fails."""
    TRIAL_ENDED = "trial ended"
    """The trial has ended: the call fails."""


@frozen
class Hold:
    """Why a request may not be sent now. `until`: when to try again; inf if only an answer can change it."""

    reason: HoldReason
    window: Window
    until: float

    @property
    def final(self) -> bool:
        """Whether the request fails rather than waits."""
        return self.reason in {HoldReason.DAY_USED_UP, HoldReason.TRIAL_ENDED}


class _Stage(enum.Enum):
    GRANTED = enum.auto()
    SENT = enum.auto()
    SETTLED = enum.auto()


@define(eq=False)
class RequestRecord:
    """One request, from its grant until it is answered, lost or released."""

    operation: Operation
    probe: bool  # a probe of the circuit breaker
    lineage: int  # of the limiter state that granted it: another one does not know its slots and marks
    slot: tuple[int, float]  # of the pace: its number, and what `release` needs
    group_slot: tuple[int, float] | None
    sent: float = math.nan
    marks: tuple[Mark, ...] = ()
    stage: _Stage = _Stage.GRANTED
    begins: float = -math.inf  # granted ahead of time: not to be sent before
    expires: float = math.inf  # not to be sent after that

    def mark_sent(self, now: float) -> None:
        """It is sent now."""
        self.stage, self.sent = _Stage.SENT, now

    def mark_settled(self) -> None:
        """It has ended."""
        self.stage = _Stage.SETTLED

    @property
    def unsent(self) -> bool:
        """Whether it was not sent and can still be released."""
        return self.stage is _Stage.GRANTED

    @property
    def in_flight(self) -> bool:
        """Whether it was sent and has not ended."""
        return self.stage is _Stage.SENT

    @property
    def settled(self) -> bool:
        """Whether it has ended."""
        return self.stage is _Stage.SETTLED


def _new_lineage() -> int:
    return randbits(52)  # exact in JSON, and not the same in forked workers


_TRIAL_SECONDS = 60.0
"""Seconds after which a request may probe whether an ended trial goes on."""
_MAX_RETRY_AFTER = 900.0
"""Seconds after which a request probes, whatever a 429 named: a proxy or another clock may name a day or a year."""
_SPACING = 0.9
"""Bulk requests leave this share of the mean distance of two requests apart: room to catch up, but no waves."""
_NOT_FOR_USAGE = {Window.HOUR, Window.DAY}
"""Windows that do not hold account usage: it tells what is left of them, so it may be asked when nothing is."""
_MIXED_SECONDS = 600.0
"""Bulk requests are spaced for so long after an interactive call: bulk alone ends up to a second sooner without."""
_MAX_EVENTS = 1000
"""Events kept until the listener is called; the oldest are dropped."""


@define
class LimiterState:
    """The limits and counts of one account. `warmed`: an answer has arrived."""

    config: GovernorConfig
    random: Random = field(factory=SystemRandom)  # has no state that forked workers would share
    lineage: int = field(factory=_new_lineage, init=False)
    pace: Pace = field(init=False)
    groups: dict[Scope, Pace] = field(init=False)
    windows: tuple[PlanWindow, ...] = field(init=False)
    breaker: CircuitBreaker = field(init=False)
    in_flight: int = field(default=0, init=False)
    warmed: bool = field(default=False, init=False)
    _interactive_at: Instant = field(default=-math.inf, init=False)  # the last grant to an interactive call
    _bulk_at: Instant = field(default=-math.inf, init=False)  # the last grant to a bulk call
    trial_until: Instant = field(default=-math.inf, init=False)
    events: deque[GovernorEvent] = field(factory=lambda: deque[GovernorEvent](maxlen=_MAX_EVENTS), init=False)

    def __attrs_post_init__(self) -> None:
        config = self.config
        self.pace = Pace(config.rate, config.second)
        self.groups = {
            Scope.USAGE: Pace(config.usage_rate, config.minute),
            Scope.WEBHOOKS: Pace(config.webhooks_rate, config.minute),
        }
        self.windows = tuple(PlanWindow(window, length) for window, length in config.lengths.items())
        self.breaker = CircuitBreaker(config.rate, config.second)

    # --- decisions ------------------------------------------------------------------------------------------

    def hold(self, now: float, scope: Scope, lane: Lane, *, crowd: int = 0) -> Hold | None:
        """Why a request of `scope` and `lane` may not be sent now; None: it may. `crowd`: how many of `lane` wait."""
        held = None
        for window in self.windows:
            if now >= window.latest:
                window.roll(now)
                self.emit(EventKind.WINDOW_RESET, window.window, window.length)
        if scope is not Scope.USAGE or self.breaker.window not in _NOT_FOR_USAGE:
            held = self._breaker_hold(now)
        if scope is not Scope.USAGE:
            held = self._ended_hold(now) or held
        held = held or self._windows_hold(now, scope, lane)
        if held is not None:
            return held
        if not self.warmed and self.in_flight >= self.config.rate:
            return Hold(HoldReason.COLD, Window.SECOND, math.inf)
        group = self.groups.get(scope)
        if group is not None and group.next_free() > now:
            return Hold(HoldReason.PACE, Window.MINUTE, group.next_free())
        free = self.pace.next_free()
        if lane is Lane.BULK and now - self._interactive_at < _MIXED_SECONDS:
            free = max(free, self._spaced(free, crowd))
        return Hold(HoldReason.PACE, Window.SECOND, free) if free > now else None

    def _spaced(self, free: float, crowd: int) -> float:
        """When a bulk request may take the slot that is free at `free`, so that slots do not bunch into waves.

        Behind a wave, an interactive call would wait for the next second. A slot that was idle for a period is taken at
        once, unless more calls wait than there are slots.
        """
        slots = self.pace.capacity.slots
        spaced = self._bulk_at + _SPACING * self.pace.period / slots
        return spaced if crowd > slots else min(spaced, free + self.pace.period)

    def _breaker_hold(self, now: float) -> Hold | None:
        if self.breaker.state is BreakerState.CLOSED:
            return None
        until = self.breaker.retry_at(now)
        return Hold(HoldReason.BREAKER, self.breaker.window or Window.SECOND, until) if until > now else None

    def _windows_hold(self, now: float, scope: Scope, lane: Lane) -> Hold | None:
        share = self.config.reserve if lane is Lane.BULK else 0.0
        probed = self.breaker.window if self.breaker.state is BreakerState.HALF_OPEN else None
        for window in self.windows:
            if scope is Scope.USAGE and window.window in _NOT_FOR_USAGE:
                continue
            if window.left is not None and window.window is not probed:
                held = self._window_hold(window, share, now)
                if held is not None:
                    return held
        return None

    def _ended_hold(self, now: float) -> Hold | None:
        if now < self.trial_until:
            return Hold(HoldReason.TRIAL_ENDED, Window.DAY, self.trial_until)
        day = self.windows[-1]
        by_refusal = self.breaker.window is Window.DAY
        if day.left != 0 or (now >= self.breaker.retry_time if by_refusal else day.probing(now)):
            return None
        return Hold(
            HoldReason.DAY_USED_UP, Window.DAY, self.breaker.retry_time if by_refusal else day.retry_at(now)
        )

    def _window_hold(self, window: PlanWindow, share: float, now: float) -> Hold | None:
        available = window.available(now)
        if available < 1:
            return Hold(HoldReason.WINDOW, window.window, window.retry_at(now))
        if window.left == 0 and window.probing(now):
            return None
        reserved = window.reserved(share, now) if share else 0
        if available >= 1 + reserved:
            return None
        until = min(window.unreserved_at(share, available), now + window.length)
        return Hold(HoldReason.RESERVE, window.window, until)

    # --- transitions of a request ---------------------------------------------------------------------------

    def take(
        self,
        operation: Operation,
        lane: Lane = Lane.INTERACTIVE,
        now: float = -math.inf,
        *,
        ahead: int = 0,
        latest: float = math.inf,
    ) -> RequestRecord:
        """Grant a request that nothing holds, and count it. `ahead` slots are left to others, see `Pace.take`.

        With `latest`, what it counts for lapses by itself if its process is heard of no more.
        """
        if lane is Lane.BULK:
            self._bulk_at = now
        else:
            self._interactive_at = now
        group = self.groups.get(operation.scope)
        self.in_flight += 1
        for window in self.windows:
            window.in_flight += 1
        if latest < math.inf:  # its sending is reported some time after it
            self.pace.capacity.sent(now)
        exempt = operation.scope is Scope.USAGE and self.breaker.window in _NOT_FOR_USAGE
        probe = not exempt and self.breaker.take()
        return RequestRecord(
            operation,
            probe,
            self.lineage,
            self.pace.take(ahead, latest),
            group.take(latest=latest) if group else None,
            marks=tuple(window.mark() for window in self.windows) if latest < math.inf else (),
        )

    def _adopt(self, record: RequestRecord) -> None:
        """Another limiter state granted it: its slots and marks mean nothing here."""
        record.lineage, record.slot = self.lineage, (-1, math.inf)
        record.group_slot = record.group_slot and record.slot
        record.marks = tuple(UNKNOWN for _ in self.windows) if record.stage is _Stage.SENT else ()

    def release(self, record: RequestRecord) -> None:
        """The request was not sent: all it took is free again."""
        if record.stage is not _Stage.GRANTED:
            return
        if record.lineage != self.lineage:
            self._adopt(record)
        record.stage = _Stage.SETTLED
        self.in_flight -= 1
        for window in self.windows:
            window.in_flight -= 1
        if record.begins > -math.inf:
            self.pace.capacity.withdraw(record.begins)
        self.pace.release(*record.slot)
        group = self.groups.get(record.operation.scope)
        if group and record.group_slot:
            group.release(*record.group_slot)
        if record.probe:
            self.breaker.released()

    def sent(self, record: RequestRecord, now: float) -> None:
        """The request is sent now."""
        if record.stage is not _Stage.GRANTED:
            return
        if record.lineage != self.lineage:
            self._adopt(record)
        record.stage, record.sent = _Stage.SENT, now
        if record.begins > -math.inf:
            self.pace.capacity.withdraw(record.begins)
        record.marks = record.marks or tuple(window.mark() for window in self.windows)
        self.pace.sent(record.slot[0], now)
        group = self.groups.get(record.operation.scope)
        if group and record.group_slot:
            group.sent(record.group_slot[0], now)

    def leaves(self, record: RequestRecord, now: float) -> None:
        """The request leaves only now: the second in which it may arrive begins here."""
        if record.stage is not _Stage.SENT:
            return
        if record.lineage != self.lineage:
            self._adopt(record)
        if not self.pace.leaves(record.slot[0], record.sent, now):
            return
        group = self.groups.get(record.operation.scope)
        if group and record.group_slot:
            group.leaves(record.group_slot[0], record.sent, now)
        record.sent = now

    def lost(self, record: RequestRecord, now: float) -> None:
        """No answer will arrive. The request was sent, so it counts."""
        if record.stage is _Stage.SENT:
            if record.lineage != self.lineage:
                self._adopt(record)
            self._settle(record, now, Quota())
            if record.probe:
                self.breaker.released()

    def learn(self, record: RequestRecord, now: float, quota: Quota, refusal: Refusal | None) -> None:
        """The answer arrived, with `quota` from its headers and `refusal` for a 429."""
        if record.stage is not _Stage.SENT:
            return
        if record.lineage != self.lineage:
            self._adopt(record)
        self.warmed = True
        operation = record.operation
        group = self.groups.get(operation.scope)
        work = (
            operation.name if refusal is None else None
        )  # a refusal took no work: its trip says nothing of others
        self.pace.answered(record.slot[0], record.sent, now, work)
        if group and record.group_slot:
            group.answered(record.group_slot[0], record.sent, now, work)
        self._settle(record, now, quota, passed=refusal is None and operation.scope is not Scope.USAGE)
        before = self.breaker.state
        if refusal is None:
            if record.probe:
                self.breaker.succeeded()
        else:
            if record.probe:
                self.breaker.released()
            self.emit(EventKind.REFUSED, refusal.window, refusal.retry_after)
            self._refused(record, now, refusal)
        after = self.breaker.state
        if after is not before and after is BreakerState.OPEN:
            self.emit(EventKind.BREAKER_OPENED, self.breaker.window, self.breaker.retry_time - now)
        elif after is not before and after is BreakerState.CLOSED:
            self.emit(EventKind.BREAKER_CLOSED)

    def emit(self, kind: EventKind, window: Window | None = None, seconds: float | None = None) -> None:
        """Record an event for the listener."""
        self.events.append(GovernorEvent(kind=kind, window=window, seconds=seconds))

    def _settle(self, record: RequestRecord, now: float, quota: Quota, *, passed: bool = False) -> None:
        record.stage = _Stage.SETTLED
        self.in_flight -= 1
        for window, mark, reading in zip(
            self.windows, record.marks, (quota.minute, quota.hour, quota.day), strict=True
        ):
            resets = window.resets
            window.settle(mark, record.sent, now, reading)
            if passed and mark.used_up and reading is None and window.left == 0 and mark.epoch == window.epoch:
                window.renew(now)  # sent when nothing was left, and the answer does not say how much is
            if window.resets > resets:
                self.emit(EventKind.WINDOW_RESET, window.window, window.length)

    def _refused(self, record: RequestRecord, now: float, refusal: Refusal) -> None:
        if refusal.trial:
            self.trial_until = now + min(refusal.retry_after or _TRIAL_SECONDS, _MAX_RETRY_AFTER)
            self.breaker.trip(Window.DAY, now, self.trial_until)
            return
        group = self.groups.get(record.operation.scope)
        if refusal.window is None and group is not None:
            group.exhausted(now + min(refusal.retry_after or group.period, max(group.period, _MAX_RETRY_AFTER)))
            return
        for window, mark in zip(self.windows, record.marks, strict=True):
            if window.window is refusal.window:
                if mark.epoch == window.epoch:
                    until = window.exhausted(record.sent, now, refusal.retry_after)
                    jitter = self.random.uniform(0, min(self.config.jitter, window.length / 100))
                    self.breaker.trip(window.window, now, until + jitter)
                return
        self.pace.refused(record.sent, now)
        retry_after = None if refusal.retry_after is None else min(refusal.retry_after, _MAX_RETRY_AFTER)
        self.breaker.refused(record.sent, now, retry_after)

    def count_in_flight(self, requests: int, probes: int) -> None:
        """So many requests are in flight, and so many probes of the circuit breaker."""
        self.in_flight = requests
        self.breaker.in_flight = probes
        for window in self.windows:
            window.in_flight = requests

    def abandon(self, requests: int, now: float) -> None:
        """So many requests, not counted as in flight any more, belong to a process that is gone."""
        for window in self.windows:
            window.abandon(requests, now)

    def forget_in_flight(self) -> None:
        """Drop the requests in flight: they belong to the parent process."""
        self.lineage = _new_lineage()
        self.in_flight = 0
        self.breaker.in_flight = 0
        for window in self.windows:
            window.left = None if window.left is None else max(0, window.left - window.in_flight)
            window.in_flight = 0
        latest = max((at for at in self.pace.free_at if not math.isinf(at)), default=-math.inf)
        for pace in (self.pace, *self.groups.values()):
            pace.free_at = [latest if at == math.inf else at for at in pace.free_at]

    @property
    def recovering(self) -> bool:
        """Whether the circuit breaker is other than closed."""
        return self.breaker.state is not BreakerState.CLOSED
