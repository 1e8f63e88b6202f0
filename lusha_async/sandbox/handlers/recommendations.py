"""Recommendations: the contacts and companies that the vendor recommends to a user of the account.

They belong to a user: the key of an account is refused. Source: the vendor's pages on recommendations;
the names of the members of `recommendation` beyond the scores, and of `sort`, are inferred.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, standard_error
from ..settings import ACCOUNT_KEY
from .common import COMPANIES, CONTACTS, AnyEntities, paid_results
from .icp import fit, profiles_of
from .paging import page_window

__all__ = ["HANDLERS"]

_COUNT = 240  # recommendations of each kind
_SIGNALS = {"contact": ("promotion", "companyChange"), "company": ("surgeInHiring", "peopleNews", "riskNews")}


def page(state: State, call: Call, *, entities: AnyEntities) -> Answer:
    """A page of recommended entities."""
    _require_user_key(call)
    sort = call.body.get("sort", ())
    if len({entry.get("order", "desc") for entry in sort}) > 1:
        raise standard_error(400, "Validation failed", ["all sort entries must have the same order"])
    criteria = call.body.get("filters", {})
    blocks = {index: _block(state, entities.kind, index) for index in _recommended(entities.size(state))}
    found = [index for index, block in blocks.items() if _matches(block, criteria)]
    by = [entry["by"] for entry in sort] or ["leadScore"]
    found.sort(
        key=lambda index: tuple(
            len(blocks[index][name]) if name == "targetIcp" else blocks[index][name] for name in by
        ),
        reverse=not sort or sort[0].get("order", "desc") == "desc",
    )
    pagination = call.body.get("pagination", {})
    number = int(pagination.get("page", 0))
    shown = page_window(state, call, number, int(pagination.get("size", 25)))
    items = [entities.preview(state, index) | {"recommendation": blocks[index]} for index in shown.of(found)]
    stated = {"page": number, "size": shown.size, "total": len(found)}
    return paid_results(state, call, items, f"{entities.kind}RecommendationsReveal", pagination=stated)


def filters(state: State, call: Call, *, kind: str) -> Answer:
    """The values that recommended entities can be filtered by. Free."""
    _require_user_key(call)
    names = [profile.name for profile in profiles_of(state.settings.seed) if profile.status == "active"]
    return Answer(payload={"targetIcp": names, "signals": list(_SIGNALS[kind])})


def _require_user_key(call: Call) -> None:
    if call.key == ACCOUNT_KEY:
        raise standard_error(403, "Forbidden", ["recommendations need a key that belongs to a user"])


def _recommended(size: int) -> list[int]:
    return sorted({(17 + step * 7919) % size for step in range(_COUNT)})


def _block(state: State, kind: str, index: int) -> dict[str, Any]:
    profiles = [profile for profile in profiles_of(state.settings.seed) if profile.status == "active"]
    scores = {profile.name: fit(profile, kind, index) for profile in profiles}
    signals = [name for position, name in enumerate(_SIGNALS[kind]) if (index >> position) & 1]
    icp, signal = max(scores.values()), round(len(signals) / len(_SIGNALS[kind]), 2)
    return {
        "leadScore": round((icp + signal) / 2, 3),
        "icpFitScore": icp,
        "signalScore": signal,
        "targetIcp": [name for name, score in scores.items() if score >= 0.6],
        "signals": signals,
        "intentTopics": list(state.companies.intents.at(index)),
    }


def _matches(block: Mapping[str, Any], criteria: Mapping[str, Any]) -> bool:
    """Whether the block has one of the values of each criterion."""
    return all(set(criteria[name]) & set(block[name]) for name in ("targetIcp", "signals") if criteria.get(name))


HANDLERS = {
    "getContactRecommendations": partial(page, entities=CONTACTS),
    "getCompanyRecommendations": partial(page, entities=COMPANIES),
    "getContactRecommendationFilters": partial(filters, kind="contact"),
    "getCompanyRecommendationFilters": partial(filters, kind="company"),
}
