"""Recommendations: what the vendor thinks the member of the account should look at.

They belong to a person: a key of the whole account is refused. Source: the vendor's pages on recommendations;
the names of the members of `recommendation` beyond the scores, and of `sort`, are inferred.
"""

from collections.abc import Mapping
from typing import Any

from ..account.state import Call, State
from ..api.answers import Answer, standard
from ..settings import ACCOUNT_KEY
from . import companies, contacts, envelope
from .icp import fit, profiles_of

__all__ = ["HANDLERS"]

_HELD = 240  # recommendations of each kind
_SIGNALS = {"contact": ("promotion", "companyChange"), "company": ("surgeInHiring", "peopleNews", "riskNews")}


def people(state: State, call: Call) -> Answer:
    """A page of recommended people."""
    return _page(state, call, "contact")


def firms(state: State, call: Call) -> Answer:
    """A page of recommended companies."""
    return _page(state, call, "company")


def people_filters(state: State, call: Call) -> Answer:
    """What the recommended people can be filtered by. Free."""
    return _filters(state, call, "contact")


def firms_filters(state: State, call: Call) -> Answer:
    """What the recommended companies can be filtered by. Free."""
    return _filters(state, call, "company")


def _page(state: State, call: Call, kind: str) -> Answer:
    _members_only(call)
    sort = call.body.get("sort", ())
    if len({entry.get("order", "desc") for entry in sort}) > 1:
        raise standard(400, "Validation failed", ["all sort entries must have the same order"])
    filters = call.body.get("filters", {})
    blocks = {index: _block(state, kind, index) for index in _recommended(state, kind)}
    met = [index for index, block in blocks.items() if _meets(block, filters)]
    by = [entry["by"] for entry in sort] or ["leadScore"]
    met.sort(
        key=lambda index: tuple(
            len(blocks[index][name]) if name == "targetIcp" else blocks[index][name] for name in by
        ),
        reverse=not sort or sort[0].get("order", "desc") == "desc",
    )
    asked = call.body.get("pagination", {})
    page, size = int(asked.get("page", 0)), int(asked.get("size", 25))
    preview = contacts.preview if kind == "contact" else companies.preview
    found = [
        preview(state, index) | {"recommendation": blocks[index]} for index in met[page * size : (page + 1) * size]
    ]
    quantities = {f"{kind}RecommendationsReveal": len(found)}
    charged = state.books.charge(call.now, call.request_id, call.operation.name, quantities)
    return envelope.results(call, found, charged, pagination={"page": page, "size": size, "total": len(met)})


def _filters(state: State, call: Call, kind: str) -> Answer:
    _members_only(call)
    names = [profile.name for profile in profiles_of(state.settings.seed) if profile.status == "active"]
    return Answer(payload={"targetIcp": names, "signals": list(_SIGNALS[kind])})


def _members_only(call: Call) -> None:
    if call.key == ACCOUNT_KEY:
        raise standard(403, "Forbidden", ["recommendations need a key that belongs to a user"])


def _recommended(state: State, kind: str) -> list[int]:
    size = len(state.population.people if kind == "contact" else state.companies)
    return sorted({(17 + step * 7919) % size for step in range(_HELD)})


def _block(state: State, kind: str, index: int) -> dict[str, Any]:
    profiles = [profile for profile in profiles_of(state.settings.seed) if profile.status == "active"]
    scores = {profile.name: fit(profile, kind, index) for profile in profiles}
    signals = [name for place, name in enumerate(_SIGNALS[kind]) if (index >> place) & 1]
    icp, signal = max(scores.values()), round(len(signals) / len(_SIGNALS[kind]), 2)
    return {
        "leadScore": round((icp + signal) / 2, 3),
        "icpFitScore": icp,
        "signalScore": signal,
        "targetIcp": [name for name, score in scores.items() if score >= 0.6],
        "signals": signals,
        "intentTopics": list(state.companies.intents.at(index)),
    }


def _meets(block: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    """Values of one filter are alternatives, and all filters have to be met."""
    return all(set(filters[name]) & set(block[name]) for name in ("targetIcp", "signals") if filters.get(name))


HANDLERS = {
    "getContactRecommendations": people,
    "getCompanyRecommendations": firms,
    "getContactRecommendationFilters": people_filters,
    "getCompanyRecommendationFilters": firms_filters,
}
