"""Lookalikes: people or companies like the seeds, without repeats within a dedupe session of 30 days.

Source: the vendor's reference.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from ..account.records import Session
from ..account.state import Call, State, remember
from ..api.answers import Answer, business_error, session_expired
from . import table_rows
from .common import COMPANIES, CONTACTS, AnyEntities
from .paging import page_size

__all__ = ["HANDLERS"]

_SESSION_SECONDS = 30 * 86_400.0
_MAX_RESULTS = 2_000  # of one walk; a guess
_MIN_SEEDS, _MAX_SEEDS = 5, 100


def contacts(state: State, call: Call) -> Answer:
    """People like the seeds."""
    seeds = _contacts(state, call.body["seeds"] or {}, "seeds")
    _check_seeds(call, call.body["seeds"] or {})
    return _lookalikes(state, call, CONTACTS, seeds, _contacts(state, call.body.get("exclude") or {}, "exclude"))


def companies(state: State, call: Call) -> Answer:
    """Companies like the seeds."""
    _check_seeds(call, call.body["seeds"])
    if call.body.get("exclude") == {}:
        raise business_error("exclude must contain at least one identifier")
    seeds, exclude = _companies(state, call.body["seeds"]), _companies(state, call.body.get("exclude") or {})
    return _lookalikes(state, call, COMPANIES, seeds, exclude)


def _check_seeds(call: Call, seeds: Mapping[str, Any]) -> None:
    """5 to 100 in all; later calls of a session may have fewer."""
    count = sum(len(values) for values in seeds.values())
    minimum = 1 if call.body.get("dedupeSessionId") else _MIN_SEEDS
    if not minimum <= count <= _MAX_SEEDS:
        raise business_error(f"seeds must contain between {minimum} and {_MAX_SEEDS} identifiers in total")


def _contacts(state: State, seeds: Mapping[str, Any], name: str) -> set[int]:
    items: list[dict[str, Any]] = [
        {"id": str(text)} for text in (*seeds.get("ids", ()), *seeds.get("contactIds", ()))
    ]
    items += [{"linkedinUrl": url} for url in seeds.get("linkedinUrls", ())]
    items += [{"email": address} for address in seeds.get("emails", ())]
    for position, contact in enumerate(seeds.get("contacts", ())):
        if not (contact.get("companyDomain") or contact.get("companyName")):
            raise business_error(f"{name}.contacts.{position} must contain companyDomain or companyName")
        items.append(contact)
    return {index for item in items if (index := state.find_person(item)) is not None}


def _companies(state: State, seeds: Mapping[str, Any]) -> set[int]:
    items = [{"id": text} for text in seeds.get("ids", ())]
    items += [{"domain": domain} for domain in seeds.get("domains", ())]
    slugs = (url.rstrip("/").rpartition("/")[2] for url in seeds.get("linkedinUrls", ()))
    items += [{"name": slug.replace("-", " ")} for slug in slugs]
    refs = (state.find_company(item) for item in items)
    return {state.companies.get(ref).index for ref in refs if ref is not None}


def _lookalikes(state: State, call: Call, entities: AnyEntities, seeds: set[int], exclude: set[int]) -> Answer:
    """The next results of the session's walk. The envelope has no `requestId`."""
    session_id = call.body.get("dedupeSessionId")
    session = state.sessions.get(session_id) if session_id else _new_session(call, entities.kind, seeds)
    if session is None or session.kind != entities.kind or call.now - session.created > _SESSION_SECONDS:
        raise session_expired(documented=entities.kind == "company")
    session.exclude |= seeds | exclude
    if call.paging_fault == "session-repeats":
        session.position = session.previous
    size, position = entities.size(state), session.position
    limit = page_size(state, int(call.body.get("limit", 25)))
    end = min(_MAX_RESULTS, size)
    found: list[int] = []
    while len(found) < limit and position < end:
        index = (session.start + position * 7919) % size
        position += 1
        if index not in session.exclude and entities.error(state, index) is None:
            found.append(index)
    charged = state.charge(call, {entities.price_key("lookalike"): len(found)})
    session.previous, session.position = session.position, position
    session_id = session_id or state.new_id("session")
    remember(state.sessions, session_id, session)
    previews = [entities.preview(state, index) for index in found]
    results = [
        {name: preview[name] for name in preview if name not in {"has", "canReveal"}} for preview in previews
    ]
    return Answer(
        payload={
            "dedupeSessionId": session_id,
            "results": results,
            "meta": {"returned": len(results), "hasMore": position < end or call.paging_fault is not None},
            **table_rows.write(state, call, [result["id"] for result in results]),
            "billing": {"creditsCharged": charged, "resultsReturned": len(results)},
        }
    )


def _new_session(call: Call, kind: str, seeds: set[int]) -> Session:
    digest = hashlib.blake2b(repr(sorted(seeds)).encode(), digest_size=8).digest()
    return Session(kind=kind, created=call.now, start=int.from_bytes(digest, "big"))


HANDLERS = {"getContactLookalikes": contacts, "getCompanyLookalikes": companies}
