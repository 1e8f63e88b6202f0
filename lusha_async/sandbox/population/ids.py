"""Opaque ids: tokens in the vendor's `v1.` format, and legacy numbers. Pure.

A token holds the index under a keyed checksum, so that unknown ids are recognised without a list of all ids.
The same seed gives the same tokens.
"""

import base64
import binascii
import hashlib
from typing import Literal

__all__ = ["LEGACY_BASE", "IdCodec", "Kind", "company_ids", "contact_ids", "is_well_formed"]

Kind = Literal["contact", "company"]

LEGACY_BASE: dict[Kind, int] = {"contact": 4_000_000_000, "company": 10_000_000}
"""The legacy numeric id of entity 0."""

_INDEX = 5  # bytes
_CHECK = 13  # bytes: with the index, 24 characters of base64 without padding
_STAND_IN_CHECK = 10


class IdCodec:
    """Encodes and decodes the ids of a seed."""

    def __init__(self, seed: int) -> None:
        self._keys = {kind: f"{seed}:{kind}".encode() for kind in ("contact", "company", "stand-in")}

    def token(self, kind: Kind, index: int) -> str:
        """The token of entity `index`."""
        raw = index.to_bytes(_INDEX, "big")
        check = hashlib.blake2b(raw, digest_size=_CHECK, key=self._keys[kind]).digest()
        masked = bytes(a ^ b for a, b in zip(raw, check, strict=False))
        return "v1." + base64.urlsafe_b64encode(masked + check).decode()

    def decode(self, kind: Kind, text: str) -> int | None:
        """The index of an id; None if it is not an id of this seed."""
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

    def stand_in_token(self, key: str) -> str:
        """The token of the stand-in for a name or domain."""
        raw = key.encode()
        check = hashlib.blake2b(raw, digest_size=_STAND_IN_CHECK, key=self._keys["stand-in"]).digest()
        return "v1." + base64.urlsafe_b64encode(check + raw).decode().rstrip("=")

    def decode_stand_in(self, text: str) -> str | None:
        """The name or domain of a stand-in's token; None if it is not one."""
        payload = _payload(text)
        if payload is None or len(payload) <= _STAND_IN_CHECK:
            return None
        check, raw = payload[:_STAND_IN_CHECK], payload[_STAND_IN_CHECK:]
        if hashlib.blake2b(raw, digest_size=_STAND_IN_CHECK, key=self._keys["stand-in"]).digest() != check:
            return None
        return raw.decode()


def is_well_formed(text: str) -> bool:
    """Whether `text` has the format of a token or a legacy number."""
    return (text.isascii() and text.isdigit()) or _payload(text) is not None


def _payload(text: str) -> bytes | None:
    if not text.startswith("v1."):
        return None
    body = text[3:]
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def contact_ids(count: int, *, seed: int = 1, start: int = 0) -> list[str]:
    """The ids of `count` people of the population from index `start` on; 0.5 % of them are restricted."""
    codec = IdCodec(seed)
    return [codec.token("contact", index) for index in range(start, start + count)]


def company_ids(count: int, *, seed: int = 1, start: int = 0) -> list[str]:
    """The ids of `count` companies of the population from index `start` on."""
    codec = IdCodec(seed)
    return [codec.token("company", index) for index in range(start, start + count)]
