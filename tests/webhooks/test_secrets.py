"""The secrets in force, and their replacement, also when it fails half-way."""

import asyncio
from typing import Any

import pytest

from lusha_async.errors import ConfigurationError
from lusha_async.models.webhooks import AccountSecret
from lusha_async.webhooks import SecretRing, rotate

OLD, NEW = "whsec_old", "whsec_new"


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def test_old_secrets_retire() -> None:
    """Newest first; each old one for its time; the current one again changes nothing; back to an old one works."""
    clock = Clock()
    ring = SecretRing(OLD, clock=clock)
    ring.add(NEW, grace_period=10)
    ring.add(NEW, grace_period=0)
    assert ring.keys() == (NEW.encode(), OLD.encode())
    clock.now += 9.9
    assert len(ring.keys()) == 2
    clock.now += 0.1
    assert ring.keys() == (NEW.encode(),)
    ring.add(OLD, grace_period=10)
    assert ring.keys() == (OLD.encode(), NEW.encode())
    for text in (repr(ring), str(ring)):
        assert "whsec" not in text


def test_an_unusable_secret_does_not_enter_the_ring() -> None:
    """Empty or with white space: refused, and the ring is as it was."""
    ring = SecretRing(OLD)
    for secret in ("", " x", "x\n"):
        with pytest.raises(ConfigurationError):
            ring.add(secret)
    assert ring.keys() == (OLD.encode(),)


class Account:
    """A stand-in for `client.webhooks` that responds or fails as configured."""

    def __init__(self, ring: SecretRing, *, in_force: str, response: Any = None, hangs: bool = False) -> None:
        self.ring = ring
        self.in_force = in_force
        self.response = response
        self.hangs = hangs
        self.requested = asyncio.Event()

    async def regenerate_secret(self) -> AccountSecret:
        """A new secret, or not."""
        self.requested.set()
        if self.hangs:
            await asyncio.sleep(3600)
        if isinstance(self.response, Exception):
            raise self.response
        return AccountSecret(secret=self.response)

    async def secret(self) -> AccountSecret:
        """The one in force."""
        assert self.ring.is_rotating
        await asyncio.sleep(0)
        return AccountSecret(secret=self.in_force)


@pytest.mark.asyncio
async def test_a_rotation_that_succeeds_sends_one_request() -> None:
    """The new secret is taken from the response, and the current one is not read back."""
    ring = SecretRing(OLD)
    await rotate(ring, Account(ring, in_force="", response=NEW))
    assert ring.keys() == (NEW.encode(), OLD.encode())
    assert not ring.is_rotating


@pytest.mark.asyncio
@pytest.mark.parametrize("in_force", [NEW, OLD])
@pytest.mark.parametrize("response", [ConnectionResetError(), None])
async def test_a_rotation_whose_response_is_lost_reads_the_secret_back(in_force: str, response: Any) -> None:
    """The vendor may have replaced the secret: it is read back, and the error is raised all the same."""
    ring = SecretRing(OLD)
    with pytest.raises((ConnectionResetError, ConfigurationError)):
        await rotate(ring, Account(ring, in_force=in_force, response=response))
    assert ring.keys()[0] == in_force.encode()
    assert ring.keys()[-1] == OLD.encode()
    assert not ring.is_rotating


@pytest.mark.asyncio
async def test_a_cancelled_rotation_reads_the_secret_back() -> None:
    """Cancelled during the request, it still reads the current secret before it ends."""
    ring = SecretRing(OLD)
    account = Account(ring, in_force=NEW, hangs=True)
    task = asyncio.create_task(rotate(ring, account))
    await account.requested.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ring.keys() == (NEW.encode(), OLD.encode())
    assert not ring.is_rotating
