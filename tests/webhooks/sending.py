"""Deliveries as the vendor makes them, for tests."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from lusha_async.webhooks import sign
from lusha_async.webhooks._javascript import stringify
from lusha_async.webhooks.delivery import SignedMessage

__all__ = ["NOW", "SECRET", "message", "opt_out", "payload", "signed", "until"]

SECRET = "whsec_0123456789abcdef0123456789abcdef"
NOW = 1_800_000_000.0


def payload(number: int = 1, **members: Any) -> dict[str, Any]:
    """A contact signal, as the vendor's reference shows it."""
    return {
        "id": f"f3b87e05-0402-4f3e-8e26-{number:012d}",
        "type": "promotion",
        "entityType": "contact",
        "entityId": "4158887495",
        "subscriptionId": "507f1f77bcf86cd799439011",
        "data": {
            "personId": 4158887495,
            "currentCompanyId": 40823133,
            "currentCompanyName": "Example Hospitality",
            "currentDepartments": [{"id": 7, "value": "Other"}],
            "signalDate": "2025-07-01",
        },
        "timestamp": "2026-01-14T16:16:35.841Z",
        "billing": {"creditsCharged": 1},
        **members,
    }


def opt_out(**members: Any) -> dict[str, Any]:
    """An opt-out, bare as the vendor sends it."""
    return {
        "contactId": "987654321",
        "fullName": "Avery Example",
        "companyName": "Acme Example",
        "contactOptOutDate": "2026-04-22 14:32:11.412",
        "contactExposureDate": "2025-08-03 09:15:47",
        "datapoints": [
            {"datapointId": "+14155550199", "datapointType": "phone"},
            {"datapointId": "avery@example.com", "datapointType": "email"},
        ],
        "partnerClientId": None,
        **members,
    }


def signed(
    content: Any = None, *, at: float | str = NOW, secret: str | bytes = SECRET
) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a delivery; `content` is bytes to sign as they are, or a payload."""
    body = content if isinstance(content, bytes) else stringify(payload() if content is None else content)
    timestamp = at if isinstance(at, str) else str(int(at))
    headers = {
        "X-Lusha-Signature": sign(body, timestamp, secret),
        "X-Lusha-Timestamp": timestamp,
        "Content-Type": "application/json",
        "User-Agent": "Lusha-Webhooks/1.0",
    }
    return body, headers


def message(number: int = 1, *, at: float | None = None, **members: Any) -> SignedMessage:
    """A verified delivery."""
    signed_at = time.time() if at is None else at
    body = json.dumps(payload(number, **members), separators=(",", ":")).encode()
    return SignedMessage(body=body, timestamp=str(int(signed_at)), signature="0" * 64, signed_at=signed_at)


async def until(fulfilled: Callable[[], Awaitable[bool]], *, seconds: float = 20.0) -> None:
    """Wait, in real time, for what another task, thread or process does."""
    async with asyncio.timeout(seconds):
        while not await fulfilled():  # nothing tells when
            await asyncio.sleep(0.01)
