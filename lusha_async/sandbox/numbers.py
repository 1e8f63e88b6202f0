"""Numbers from settings, options and request bodies: finite and within bounds, or refused."""

import math
from typing import Any

__all__ = ["real", "whole"]


def whole(name: str, value: Any, least: int, most: int) -> int:
    """`value` as an integer of `least` to `most`. Raises ValueError for anything else, True and False included."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{name} must be an integer of {least} to {most:,}, not {_shown(value)}")
    return value


def real(name: str, value: Any, least: float, most: float) -> float:
    """`value` as a number of `least` to `most`. Raises ValueError for anything else, NaN and infinity included."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{name} must be a number of {least:g} to {most:,g}, not {_shown(value)}")
    return float(value)


def _shown(value: Any) -> str:
    if isinstance(value, int) and abs(value) > 10**15:
        return "a larger one" if value > 0 else "a smaller one"
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return repr(value)[:40]
