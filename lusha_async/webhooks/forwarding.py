"""Passes verified deliveries on to another receiver over HTTP."""

import time
from types import TracebackType
from typing import Self

from attrs import evolve

from .._call.transport import HttpxTransport
from .._wire.request import Request
from .._wire.settings import BaseURL
from ..errors import LushaError
from ..operations import BY_NAME
from .delivery import Arrival
from .headers import SIGNATURE_HEADER, TIMESTAMP_HEADER
from .secrets import Secret
from .signature import sign

__all__ = ["ForwardError", "Forwarder", "signed_anew"]

_SECONDS = 10.0


class ForwardError(LushaError):
    """The other receiver did not take the event: no answer, or none of 2xx."""


class Forwarder:
    """Posts deliveries to `url`, with the vendor's headers, so that the receiver there can verify them itself.

    https, or http on this machine itself: events name people. Raises `ConfigurationError` for another URL.
    """

    def __init__(self, url: str) -> None:
        self._url = BaseURL.resolve(url)
        self._transport = HttpxTransport(self._url, connections=16)

    async def send(self, arrival: Arrival) -> int:
        """The status, of 2xx. Raises `ForwardError` for any other end; ten seconds at most."""
        request = Request(
            operation=BY_NAME["testSubscription"],  # what stands for a delivery in the transport's errors
            method="POST",
            url=self._url.value,
            headers={
                "Content-Type": "application/json",
                "User-Agent": "Lusha-Webhooks/1.0",
                SIGNATURE_HEADER: arrival.signature,
                TIMESTAMP_HEADER: arrival.timestamp,
            },
            content=arrival.body,
        )
        try:
            answer = await self._transport.send(request, _SECONDS)
        except LushaError as error:
            raise ForwardError(f"the other receiver did not answer ({error})") from None
        if not 200 <= answer.status < 300:
            raise ForwardError(f"the other receiver answered {answer.status}")
        return answer.status

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._transport.aclose()


def signed_anew(arrival: Arrival, secret: Secret, *, now: float | None = None) -> Arrival:
    """The same event with a timestamp of `now` (seconds since 1970) and its signature."""
    at = time.time() if now is None else now
    timestamp = str(int(at))
    return evolve(arrival, timestamp=timestamp, signature=sign(arrival.body, timestamp, secret), signed_at=at)
