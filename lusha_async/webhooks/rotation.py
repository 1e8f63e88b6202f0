"""Replacing the account's secret while deliveries go on."""

from collections.abc import Awaitable, Callable

import anyio

from .secrets import Secret, SecretRing

__all__ = ["rotate"]

_ASKING_SECONDS = 30.0


async def rotate(
    ring: SecretRing,
    *,
    regenerate: Callable[[], Awaitable[Secret]],
    current: Callable[[], Awaitable[Secret]],
    keep: float = 3600.0,
) -> None:
    """Replace the secret at the vendor and in `ring`, so that no delivery is refused meanwhile.

    `regenerate` asks the vendor for a new secret (it replaces the old one at once), `current` for the one in
    force. Receivers with this ring wait for the new one rather than refuse, and accept the old one for `keep`
    seconds more. When `regenerate` fails or is cancelled, the vendor may have replaced the secret all the same:
    `current` is then asked, for 30 s at most, before the failure is raised. A receiver in another process needs
    the new secret, too. Source: the vendor's reference of the account secret.
    """
    async with ring.rotating():
        try:
            ring.add(await regenerate(), keep=keep)
        except BaseException:
            with anyio.move_on_after(_ASKING_SECONDS, shield=True):
                ring.add(await current(), keep=keep)
            raise
