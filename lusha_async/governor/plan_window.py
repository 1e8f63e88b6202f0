"""The state of one plan window (minute, hour or day), kept from what the answers report. Pure.

    available = left - in flight - answers without numbers - allowance for external traffic

`left` is the lowest number that any answer of this window reported: answers arrive in any order, but the one with the
lowest number reached the server last, and has counted every request that was answered. Those in flight may or may
not be counted in it, so they are subtracted until their answers arrive: never too many requests, and no drift.

No header states when a window resets. What is known of the next reset is an interval:

- it is later than the sending of any request that was counted before it;
- no window is longer than its length, so it is at most that much after the first answer of the window;
- an answer with more left than was reported *before its request was sent* belongs to a new window;
- a 429 may say `Reset in N seconds`.

Where nothing is left, one request probes the window every quarter of an hour. What is known of the reset may be wrong
by far (another clock, a proxy's `Retry-After` of a day), and a refusal is free.

A window counts as new only when its reset is certainly past, or was observed. Times are seconds of the governor's
clock, counts are requests.
"""

import math

from attrs import define, field, frozen

from ..quota import Window, WindowReading
from .config import Instant
from .external_traffic import ExternalTraffic

__all__ = ["UNKNOWN", "Mark", "PlanWindow"]


_PROBES = {Window.MINUTE: 1 / 15, Window.HOUR: 4, Window.DAY: 96}
"""How often in its length a window is probed of which nothing is left: every quarter of an hour."""
_MAX_SILENCE = 60.0
"""Seconds without a report after which one request probes what others have left; at most a tenth of the window."""


@frozen
class Mark:
    """What was known of a window when a request was sent.

    Its number, the lowest report, the answers so far, and whether nothing was left.
    """

    epoch: int
    reported: int | None
    answered: int
    used_up: bool = False


UNKNOWN = Mark(-1, None, 0)
"""Of a request that was sent while another process kept the numbers."""


