"""Webhook secrets: one, several during a rotation, or a ring that learns new ones while the receiver runs."""

import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager

import anyio
from attrs import field, frozen

from ..errors import ConfigurationError

__all__ = ["Secret", "SecretRing", "Secrets", "keys_of"]

Secret = str | bytes


def keys_of(secret: "Secrets") -> tuple[bytes, ...]:
    """The HMAC keys to try.

    Raises `ConfigurationError` if there is none, if one is empty (anybody could sign with it), or if one has leading
    or trailing white space (usually the line end of a file).
    """
    if isinstance(secret, SecretRing):
        return secret.keys()
    secrets = (secret,) if isinstance(secret, str | bytes) else tuple(secret or ())  # an unset variable is None
    if not secrets:
        raise ConfigurationError("no webhook secret: pass the webhook secret of the account")
    return tuple(_key(item) for item in secrets)


def _key(secret: object) -> bytes:
    if not isinstance(secret, str | bytes):
        raise ConfigurationError(f"a webhook secret must be str or bytes, not {type(secret).__name__}")
    key = secret.encode() if isinstance(secret, str) else secret
    if not key:
        raise ConfigurationError("the webhook secret is empty: pass the webhook secret of the account")
    if key != key.strip():
        raise ConfigurationError("the webhook secret has leading or trailing white space: strip it")
    return key


@frozen
class _RetiringKey:
    key: bytes = field(repr=False)
    expires_at: float


class SecretRing:
    """The secrets that a running receiver accepts, shared between the receiver and the code that rotates them.

    When the account's secret is regenerated, the vendor replaces it at once for all subscriptions, while deliveries
    signed with the old one are still on their way. `add` makes a new secret known and keeps accepting the old ones
    for a grace period. Inside `rotating`, a receiver holds deliveries that it cannot verify until the new secret is
    known, instead of refusing them.

    `clock` returns monotonic seconds. Not thread-safe. Raises `ConfigurationError` for an unusable secret.
    """

    def __init__(self, secret: Secret | Iterable[Secret], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._current = keys_of(secret)
        self._retiring: tuple[_RetiringKey, ...] = ()
        self._rotations = 0
        self._changed = anyio.Event()

    def keys(self) -> tuple[bytes, ...]:
        """The keys accepted now, newest first."""
        now = self._clock()
        self._retiring = tuple(old for old in self._retiring if old.expires_at > now)
        return (*self._current, *(old.key for old in self._retiring))

    def add(self, secret: Secret, *, grace_period: float = 3600.0) -> None:
        """Accept `secret` from now on, and the secrets before it for `grace_period` seconds more.

        Adding the current secret again changes nothing. Raises `ConfigurationError` for an unusable secret.
        """
        (key,) = keys_of(secret)
        if self._current == (key,):
            return
        expires_at = self._clock() + grace_period
        retired = tuple(_RetiringKey(old, expires_at) for old in self._current if old != key)
        still_retiring = tuple(old for old in self._retiring if old.key != key)
        self._current, self._retiring = (key,), retired + still_retiring
        self._notify()

    @asynccontextmanager
    async def rotating(self) -> AsyncGenerator[None, None]:
        """Inside this context, receivers hold deliveries that they cannot verify instead of refusing them."""
        self._rotations += 1
        try:
            yield
        finally:
            self._rotations -= 1
            if not self._rotations:
                self._notify()

    @property
    def is_rotating(self) -> bool:
        """Whether a `rotating` context is open."""
        return self._rotations > 0

    async def changed(self) -> None:
        """Return when a secret is added or the last rotation ends. Cancelling is safe."""
        await self._changed.wait()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def __repr__(self) -> str:
        return f"<SecretRing of {len(self.keys())}{', rotating' if self.is_rotating else ''}>"


Secrets = Secret | Iterable[Secret] | SecretRing
"""One secret, several, or a ring of them."""
