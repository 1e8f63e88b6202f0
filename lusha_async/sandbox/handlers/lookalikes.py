"""Lookalikes: people or companies like those given, without repeats within a dedupe session of 30 days.

Source: the vendor's reference.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from ..account.sessions import Session
from ..account.state import Call, State, keep
from ..api.answers import Answer, business, session_gone
from . import companies, contacts, table_rows

__all__ = ["HANDLERS"]

_KEPT = 30 * 86_400.0
_REACH = 2_000  # lookalikes that the vendor's model may find for one set of seeds; a guess
_FEWEST, _MOST = 5, 100


def people(state: State, call: Call) -> Answer:
    """People like the seeds."""
    seeds = _people(state, call.body["seeds"], "seeds")
    _check_seeds(call, call.body["seeds"] or {})
    exclude = _people(state, call.body.get("exclude") or {}, "exclude")
    found, session, more = _next(state, call, "contact", seeds, exclude)
    results = [_short(contacts.preview(state, index)) for index in found]
    return _told(state, call, results, session, more)


def firms(state: State, call: Call) -> Answer:
    """Companies like the seeds."""
    _check_seeds(call, call.body["seeds"])
    if call.body.get("exclude") == {}:
        raise business("exclude must contain at least one identifier")
    seeds = _firms(state, call.body["seeds"])
    exclude = _firms(state, call.body.get("exclude") or {})
    found, session, more = _next(state, call, "company", seeds, exclude)
    results = [_short(companies.preview(state, index)) for index in found]
    return _told(state, call, results, session, more)


def _check_seeds(call: Call, seeds: Mapping[str, Any]) -> None:
    """5 to 100 in all; later calls of a session may name fewer."""
    count = sum(len(values) for values in seeds.values())
    least = 1 if call.body.get("dedupeSessionId") else _FEWEST
    if not least <= count <= _MOST:
        raise business(f"seeds must contain between {least} and {_MOST} identifiers in total")


def _people(state: State, given: Mapping[str, Any] | None, where: str) -> set[int]:
    given = given or {}
    items: list[dict[str, Any]] = [
        {"id": str(text)} for text in (*given.get("ids", ()), *given.get("contactIds", ()))
    ]
    items += [{"linkedinUrl": url} for url in given.get("linkedinUrls", ())]
    items += [{"email": address} for address in given.get("emails", ())]
    for position, contact in enumerate(given.get("contacts", ())):
        if not (contact.get("companyDomain") or contact.get("companyName")):
            raise business(f"{where}.contacts.{position} must contain companyDomain or companyName")
        items.append(contact)
    return {index for item in items if (index := state.find_person(item)) is not None}


def _firms(state: State, given: Mapping[str, Any]) -> set[int]:
    items = [{"id": text} for text in given.get("ids", ())]
    items += [{"domain": domain} for domain in given.get("domains", ())]
    items += [
        {"name": url.rstrip("/").rpartition("/")[2].replace("-", " ")} for url in given.get("linkedinUrls", ())
    ]
    refs = (state.find_company(item) for item in items)
    return {state.companies.get(ref).index for ref in refs if ref is not None}


def _next(state: State, call: Call, kind: str, seeds: set[int], exclude: set[int]) -> tuple[list[int], str, bool]:
    """The next indexes of the session's walk, its id, and whether there are more."""
    session_id = call.body.get("dedupeSessionId")
    session = state.sessions.get(session_id) if session_id else _begin(call, kind, seeds)
    if session is None or session.kind != kind or call.now - session.born > _KEPT:
        raise session_gone(documented=kind == "company")
    session.never |= seeds | exclude
    people = state.population.people
    size = len(people if kind == "contact" else state.companies)
    limit, reach, position = int(call.body.get("limit", 25)), min(_REACH, size), session.position
    found: list[int] = []
    while len(found) < limit and position < reach:
        index = (session.start + position * 7919) % size
        position += 1
        if index not in session.never and not (kind == "contact" and people.restricted(index)):
            found.append(index)
    charge = {"lookalikeContact" if kind == "contact" else "lookalikeCompany": len(found)}
    state.books.charge(call.now, call.request_id, call.operation.name, charge)
    session.position = position
    session_id = session_id or state.new_id("session")
    keep(state.sessions, session_id, session)
    return found, session_id, position < reach


def _begin(call: Call, kind: str, seeds: set[int]) -> Session:
    digest = hashlib.blake2b(repr(sorted(seeds)).encode(), digest_size=8).digest()
    return Session(kind=kind, born=call.now, start=int.from_bytes(digest, "big"))


def _told(state: State, call: Call, results: list[dict[str, Any]], session: str, more: bool) -> Answer:
    """The envelope of lookalikes, which has no `requestId`."""
    key = "lookalikeContact" if call.operation.name == "getContactLookalikes" else "lookalikeCompany"
    return Answer(
        payload={
            "dedupeSessionId": session,
            "results": results,
            "meta": {"returned": len(results), "hasMore": more},
            **table_rows.write(state, call, [result["id"] for result in results]),
            "billing": {
                "creditsCharged": state.books.price(key, len(results)),
                "resultsReturned": len(results),
            },
        }
    )


def _short(preview: dict[str, Any]) -> dict[str, Any]:
    """A preview without what can be revealed."""
    return {name: value for name, value in preview.items() if name not in {"has", "canReveal"}}


HANDLERS = {"getContactLookalikes": people, "getCompanyLookalikes": firms}
