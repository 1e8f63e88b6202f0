"""The errors of the receiving end.

    LushaError
    ├── WebhookError                    the delivery is not authentic
    │   ├── MissingHeaderError          it has no signature or no timestamp
    │   ├── MalformedHeaderError        its signature or timestamp cannot be parsed
    │   ├── StaleTimestampError         signed too long ago, or in the future
    │   └── SignatureMismatchError      no secret gives this signature for this body
    │       ├── WrongSecretError        ... and the body has the vendor's encoding: check the secret
    │       └── BodyAlteredError        ... and the body does not: something changed it
    ├── UnreadableEventError            authentic, but not a JSON object
    └── InboxError
        ├── OverloadedError             too many writes are waiting: not stored, try again
        ├── InboxFullError              the inbox has reached its maximum size: not stored
        ├── InboxClosedError            the inbox is closed: not stored
        └── LeaseLostError              the consumer no longer holds the event

No text holds the secret or anything of the body.
"""

from ..errors import LushaError

__all__ = [
    "WebhookError",
    "MissingHeaderError",
    "MalformedHeaderError",
    "StaleTimestampError",
    "SignatureMismatchError",
    "WrongSecretError",
    "BodyAlteredError",
    "UnreadableEventError",
    "InboxError",
    "OverloadedError",
    "InboxFullError",
    "InboxClosedError",
    "LeaseLostError",
]


class WebhookError(LushaError):
    """A delivery that is not authentic: respond with 401 and no detail."""


class MissingHeaderError(WebhookError):
    """The delivery lacks the header `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the header {name} is missing: a proxy dropped it, or the vendor did not send the request"
        )
        self.name = name


class MalformedHeaderError(WebhookError):
    """The header `name` does not have the vendor's format; `problem` says why."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"the header {name} {problem}")
        self.name = name
        self.problem = problem


class StaleTimestampError(WebhookError):
    """The timestamp is too far from the current time.

    `skew` is this machine's clock minus the timestamp, in seconds (negative: signed in the future); `tolerance` is
    the allowed difference in seconds.
    """

    def __init__(self, skew: float, tolerance: float) -> None:
        when = f"{abs(skew):.0f} s {'ago' if skew >= 0 else 'in the future'}"
        super().__init__(
            f"signed {when}, but the tolerance is {tolerance:g} s: this is a replay or a late retry, or this "
            "machine's clock is wrong"
        )
        self.skew = skew
        self.tolerance = tolerance


class SignatureMismatchError(WebhookError):
    """No secret gives this signature for this body."""


class WrongSecretError(SignatureMismatchError):
    """The body has exactly the vendor's encoding, so the secret is probably wrong, or the delivery is forged."""

    def __init__(
        self,
        text: str = "the signature does not match: check that the secret is the current one of this account, "
        "complete with its whsec_ prefix, or call diagnose() to find the cause",
    ) -> None:
        super().__init__(text)


class BodyAlteredError(SignatureMismatchError):
    """The body does not have the vendor's encoding: something changed it on the way, or the delivery is forged."""

    def __init__(
        self,
        text: str = "the signature does not match, and the body is not encoded as the vendor encodes it: pass the raw "
        "request body, before any middleware parses or decodes it, or call diagnose() to find the cause",
    ) -> None:
        super().__init__(text)


class UnreadableEventError(LushaError):
    """The delivery is authentic but not a JSON object. `body` holds its bytes; no text shows them."""

    def __init__(self, body: bytes) -> None:
        super().__init__(f"an authentic delivery of {len(body)} bytes is not a JSON object")
        self.body = body


class InboxError(LushaError):
    """An operation of the inbox failed."""


class OverloadedError(InboxError):
    """Too many writes are waiting. Nothing was stored: respond with 503, and the vendor sends the event again."""


class InboxFullError(InboxError):
    """The inbox has reached its maximum size. Nothing was stored: handle or remove events."""


class InboxClosedError(InboxError):
    """The inbox is closed. Nothing was stored."""


class LeaseLostError(InboxError):
    """The lease expired and another consumer took the event, or the event was settled already."""

    def __init__(
        self, text: str = "the lease no longer holds: another consumer took the event, or it was settled already"
    ) -> None:
        super().__init__(text)
