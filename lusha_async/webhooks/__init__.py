"""Receiving the vendor's webhooks: verify, decode, store and acknowledge deliveries.

- `verify` checks the signature of a delivery and returns its event; `diagnose` explains why the signature fails.
- `acknowledge` makes the response that the vendor expects.
- `App` is an ASGI receiver that does all of this with an `Inbox` (`SQLiteInbox`, `MemoryInbox`).

Needs no extra.
"""

from ._headers import SIGNATURE_HEADER, TIMESTAMP_HEADER
from .acknowledgement import Acknowledgement, acknowledge
from .delivery import Counts, Delivery, Lease, SignedMessage, State, StoredEvent
from .diagnosis import Cause, Diagnosis, diagnose
from .errors import (
    BodyAlteredError,
    InboxClosedError,
    InboxError,
    InboxFullError,
    LeaseLostError,
    MalformedHeaderError,
    MissingHeaderError,
    OverloadedError,
    SignatureMismatchError,
    StaleTimestampError,
    UnreadableEventError,
    WebhookError,
    WrongSecretError,
)
from .events import (
    CompanyNews,
    CompanySignal,
    ContactSignal,
    Datapoint,
    Department,
    Event,
    LinkedinActivity,
    OptOut,
    Signal,
    SignalData,
    WebhookBilling,
)
from .inbox import Inbox, InboxPolicy
from .memory_inbox import MemoryInbox
from .receiver import App, ReceiverLimits
from .replay import ReplayGuard
from .rotation import rotate
from .secrets import SecretRing
from .signature import sign, verify
from .sqlite_inbox import SQLiteInbox

__all__ = [
    # a delivery
    "verify",
    "diagnose",
    "acknowledge",
    "sign",
    "Acknowledgement",
    "Cause",
    "Diagnosis",
    "ReplayGuard",
    "SecretRing",
    "SIGNATURE_HEADER",
    "TIMESTAMP_HEADER",
    # events
    "Event",
    "Signal",
    "OptOut",
    "SignalData",
    "ContactSignal",
    "CompanyNews",
    "CompanySignal",
    "LinkedinActivity",
    "WebhookBilling",
    "Datapoint",
    "Department",
    # receiving
    "App",
    "ReceiverLimits",
    "Inbox",
    "SQLiteInbox",
    "MemoryInbox",
    "InboxPolicy",
    "SignedMessage",
    "Delivery",
    "Lease",
    "State",
    "StoredEvent",
    "Counts",
    # the account
    "rotate",
    # errors
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
