"""Rotation of the account's webhook secret."""

from typing import Protocol, cast

import anyio

from .secrets import Secret, SecretRing

__all__ = ["rotate"]

_READ_BACK_SECONDS = 30.0


class _SecretResponse(Protocol):
    @property
    def secret(self) -> str | None: ...


class _SecretAPI(Protocol):
    """What `rotate` needs of `client.webhooks`."""

    async def regenerate_secret(self) -> _SecretResponse: ...
    async def secret(self) -> _SecretResponse: ...


async def rotate(ring: SecretRing, account: _SecretAPI, *, grace_period: float = 3600.0) -> None:
    """Replace the webhook secret at the vendor and in `ring` without refusing a delivery.

    `account` is `client.webhooks`. The vendor replaces the secret at once. Until the new one is known, receivers that
    use this ring hold deliveries that they cannot verify; afterwards they accept the old secret for `grace_period`
    seconds more. A receiver in another process has its own ring and needs the new secret as well.

    If the request fails or the call is cancelled, the vendor may have replaced the secret all the same: the current
    secret is then read back, for at most 30 seconds, and added to `ring` before the error is raised.

    Raises the errors of the client, and `ConfigurationError` if the response holds no secret. Source: the vendor's
    reference of the account secret.
    """
    async with ring.rotating():
        try:
            ring.add(cast(Secret, (await account.regenerate_secret()).secret), grace_period=grace_period)
        except BaseException:
            with anyio.move_on_after(_READ_BACK_SECONDS, shield=True):
                ring.add(cast(Secret, (await account.secret()).secret), grace_period=grace_period)
            raise
