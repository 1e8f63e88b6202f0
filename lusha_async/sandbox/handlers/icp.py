"""ICP profiles and fit scores. One credit for each record that is scored, 0 included; errors are free.

The price key is not published: it is charged, and not told by account usage. Source: the vendor's pages on
ICP fit scores; the envelope is inferred from the signal scores.
"""

import hashlib
from typing import Any
from uuid import UUID

from attrs import frozen

from ..account.state import Call, State
from ..api.answers import Answer, standard
from . import envelope
from .contacts import identified
from .envelope import COMPANY_NOT_FOUND, CONTACT_NOT_FOUND, echo
from .signals import find_scored, one_identity_each

__all__ = ["HANDLERS", "Profile", "fit", "profiles_of"]


@frozen
class Profile:
    """A description of an ideal customer."""

    id: str
    name: str
    status: str
    access: str


def profiles_of(seed: int) -> tuple[Profile, ...]:
    """The profiles that the account may see."""
    told = (
        ("Mid-size software", "active", "private"),
        ("European manufacturers", "active", "shared"),
        ("Growing retailers", "active", "shared"),
        ("Old campaign", "disabled", "private"),
    )
    return tuple(
        Profile(
            str(UUID(bytes=hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=16).digest(), version=4)), *rest
        )
        for rest in told
        for name in rest[:1]
    )


def list_profiles(state: State, call: Call) -> Answer:
    """The profiles, by status and access. Free."""
    found = [
        {"id": profile.id, "name": profile.name, "status": profile.status, "access": profile.access}
        for profile in profiles_of(state.settings.seed)
        if call.query.get("status", profile.status) == profile.status
        and call.query.get("access", profile.access) == profile.access
    ]
    return envelope.results(call, found, 0)


def company_fit(state: State, call: Call) -> Answer:
    """How well companies fit the profiles."""
    wanted = _wanted(state, call)
    found: list[dict[str, Any]] = []
    for item in one_identity_each(call.body["companies"]):
        ref, asked = find_scored(state, item)
        if ref is None:
            found.append(echo(item) | {"id": asked, "error": COMPANY_NOT_FOUND})
            continue
        company = state.companies.get(ref)
        told = {"id": state.company_token(company), "name": company.name, "domain": company.domain}
        found.append(echo(item) | told | _scores(wanted, "company", company.index))
    return _scored(state, call, found)


def contact_fit(state: State, call: Call) -> Answer:
    """How well people fit the profiles."""
    wanted = _wanted(state, call)
    found: list[dict[str, Any]] = []
    for item in identified(call.body["contacts"]):
        index = state.find_person(item)
        if index is None:
            found.append(echo(item) | {"error": CONTACT_NOT_FOUND})
            continue
        first, last = state.population.people.name(index)
        company = state.population.people.employer(index)
        told = {
            "id": state.person_token(index),
            "fullName": f"{first} {last}",
            "company": {"id": state.company_token(company), "name": company.name, "domain": company.domain},
        }
        found.append(echo(item) | told | _scores(wanted, "contact", index))
    return _scored(state, call, found)


def _wanted(state: State, call: Call) -> list[Profile]:
    known = {profile.id: profile for profile in profiles_of(state.settings.seed) if profile.status == "active"}
    for text in call.body["targetProfileIds"]:
        if text not in known:
            raise standard(
                400, "Validation failed", [f"targetProfileIds: {text} is no active profile of the account"]
            )
    return [known[text] for text in call.body["targetProfileIds"]]


def fit(profile: Profile, kind: str, index: int) -> float:
    """The score of an entity under a profile, 0 to 1."""
    digest = hashlib.blake2b(f"{profile.id}:{kind}:{index}".encode(), digest_size=2).digest()
    return round(int.from_bytes(digest, "big") % 101 / 100, 2)


def _scores(wanted: list[Profile], kind: str, index: int) -> dict[str, Any]:
    if index % 41 == 40:
        return {"error": {"code": "NO_SCORE", "message": "No score is available"}}
    scores = [{"id": profile.id, "name": profile.name, "score": fit(profile, kind, index)} for profile in wanted]
    top = max(scores, key=lambda entry: float(str(entry["score"])))
    told: dict[str, Any] = {"icpFitScore": top["score"], "topProfile": top}
    return told if len(scores) == 1 else told | {"profileScores": scores}


def _scored(state: State, call: Call, found: list[dict[str, Any]]) -> Answer:
    quantities = {"icpFitScore": envelope.count_found(found)}
    charged = state.books.charge(call.now, call.request_id, call.operation.name, quantities)
    return envelope.results(call, found, charged)


HANDLERS = {
    "listIcpProfiles": list_profiles,
    "getCompanyIcpFitScores": company_fit,
    "getContactIcpFitScores": contact_fit,
}
