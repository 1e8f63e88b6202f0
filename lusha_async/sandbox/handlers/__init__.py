"""The operations, run for authenticated and validated requests."""

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
    scores,
    search,
    signals,
    subscriptions,
    tables,
    visits,
    waterfall,
)

__all__ = ["HANDLERS", "Handler"]

Handler = Callable[[State, Call], Answer]

_GROUPS = (account, buying_group, catalogue, companies, contacts, conversations, icp, lookalikes)
_MORE = (prospecting, recommendations, scores, search, signals, subscriptions, tables, visits, waterfall)

HANDLERS: Mapping[str, Handler] = {
    name: handler for group in (*_GROUPS, *_MORE) for name, handler in group.HANDLERS.items()
}
"""The handler by operation id. Each returns an answer or raises `ErrorAnswer`."""
