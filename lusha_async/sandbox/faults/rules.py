"""Bad days on demand: rules that say which requests fare badly, and how. Pure, and the same for the same seed.

A rule names a kind of fault and the requests it hits: an operation (or all), a share of them, the n-th, the
first few, for some seconds. The kinds:

- waits: `arrival` (on the way there), `latency` (on the way back); `seconds`, with `spread` fixed, uniform
  (0 to twice) or exponential
- instead of the work: `429-second`, `429-minute`, `429-hour`, `429-day`, `429-trial`, `499`, `500`, `502`,
  `503`, `html` (a gateway's page), `reset` (the connection breaks), `refused` (nobody listens, for `seconds`)
- after the work, charged and all: `499-after`, `500-after`, `502-after`, `503-after`, `reset-after`,
  `truncated` (half of the body), `drip` (the body takes `seconds`)
- a wrong answer: `wrong-echo` (references swapped), `shifted-page` (a page begins too early, as when results
  move between two calls), `unknown-members` (members and values that nobody has documented),
  `no-quota-headers`
"""

import random
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from attrs import Attribute, asdict, define, field, fields, frozen

from ...operations import Operation

__all__ = ["KINDS", "Armed", "Fault", "Faults", "Injection", "parse"]

_WAITS = ("arrival", "latency")
_INSTEAD = ("429-second", "429-minute", "429-hour", "429-day", "429-trial", "499", "500", "502", "503", "html")
_BROKEN = ("reset", "refused")
_AFTER = ("499-after", "500-after", "502-after", "503-after", "reset-after", "truncated", "drip")
_WRONG = ("wrong-echo", "shifted-page", "unknown-members", "no-quota-headers")
KINDS = (*_WAITS, *_INSTEAD, *_BROKEN, *_AFTER, *_WRONG)
"""All kinds of fault."""
_SPREADS = ("fixed", "uniform", "exponential")


def _known(_: object, attribute: "Attribute[str]", value: str) -> None:
    known = KINDS if attribute.name == "kind" else _SPREADS
    if value not in known:
        raise ValueError(f"{attribute.name} must be one of {', '.join(known)}, not {value!r}")


@frozen(kw_only=True)
class Fault:
    """One rule. Raises ValueError for what makes no sense.

    `operation` is the vendor's operation id, a method of the client (`contacts.enrich`) or a pattern of
    these with `*`. Of the requests that match, `share` are hit; with `nth` only the n-th, with `first` only
    the first so many, with `until` only those of the next so many seconds.
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
        if not 0 < self.share <= 1:
            raise ValueError(f"share must be above 0 and at most 1, not {self.share!r}")
        for name in ("nth", "first"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} counts from 1, not {value!r}")
        if self.seconds < 0 or (self.until is not None and self.until <= 0):
            raise ValueError("seconds and until cannot be negative")

    def matches(self, operation: Operation) -> bool:
        """Whether the rule is about the operation."""
        return fnmatchcase(operation.name, self.operation) or fnmatchcase(operation.call, self.operation)


_NUMBERS: Mapping[str, type] = {
    "share": float,
    "nth": int,
    "first": int,
    "until": float,
    "seconds": float,
}


def from_mapping(told: Mapping[str, Any]) -> Fault:
    """A rule from JSON or TOML. Raises ValueError for unknown members and values of a wrong kind."""
    unknown = set(told) - {attribute.name for attribute in fields(Fault)}
    if unknown or "kind" not in told:
        raise ValueError(f"a fault has a kind and may have operation, spread, {', '.join(_NUMBERS)}")
    values: dict[str, Any] = {}
    for name, value in told.items():
        try:
            values[name] = _NUMBERS[name](value) if name in _NUMBERS else str(value)
        except (TypeError, ValueError):
            raise ValueError(f"{name} must be a number, not {value!r}") from None
    return Fault(**values)


def parse(text: str) -> Fault:
    """A rule from one line: `kind,name=value,...`, for instance `reset-after,operation=*enrich*,share=0.1`."""
    kind, *rest = (part.strip() for part in text.split(","))
    told: dict[str, str] = {"kind": kind}
    for part in rest:
        name, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"{part!r} in a fault must be name=value")
        told[name.strip()] = value.strip()
    return from_mapping(told)


@define(kw_only=True)
class Armed:
    """A rule in force: since when, and how often it matched and hit."""

    id: int
    fault: Fault
    since: float
    draws: random.Random = field(repr=False)
    enabled: bool = True
    seen: int = 0
    hits: int = 0

    def strikes(self, operation: Operation, now: float) -> bool:
        """Whether the request is hit; takes note of it."""
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
        """It as JSON."""
        told = {name: value for name, value in asdict(self.fault).items() if value is not None}
        return {"id": self.id, **told, "enabled": self.enabled, "seen": self.seen, "hits": self.hits}


@define
class Injection:
    """All that happens to one request."""

    kinds: list[str] = field(factory=list[str])
    before: float = 0.0
    """Seconds on the way there."""
    after: float = 0.0
    drip: float = 0.0
    """Seconds that the body takes."""
    refused_for: float = 0.0

    def first_of(self, *kinds: str) -> str | None:
        """The first of these kinds that hit the request."""
        return next((kind for kind in self.kinds if kind in kinds), None)

    @property
    def instead(self) -> str | None:
        """The fault that keeps the work from being done."""
        return self.first_of(*_INSTEAD, *_BROKEN)

    @property
    def after_work(self) -> str | None:
        """The fault that spoils the answer when the work is done."""
        return self.first_of(*_AFTER)


class Faults:
    """The rules in force."""

    def __init__(self, seed: int, faults: Iterable[Fault] = (), *, now: float = 0.0) -> None:
        self._seed = seed
        self._made = 0
        self.rules: dict[int, Armed] = {}
        for fault in faults:
            self.add(fault, now)

    def add(self, fault: Fault, now: float) -> Armed:
        """Put a rule in force."""
        self._made += 1
        draws = random.Random(f"{self._seed}:{self._made}:{fault.kind}")  # noqa: S311
        armed = Armed(id=self._made, fault=fault, since=now, draws=draws)
        self.rules[armed.id] = armed
        return armed

    def injection(self, operation: Operation, now: float, asked: str | None = None) -> Injection:
        """What happens to a request; `asked` is a rule that the request itself carries."""
        hit = Injection()
        for armed in tuple(self.rules.values()):
            if armed.strikes(operation, now):
                _apply(hit, armed.fault, armed.draws)
        if asked is not None:
            _apply(hit, parse(asked), random.Random(self._seed))  # noqa: S311
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
