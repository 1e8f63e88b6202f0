"""The vendor's rate limits. Pure: `now` is an argument, in seconds.

Besides 25 requests a second (and 5 a minute for account usage, 100 a minute for webhook management), each
plan has windows of a minute, an hour and a day. A window starts with its first request and lasts its full
length, whatever the wall clock shows. That is inferred from one recorded answer; so is that a refused request
does not count. Source: the vendor's rate limiting page and help centre.
"""

import math

from attrs import define, frozen

from ...operations import Scope
from .plans import Plan
from .rules import rule_for

__all__ = ["Limiter", "Verdict", "Window"]

_BURST = "Too many requests. Please wait before making another request."
_TRIAL = "You've reached your trial limit, please contact support for upgrade"

_LONGEST_WINDOW = 86_400.0  # seconds


@define
class Window:
    """A window of a plan. `start` is the time of its first request, None before that."""

    name: str
    period: int
    limit: int
    used: int = 0
    start: float | None = None

    def expire(self, now: float) -> None:
        """Reset the window if its period has ended."""
        if self.start is not None and now - self.start >= self.period:
            self.start, self.used = None, 0

    def count(self, now: float) -> None:
        """Count a request."""
        self.expire(now)
        if self.start is None:
            self.start = now
        self.used += 1

    @property
    def left(self) -> int:
        """The requests left; 0 if a change of plan made the limit smaller than the count."""
        return max(0, self.limit - self.used)

    def resets_in(self, now: float) -> float:
        """Seconds until the window ends; its full length if it has not started."""
        return float(self.period) if self.start is None else self.start + self.period - now


@frozen(kw_only=True)
class Verdict:
    """The decision on one request: `kind` is the limit that refused it, None if it is admitted."""

    kind: str | None = None
    message: str = ""


_ADMITTED = Verdict()


class Limiter:
    """All limits of an account.

    `rule` counts the requests of a second, and of the two scopes with a limit of their own. Another program on
    the account sends `external_traffic` requests a second. `windows=False` omits the plan's windows and their
    headers. With `count_refused` refused requests count like admitted ones.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        rule: str = "sliding",
        per_second: int = 25,
        external_traffic: float = 0.0,
        windows: bool = True,
        count_refused: bool = False,
    ) -> None:
        self._second = rule_for(rule, per_second, 1.0)
        self._per_second = per_second
        self._scopes = {
            Scope.USAGE: rule_for(rule, 5, 60.0),
            Scope.WEBHOOKS: rule_for(rule, 100, 60.0),
        }
        self._has_windows = windows
        self._count_refused = count_refused
        self.external_traffic = external_traffic
        self._external_next: float | None = None
        self.total = 0
        self.windows: dict[str, Window] = {}
        self.plan = plan
        self.change(plan)

    def change(self, plan: Plan) -> None:
        """Change the plan; windows of both plans keep their start and count."""
        self.plan = plan
        periods = (("minute", 60, plan.minute), ("hour", 3_600, plan.hour), ("day", 86_400, plan.day))
        previous, self.windows = self.windows, {}
        for name, period, limit in periods:
            if limit is not None and self._has_windows:
                window = previous.get(name, Window(name=name, period=period, limit=limit))
                window.limit = limit
                self.windows[name] = window

    def admit(self, now: float, scope: Scope) -> Verdict:
        """Admit a request and count it, or name the limit that refuses it."""
        self.catch_up(now)
        verdict = self._refusal(now, scope)
        if verdict.kind is None or self._count_refused:
            self._count(now, scope)
        return verdict

    def set_external_traffic(self, rate: float, now: float) -> None:
        """Set the requests a second of the other program, from `now` on."""
        self.catch_up(now)
        self.external_traffic, self._external_next = rate, None

    def catch_up(self, now: float) -> None:
        """Reset windows that have ended, and count the other program's requests up to `now`."""
        for window in self.windows.values():
            window.expire(now)
        if self.external_traffic <= 0:
            return
        due = self._external_next if self._external_next is not None else now
        due = max(due, now - (_LONGEST_WINDOW if self.windows else 2.0))  # what was before counts no longer
        while due <= now:
            for window in self.windows.values():
                window.expire(due)
            closed = [window for window in self.windows.values() if window.left == 0]
            if closed:  # the other program waits for the window
                due = max(due, *(due + window.resets_in(due) for window in closed))
                continue
            if self._second.admits(due):
                self._count(due, Scope.GENERAL)
            rate = self.external_traffic
            if due < now - 2:  # more than the limit of the second would be refused, one by one
                rate = min(rate, self._per_second)
            due += 1 / rate
        self._external_next = due

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
        return _ADMITTED

    def _count(self, now: float, scope: Scope) -> None:
        self._second.count(now)
        group = self._scopes.get(scope)
        if group is not None:
            group.count(now)
        for window in self.windows.values():
            window.count(now)
        self.total += 1

    def headers(self, missing: frozenset[str] = frozenset()) -> dict[str, str]:
        """The quota headers of an answer, three for each window, except those in `missing`."""
        headers: dict[str, str] = {}
        for window in self.windows.values():
            name = _HEADER_NAMES[window.name]
            headers[f"x-rate-limit-{name}"] = str(window.limit)
            headers[f"x-{name}-requests-left"] = str(window.left)
            headers[f"x-{name}-usage"] = str(window.used)
        return {name: value for name, value in headers.items() if name not in missing} if missing else headers


_HEADER_NAMES = {"minute": "minute", "hour": "hourly", "day": "daily"}
_TITLES = {"hour": ("Hourly", "hour"), "day": ("Daily", "day")}


def _message(window: Window, now: float) -> str:
    if window.name == "minute":
        return _BURST
    title, unit = _TITLES[window.name]
    seconds = math.ceil(window.resets_in(now))
    return f"{title} API rate limit exceeded. Limit: {window.limit} calls per {unit}. Reset in {seconds} seconds."
