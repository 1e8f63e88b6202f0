"""Search: previews of identified contacts or companies. Source: the vendor's reference, and recorded charges."""

from functools import partial
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer
from .common import COMPANIES, CONTACTS, Entities, Ref, echo, paid_results

__all__ = ["HANDLERS"]


def search(state: State, call: Call, *, entities: Entities[Ref]) -> Answer:
    """Previews of the entities found; charged by blocks of these. With `signals`, only entities that have some."""
    wanted = call.body.get("signals")
    items: list[dict[str, Any]] = []
    count = 0
    for item in entities.identified(call.body[entities.plural]):
        ref = entities.find(state, call, item)
        error = entities.error(state, ref)
        if ref is None or error is not None:
            items.append(echo(item) | {"error": error})
            continue
        preview = entities.preview(state, ref)
        if wanted is not None:
            names = state.signals.types(entities.kind, wanted["types"])
            index, days = entities.index(state, ref), state.date_range(wanted)
            preview["signalTypes"] = state.signals.active(entities.kind, index, names, *days)
            if not preview["signalTypes"]:
                items.append(echo(item) | {"error": entities.error(state, None)})
                continue
            count += len(preview["signalTypes"])
        items.append(echo(item) | preview)
    return paid_results(state, call, items, f"{entities.kind}Search", {entities.price_key("showSignals"): count})


HANDLERS = {
    "searchContacts": partial(search, entities=CONTACTS),
    "searchCompanies": partial(search, entities=COMPANIES),
}
