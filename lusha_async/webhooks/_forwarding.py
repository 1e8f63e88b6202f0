"""Forwards verified deliveries to another receiver over HTTP."""

import time
from types import TracebackType
from typing import Self

from attrs import evolve

from .._call.transport import HttpxTransport
from .._tasks import finish
from .._wire.request import Request
from .._wire.settings import BaseURL
from ..errors import LushaError
from ..operations import BY_NAME
from ._headers import SIGNATURE_HEADER, TIMESTAMP_HEADER
from .delivery import SignedMessage
from .secrets import Secret
from .signature import sign

__all__ = ["ForwardError", "Forwarder", "with_fresh_signature"]

_TIMEOUT_SECONDS = 10.0


class ForwardError(LushaError):
    """The other receiver did not accept the event: no response, or a status other than 2xx."""


class Forwarder:
    """Posts messages to `url` with the vendor's headers, so that the receiver there can verify them itself.

    `url` must be https, or http on this machine, because events hold personal data. Raises `ConfigurationError` for
    another URL.
    """

    def __init__(self, url: str) -> None:
        self._url = BaseURL.resolve(url)
        self._transport = HttpxTransport(self._url, connections=16)

    async def send(self, message: SignedMessage) -> int:
        """Post the message and return the status, always 2xx; `ForwardError` for any other, or after 10 seconds."""
        request = Request(
            operation=BY_NAME["testSubscription"],  # the transport names an operation in its errors
            method="POST",
            url=self._url.value,
            headers={
                "Content-Type": "application/json",
                "User-Agent": "Lusha-Webhooks/1.0",
                SIGNATURE_HEADER: message.signature,
                TIMESTAMP_HEADER: message.timestamp,
            },
            content=message.body,
        )
        try:
            response = await self._transport.send(request, _TIMEOUT_SECONDS)
        except LushaError as error:
            raise ForwardError(f"no response from the other receiver ({error})") from None
        if not 200 <= response.status < 300:
            raise ForwardError(f"the other receiver responded with {response.status}")
        return response.status

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await finish(self._transport.aclose(), _TIMEOUT_SECONDS)


def with_fresh_signature(message: SignedMessage, secret: Secret, *, now: float | None = None) -> SignedMessage:
    """The same body, signed with a timestamp of `now` (seconds since 1970)."""
    at = time.time() if now is None else now
    timestamp = str(int(at))
    return evolve(message, timestamp=timestamp, signature=sign(message.body, timestamp, secret), signed_at=at)
