"""Settings and faults from TOML files.

plan = "pro"
credits = 500

[prices]
revealPhone = [10, 1]

[[faults]]
kind = "latency"
seconds = 0.2
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import fields

from .api.schema import as_object
from .faults.rules import Fault, from_mapping
from .settings import Settings

__all__ = ["read_faults", "read_settings", "settings_from"]


def read_settings(path: Path) -> dict[str, Any]:
    """The settings of a file, for `Settings`. Raises ValueError for what is no setting, OSError for no file."""
    return settings_from(_read(path))


def settings_from(told: Mapping[str, Any]) -> dict[str, Any]:
    """Settings from plain values, as TOML and JSON have them. Raises ValueError for what is no setting."""
    known = {attribute.name for attribute in fields(Settings)}
    unknown = set(told) - known
    if unknown:
        raise ValueError(f"unknown setting {min(unknown)!r}; known are {', '.join(sorted(known))}")
    values = dict(told)
    if "prices" in values:
        prices: dict[str, list[int]] = values["prices"]
        values["prices"] = {key: tuple(price) for key, price in prices.items()}
    if "faults" in values:
        values["faults"] = tuple(
            from_mapping(table) if (table := as_object(fault)) is not None else fault for fault in values["faults"]
        )
    return values


def read_faults(path: Path) -> tuple[Fault, ...]:
    """The rules of a file with `[[faults]]` tables."""
    told = _read(path)
    if set(told) != {"faults"}:
        raise ValueError(f"{path} must hold [[faults]] tables and nothing else")
    return tuple(from_mapping(fault) for fault in told["faults"])


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}") from None
