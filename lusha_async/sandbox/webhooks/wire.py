"""The wire format of webhook deliveries: body, signature, acknowledgement. Pure."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..api.schema import as_object

__all__ = ["acknowledgement_error", "is_allowed_url", "signature", "wire_json"]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The hex HMAC-SHA256 of timestamp, a dot and the raw body."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def wire_json(payload: Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8 without ASCII escapes, as the vendor sends it."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def acknowledgement_error(status: int, content: bytes, payload_id: str) -> str | None:
    """Why a receiver's response does not acknowledge the payload; None if it does.

    Whether the vendor retries for a wrong body alone is not known; the sandbox does, as its pages say.
    """
    if not 200 <= status < 300:
        return f"answered {status}"
    try:
        body = as_object(json.loads(content))
    except ValueError:
        return "the acknowledgement is not JSON"
    if body is None or body.get("received") is not True or not body.get("timestamp"):
        return "the acknowledgement lacks received: true or timestamp"
    if payload_id and body.get("webhookId") != payload_id:
        return "the acknowledgement's webhookId is not the payload's id"
    return None


def is_allowed_url(url: str) -> bool:
    """Whether `url` is https, or http on loopback: for tests, unlike the vendor."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    )
