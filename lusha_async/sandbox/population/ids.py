"""Opaque ids: what the vendor's `v1.` tokens look like, and the legacy numbers. Pure.

A token holds the index under a keyed checksum, so that an invented or foreign id is told from a real one
without a list of all ids. The same seed gives the same tokens.
"""

import base64
import binascii
import hashlib
from typing import Literal

__all__ = ["LEGACY_BASE", "IdForge", "Kind"]

Kind = Literal["contact", "company"]

LEGACY_BASE: dict[Kind, int] = {"contact": 4_000_000_000, "company": 10_000_000}
"""The legacy numeric id of entity number 0."""

_INDEX = 5  # bytes
_CHECK = 13  # bytes: with the index, 24 characters of base64 without padding
_GUEST_CHECK = 10


class IdForge:
    """Makes and reads the ids of one seed."""

    def __init__(self, seed: int) -> None:
        self._keys = {kind: f"{seed}:{kind}".encode() for kind in ("contact", "company", "guest")}

    def token(self, kind: Kind, index: int) -> str:
        """The id of entity `index`."""
        raw = index.to_bytes(_INDEX, "big")
        check = hashlib.blake2b(raw, digest_size=_CHECK, key=self._keys[kind]).digest()
        masked = bytes(a ^ b for a, b in zip(raw, check, strict=False))
        return "v1." + base64.urlsafe_b64encode(masked + check).decode()

    def read(self, kind: Kind, text: str) -> int | None:
        """The index behind `text`, or None if it is no id of this seed."""
        if text.isascii() and text.isdigit() and len(text) <= 15:
            index = int(text) - LEGACY_BASE[kind]
            return index if index >= 0 else None
        payload = _payload(text)
        if payload is None or len(payload) != _INDEX + _CHECK:
            return None
        check = payload[_INDEX:]
        raw = bytes(a ^ b for a, b in zip(payload, check[:_INDEX], strict=False))
        if hashlib.blake2b(raw, digest_size=_CHECK, key=self._keys[kind]).digest() != check:
            return None
        return int.from_bytes(raw, "big")

    def guest_token(self, key: str) -> str:
        """The id of a company that was asked for by a name or domain which the population does not have."""
        raw = key.encode()
        check = hashlib.blake2b(raw, digest_size=_GUEST_CHECK, key=self._keys["guest"]).digest()
        return "v1." + base64.urlsafe_b64encode(check + raw).decode().rstrip("=")

    def read_guest(self, text: str) -> str | None:
        """The name or domain behind a guest's id."""
        payload = _payload(text)
        if payload is None or len(payload) <= _GUEST_CHECK:
            return None
        check, raw = payload[:_GUEST_CHECK], payload[_GUEST_CHECK:]
        if hashlib.blake2b(raw, digest_size=_GUEST_CHECK, key=self._keys["guest"]).digest() != check:
            return None
        return raw.decode()


def is_well_formed(text: str) -> bool:
    """Whether `text` could be an id at all: a token or a legacy number."""
    return (text.isascii() and text.isdigit()) or _payload(text) is not None


def _payload(text: str) -> bytes | None:
    if not text.startswith("v1."):
        return None
    body = text[3:]
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
