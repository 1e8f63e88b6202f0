"""Scores of contacts and companies, one credit for each scored: the signal scores, and what ICP scores share.

Source: the vendor's reference.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer
from ..api.common import COMPANY_SIGNALS, CONTACT_SIGNALS
from .common import COMPANIES, CONTACTS, Entities, Ref, echo, paid_results

__all__ = ["HANDLERS", "NO_SCORE", "scored"]

NO_SCORE = {"error": {"code": "NO_SCORE", "message": "No score is available"}}
_UNSCORED_PERCENT = 3


def scored(
    state: State, call: Call, entities: Entities[Ref], score: Callable[[int], dict[str, Any]], key: str
) -> Answer:
    """The entities of a call with their scores, which `score` computes by index; charged under `key`."""
    items: list[dict[str, Any]] = []
    for item in entities.identified_once(call.body[entities.plural]):
        ref = entities.find(state, call, item)
        if ref is None:
            items.append(echo(item) | entities.requested_id(item) | {"error": entities.error(state, None)})
        else:
            items.append(echo(item) | entities.summary(state, ref) | score(entities.index(state, ref)))
    return paid_results(state, call, items, key)


def signal_scores(state: State, call: Call, *, entities: Entities[Ref], names: tuple[str, ...]) -> Answer:
    """The share of the signal types `names` that are active at each entity."""

    def score(index: int) -> dict[str, Any]:
        text = f"{state.settings.seed}:score:{entities.kind}:{index}"
        digest = hashlib.blake2b(text.encode(), digest_size=2).digest()
        if int.from_bytes(digest, "big") % 100 < _UNSCORED_PERCENT:
            return NO_SCORE
        active = state.signals.active(entities.kind, index, names, *state.date_range({}))
        share = round(len(active) / len(names), 4)
        return {"signalScore": share, "signalTypes": active, "noActiveSignals": not active}

    return scored(state, call, entities, score, entities.price_key("signalScore"))


HANDLERS = {
    "getContactSignalScores": partial(signal_scores, entities=CONTACTS, names=CONTACT_SIGNALS),
    "getCompanySignalScores": partial(signal_scores, entities=COMPANIES, names=COMPANY_SIGNALS),
}
