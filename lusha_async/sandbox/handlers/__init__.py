"""What each operation does once a request has passed the door."""

from collections.abc import Callable, Mapping

from ..account.state import Call, State
from ..api.answers import Answer
from . import (
    account,
    buying_group,
    catalogue,
    companies,
    contacts,
    conversations,
    icp,
    lookalikes,
    prospecting,
    recommendations,
    signals,
    subscriptions,
    tables,
    visits,
    waterfall,
)

__all__ = ["HANDLERS", "Handler"]

Handler = Callable[[State, Call], Answer]

_GROUPS = (account, buying_group, catalogue, companies, contacts, conversations, icp, lookalikes)
_MORE = (prospecting, recommendations, signals, subscriptions, tables, visits, waterfall)

HANDLERS: Mapping[str, Handler] = {
    name: handler for group in (*_GROUPS, *_MORE) for name, handler in group.HANDLERS.items()
}
"""By operation. Each gives an answer or raises `Refused`."""