@define
class PlanWindow:
    """One window. `left` is None before a report; `earliest` and `latest` bound the next reset."""

    window: Window
    length: float
    limit: int | None = None
    left: int | None = None
    in_flight: int = 0
    epoch: int = 0
    earliest: Instant = -math.inf
    latest: Instant = math.inf
    external: ExternalTraffic = field(factory=ExternalTraffic, init=False)
    resets: int = field(default=0, init=False)
    _reported: int | None = field(default=None, init=False)
    _reported_at: Instant = field(default=-math.inf, init=False)  # when the request that it answers was sent
    _heard_at: Instant = field(default=-math.inf, init=False)  # when an answer last said that nothing was left
    _answered: int = field(default=0, init=False)
    _unreported: list[Instant] = field(factory=list[float], init=False)  # arrivals of answers without numbers
    _peak: int = field(default=0, init=False)  # of requests in flight
    _reset_known: bool = field(default=False, init=False)  # by a 429
    _reset_named: bool = field(default=False, init=False)  # in seconds

    def roll(self, now: float) -> None:
        """Start a new window if the reset is certainly past."""
        if now >= self.latest:
            self._start(self.limit, now, earliest=self.earliest + self.length, latest=math.inf)

    def retry_at(self, now: float) -> float:
        """When a request may be available again if no answer changes it."""
        if self.left == 0:
            return min(self.latest, self.probe_at) if now < self.probe_at else self.latest
        probe = self._reported_at + self._max_silence
        may_probe = self._reported is not None and self._may_probe(self._max_silence)
        return min(probe, self.latest) if may_probe and now < probe else self.latest

    @property
    def probe_at(self) -> float:
        """When one request may probe the window of which nothing is left."""
        return self._heard_at + self.length / _PROBES[self.window]

    def probing(self, now: float) -> bool:
        """Whether nothing is left and a probe is due, or was sent and has no answer yet."""
        return self.left == 0 and now >= self.probe_at

    def renew(self, now: float) -> None:
        """A request passed although nothing was left: the window has reset."""
        self._start(self.limit, now, earliest=now, latest=now + self.length)

    def _start(self, left: int | None, now: float, *, earliest: float, latest: float) -> None:
        self.epoch += 1
        self.resets += 1
        self._answered = self._peak = 0
        self._reset_known = self._reset_named = False
        self._unreported.clear()
        self.external.start_window(now, known=True)
        self.left = left
        self._reported = None
        self.earliest, self.latest = earliest, latest

    def available(self, now: float) -> float:
        """Requests that may be sent now, less the allowance for external traffic; inf before a report."""
        if self.left is None:
            return math.inf
        if self.left == 0 and self.probing(now):
            return 0 if self.in_flight else 1
        available = self.left - self.in_flight - len(self._unreported)
        if available >= 1 and self.external.observed:
            age = self._age(now)
            available -= self.external.allowance(age)
            if available < 1 and age >= 0.99 * self._max_silence and not self.in_flight:
                return 1 if self._may_probe(age) else available
        return available

    def kept(self, now: float) -> int:
        """Requests of those left that are kept for other programs of the account."""
        return min(self.left or 0, self.external.allowance(self._age(now)))

    @property
    def _max_silence(self) -> float:
        """Seconds without a report after which what is left is a guess."""
        return min(self.length / 10, _MAX_SILENCE)

    def _may_probe(self, silence: float) -> bool:
        """Whether one request may probe what others have left after `silence` seconds without a report.

        In an hour or a day it always may: a refusal is free, and waiting for their reset on a guess is not.
        """
        if not self.left:
            return False
        return self.length > 10 * _MAX_SILENCE or self.external.may_have_left(self.left, silence)

    def _age(self, now: float) -> float:
        """Seconds since the request was sent whose answer reported what is left."""
        return now - self._reported_at if self._reported is not None else 0.0

    def reserved(self, share: float, now: float) -> int:
        """Requests that bulk calls leave to others: `share` of the limit, shrinking to 0 at the reset."""
        if self.limit is None:
            return 0
        remaining = 1.0 if math.isinf(self.latest) else (self.latest - now) / self.length
        return math.floor(share * self.limit * min(1.0, max(0.0, remaining)))

    def unreserved_at(self, share: float, available: float) -> float:
        """When the reserve will have shrunk below `available` requests."""
        return self.latest - self.length * math.floor(available) / (share * (self.limit or 1)) + 1e-6

    def abandon(self, count: int, now: float) -> None:
        """So many requests of a process that is gone were in flight: they count, and no answer is heard of."""
        for _ in range(count):
            self._answered += 1
            self._count_unreported(now)

    def mark(self) -> Mark:
        """What is known now, to be kept with a request that is sent."""
        return Mark(self.epoch, self._reported, self._answered, self.left == 0)

    def settle(self, mark: Mark, sent: float, now: float, reading: WindowReading | None) -> None:
        """A request was answered, or its answer is lost; `reading` is what the answer reported, if anything."""
        if now >= self.latest:
            self.roll(now)  # it may count in the window that has begun
        self.in_flight -= 1
        limit, left = self._valid(reading)
        changed = limit is not None and self.limit is not None and limit != self.limit
        if limit is not None and limit != self.limit:
            self._change_limit(limit)
        if changed and left is not None:
            self._answered += 1
            self.left = self._reported = left
            self._reported_at = sent
            self.latest = min(self.latest, now + self.length)
        elif left is not None and mark.reported is not None and left > mark.reported:
            self._after_reset(mark, left, sent, now)
        elif left is not None and mark.epoch == self.epoch:
            self._answered += 1
            self._lower(left, sent, now)
            self.earliest = max(self.earliest, sent)
            self.latest = now + self.length if self._reset_may_be_hidden() else min(self.latest, now + self.length)
        else:  # not reported, or perhaps of the window before: it may count in this one
            self._answered += 1
            self._count_unreported(now)
        if self.left == 0:
            self._heard_at = now

    def _reset_may_be_hidden(self) -> bool:
        """Whether a reset would not have shown, since so little is used that a new window reports no more than this.

        Until more is used than was ever in flight at once, the window may thus have started as late as now.
        """
        self._peak = max(self._peak, self.in_flight + 1)
        if self._reset_known or self.limit is None or self._reported is None:
            return False
        return self._reported >= self.limit - self._peak - 1

    def _valid(self, reading: WindowReading | None) -> tuple[int | None, int | None]:
        """Limit and left of `reading`; None for what it does not report or what cannot be.

        A window with a limit of 0 is one that the plan does not have.
        """
        if reading is None or reading.limit == 0:
            return None, None
        limit = reading.limit
        known = limit if limit is not None else self.limit
        left = reading.left
        if left is None and reading.used is not None and known is not None:
            left = known - reading.used
        if left is not None:
            left = max(0, left if known is None else min(left, known))
        return limit, left

    def _change_limit(self, limit: int) -> None:
        """The limit changed: what is left moves with it, and earlier reports are void."""
        if self.limit is not None:
            if self.left is not None:
                self.left = max(0, self.left + limit - self.limit)
            self._reported = None
            self.epoch += 1
        self.limit = limit

    def _count_unreported(self, now: float) -> None:
        """An answer without this window's numbers, or a lost one: its request counts all the same."""
        if self.left is not None:
            self._unreported.append(now)
            self.latest = min(self.latest, now + self.length)

    def _after_reset(self, mark: Mark, left: int, sent: float, now: float) -> None:
        """More is left than before the request was sent: a new window has started, unless that is known already."""
        if mark.epoch == self.epoch:
            late = self._answered - mark.answered  # may have reached the server after this one: in the new window
            self._start(left, now, earliest=self.earliest + self.length, latest=now + self.length)
            self._answered = late
            self._unreported = [now] * late
        self._answered += 1
        self._lower(left, sent, now)

    def _lower(self, left: int, sent: float, now: float) -> None:
        self._unreported = [at for at in self._unreported if at > sent]  # earlier ones are counted in this
        self.left = left if self.left is None else min(self.left, left)
        if self._reported is None or left <= self._reported:
            self._reported, self._reported_at = left, sent
            if self.limit is not None:
                self.external.observe(max(0, self.limit - left - self._answered - self.in_flight), now)

    @property
    def reset_known(self) -> bool:
        """Whether a 429 named the time of the next reset."""
        return self._reset_named

    def exhausted(self, sent: float, now: float, resets_in: float | None) -> float:
        """A 429 named this window: nothing is left until its reset. Returns when to send the probe.

        `resets_in` is a whole number of seconds and may have been rounded either way.
        """
        self.left = 0
        self._heard_at = now
        self._reset_named = resets_in is not None
        if resets_in is not None:
            self.narrow(sent + resets_in - 1, now + resets_in + 1)
        elif math.isinf(self.latest):
            self.narrow(sent, now + self.length)
        return min(self.latest, now + self.length / _PROBES[self.window])

    def narrow(self, earliest: float, latest: float) -> None:
        """Intersect the interval of the next reset with this one; where they are disjoint, take this one."""
        self._reset_known = True
        if earliest > self.latest or latest < self.earliest:
            self.earliest, self.latest = earliest, latest
        else:
            self.earliest, self.latest = max(self.earliest, earliest), min(self.latest, latest)
