"""The account's books: may a request go now, and if not, until when and why. Pure.

State, the time and an event go in, a decision comes out; there is no loop, clock or I/O here, so the whole of it
runs under a model of the server in the tests. Times are seconds of the governor's clock.

A request passes, in this order: the gate, the pace of its own group (account usage, webhooks), the plan windows,
the bound of a cold start, the pace of the second. What stops it is told as a `Hold`.
"""

import enum
import math
from collections import deque
from random import Random

from attrs import define, field, frozen

from ..operations import Operation, Scope
from ..quota import Quota, Refusal, Window
from .breaker import BreakerState, CircuitBreaker
from .config import GovernorConfig, Lane
from .events import EventKind, GovernorEvent
from .pace import Pace
from .plan_window import Mark, PlanWindow

__all__ = ["Hold", "HoldReason", "LimiterState", "RequestRecord"]


class HoldReason(enum.StrEnum):
    """What keeps a request from going."""

    PACE = "pace"
    WINDOW = "window"
    RESERVE = "reserve"
    GATE = "gate"
    COLD = "cold"
    DAY_USED_UP = "day used up"
    TRIAL_ENDED = "trial ended"


@frozen
class Hold:
    """Why a request may not go now. `until`: when to ask again; inf if only an answer can change it."""

    reason: HoldReason
    window: Window
    until: float

    @property
    def final(self) -> bool:
        """Whether the request is to be refused rather than kept waiting."""
        return self.reason in {HoldReason.DAY_USED_UP, HoldReason.TRIAL_ENDED}


class _Stage(enum.Enum):
    GRANTED = enum.auto()
    SENT = enum.auto()
    SETTLED = enum.auto()


@define(eq=False)
class RequestRecord:
    """One request in the books, from its grant until its answer came, was lost, or it was given back."""

    operation: Operation
    trial_run: bool  # one of the gate's probe or ramp
    place: tuple[int, float]
    group_place: tuple[int, float] | None
    sent: float = math.nan
    marks: tuple[Mark, ...] = ()
    stage: _Stage = _Stage.GRANTED

    @property
    def granted_only(self) -> bool:
        """Whether it may still be given back."""
        return self.stage is _Stage.GRANTED

    @property
    def settled(self) -> bool:
        """Whether nothing more will be heard of it."""
        return self.stage is _Stage.SETTLED


_TRIAL_SECONDS = 60.0
"""How long an ended trial is taken for ended before it is asked again."""
_DAY_ASKED = 96
"""A used-up day whose end is not known is asked again after this part of it: a quarter of an hour."""
_MOST_EVENTS = 1000
"""Events kept for a listener that has not yet been called."""


