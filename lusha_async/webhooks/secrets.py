"""The webhook secrets: one, several while they are rotated, or a ring that learns new ones while it serves."""

import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager

import anyio
from attrs import field, frozen

from ..errors import ConfigurationError

__all__ = ["Secret", "SecretRing", "Secrets", "keys_of"]

Secret = str | bytes


def keys_of(secret: "Secrets") -> tuple[bytes, ...]:
    """The keys to try. Raises `ConfigurationError` for none, an empty one, or white space around one.

    An empty secret would accept what anybody signs; white space is a line end that came out of a file.
    """
    if isinstance(secret, SecretRing):
        return secret.keys()
    several = (secret,) if isinstance(secret, str | bytes) else tuple(secret or ())  # an unset variable is None
    if not several:
        raise ConfigurationError("there is no webhook secret: pass the account's")
    return tuple(_key(one) for one in several)


def _key(secret: object) -> bytes:
    if not isinstance(secret, str | bytes):
        raise ConfigurationError(f"a webhook secret is str or bytes, not {type(secret).__name__}")
    key = secret.encode() if isinstance(secret, str) else secret
    if not key:
        raise ConfigurationError("the webhook secret is empty: anybody could sign with it")
    if key != key.strip():
        raise ConfigurationError("the webhook secret begins or ends with white space: strip it")
    return key


@frozen
class _Retiring:
    key: bytes = field(repr=False)
    until: float


class SecretRing:
    """The secrets that a running receiver accepts; share it between the receiver and what rotates the secret.

    The vendor replaces the secret at once for all subscriptions, while deliveries signed with the old one are
    still under way. `add` makes a new secret known and keeps the old ones for `keep` seconds more.
    `rotating` covers the moment between the vendor's change and `add`: a receiver does not refuse what it
    cannot verify then, it waits for the new secret.

    `clock` gives seconds that only grow. Not safe across threads.
    """

    def __init__(self, secret: Secret | Iterable[Secret], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._current = keys_of(secret)
        self._retiring: tuple[_Retiring, ...] = ()
        self._rotations = 0
        self._changed = anyio.Event()

    def keys(self) -> tuple[bytes, ...]:
        """All that is accepted now, newest first."""
        now = self._clock()
        self._retiring = tuple(old for old in self._retiring if old.until > now)
        return (*self._current, *(old.key for old in self._retiring))

    def add(self, secret: Secret, *, keep: float = 3600.0) -> None:
        """Accept `secret` from now on, and those before it for `keep` seconds more.

        The current one again changes nothing. Raises `ConfigurationError` as `keys_of` does.
        """
        (key,) = keys_of(secret)
        if self._current == (key,):
            return
        until = self._clock() + keep
        retired = tuple(_Retiring(old, until) for old in self._current if old != key)
        kept = tuple(old for old in self._retiring if old.key != key)
        self._current, self._retiring = (key,), retired + kept
        self._changed.set()
        self._changed = anyio.Event()

    @asynccontextmanager
    async def rotating(self) -> AsyncGenerator[None, None]:
        """While in it, receivers wait for a new secret instead of refusing what they cannot verify."""
        self._rotations += 1
        try:
            yield
        finally:
            self._rotations -= 1
            if not self._rotations:
                self._changed.set()
                self._changed = anyio.Event()

    @property
    def is_rotating(self) -> bool:
        """Whether somebody is within `rotating`."""
        return self._rotations > 0

    async def changed(self) -> None:
        """Return when a secret is added or the last rotation ends. Cancelling is safe."""
        await self._changed.wait()

    def __repr__(self) -> str:
        return f"<SecretRing of {len(self.keys())}{', rotating' if self.is_rotating else ''}>"


Secrets = Secret | Iterable[Secret] | SecretRing
"""One secret, several, or a ring of them."""
