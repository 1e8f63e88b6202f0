"""Replacing the account's secret while deliveries go on."""

from typing import Protocol, cast

import anyio

from .secrets import Secret, SecretRing

__all__ = ["rotate"]

_ASKING_SECONDS = 30.0


class _HasSecret(Protocol):
    @property
    def secret(self) -> str | None: ...


class _SecretSource(Protocol):
    """What is needed of `client.webhooks`."""

    async def regenerate_secret(self) -> _HasSecret: ...
    async def secret(self) -> _HasSecret: ...


async def rotate(ring: SecretRing, account: _SecretSource, *, keep: float = 3600.0) -> None:
    """Replace the secret at the vendor and in `ring`, so that no delivery is refused meanwhile.

    `account` is `client.webhooks`. The vendor replaces the secret at once; receivers with this ring wait for the
    new one rather than refuse, and accept the old one for `keep` seconds more. When that fails or is cancelled,
    the vendor may have replaced the secret all the same: the one in force is then asked for, for 30 s at most,
    before the failure is raised. A receiver in another process needs the new secret, too.

    Raises what the client raises, and `ConfigurationError` for an answer without a secret. Source: the vendor's
    reference of the account secret.
    """
    async with ring.rotating():
        try:
            ring.add(cast(Secret, (await account.regenerate_secret()).secret), keep=keep)
        except BaseException:
            with anyio.move_on_after(_ASKING_SECONDS, shield=True):
                ring.add(cast(Secret, (await account.secret()).secret), keep=keep)
            raise
