"""Drift: what a body has that is not documented. It is counted, and nothing is refused because of it.

A report names members, classes and documented words; never a value that may be data.
"""

import threading
from collections.abc import Callable
from functools import lru_cache

__all__ = ["OBSERVER", "DriftCallback", "DriftObserver", "loggable", "report_drift", "report_value"]

DriftCallback = Callable[[str], object]
"""Takes a short description of one deviation."""


class DriftObserver(threading.local):
    """The callback for drift in the body that this thread is decoding."""

    callback: DriftCallback | None = None


OBSERVER = DriftObserver()


def report_drift(what: str) -> None:
    """Pass `what` to the callback, if there is one."""
    if OBSERVER.callback is not None:
        OBSERVER.callback(what)


def report_value(member: str, value: str) -> None:
    """Report an enumeration's value that is not documented."""
    report_drift(f"unknown value {member}={loggable(value)}")


@lru_cache(maxsize=500)  # a new member is in every row
def loggable(word: str) -> str:
    """A member's name or an enumeration's value for a log; `<other>` for text that could be data."""
    short = len(word) <= 40 and word.isascii() and not any(sign.isdigit() for sign in word)
    return word if short and word.replace("_", "").replace("-", "").isalpha() else "<other>"
