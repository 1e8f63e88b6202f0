"""The secrets in force, and their replacement, also when it fails half-way."""

import asyncio

import pytest

from lusha_async.errors import ConfigurationError
from lusha_async.webhooks import SecretRing
from lusha_async.webhooks.rotation import rotate

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
    ring.add(NEW, keep=10)
    ring.add(NEW, keep=0)
    assert ring.keys() == (NEW.encode(), OLD.encode())
    clock.now += 9.9
    assert len(ring.keys()) == 2
    clock.now += 0.1
    assert ring.keys() == (NEW.encode(),)
    ring.add(OLD, keep=10)
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


@pytest.mark.asyncio
async def test_a_rotation_that_succeeds_asks_once() -> None:
    """The new secret comes from the answer; what is in force need not be asked for."""
    ring = SecretRing(OLD)

    async def regenerate() -> str:
        return NEW

    async def current() -> str:
        raise AssertionError

    await rotate(ring, regenerate=regenerate, current=current)
    assert ring.keys() == (NEW.encode(), OLD.encode())
    assert not ring.is_rotating


@pytest.mark.asyncio
@pytest.mark.parametrize("in_force", [NEW, OLD])
async def test_a_rotation_whose_answer_is_lost_asks_what_is_in_force(in_force: str) -> None:
    """The vendor may have replaced the secret: it is asked, and the failure is raised all the same."""
    ring = SecretRing(OLD)

    async def regenerate() -> str:
        raise ConnectionResetError

    async def current() -> str:
        assert ring.is_rotating
        return in_force

    with pytest.raises(ConnectionResetError):
        await rotate(ring, regenerate=regenerate, current=current)
    assert ring.keys()[0] == in_force.encode()
    assert OLD.encode() in ring.keys()
    assert not ring.is_rotating


@pytest.mark.asyncio
async def test_a_cancelled_rotation_asks_what_is_in_force() -> None:
    """Cancelled while the vendor is asked, it still learns the secret in force before it ends."""
    ring = SecretRing(OLD)
    asked = asyncio.Event()

    async def regenerate() -> str:
        asked.set()
        await asyncio.sleep(3600)
        raise AssertionError

    async def current() -> str:
        await asyncio.sleep(0.01)
        return NEW

    task = asyncio.create_task(rotate(ring, regenerate=regenerate, current=current))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ring.keys() == (NEW.encode(), OLD.encode())
    assert not ring.is_rotating
