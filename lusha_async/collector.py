"""The garbage collector held back while an answer is decoded.

Decoding makes thousands of objects of which none can be garbage yet; walking through them again and again is a
third of its cost. The pause is for one synchronous stretch of some milliseconds, and restores what was.
"""

import gc

__all__ = ["paused"]


class paused:
    """No collections within the block; no await either."""

    __slots__ = ("_was_on",)

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()
