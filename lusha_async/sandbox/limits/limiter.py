"""The judge of rates: which request the vendor would still let in. Pure: `now` is given, in seconds.

Beside 25 requests a second (and 5 a minute for account usage, 100 a minute for webhook management), each
plan has windows of a minute, an hour and a day. A window begins with the first request in it and lasts its
full length; none is bound to the clock on the wall. That is inferred from one recorded answer; so is that a
refused request does not count. Source: the vendor's rate limiting page and help centre.
"""

import math

from attrs import define, frozen

from ...operations import Scope
from .plans import Plan
from .rules import rule_for

__all__ = ["Limiter", "Verdict", "Window"]

_BURST = "Too many requests. Please wait before making another request."
_TRIAL = "You've reached your trial limit, please contact support for upgrade"


@define
class Window:
    """A plan's window. `start` is the time of the first request in it, None before one came."""

    name: str
    period: int
    limit: int
    used: int = 0
    start: float | None = None

    def settle(self, now: float) -> None:
        """Close the window if its time is over."""
        if self.start is not None and now - self.start >= self.period:
            self.start, self.used = None, 0

    def count(self, now: float) -> None:
        """Take note of a request."""
        self.settle(now)
        if self.start is None:
            self.start = now
        self.used += 1

    @property
    def left(self) -> int:
        """Requests that may still come; never below 0, also when the plan has shrunk."""
        return max(0, self.limit - self.used)

    def resets_in(self, now: float) -> float:
        """Seconds until the window is over; its whole length if it has not begun."""
        return float(self.period) if self.start is None else self.start + self.period - now


@frozen(kw_only=True)
class Verdict:
    """The judgement on one request: `kind` names the limit that refused it, None if it was let in."""

    kind: str | None = None
    message: str = ""


_LET_IN = Verdict()


class Limiter:
    """All limits of an account.

    `rule` counts the requests of a second and those of the two groups that have a limit of their own.
    `foreign` requests a second are sent by another program on the same account. `windows` False leaves the
    plan's windows away, and with them the headers. With `count_refused` a refused request counts like one
    that was let in.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        rule: str = "sliding",
        per_second: int = 25,
        foreign: float = 0.0,
        windows: bool = True,
        count_refused: bool = False,
    ) -> None:
        self._second = rule_for(rule, per_second, 1.0)
        self._scopes = {
            Scope.USAGE: rule_for(rule, 5, 60.0),
            Scope.WEBHOOKS: rule_for(rule, 100, 60.0),
        }
        self._has_windows = windows
        self._count_refused = count_refused
        self.foreign = foreign
        self._foreign_next: float | None = None
        self.total = 0
        self.windows: dict[str, Window] = {}
        self.plan = plan
        self.change(plan)

    def change(self, plan: Plan) -> None:
        """Go over to another plan: windows that both have keep their time and their count."""
        self.plan = plan
        told = (("minute", 60, plan.minute), ("hour", 3_600, plan.hour), ("day", 86_400, plan.day))
        kept = self.windows
        self.windows = {}
        for name, period, limit in told:
            if limit is not None and self._has_windows:
                window = kept.get(name, Window(name=name, period=period, limit=limit))
                window.limit = limit
                self.windows[name] = window

    def judge(self, now: float, scope: Scope) -> Verdict:
        """Let a request in and count it, or say which limit refuses it."""
        self.catch_up(now)
        verdict = self._refusal(now, scope)
        if verdict.kind is None or self._count_refused:
            self._count(now, scope)
        return verdict

    def set_foreign(self, rate: float, now: float) -> None:
        """Let the other program send so many requests a second from now on."""
        self.catch_up(now)
        self.foreign, self._foreign_next = rate, None

    def catch_up(self, now: float) -> None:
        """Close windows that are over, and let the other program's requests in up to `now`."""
        for window in self.windows.values():
            window.settle(now)
        if self.foreign <= 0:
            return
        due = self._foreign_next if self._foreign_next is not None else now
        while due <= now:
            for window in self.windows.values():
                window.settle(due)
            closed = [window for window in self.windows.values() if window.left == 0]
            if closed:  # it waits for the window, as this one would
                due = max(due, *(due + window.resets_in(due) for window in closed))
                continue
            if self._second.admits(due):
                self._count(due, Scope.GENERAL)
            due += 1 / self.foreign
        self._foreign_next = due

    def _refusal(self, now: float, scope: Scope) -> Verdict:
        if not self._second.admits(now):
            return Verdict(kind="second", message=_BURST)
        group = self._scopes.get(scope)
        if group is not None and not group.admits(now):
            return Verdict(kind=scope.value, message=_BURST)
        if self._has_windows and self.plan.total is not None and self.total >= self.plan.total:
            return Verdict(kind="trial", message=_TRIAL)
        for window in reversed(self.windows.values()):
            if window.left == 0:
                return Verdict(kind=window.name, message=_message(window, now))
        return _LET_IN

    def _count(self, now: float, scope: Scope) -> None:
        self._second.count(now)
        group = self._scopes.get(scope)
        if group is not None:
            group.count(now)
        for window in self.windows.values():
            window.count(now)
        self.total += 1

    def headers(self, missing: frozenset[str] = frozenset()) -> dict[str, str]:
        """The headers of an answer: three for each window of the plan, but for those `missing`."""
        told: dict[str, str] = {}
        for window in self.windows.values():
            name = _HEADER_NAMES[window.name]
            told[f"x-rate-limit-{name}"] = str(window.limit)
            told[f"x-{name}-requests-left"] = str(window.left)
            told[f"x-{name}-usage"] = str(window.used)
        return {name: value for name, value in told.items() if name not in missing} if missing else told


_HEADER_NAMES = {"minute": "minute", "hour": "hourly", "day": "daily"}
_TITLES = {"hour": ("Hourly", "hour"), "day": ("Daily", "day")}


def _message(window: Window, now: float) -> str:
    if window.name == "minute":
        return _BURST
    title, unit = _TITLES[window.name]
    seconds = math.ceil(window.resets_in(now))
    return f"{title} API rate limit exceeded. Limit: {window.limit} calls per {unit}. Reset in {seconds} seconds."
