"""What a store of boards does: commit one change after the other."""

from collections.abc import Callable
from typing import Protocol

__all__ = ["Change", "LostStoreError", "BoardStore", "UnavailableStoreError"]

Change = Callable[[bytes | None, float], bytes]
"""The new board, from the present one (None: there is none) and what is to be added to its times for the local clock.

It may be called again with another board, if that was changed meanwhile.
"""


class LostStoreError(Exception):
    """The store cannot be reached or does not answer in time; whether the change was committed is not known."""


class UnavailableStoreError(Exception):
    """There can be no board here; the text says why."""


class BoardStore(Protocol):
    """Holds the board of one account. Used by one thread at a time. `name` tells people which it is."""

    name: str

    def enter(self) -> bool:
        """Whether this process needs no board, since it is alone. Raises `UnavailableStoreError`."""
        ...

    def company(self) -> bool:
        """Whether another process has come since `enter` said that this one is alone. Fast."""
        ...

    def change(self, change: Change) -> float:
        """Commit a change; returns the seconds that it took. Raises `LostStoreError`."""
        ...

    def disband(self, board: bytes) -> bool:
        """Remove the board if it is still `board` and no other process is here, so that this one is alone."""
        ...

    def look(self) -> tuple[bytes | None, float]:
        """The board, and what is to be added to its times. Changes nothing. Raises as `enter` and `change` do."""
        ...

    def close(self) -> None:
        """Let go of it, without a change to the board; `enter` may be called again. Also in a forked child."""
        ...
