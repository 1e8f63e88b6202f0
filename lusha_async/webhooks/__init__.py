"""The receiving end of the vendor's webhooks: verify, read, acknowledge, and lose none.

- `verify` tells whether a delivery is the vendor's and gives its event; `diagnose` tells why it fails.
- `acknowledge` makes the answer that the vendor wants.
- `App` is a receiver that does it all, with an `Inbox` behind it (`SQLiteInbox`, `MemoryInbox`).

Needs no extra: the standard library's SQLite, and plain ASGI.
"""

from .acknowledgement import Acknowledgement, acknowledge
from .delivery import Arrival, Counts, Delivery, Lease, State, Stored
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
from .headers import SIGNATURE_HEADER, TIMESTAMP_HEADER
from .inbox import Inbox, Policy
from .memory_inbox import MemoryInbox
from .receiver import App, Bounds
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
    "Bounds",
    "Inbox",
    "SQLiteInbox",
    "MemoryInbox",
    "Policy",
    "Arrival",
    "Delivery",
    "Lease",
    "State",
    "Stored",
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
