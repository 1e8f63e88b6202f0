"""Fault injection: which requests fail, and how. Pure; the same seed gives the same faults.

A fault has a kind and selects requests: by operation, by share, the n-th, the first few, for some seconds.
The kinds:

- delays of `seconds`, with `spread` fixed, uniform (0 to twice) or exponential: `arrival` (before the request is
  handled), `latency` (after it)
- errors before the request is handled: `429-second`, `429-minute`, `429-hour`, `429-day`, `429-trial`, `499`, `500`,
  `502`, `503`, `html` (a gateway's page), `reset` (the connection is reset), `refused` (connections are refused for
  `seconds`)
- errors after the request is handled and charged: `499-after`, `500-after`, `502-after`, `503-after`, `reset-after`,
  `truncated` (half of the body), `drip` (the body takes `seconds`)
- corrupt answers: `wrong-echo` (references swapped), `shifted-page` (a page starts too early, as when results
  move between two calls), `unknown-members` (undocumented members and values), `no-quota-headers`
- pages without progress: `page-ignored` (always the first page), `pages-repeat` (the second page again in place of
  all later ones), `session-repeats` (the last results of a lookalike session again, with more to come)
- wrong totals: `total-shrinks` (by half from page to page), `total-text`, `total-negative`, `total-missing`,
  `total-too-large` (rows that do not exist)
"""

import random
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from attrs import Attribute, asdict, define, field, fields, frozen

from ...operations import Operation
from ..numbers import real, whole

__all__ = ["KINDS", "PAGING", "TOTALS", "ActiveFault", "Fault", "Faults", "Injection", "parse"]

_WAITS = ("arrival", "latency")
_INSTEAD = ("429-second", "429-minute", "429-hour", "429-day", "429-trial", "499", "500", "502", "503", "html")
_BROKEN = ("reset", "refused")
_AFTER = ("499-after", "500-after", "502-after", "503-after", "reset-after", "truncated", "drip")
_WRONG = ("wrong-echo", "shifted-page", "unknown-members", "no-quota-headers")
PAGING = ("page-ignored", "pages-repeat", "session-repeats")
"""Kinds that answer another page than the one asked for."""
TOTALS = ("total-shrinks", "total-text", "total-negative", "total-missing", "total-too-large")
"""Kinds that misstate the number of results."""
KINDS = (*_WAITS, *_INSTEAD, *_BROKEN, *_AFTER, *_WRONG, *PAGING, *TOTALS)
"""All kinds of fault."""
_SPREADS = ("fixed", "uniform", "exponential")


def _known(_: object, attribute: "Attribute[str]", value: str) -> None:
    known = KINDS if attribute.name == "kind" else _SPREADS
    if value not in known:
        raise ValueError(f"{attribute.name} must be one of {', '.join(known)}, not {value!r}")


@frozen(kw_only=True)
class Fault:
    """A fault to inject. Raises ValueError if a value is invalid.

    - `kind`: one of `KINDS`.
    - `operation`: an operation id, a method of the client (`contacts.enrich`), or a pattern of these with `*`.
    - `share`: the share of matching requests to hit, above 0 and at most 1.
    - `nth`: hit only the n-th matching request, counted from 1.
    - `first`: hit at most this number of requests.
    - `until`: hit only requests of the first `until` seconds.
    - `seconds`: the length of a delay, a drip or a refusal; `spread`: its distribution.
    """

    kind: str = field(validator=_known)
    operation: str = "*"
    share: float = 1.0
    nth: int | None = None
    first: int | None = None
    until: float | None = None
    seconds: float = 1.0
    spread: str = field(default="fixed", validator=_known)

    def __attrs_post_init__(self) -> None:
        if not real("share", self.share, 0, 1) > 0:
            raise ValueError("share must be above 0")
        for name in ("nth", "first"):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), 1, 10**9)
        real("seconds", self.seconds, 0, 86_400)
        if self.until is not None and not real("until", self.until, 0, 10**9) > 0:
            raise ValueError("until must be above 0")

    def matches(self, operation: Operation) -> bool:
        """Whether the fault applies to the operation."""
        return fnmatchcase(operation.name, self.operation) or fnmatchcase(operation.call, self.operation)


_NUMBERS: Mapping[str, type] = {
    "share": float,
    "nth": int,
    "first": int,
    "until": float,
    "seconds": float,
}


