"""The settings of a sandbox: keyword arguments, or a TOML file.

plan = "pro"
credits = 500

[prices]
revealPhone = [10, 1]

[[faults]]
kind = "latency"
seconds = 0.2
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import Attribute, field, fields, frozen
from attrs.validators import optional

from .api.schema import as_object
from .faults.rules import Fault, from_mapping, parse
from .limits.plans import PLANS, PRICES, UNLISTED_PRICES, Plan
from .limits.rules import RULES
from .numbers import real, whole
from .webhooks.store import RETRY_DELAYS

__all__ = [
    "ACCOUNT_KEY",
    "DEMO_KEY",
    "INACTIVE_KEY",
    "MAX_CREDITS",
    "MAX_EXTERNAL_TRAFFIC",
    "WRONG_KEY",
    "Settings",
    "read_faults",
    "read_settings",
    "settings_from",
]

DEMO_KEY = "5a4db0c5-0000-4000-8000-000000000001"
"""The default key, of a user of the account. Unless `keys` is set, any other UUID is accepted too."""
ACCOUNT_KEY = "5a4db0c5-0000-4000-8000-000000000002"
"""A key of the account, not of a user: recommendations answer 403."""
INACTIVE_KEY = "5a4db0c5-0000-4000-8000-000000000003"
"""The key of an inactive account: every request answers 403."""
WRONG_KEY = "00000000-0000-0000-0000-000000000000"
"""A well-formed key that is unknown: every request answers 401."""

_MILLION = 1_000_000
_MONTH = 30 * 86_400
MAX_CREDITS = 10**12
"""The largest number of credits of the account."""
MAX_EXTERNAL_TRAFFIC = 1_000
"""The most requests a second of another program: each of them is simulated."""
_HEADER = re.compile(r"x-(?:rate-limit-(?:minute|hourly|daily)|(?:minute|hourly|daily)-(?:requests-left|usage))")


def _one_of(*names: str) -> Callable[[object, "Attribute[str]", str], None]:
    def check(_: object, attribute: "Attribute[str]", value: str) -> None:
        if value not in names:
            raise ValueError(f"{attribute.name} must be one of {', '.join(names)}, not {value!r}")

    return check


def _whole(least: int, most: int) -> Callable[[object, "Attribute[Any]", Any], None]:
    def check(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        whole(attribute.name, value, least, most)

    return check


def _rate(_: object, attribute: "Attribute[Any]", value: Any) -> None:
    real(attribute.name, value, 0, MAX_EXTERNAL_TRAFFIC)


def _delays(_: object, attribute: "Attribute[Any]", values: tuple[Any, ...]) -> None:
    for value in values:
        real(attribute.name, value, 0, _MONTH)


def _prices(_: object, __: object, value: Mapping[str, tuple[Any, ...]]) -> None:
    for key, price in value.items():
        if key not in PRICES and key not in UNLISTED_PRICES:
            known = ", ".join((*PRICES, *UNLISTED_PRICES))
            raise ValueError(f"unknown price key {key!r}; known are {known}")
        if len(price) != 2:
            raise ValueError(f"the price of {key} must be (credits, block)")
        whole(f"the credits of {key}", price[0], 0, _MILLION)
        whole(f"the block of {key}", price[1], 1, _MILLION)


def _quota_headers(_: object, __: object, value: frozenset[str]) -> None:
    for name in value:
        if not _HEADER.fullmatch(name):
            raise ValueError(f"{name!r} is not a quota header such as x-rate-limit-minute")


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _listed(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values) if isinstance(values, list | tuple) else (values,)


def _faults(values: Iterable["Fault | str"]) -> tuple[Fault, ...]:
    return tuple(parse(fault) if isinstance(fault, str) else fault for fault in values)


@frozen(kw_only=True)
class Settings:
    """The settings of a sandbox. Raises ValueError if a value is invalid.

    - `plan`: free, starter, pro, premium, scale, legacy or trial.
    - `seed`: the same seed gives the same people, companies and answers.
    - `companies`, `staff`: the number of companies (rounded up to a prime, at least 211), and of people at each.
    - `credits`: the initial credits of the account.
    - `prices`: (credits, block size) by price key; overrides the defaults.
    - `limits`: False lets every request pass and sends no quota headers.
    - `limit_rule`: how the 25 requests a second are counted: sliding, fixed, bucket or off.
    - `external_traffic`: requests a second that another program sends on the same account.
    - `missing_headers`: names of quota headers to leave out.
    - `count_refused`: refused requests count against the limits too.
    - `lenient`: unknown members of a body are ignored, and counted in the statistics.
    - `page_cap`: the maximum number of results on a prospecting page, whatever size is requested.
    - `page_min`, `page_max`: the least and the largest size of every page, whatever is requested; with both equal,
      all pages have that size.
    - `keys`: the accepted keys; if empty, any UUID.
    - `waterfall`: the account has third-party data providers enabled.
    - `faults`: faults to inject, as `Fault` or in the syntax of `--fault`.
    - `tracked_domains`: the domains whose website visits the account tracks.
    - `webhook_delays`: seconds before each retry of a webhook delivery.
    - `max_subscriptions`: the maximum number of webhook subscriptions.
    """

    plan: str = field(default="scale", validator=_one_of(*PLANS))
    seed: int = field(default=1, validator=_whole(-(2**63), 2**63))
    companies: int = field(default=50_000, validator=_whole(1, 10 * _MILLION))
    staff: int = field(default=20, validator=_whole(1, _MILLION))
    credits: int = field(default=1_000_000, validator=_whole(0, MAX_CREDITS))
    prices: Mapping[str, tuple[int, int]] = field(factory=dict[str, tuple[int, int]], validator=_prices)
    limits: bool = True
    limit_rule: str = field(default="sliding", validator=_one_of(*RULES))
    external_traffic: float = field(default=0.0, validator=_rate)
    missing_headers: frozenset[str] = field(default=frozenset[str](), converter=_names, validator=_quota_headers)
    count_refused: bool = False
    lenient: bool = False
    page_cap: int = field(default=50, validator=_whole(1, _MILLION))
    page_min: int = field(default=1, validator=_whole(1, _MILLION))
    page_max: int | None = field(default=None, validator=optional(_whole(1, _MILLION)))
    keys: frozenset[str] = field(default=frozenset[str](), converter=_names)
    waterfall: bool = False
    faults: tuple[Fault, ...] = field(default=(), converter=_faults)
    tracked_domains: frozenset[str] = field(default=frozenset({"shop.example"}), converter=_names)
    webhook_delays: tuple[float, ...] = field(default=RETRY_DELAYS, converter=_listed, validator=_delays)
    max_subscriptions: int = field(default=1_000, validator=_whole(1, _MILLION))

    def __attrs_post_init__(self) -> None:
        if self.page_max is not None and self.page_min > self.page_max:
            raise ValueError(f"page_min must not be above page_max, not {self.page_min} and {self.page_max}")

    @property
    def terms(self) -> Plan:
        """The limits and features of the plan."""
        return PLANS[self.plan]


def read_settings(path: Path) -> dict[str, Any]:
    """The arguments for `Settings` in a TOML file.

    Raises ValueError if the file is not TOML or has an unknown setting, OSError if it cannot be read.
    """
    return settings_from(_read(path))


def settings_from(values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments for `Settings` from TOML or JSON values. Raises ValueError for an unknown setting."""
    known = {attribute.name for attribute in fields(Settings)}
    unknown = set(values) - known
    if unknown:
        raise ValueError(f"unknown setting {min(unknown)!r}; known are {', '.join(sorted(known))}")
    settings = dict(values)
    for name in ("missing_headers", "keys", "tracked_domains", "faults", "webhook_delays"):
        if name in settings and not isinstance(settings[name], list | tuple):
            raise ValueError(f"{name} must be a list")
    for name in ("limits", "count_refused", "lenient", "waterfall"):
        if name in settings and not isinstance(settings[name], bool):
            raise ValueError(f"{name} must be true or false")
    if "prices" in settings:
        prices = as_object(settings["prices"])
        if prices is None or not all(isinstance(price, list | tuple) for price in prices.values()):
            raise ValueError("prices must be a table of [credits, block size] by price key")
        settings["prices"] = {key: tuple(price) for key, price in prices.items()}
    if "faults" in settings:
        settings["faults"] = tuple(
            from_mapping(table) if (table := as_object(fault)) is not None else str(fault)
            for fault in settings["faults"]
        )
    return settings


def read_faults(path: Path) -> tuple[Fault, ...]:
    """The faults in a TOML file of `[[faults]]` tables. Raises ValueError if it is invalid."""
    values = _read(path)
    if set(values) != {"faults"}:
        raise ValueError(f"{path} must hold [[faults]] tables and nothing else")
    tables = [as_object(fault) for fault in _listed(values["faults"])]
    if None in tables:
        raise ValueError(f"{path} must hold [[faults]] tables and nothing else")
    return tuple(from_mapping(table) for table in tables if table is not None)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}") from None
