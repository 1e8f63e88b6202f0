"""Why a delivery is not taken, and what can go wrong with an inbox.

    LushaError
    ├── WebhookError                    this delivery is not to be trusted
    │   ├── MissingHeaderError          it carries no signature or no timestamp
    │   ├── MalformedHeaderError        the signature or the timestamp is not one
    │   ├── StaleTimestampError         signed too long ago, or in the future
    │   └── SignatureMismatchError      not signed, as it stands, with any of the secrets
    │       ├── WrongSecretError        ... though it is written exactly as the vendor writes
    │       └── BodyAlteredError        ... and it is not written as the vendor writes
    ├── UnreadableEventError            genuine, but not in the form of an event
    └── InboxError
        ├── OverloadedError             too much waits to be written: not stored, try again
        ├── InboxFullError              the inbox has reached its size: not stored
        ├── InboxClosedError            it was closed: not stored
        └── LeaseLostError              another consumer has the event by now

Texts hold neither the secret nor anything of the body.
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
    """A delivery that is not to be trusted: answer 401 and tell the sender nothing more."""


class MissingHeaderError(WebhookError):
    """The delivery lacks a header; `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the delivery has no header {name}: a proxy dropped it, or it is not the vendor's")
        self.name = name

    def __reduce__(self) -> tuple[type["MissingHeaderError"], tuple[str]]:
        return type(self), (self.name,)


class MalformedHeaderError(WebhookError):
    """The header `name` is there and is not what the vendor sends; `problem` says why."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"the header {name} {problem}")
        self.name = name
        self.problem = problem

    def __reduce__(self) -> tuple[type["MalformedHeaderError"], tuple[str, str]]:
        return type(self), (self.name, self.problem)


class StaleTimestampError(WebhookError):
    """Signed too far from now.

    `skew` is this machine's clock less the timestamp, in seconds (negative: signed in the future), and
    `tolerance` the seconds that were allowed.
    """

    def __init__(self, skew: float, tolerance: float) -> None:
        when = f"{abs(skew):.0f} s {'ago' if skew >= 0 else 'in the future'}"
        super().__init__(
            f"signed {when}, and {tolerance:g} s are allowed: a replay, a late retry, or this machine's "
            "clock is off"
        )
        self.skew = skew
        self.tolerance = tolerance

    def __reduce__(self) -> tuple[type["StaleTimestampError"], tuple[float, float]]:
        return type(self), (self.skew, self.tolerance)


class SignatureMismatchError(WebhookError):
    """No secret gives this signature for this body."""


class WrongSecretError(SignatureMismatchError):
    """The body is written exactly as the vendor writes, so the secret is likely another one (or it is forged)."""

    def __init__(
        self,
        text: str = "the signature is of another secret or another body; check that the secret is this account's "
        "current one, whole and with its whsec_ prefix, or ask diagnose() why",
    ) -> None:
        super().__init__(text)


class BodyAlteredError(SignatureMismatchError):
    """The body is not written as the vendor writes, so something changed it on the way (or it is forged)."""

    def __init__(
        self,
        text: str = "the signature is not of these bytes, and they are not written as the vendor writes: pass the "
        "raw request body, before any middleware parses or decodes it, or ask diagnose() why",
    ) -> None:
        super().__init__(text)


class UnreadableEventError(LushaError):
    """Genuine, but not a JSON object. `body` holds the bytes, which no text shows."""

    def __init__(self, body: bytes) -> None:
        super().__init__(f"a genuine delivery of {len(body)} bytes is not a JSON object")
        self.body = body

    def __reduce__(self) -> tuple[type["UnreadableEventError"], tuple[bytes]]:
        return type(self), (self.body,)


class InboxError(LushaError):
    """The inbox could not do what it was asked."""


class OverloadedError(InboxError):
    """More waits to be written than may wait. Nothing was stored: answer 503, and the vendor sends it again."""


class InboxFullError(InboxError):
    """The inbox has reached the size it may have. Nothing was stored; handle or remove events."""


class InboxClosedError(InboxError):
    """The inbox was closed. Nothing was stored."""


class LeaseLostError(InboxError):
    """The lease ran out and another consumer has taken the event, or has finished with it."""
