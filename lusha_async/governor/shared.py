"""One governor per account in a process, so that all its clients share the limits."""

import hashlib
import os
import secrets
import threading
from weakref import WeakValueDictionary

from .governor import Governor

__all__ = ["governor_for"]

_SALT = secrets.token_bytes(16)
_lock = threading.Lock()
_governors: WeakValueDictionary[bytes, Governor] = WeakValueDictionary()


def governor_for(key: str, base_url: str) -> Governor:
    """The governor of this process for an API key and base URL; created at the first call.

    It lives as long as something refers to it; a later one starts cold. The key is not kept, only a hash of it,
    salted per process.
    """
    name = hashlib.blake2b(f"{base_url.rstrip('/')}\0{key}".encode(), key=_SALT, digest_size=16).digest()
    with _lock:
        governor = _governors.get(name)
        if governor is None:
            governor = _governors[name] = Governor()
        return governor


def _after_fork() -> None:
    """In a forked child the lock may be held by a thread that does not exist there."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
