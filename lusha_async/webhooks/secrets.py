"""Webhook secrets: one, several during a rotation, or a ring that learns new ones while the receiver runs."""

import time
import unicodedata
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager

import anyio
from attrs import field, frozen

from .._repr import half_made
from ..errors import ConfigurationError

__all__ = ["Secret", "SecretRing", "Secrets", "keys_of", "visible"]

Secret = str | bytes


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})


def keys_of(secret: "Secrets") -> tuple[bytes, ...]:
    """The HMAC keys to try.

    Raises `ConfigurationError` if there is none, if one is empty (anybody could sign with it), or if one has white
    space or an invisible character, which came with it from a file or a page: a line end, a byte order mark, a no-break
    or zero-width space. No frame of the error holds a secret.
    """
    if isinstance(secret, SecretRing):
        return secret.keys()
    secrets = (secret,) if isinstance(secret, str | bytes) else tuple(secret or ())  # an unset variable is None
    problem = None if secrets else "no webhook secret: pass the webhook secret of the account"
    for item in secrets:
        problem = problem or _problem(item)
        del item
    if problem is not None:
        del secret, secrets
        raise ConfigurationError(problem)
    return tuple(item.encode() if isinstance(item, str) else item for item in secrets)


def _problem(secret: object) -> str | None:
    if not isinstance(secret, str | bytes):
        return f"a webhook secret must be str or bytes, not {type(secret).__name__}"
    if not secret:
        return "the webhook secret is empty: pass the webhook secret of the account"
    text = secret if isinstance(secret, str) else secret.decode(errors="replace")
    if text != text.strip():
        return "the webhook secret has leading or trailing white space: strip it"
    refused = _INVISIBLE if isinstance(secret, str) else _INVISIBLE - {"Cc"}  # bytes may be a key of any bytes
    found = [character for character in text if unicodedata.category(character) in refused]
    if found:
        return f"the webhook secret has a character that cannot be seen ({_name(found[0])}): remove it"
    return None


def _name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def visible(secret: bytes) -> bytes:
    """The secret without what `keys_of` refuses."""
    text = secret.decode(errors="surrogateescape")
    kept = "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE - {"Cs"})
    return kept.encode(errors="surrogateescape")


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
        try:
            self._current = keys_of(secret)
        finally:
            del secret  # no frame of an error holds it
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
        try:
            (key,) = keys_of(secret)
        finally:
            del secret
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

    @half_made
    def __repr__(self) -> str:
        return f"<SecretRing of {len(self.keys())}{', rotating' if self.is_rotating else ''}>"


Secrets = Secret | Iterable[Secret] | SecretRing
"""One secret, several, or a ring of them."""