@define
class LimiterState:
    """The books of one account."""

    config: GovernorConfig
    dice: Random = field(factory=Random)
    pace: Pace = field(init=False)
    groups: dict[Scope, Pace] = field(init=False)
    windows: tuple[PlanWindow, ...] = field(init=False)
    gate: CircuitBreaker = field(init=False)
    in_flight: int = field(default=0, init=False)
    warmed: bool = field(default=False, init=False)
    trial_until: float = field(default=-math.inf, init=False)
    events: deque[GovernorEvent] = field(factory=lambda: deque[GovernorEvent](maxlen=_MOST_EVENTS), init=False)

    def __attrs_post_init__(self) -> None:
        config = self.config
        self.pace = Pace(config.rate, config.second)
        self.groups = {
            Scope.USAGE: Pace(config.usage_rate, config.minute),
            Scope.WEBHOOKS: Pace(config.webhooks_rate, config.minute),
        }
        self.windows = tuple(PlanWindow(window, length) for window, length in config.lengths.items())
        self.gate = CircuitBreaker(config.rate, config.second)

    # --- may it go? -----------------------------------------------------------------------------------------

    def hold(self, now: float, scope: Scope, lane: Lane) -> Hold | None:
        """What keeps a request of `scope` and `lane` from going now; None: it may go."""
        held = self._ended(now) or self._closed(now) or self._windows_hold(now, lane)
        if held is not None:
            return held
        if not self.warmed and self.in_flight >= self.config.rate:
            return Hold(HoldReason.COLD, Window.SECOND, math.inf)
        group = self.groups.get(scope)
        if group is not None and group.next_free() > now:
            return Hold(HoldReason.PACE, Window.MINUTE, group.next_free())
        free = self.pace.next_free()
        return Hold(HoldReason.PACE, Window.SECOND, free) if free > now else None

    def _closed(self, now: float) -> Hold | None:
        if self.gate.state is BreakerState.OPEN:
            return None
        opens = self.gate.waits_until(now)
        return Hold(HoldReason.GATE, self.gate.window or Window.SECOND, opens) if opens > now else None

    def _windows_hold(self, now: float, lane: Lane) -> Hold | None:
        share = self.config.reserve if lane is Lane.BULK else 0.0
        probing_day = self.gate.state is BreakerState.PROBING and self.gate.window is Window.DAY
        for window in self.windows[:-1] if probing_day else self.windows:
            if window.left is not None:
                held = self._window_holds(window, share, now)
                if held is not None:
                    return held
        return None

    def _ended(self, now: float) -> Hold | None:
        if now < self.trial_until:
            return Hold(HoldReason.TRIAL_ENDED, Window.DAY, self.trial_until)
        for window in self.windows:
            if now >= window.latest:
                window.roll(now)
                self.tell(EventKind.EDGE, window.window, window.length)
        day = self.windows[-1]
        if day.left != 0 or (self.gate.window is Window.DAY and now >= self.gate.until):
            return None
        until = self.gate.until if self.gate.window is Window.DAY else day.latest
        return Hold(HoldReason.DAY_USED_UP, Window.DAY, until)

    def _window_holds(self, window: PlanWindow, share: float, now: float) -> Hold | None:
        room = window.room(now)
        if room < 1:
            return Hold(HoldReason.WINDOW, window.window, window.asks_again(now))
        reserved = window.reserved(share, now) if share else 0
        if room >= 1 + reserved:
            return None
        return Hold(HoldReason.RESERVE, window.window, min(window.unreserved_at(share, room), now + window.length))

    # --- what happens to a request --------------------------------------------------------------------------

    def take(self, operation: Operation) -> RequestRecord:
        """Count a request that `hold` let go, at its grant."""
        group = self.groups.get(operation.scope)
        self.in_flight += 1
        for window in self.windows:
            window.in_flight += 1
        return RequestRecord(operation, self.gate.take(), self.pace.take(), group.take() if group else None)

    def give_back(self, ticket: RequestRecord) -> None:
        """It was never sent: all it took is free again."""
        if ticket.stage is not _Stage.GRANTED:
            return
        ticket.stage = _Stage.SETTLED
        self.in_flight -= 1
        for window in self.windows:
            window.in_flight -= 1
        self.pace.give_back(*ticket.place)
        group = self.groups.get(ticket.operation.scope)
        if group and ticket.group_place:
            group.give_back(*ticket.group_place)
        if ticket.trial_run:
            self.gate.returned()

    def sent(self, ticket: RequestRecord, now: float) -> None:
        """It leaves now."""
        if ticket.stage is not _Stage.GRANTED:
            return
        ticket.stage, ticket.sent = _Stage.SENT, now
        ticket.marks = tuple(window.mark() for window in self.windows)
        self.pace.sent(ticket.place[0], now)
        group = self.groups.get(ticket.operation.scope)
        if group and ticket.group_place:
            group.sent(ticket.group_place[0], now)

    def leaves(self, ticket: RequestRecord, now: float) -> None:
        """It leaves only now: the second in which it may arrive begins here."""
        if ticket.stage is not _Stage.SENT or not self.pace.holds(ticket.place[0], ticket.sent):
            return
        self.pace.sent(ticket.place[0], now)
        group = self.groups.get(ticket.operation.scope)
        if group and ticket.group_place and group.holds(ticket.group_place[0], ticket.sent):
            group.sent(ticket.group_place[0], now)
        ticket.sent = now

    def lost(self, ticket: RequestRecord, now: float) -> None:
        """No answer will come; it was sent, so it counts."""
        if ticket.stage is _Stage.SENT:
            self._settle(ticket, now, Quota())
            if ticket.trial_run:
                self.gate.returned()

    def learn(self, ticket: RequestRecord, now: float, quota: Quota, refusal: Refusal | None) -> None:
        """Its answer came, and told this much."""
        if ticket.stage is not _Stage.SENT:
            return
        self.warmed = True
        operation = ticket.operation
        group = self.groups.get(operation.scope)
        self.pace.answered(ticket.place[0], ticket.sent, now, operation.name)
        if group and ticket.group_place:
            group.answered(ticket.group_place[0], ticket.sent, now, operation.name)
        self._settle(ticket, now, quota)
        before = self.gate.state
        if refusal is None:
            if ticket.trial_run:
                day = self.windows[-1]
                if self.gate.window is Window.DAY and day.left == 0:
                    day.renew(now)
                self.gate.passed()
        else:
            if ticket.trial_run:
                self.gate.returned()
            self.tell(EventKind.REFUSED, refusal.window, refusal.retry_after)
            self._refused(ticket, now, refusal)
        after = self.gate.state
        if after is not before and after is BreakerState.CLOSED:
            self.tell(EventKind.GATE_CLOSED, self.gate.window, self.gate.until - now)
        elif after is not before and after is BreakerState.OPEN:
            self.tell(EventKind.GATE_OPENED)

    def tell(self, kind: EventKind, window: Window | None = None, seconds: float | None = None) -> None:
        """Note an event for whoever listens."""
        self.events.append(GovernorEvent(kind=kind, window=window, seconds=seconds))

    def _settle(self, ticket: RequestRecord, now: float, quota: Quota) -> None:
        ticket.stage = _Stage.SETTLED
        self.in_flight -= 1
        for window, mark, reading in zip(
            self.windows, ticket.marks, (quota.minute, quota.hour, quota.day), strict=True
        ):
            edges = window.edges
            window.settle(mark, ticket.sent, now, reading)
            if window.edges > edges:
                self.tell(EventKind.EDGE, window.window, window.length)

    def _refused(self, ticket: RequestRecord, now: float, refusal: Refusal) -> None:
        if refusal.trial:
            self.trial_until = now + (refusal.retry_after or _TRIAL_SECONDS)
            self.gate.close(Window.DAY, now, self.trial_until)
            return
        group = self.groups.get(ticket.operation.scope)
        if refusal.window is None and group is not None:
            group.exhausted(now + (refusal.retry_after or group.period))
            return
        for window, mark in zip(self.windows, ticket.marks, strict=True):
            if window.window is refusal.window:
                if mark.epoch == window.epoch:
                    until = window.close(ticket.sent, now, refusal.retry_after)
                    if window.window is Window.DAY and until - window.earliest > window.length / _DAY_ASKED:
                        until = min(until, now + window.length / _DAY_ASKED)
                    jitter = self.dice.uniform(0, min(self.config.jitter, window.length / 100))
                    self.gate.close(window.window, now, until + jitter)
                return
        self.pace.refused(now)
        self.gate.refuse(ticket.sent, now, refusal.retry_after)

    def disown(self) -> None:
        """Forget what is in flight: it belongs to another process."""
        self.in_flight = 0
        self.gate.under_way = 0
        for window in self.windows:
            window.left = None if window.left is None else max(0, window.left - window.in_flight)
            window.in_flight = 0
        now_taken = max((at for at in self.pace.free_at if not math.isinf(at)), default=-math.inf)
        for pace in (self.pace, *self.groups.values()):
            pace.free_at = [now_taken if at == math.inf else at for at in pace.free_at]

    @property
    def opens_gradually(self) -> bool:
        """Whether a 429 still makes itself felt."""
        return self.gate.state is not BreakerState.OPEN
