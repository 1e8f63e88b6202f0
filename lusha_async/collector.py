"""The garbage collector held back while an answer is decoded.

Decoding makes thousands of objects of which none can be garbage yet; walking through them again and again is a
third of its cost. The pause is for one synchronous stretch of some milliseconds, and restores what was.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["paused"]


@contextmanager
def paused() -> Generator[None, None, None]:
    """No collections within; no await either."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
