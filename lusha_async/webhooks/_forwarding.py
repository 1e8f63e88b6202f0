"""Forwards verified deliveries to another receiver over HTTP."""

import time
from types import TracebackType
from typing import Self

from attrs import evolve

from .._call.transport import HttpxTransport
from .._tasks import finish
from .._wire.request import OutgoingRequest
from .._wire.settings import Endpoint, is_loopback, split_url
from ..errors import ConfigurationError, LushaError, NotSentError
from ._headers import SIGNATURE_HEADER, TIMESTAMP_HEADER
from .delivery import SignedMessage
from .secrets import Secret
from .signature import sign

__all__ = ["ForwardError", "Forwarder", "with_fresh_signature"]

_TIMEOUT_SECONDS = 10.0


class ForwardError(LushaError):
    """The other receiver did not accept the event: no response, or a status other than 2xx."""


class Forwarder:
    """Posts messages to `url`, exactly as it is given, with the vendor's headers, so that they can be verified there.

    `url` must be https, or http on this machine, because events hold personal data. It may have a query, but no
    fragment and no password. Raises `ConfigurationError` for another URL.
    """

    def __init__(self, url: str) -> None:
        self._url = _target(url)
        self._transport = HttpxTransport(self._url, connections=16)

    async def send(self, message: SignedMessage) -> int:
        """Post the message and return the status, always 2xx; `ForwardError` for any other, or after 10 seconds."""
        request = OutgoingRequest(
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
        except NotSentError as error:
            raise ForwardError(f"cannot connect to the other receiver: {error}") from None
        except LushaError as error:
            raise ForwardError(f"no response from the other receiver: {error}") from None
        if not 200 <= response.status < 300:
            raise ForwardError(f"the other receiver responded with {response.status}")
        return response.status

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await finish(self._transport.aclose(), _TIMEOUT_SECONDS)


def _target(url: str) -> Endpoint:
    parts = split_url(url)
    if parts is None or parts.fragment or parts.username is not None or "\\" in url:
        raise ConfigurationError("the URL to forward to is not of the form https://host[:port][/path][?query]")
    loopback = is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise ConfigurationError(
            "the URL to forward to must begin with https:// (http:// only on this machine): events hold personal data"
        )
    return Endpoint(url, loopback)


def with_fresh_signature(message: SignedMessage, secret: Secret, *, now: float | None = None) -> SignedMessage:
    """The same body, signed with a timestamp of `now` (seconds since 1970)."""
    at = time.time() if now is None else now
    timestamp = str(int(at))
    try:
        signature = sign(message.body, timestamp, secret)
    finally:
        del secret  # no frame of an error holds it
    return evolve(message, timestamp=timestamp, signature=signature, signed_at=at)
