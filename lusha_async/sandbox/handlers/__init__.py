"""What each operation does once a request has passed the door."""

from collections.abc import Callable, Mapping

from ..answers import Answer
from ..state import Call, State
from . import account, companies, contacts, prospecting

__all__ = ["HANDLERS", "Handler"]

Handler = Callable[[State, Call], Answer]

HANDLERS: Mapping[str, Handler] = {
    **contacts.HANDLERS,
    **companies.HANDLERS,
    **prospecting.HANDLERS,
    **account.HANDLERS,
}
"""By operation. Each gives an answer or raises `Refused`."""
