"""ICP profiles and fit scores. One credit for each record that is scored, 0 included; errors are free.

The price key is not published, and account usage does not list it. Source: the vendor's pages on ICP fit
scores; the envelope is inferred from the signal scores.
"""

import hashlib
from functools import partial
from typing import Any
from uuid import UUID

from attrs import frozen

from ..account.state import Call, State
from ..api.answers import Answer, standard_error
from .common import COMPANIES, CONTACTS, Entities, Ref, results
from .scores import NO_SCORE, scored

__all__ = ["HANDLERS", "Profile", "fit", "profiles_of"]


@frozen
class Profile:
    """An ideal customer profile."""

    id: str
    name: str
    status: str
    access: str


def profiles_of(seed: int) -> tuple[Profile, ...]:
    """The profiles of the account."""
    profiles = (
        ("Mid-size software", "active", "private"),
        ("European manufacturers", "active", "shared"),
        ("Growing retailers", "active", "shared"),
        ("Old campaign", "disabled", "private"),
    )
    return tuple(Profile(_profile_id(seed, name), name, status, access) for name, status, access in profiles)


def _profile_id(seed: int, name: str) -> str:
    return str(UUID(bytes=hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=16).digest(), version=4))


def list_profiles(state: State, call: Call) -> Answer:
    """The profiles, filtered by status and access. Free."""
    found = [
        {"id": profile.id, "name": profile.name, "status": profile.status, "access": profile.access}
        for profile in profiles_of(state.settings.seed)
        if call.query.get("status", profile.status) == profile.status
        and call.query.get("access", profile.access) == profile.access
    ]
    return results(call, found, 0)


def fit_scores(state: State, call: Call, *, entities: Entities[Ref]) -> Answer:
    """How well entities fit the requested profiles."""
    profiles = _requested(state, call)

    def score(index: int) -> dict[str, Any]:
        if index % 41 == 40:
            return NO_SCORE
        scores = [
            {"id": profile.id, "name": profile.name, "score": fit(profile, entities.kind, index)}
            for profile in profiles
        ]
        top = max(scores, key=lambda entry: float(str(entry["score"])))
        result: dict[str, Any] = {"icpFitScore": top["score"], "topProfile": top}
        return result if len(scores) == 1 else result | {"profileScores": scores}

    return scored(state, call, entities, score, "icpFitScore")


def _requested(state: State, call: Call) -> list[Profile]:
    active = {profile.id: profile for profile in profiles_of(state.settings.seed) if profile.status == "active"}
    for text in call.body["targetProfileIds"]:
        if text not in active:
            message = f"targetProfileIds: {text} is no active profile of the account"
            raise standard_error(400, "Validation failed", [message])
    return [active[text] for text in call.body["targetProfileIds"]]


def fit(profile: Profile, kind: str, index: int) -> float:
    """The score of an entity for a profile, 0 to 1."""
    digest = hashlib.blake2b(f"{profile.id}:{kind}:{index}".encode(), digest_size=2).digest()
    return round(int.from_bytes(digest, "big") % 101 / 100, 2)


HANDLERS = {
    "listIcpProfiles": list_profiles,
    "getContactIcpFitScores": partial(fit_scores, entities=CONTACTS),
    "getCompanyIcpFitScores": partial(fit_scores, entities=COMPANIES),
}
