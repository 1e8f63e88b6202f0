"""The account's quota, read from the headers of an answer, and the reason of a 429. Pure.

Every answer (2xx and 4xx alike) has up to nine headers: limit, requests left and usage for the minute, the hour and
the day. Any may be missing; plans without an hourly window send none for it. No header states when a window resets.

Source: the vendor's rate limiting page.
"""

import enum
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from attrs import frozen

__all__ = ["Quota", "Refusal", "Window", "WindowReading", "read_quota", "read_refusal"]

_MAX_COUNT = 10**9  # no plan has more requests: a larger number is ignored


class Window(enum.StrEnum):
    """A window in which requests are counted."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@frozen(kw_only=True)
class WindowReading:
    """One window as reported by one answer, in requests; None if the header is missing or malformed."""

    limit: int | None = None
    left: int | None = None
    used: int | None = None


@frozen(kw_only=True)
class Quota:
    """The plan windows as reported by one answer; None for a window without headers."""

    minute: WindowReading | None = None
    hour: WindowReading | None = None
    day: WindowReading | None = None

    def items(self) -> tuple[tuple[Window, WindowReading], ...]:
        """The reported windows, shortest first."""
        pairs = ((Window.MINUTE, self.minute), (Window.HOUR, self.hour), (Window.DAY, self.day))
        return tuple((window, reading) for window, reading in pairs if reading is not None)


def read_quota(headers: Mapping[str, str]) -> Quota:
    """Read the quota headers (lower-case names). Never raises: a malformed header counts as missing."""
    return Quota(
        minute=_reading(headers, "minute"), hour=_reading(headers, "hourly"), day=_reading(headers, "daily")
    )


def _reading(headers: Mapping[str, str], name: str) -> WindowReading | None:
    reading = WindowReading(
        limit=_count(headers.get(f"x-rate-limit-{name}")),
        left=_count(headers.get(f"x-{name}-requests-left")),
        used=_count(headers.get(f"x-{name}-usage")),
    )
    return None if reading == WindowReading() else reading


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    number = int(text)
    return number if number <= _MAX_COUNT else None


@frozen(kw_only=True)
class Refusal:
    """A 429: the window and the seconds to wait that it names, None if it names none; `trial`: the trial has ended."""

    window: Window | None = None
    retry_after: float | None = None
    trial: bool = False


def read_refusal(message: str, headers: Mapping[str, str]) -> Refusal:
    """Read a 429's `message` and `headers` (lower-case names). Never raises.

    The message decides; a `Retry-After` is used if the message names no time: in seconds, or as a date, which counts
    from the answer's own `Date`, since the vendor's clock is not ours. If the message names no
    window, the shortest plan window with nothing left is taken.
    """
    text = message.lower()
    match = _RESET.search(text)
    retry_after = float(match[1]) if match else _retry_after(headers)
    if "trial limit" in text:
        return Refusal(window=None, retry_after=retry_after, trial=True)
    named = next((window for word, window in _NAMES if word in text), None)
    if named is None:
        reported = read_quota(headers).items()
        named = next((window for window, reading in reported if reading.left == 0), None)
    return Refusal(window=named, retry_after=retry_after)


_RESET = re.compile(r"reset in (\d{1,7}(?:\.\d{1,3})?) seconds?")
_NAMES = (
    ("daily", Window.DAY),
    ("per day", Window.DAY),
    ("hourly", Window.HOUR),
    ("per hour", Window.HOUR),
    ("per minute", Window.MINUTE),
    ("minute", Window.MINUTE),
    ("per second", Window.SECOND),
)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (_date(text) - _date(headers.get("date", ""))).total_seconds()
        except (ValueError, OverflowError):
            return None
    return seconds if 0 <= seconds < 10**9 else None


def _date(text: str) -> datetime:
    """Raises `ValueError` for what is not a date."""
    date = parsedate_to_datetime(text)
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
