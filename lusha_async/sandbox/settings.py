"""What a sandbox can be told to be."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import Attribute, field, frozen

from .faults.rules import Fault, parse
from .limits.plans import PLANS, PRICES, UNLISTED_PRICES, Plan
from .limits.rules import RULES
from .webhooks import BACK_OFF

__all__ = ["ACCOUNT_KEY", "DEMO_KEY", "INACTIVE_KEY", "WRONG_KEY", "Settings"]

DEMO_KEY = "5a4db0c5-0000-4000-8000-000000000001"
"""The key to use; it belongs to a member of the account, so that recommendations work. By default any other
well-formed key is as good."""
ACCOUNT_KEY = "5a4db0c5-0000-4000-8000-000000000002"
"""A key of the whole account, which belongs to no member: recommendations answer 403."""
INACTIVE_KEY = "5a4db0c5-0000-4000-8000-000000000003"
"""The key of an account that is switched off: everything answers 403."""
WRONG_KEY = "00000000-0000-0000-0000-000000000000"
"""A well-formed key that no account has: 401."""

_HEADER = re.compile(r"x-(?:rate-limit-(?:minute|hourly|daily)|(?:minute|hourly|daily)-(?:requests-left|usage))")


def _one_of(*names: str) -> Callable[[object, "Attribute[str]", str], None]:
    def check(_: object, attribute: "Attribute[str]", value: str) -> None:
        if value not in names:
            raise ValueError(f"{attribute.name} must be one of {', '.join(names)}, not {value!r}")

    return check


def _at_least(least: float) -> Callable[[object, "Attribute[Any]", Any], None]:
    def check(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        if value < least:
            raise ValueError(f"{attribute.name} must be at least {least:g}, not {value!r}")

    return check


def _prices(_: object, __: object, value: Mapping[str, tuple[int, int]]) -> None:
    for key, (credits, block) in value.items():
        if key not in PRICES and key not in UNLISTED_PRICES:
            known = ", ".join((*PRICES, *UNLISTED_PRICES))
            raise ValueError(f"there is no price key {key!r}; known are {known}")
        if credits < 0 or block < 1:
            raise ValueError(f"the price of {key} must be (credits >= 0, block >= 1), not {(credits, block)}")


def _quota_headers(_: object, __: object, value: frozenset[str]) -> None:
    for name in value:
        if not _HEADER.fullmatch(name):
            raise ValueError(f"{name!r} is no quota header; those are x-rate-limit-minute and the like")


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _seconds(told: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(seconds) for seconds in told)


def _faults(told: Iterable["Fault | str"]) -> tuple[Fault, ...]:
    return tuple(parse(fault) if isinstance(fault, str) else fault for fault in told)


@frozen(kw_only=True)
class Settings:
    """All of it has defaults; wrong values raise ValueError.

    - `plan`: free, starter, pro, premium, scale, legacy or trial.
    - `seed`: the same seed gives the same people, companies and answers.
    - `companies`, `staff`: the size of the population: so many companies (rounded up to a prime, at least
      211) with so many people each.
    - `credits`: what the account holds at the start. `prices`: credits and block size by price key, laid over
      the defaults.
    - `limits`: False lets every request in and sends no quota headers.
    - `limit_rule`: how the 25 requests of a second are counted: sliding, fixed, bucket or off.
    - `foreign`: requests a second that another program sends on the same account.
    - `missing_headers`: names of quota headers that are left away.
    - `count_refused`: a refused request counts against the limits like another.
    - `lenient`: unknown members of a body pass, and are counted in the statistics.
    - `page_cap`: the most results of a prospecting page, whatever size was asked for.
    - `keys`: the keys that are accepted; empty for any well-formed one.
    - `waterfall`: the account has third-party data providers switched on.
    - `faults`: rules of `lusha_async.sandbox.faults.rules`, as `Fault` or in the words of `--fault`.
    - `tracked_domains`: the domains whose website visits the account tracks.
    - `webhook_delays`: seconds before each further try of a webhook delivery.
    - `most_subscriptions`: webhook subscriptions that the account may have.
    """

    plan: str = field(default="scale", validator=_one_of(*PLANS))
    seed: int = 1
    companies: int = field(default=50_000, validator=_at_least(1))
    staff: int = field(default=20, validator=_at_least(1))
    credits: int = field(default=1_000_000, validator=_at_least(0))
    prices: Mapping[str, tuple[int, int]] = field(factory=dict[str, tuple[int, int]], validator=_prices)
    limits: bool = True
    limit_rule: str = field(default="sliding", validator=_one_of(*RULES))
    foreign: float = field(default=0.0, validator=_at_least(0))
    missing_headers: frozenset[str] = field(default=frozenset[str](), converter=_names, validator=_quota_headers)
    count_refused: bool = False
    lenient: bool = False
    page_cap: int = field(default=50, validator=_at_least(1))
    keys: frozenset[str] = field(default=frozenset[str](), converter=_names)
    waterfall: bool = False
    faults: tuple[Fault, ...] = field(default=(), converter=_faults)
    tracked_domains: frozenset[str] = field(default=frozenset({"shop.example"}), converter=_names)
    webhook_delays: tuple[float, ...] = field(default=BACK_OFF, converter=_seconds)
    most_subscriptions: int = field(default=1_000, validator=_at_least(1))

    @property
    def terms(self) -> Plan:
        """What the plan allows."""
        return PLANS[self.plan]
