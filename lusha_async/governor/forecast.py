"""When so many requests will be through, if nothing else happens. Pure.

The plan windows are played forward as a fluid: requests flow at the pace of the second until a window is used up,
then nothing flows until that window's edge. Times are seconds, counts are requests.
"""

import math
from collections.abc import Sequence

from attrs import define

from ..operations import Scope
from .limiter_state import Hold, HoldReason, LimiterState
from .plan_window import PlanWindow

__all__ = ["Stretch", "play", "stretches", "wait"]


@define
class Stretch:
    """A plan window as the forecast sees it: room until `edge`, then `limit` for each `length`."""

    room: float
    edge: float
    limit: float
    length: float

    def pass_edges(self, now: float) -> None:
        """Begin anew at each edge up to `now`."""
        while self.edge <= now:
            self.edge += self.length
            self.room = self.limit


def stretches(windows: Sequence[PlanWindow], now: float) -> list[Stretch]:
    """The windows of which something is known."""
    known: list[Stretch] = []
    for window in windows:
        if window.left is None:
            continue
        edge = now + window.length if math.isinf(window.latest) else window.latest
        limit = window.limit if window.limit else max(1, window.left)
        known.append(Stretch(max(0.0, window.room(now)), edge, limit, window.length))
    return known


def play(windows: list[Stretch], requests: int, *, now: float, begins: float, rate: float) -> float:
    """Seconds from `now` until `requests` are sent, none before `begins`, at most `rate` a second."""
    at, rest = max(now, begins), float(requests)
    while True:
        for window in windows:
            window.pass_edges(at)
        room = min((window.room for window in windows), default=math.inf)
        if rest <= room:
            return at + max(0.0, rest - 1) / rate - now
        if room >= 1:
            # Flow until the first window is used up or begins anew, whichever is sooner.
            edge = min(window.edge for window in windows)
            flown = min(room, max(1.0, (edge - at) * rate))
            rest -= flown
            at += flown / rate
            for window in windows:
                window.room -= flown
        else:
            at = max(window.edge for window in windows if window.room < 1)


def wait(ledger: LimiterState, hold: Hold | None, requests: int, scope: Scope, now: float) -> float:
    """Seconds until `requests` of `scope` are sent; `hold` is what keeps the first of them now."""
    begins = now
    if hold is not None:
        if hold.final:
            return hold.until - now
        if not math.isinf(hold.until) and hold.reason is not HoldReason.RESERVE:
            begins = hold.until
    rate = ledger.config.rate / (ledger.config.second + ledger.pace.margin)
    seconds = play(stretches(ledger.windows, now), requests, now=now, begins=begins, rate=rate)
    group = ledger.groups.get(scope)
    return seconds if group is None else max(seconds, group.nth_free(requests) - now)