def from_mapping(values: Mapping[str, Any]) -> Fault:
    """A fault from JSON or TOML values. Raises ValueError for an unknown member or an invalid value."""
    unknown = set(values) - {attribute.name for attribute in fields(Fault)}
    if unknown or "kind" not in values:
        raise ValueError(f"a fault needs kind and may have operation, spread, {', '.join(_NUMBERS)}")
    arguments: dict[str, Any] = {}
    for name, value in values.items():
        try:
            arguments[name] = _NUMBERS[name](value) if name in _NUMBERS else str(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{name} must be a number, not {str(value)[:40]!r}") from None
    return Fault(**arguments)


def parse(text: str) -> Fault:
    """A fault from `kind,name=value,...`, such as `reset-after,operation=*enrich*,share=0.1`.

    Raises ValueError if the text is invalid.
    """
    kind, *rest = (part.strip() for part in text.split(","))
    values: dict[str, str] = {"kind": kind}
    for part in rest:
        name, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"{part!r} in a fault must be name=value")
        values[name.strip()] = value.strip()
    return from_mapping(values)


@define(kw_only=True)
class ActiveFault:
    """An active fault: since when, and how many requests it matched and hit."""

    id: int
    fault: Fault
    since: float
    draws: random.Random = field(repr=False)
    enabled: bool = True
    seen: int = 0
    hits: int = 0

    def hits_request(self, operation: Operation, now: float) -> bool:
        """Whether the fault hits a request; counts it."""
        fault = self.fault
        if not self.enabled or not fault.matches(operation):
            return False
        if fault.until is not None and now - self.since > fault.until:
            return False
        self.seen += 1
        drawn = self.draws.random() < fault.share
        if (fault.nth is not None and self.seen != fault.nth) or not drawn:
            return False
        if fault.first is not None and self.hits >= fault.first:
            return False
        self.hits += 1
        return True

    def report(self) -> dict[str, Any]:
        """The fault as JSON."""
        values = {name: value for name, value in asdict(self.fault).items() if value is not None}
        return {"id": self.id, **values, "enabled": self.enabled, "seen": self.seen, "hits": self.hits}


@define
class Injection:
    """All faults of one request, combined."""

    kinds: list[str] = field(factory=list[str])
    before: float = 0.0
    """Seconds of delay before the request is handled."""
    after: float = 0.0
    """Seconds of delay after it."""
    drip: float = 0.0
    """Seconds that sending the body takes."""
    refused_for: float = 0.0
    """Seconds for which connections are refused."""

    def first_of(self, *kinds: str) -> str | None:
        """The first of these kinds that hit the request; None if none did."""
        return next((kind for kind in self.kinds if kind in kinds), None)

    @property
    def instead(self) -> str | None:
        """The fault that is injected before the request is handled."""
        return self.first_of(*_INSTEAD, *_BROKEN)

    @property
    def after_work(self) -> str | None:
        """The fault that is injected after the request is handled."""
        return self.first_of(*_AFTER)


class Faults:
    """The active faults."""

    def __init__(self, seed: int, faults: Iterable[Fault] = (), *, now: float = 0.0) -> None:
        self._seed = seed
        self._ids = 0
        self.rules: dict[int, ActiveFault] = {}
        for fault in faults:
            self.add(fault, now)

    def add(self, fault: Fault, now: float) -> ActiveFault:
        """Activate a fault."""
        self._ids += 1
        draws = random.Random(f"{self._seed}:{self._ids}:{fault.kind}")  # noqa: S311
        active = ActiveFault(id=self._ids, fault=fault, since=now, draws=draws)
        self.rules[active.id] = active
        return active

    def injection(self, operation: Operation, now: float, requested: str | None = None) -> Injection:
        """The faults of a request; `requested` is the fault in its header.

        Raises ValueError if `requested` is invalid.
        """
        hit = Injection()
        for active in tuple(self.rules.values()):
            if active.hits_request(operation, now):
                _apply(hit, active.fault, active.draws)
        if requested is not None:
            _apply(hit, parse(requested), random.Random(self._seed))  # noqa: S311
        return hit


def _apply(hit: Injection, fault: Fault, draws: random.Random) -> None:
    hit.kinds.append(fault.kind)
    seconds = fault.seconds
    if fault.spread == "uniform":
        seconds = draws.uniform(0, 2 * seconds)
    elif fault.spread == "exponential" and seconds:
        seconds = draws.expovariate(1 / seconds)
    if fault.kind == "arrival":
        hit.before += seconds
    elif fault.kind == "latency":
        hit.after += seconds
    elif fault.kind == "drip":
        hit.drip += seconds
    elif fault.kind == "refused":
        hit.refused_for = max(hit.refused_for, seconds)
